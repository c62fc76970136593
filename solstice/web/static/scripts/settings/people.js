/** Whom one has blocked or muted. */
import { get, remove } from "../core/api.js";
import { avatar, html } from "../core/element.js";
import { t } from "../core/text.js";
import { setBlock } from "../dialogs/block.js";
import { Section } from "./section.js";

class People extends Section {
  static properties = { ...Section.properties, blocked: { state: true }, muted: { state: true } };
  constructor() {
    super();
    /** @type {AccountSummary[]} */
    this.blocked = [];
    /** @type {AccountSummary[]} */
    this.muted = [];
  }

  firstUpdated() {
    void this.#load();
  }

  async #load() {
    await this.act(async () => {
      [this.blocked, this.muted] = (await Promise.all([get("/v1/me/blocks"), get("/v1/me/mutes")])).map((page) => page.items);
    }, "");
  }

  /** @param {AccountSummary} account @param {"block" | "mute"} kind */
  async #end(account, kind) {
    if (kind === "block") await setBlock(account, false);
    else await this.act(() => remove(`/v1/accounts/${encodeURIComponent(account.name)}/mute`), t("dialog.saved"));
    await this.#load();
  }

  /** @param {AccountSummary} account @param {"block" | "mute"} kind */
  #row(account, kind) {
    return html`<li class="spread"><a class="row" href="/@${account.name}">${avatar(account, "tiny")}<span dir="auto">${account.display_name || account.name}</span></a>
      <button type="button" class="button" @click=${() => this.#end(account, kind)}>${t(`settings.un${kind}`)}</button></li>`;
  }

  render() {
    return this.card(t("settings.people"), this.blocked.length + this.muted.length === 0 ? html`<p class="soft">${t("settings.people_none")}</p>`
      : html`<ul class="rows">${this.blocked.map((each) => this.#row(each, "block"))}${this.muted.map((each) => this.#row(each, "mute"))}</ul>`);
  }
}
customElements.define("solstice-settings-people", People);
