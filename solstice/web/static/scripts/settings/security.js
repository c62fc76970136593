/** Password and sessions. */
import { get, put, remove } from "../core/api.js";
import { html, nothing } from "../core/element.js";
import { ago, t } from "../core/text.js";
import { Section } from "./section.js";

/** Name a device by its user agent, in two words. @param {string} agent */
export function deviceName(agent) {
  const system = /Android|iPhone|iPad|Windows|Mac OS X|Macintosh|CrOS|Linux/.exec(agent)?.[0].replace("Mac OS X", "Mac").replace("Macintosh", "Mac") ?? "";
  const browser = /Firefox|Edg|OPR|Chrome|Safari/.exec(agent)?.[0].replace("Edg", "Edge").replace("OPR", "Opera") ?? "";
  return [browser, system].filter(Boolean).join(" · ") || agent.slice(0, 40) || "?";
}

class Security extends Section {
  static properties = { ...Section.properties, sessions: { state: true } };
  constructor() {
    super();
    /** @type {AccountSession[] | null} */
    this.sessions = null;
  }

  firstUpdated() {
    void this.#load();
  }

  async #load() {
    await this.act(async () => { this.sessions = (await get("/v1/sessions")).items; }, "");
  }

  /** @param {SubmitEvent} event */
  async #change(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (await this.act(() => put("/v1/me/password", Object.fromEntries(new FormData(form)), { deadlineMs: 15_000 }), t("settings.password_changed"))) form.reset();
    await this.#load();
  }

  /** @param {string} path */
  async #end(path) {
    await this.act(() => remove(path), t("settings.sessions_ended"));
    await this.#load();
  }

  render() {
    return html`${this.card(t("settings.sessions"), html`<ul class="rows">${(this.sessions ?? []).map((each) => html`<li class="spread">
        <span><span class="strong">${deviceName(each.user_agent)}</span>${each.is_current ? html` <span class="badge">${t("settings.session_this")}</span>` : nothing}<br>
          <span class="soft small">${each.network} · ${t("settings.session_seen", { when: ago(each.last_seen_at) })}</span></span>
        ${each.is_current ? nothing : html`<button type="button" class="button" aria-label=${t("settings.session_end_of", { device: deviceName(each.user_agent) })} @click=${() => this.#end(`/v1/sessions/${each.id}`)}>${t("settings.session_end")}</button>`}</li>`)}</ul>
      ${(this.sessions ?? []).length > 1 ? html`<button type="button" class="button" @click=${() => this.#end("/v1/sessions")}>${t("settings.sessions_end")}</button>` : nothing}
      <button type="button" class="button" @click=${async () => { if (await this.act(() => remove("/v1/sessions/current"), "")) location.assign("/"); }}>${t("settings.log_out")}</button>`)}
      <div class="gap"></div>
      ${this.card(t("settings.password"), html`<form class="stack" @submit=${this.#change}>
        <div class="field"><label for="current_password">${t("settings.password_current")}</label><input id="current_password" name="current_password" type="password" autocomplete="current-password" required maxlength="1024"></div>
        <div class="field"><label for="new_password">${t("settings.password_new")}</label><input id="new_password" name="new_password" type="password" autocomplete="new-password" required minlength="8" maxlength="1024" aria-describedby="new-hint"><p class="hint" id="new-hint">${t("signup.password_hint")}</p></div>
        <button class="button">${t("settings.password_change")}</button></form>`)}`;
  }
}
customElements.define("solstice-settings-security", Security);
