/** Where one may begin: hashtags in use now, and people to follow. Nothing at all when they are away. */
import { get } from "../core/api.js";
import { boot, logInUrl } from "../core/boot.js";
import { html, icon, nothing, PageElement } from "../core/element.js";
import { changes, follow, has } from "../core/marks.js";
import { t } from "../core/text.js";
import { personRow } from "./rows.js";

class DiscoveryLists extends PageElement {
  static properties = { found: { state: true } };
  constructor() {
    super();
    /** @type {Discovery | null} */
    this.found = null;
    this.repaint = () => this.requestUpdate();
  }

  connectedCallback() {
    super.connectedCallback();
    changes.addEventListener("change", this.repaint);
    void this.#load();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    changes.removeEventListener("change", this.repaint);
  }

  async #load() {
    this.found = await get("/v1/discovery", { kind: "ahead" }).catch(() => null);
  }

  /** @param {AccountSummary} account */
  #person(account) {
    const follows = has("following", account.id);
    return html`<li class="spread">${personRow(account)}
      <button type="button" class="button" aria-pressed=${follows}
        @click=${() => boot.viewer ? follow(account, !follows) : location.assign(logInUrl())}>${t(follows ? "profile.unfollow" : "profile.follow")}<span class="unseen"> ${account.display_name || account.name}</span></button></li>`;
  }

  render() {
    const { hashtags, accounts } = this.found ?? { hashtags: [], accounts: [] };
    const isAboutPeople = this.dataset.only === "people";
    return html`${hashtags.length === 0 || isAboutPeople ? nothing : html`<section class="discovery"><h2>${t("discovery.hashtags")}</h2>
        <ul class="chips">${hashtags.map((each) => html`<li><a class="chip" href="/tag/${encodeURIComponent(each.tag)}" dir="auto">${icon("hash")}${each.tag}</a></li>`)}</ul></section>`}
      ${accounts.length === 0 ? nothing : html`<section class="discovery"><h2>${t("discovery.people")}</h2>
        <ul class="people">${accounts.map((each) => this.#person(each))}</ul></section>`}`;
  }
}
customElements.define("solstice-discovery", DiscoveryLists);
