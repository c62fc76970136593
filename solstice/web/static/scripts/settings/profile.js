/** Who one is to others: picture, shown name, words about oneself. */
import { ApiError, call, get, patch, remove } from "../core/api.js";
import { avatar, html, nothing } from "../core/element.js";
import { t } from "../core/text.js";
import { Section } from "./section.js";

class ProfileSection extends Section {
  static properties = { ...Section.properties, me: { state: true } };
  constructor() {
    super();
    /** @type {Me | null} */
    this.me = null;
  }

  firstUpdated() {
    void this.#load();
  }

  async #load() {
    await this.act(async () => {
      const me = await get("/v1/me");
      // Half of it is unknown now; saving would put nothing over what is there.
      if (me.is_partial) throw new ApiError(503, null);
      this.me = me;
    }, "");
  }

  /** @param {SubmitEvent} event */
  async #save(event) {
    event.preventDefault();
    const form = Object.fromEntries(new FormData(/** @type {HTMLFormElement} */ (event.target)));
    await this.act(() => patch("/v1/me", { ...form, email: form.email || null }), t("dialog.saved"));
    await this.#load();
  }

  /** @param {File | undefined} file */
  async #picture(file) {
    if (!file) return;
    await this.act(() => call("PUT", "/v1/me/avatar", { body: file, type: file.type, deadlineMs: 20_000 }), t("dialog.saved"));
    await this.#load();
  }

  render() {
    const { me } = this;
    if (!me) return this.card(t("settings.profile"), html`<div class="skeleton line"></div><div class="skeleton line"></div>`);
    return this.card(t("settings.profile"), html`
      <div class="row">${avatar(me, "large")}<label class="button">${t("settings.avatar_choose")}<input class="unseen" type="file" accept="image/jpeg,image/png,image/webp" @change=${(/** @type {Event} */ event) => this.#picture(/** @type {HTMLInputElement} */ (event.target).files?.[0])}></label>
        ${me.avatar_url ? html`<button type="button" class="button quiet" @click=${async () => { await this.act(() => remove("/v1/me/avatar"), t("dialog.saved")); await this.#load(); }}>${t("settings.avatar_remove")}</button>` : nothing}</div>
      <form class="stack" @submit=${this.#save}>
        <div class="field"><label for="display_name">${t("settings.display_name")}</label><input id="display_name" name="display_name" maxlength="50" dir="auto" autocomplete="nickname" .value=${me.display_name}></div>
        <div class="field"><label for="bio">${t("settings.bio")}</label><textarea id="bio" name="bio" maxlength="300" dir="auto" .value=${me.bio}></textarea></div>
        <div class="field"><label for="email">${t("settings.email")}</label><input id="email" name="email" type="email" autocomplete="email" maxlength="200" .value=${me.email ?? ""}><p class="hint">${t("signup.email_hint")}</p></div>
        <button class="button primary">${t("dialog.save")}</button></form>`);
  }
}
customElements.define("solstice-settings-profile", ProfileSection);
