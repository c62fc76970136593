/** One's data, one's feed anew, decisions about oneself, and the end of the account. */
import { get, put, remove } from "../core/api.js";
import { html, icon } from "../core/element.js";
import { dateOf, t } from "../core/text.js";
import { confirmed } from "../dialogs/dialog.js";
import { Section } from "./section.js";

class Leaving extends Section {
  static properties = { ...Section.properties, dueAt: { state: true } };
  constructor() {
    super();
    /** @type {string | null} */
    this.dueAt = null;
  }

  async firstUpdated() {
    this.dueAt = (await get("/v1/me").catch(() => null))?.deletion_due_at ?? null;
  }

  /** @param {SubmitEvent} event */
  async #delete(event) {
    event.preventDefault();
    const form = Object.fromEntries(new FormData(/** @type {HTMLFormElement} */ (event.target)));
    if (!await confirmed(t("settings.delete"), t("settings.delete_text"), t("settings.delete"))) return;
    await this.act(async () => { this.dueAt = (await put("/v1/me/deletion", form, { deadlineMs: 15_000 })).deletion_due_at; }, "");
  }

  async #reset() {
    if (!await confirmed(t("settings.reset"), t("settings.reset_text"), t("settings.reset"))) return;
    await this.act(() => remove("/v1/me/taste"), t("settings.reset_done"));
  }

  render() {
    return html`${this.card(t("settings.data"), html`
        <div class="spread"><p>${t("settings.export_text")}</p><a class="button" href="/v1/me/export" download>${icon("download")}${t("settings.export")}</a></div>
        <div class="spread"><p>${t("settings.reset_text")}</p><button type="button" class="button" @click=${this.#reset}>${icon("refresh")}${t("settings.reset")}</button></div>
        <div class="spread"><p>${t("appeals.none_text")}</p><a class="button" href="/appeals">${icon("shield")}${t("settings.appeals")}</a></div>`)}
      <div class="gap"></div>
      ${this.card(t("settings.delete"), this.dueAt ? html`<p>${t("settings.delete_due", { date: dateOf(this.dueAt) })}</p>
          <button type="button" class="button primary" @click=${async () => { if (await this.act(() => remove("/v1/me/deletion"), t("settings.delete_undone"))) this.dueAt = null; }}>${t("settings.delete_undo")}</button>`
        : html`<p>${t("settings.delete_text")}</p><form class="stack" @submit=${this.#delete}>
          <div class="field"><label for="deletion_password">${t("settings.delete_confirm")}</label><input id="deletion_password" name="password" type="password" autocomplete="current-password" required maxlength="1024"></div>
          <button class="button danger">${t("settings.delete")}</button></form>`)}`;
  }
}
customElements.define("solstice-settings-leaving", Leaving);
