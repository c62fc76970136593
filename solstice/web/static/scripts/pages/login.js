/** Logging in and signing up: two small forms that say at the field what is wrong. */
import "../shell.js";
import { ApiError, post } from "../core/api.js";
import { boot } from "../core/boot.js";
import { html, mark, nothing, PageElement } from "../core/element.js";
import { t } from "../core/text.js";

/** Where to go afterwards: only to a page of ours. */
function nextAddress() {
  const next = new URLSearchParams(location.search).get("next") ?? "/";
  const url = new URL(next, location.origin);
  return url.origin === location.origin && next.startsWith("/") ? url.pathname + url.search : "/";
}

class SessionForm extends PageElement {
  static properties = { problem: { state: true }, fields: { state: true }, isSending: { state: true }, isShown: { state: true } };
  constructor() {
    super();
    this.problem = "";
    /** @type {Record<string, string>} */
    this.fields = {};
    this.isSending = false;
    this.isShown = false;
    this.isNew = this.localName === "solstice-signup";
  }

  /** @param {SubmitEvent} event */
  async #submit(event) {
    event.preventDefault();
    const form = Object.fromEntries(new FormData(/** @type {HTMLFormElement} */ (event.target)));
    if (!form.email) delete form.email;
    this.isSending = true;
    this.problem = "";
    this.fields = {};
    try {
      await post(this.isNew ? "/v1/accounts" : "/v1/sessions", form, { deadlineMs: 15_000 });
      location.assign(nextAddress());
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.isSending = false;
      this.fields = Object.fromEntries((error.problem?.errors ?? []).map(({ field, message }) => [field, message]));
      this.problem = error.status === 401 ? t("login.wrong") : error.problem?.detail ?? t("problem.busy");
      await this.updateComplete;
      /** @type {HTMLElement | null} */ (this.querySelector("[aria-invalid=true]") ?? this.querySelector("[role=alert]"))?.focus();
    }
  }

  /** @param {string} name @param {string} label @param {Record<string, unknown>} more */
  #field(name, label, { type = "text", autocomplete = "", hint = "", required = true, min = 1, max = 200 } = {}) {
    const problem = this.fields[name];
    return html`<div class="field"><label for=${name}>${label}</label>
      <input id=${name} name=${name} type=${/** @type {any} */ (type)} autocomplete=${/** @type {any} */ (autocomplete)} ?required=${required} minlength=${min} maxlength=${max} autocapitalize="none" spellcheck="false"
        aria-invalid=${problem ? "true" : "false"} aria-describedby="${name}-hint">
      <p class=${problem ? "problem" : "hint"} id="${name}-hint">${problem ?? hint}</p></div>`;
  }

  render() {
    const next = location.search;
    return html`<div class="session card"><div class="session-head">${mark()}<h1>${t(this.isNew ? "signup.title" : "login.title")}</h1></div>
      <form class="stack" @submit=${this.#submit}>
        ${this.#field("name", t("login.name"), { autocomplete: "username", hint: this.isNew ? t("signup.name_hint") : "", max: 30 })}
        ${this.#field("password", t("login.password"), { type: this.isShown ? "text" : "password", autocomplete: this.isNew ? "new-password" : "current-password", hint: this.isNew ? t("signup.password_hint") : "", min: this.isNew ? 8 : 1, max: 1024 })}
        <label class="choice"><input type="checkbox" .checked=${this.isShown} @change=${() => { this.isShown = !this.isShown; }}>${t("login.show_password")}</label>
        ${this.isNew ? this.#field("email", t("signup.email"), { type: "email", autocomplete: "email", hint: t("signup.email_hint"), required: false, min: 0 }) : nothing}
        <p class="problem-text" role="alert" tabindex="-1" ?hidden=${!this.problem}>${this.problem}</p>
        <button class="button primary wide" ?disabled=${this.isSending}>${t(this.isNew ? "signup.do" : "login.do")}</button>
      </form>
      <p class="session-other">${t(this.isNew ? "signup.have_one" : "login.new_here")} <a class="link" href="${this.isNew ? "/login" : "/signup"}${next}">${t(this.isNew ? "signup.to_login" : "login.to_signup")}</a></p>
      <p class="session-other"><a class="link" href="/settings">${t("nav.settings")}</a></p></div>`;
  }
}
class LogIn extends SessionForm {}
class SignUp extends SessionForm {}
if (boot.viewer) location.replace(nextAddress());
customElements.define("solstice-login", LogIn);
customElements.define("solstice-signup", SignUp);
