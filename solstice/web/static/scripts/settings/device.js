/** What belongs to this device: look, language, how one watches. */
import { html } from "../core/element.js";
import { choose, prefer, preferences } from "../core/preferences.js";
import { language, t } from "../core/text.js";
import { languages } from "texts";
import { Section } from "./section.js";

const SWITCHES = /** @type {const} */ ([["autoplay", "settings.autoplay", ""], ["sound", "settings.sound", ""], ["captions", "settings.captions", ""], ["saveData", "settings.save_data", "settings.save_data_hint"]]);

class Device extends Section {
  /** @param {string} theme */
  #theme(theme) {
    choose("solstice_theme", theme);
    document.documentElement.dataset.theme = theme;
    this.requestUpdate();
  }

  render() {
    const chosen = preferences();
    const theme = document.documentElement.dataset.theme;
    return html`${this.card(t("settings.look"), html`
        <div class="field"><span class="label" id="theme-label">${t("settings.theme")}</span>
          <div class="segments" role="group" aria-labelledby="theme-label">${["dark", "light", "system"].map((each) => html`<button type="button" aria-pressed=${theme === each} @click=${() => this.#theme(each)}>${t(`settings.theme_${each}`)}</button>`)}</div></div>
        <div class="field"><label for="language">${t("settings.language")}</label>
          <select id="language" @change=${(/** @type {Event} */ event) => { choose("solstice_language", /** @type {HTMLSelectElement} */ (event.target).value); location.reload(); }}>
            ${languages.map(([tag, name]) => html`<option value=${tag} ?selected=${tag === language} lang=${tag}>${name}</option>`)}</select></div>`)}
      <div class="gap"></div>
      ${this.card(t("settings.watching"), html`<div>${SWITCHES.map(([name, key, hint]) => html`
        <label class="choice"><input type="checkbox" .checked=${chosen[name]} @change=${(/** @type {Event} */ event) => prefer(name, /** @type {HTMLInputElement} */ (event.target).checked)}>
          <span>${t(key)}${hint ? html`<span class="hint">${t(hint)}</span>` : ""}</span></label>`)}</div>`)}`;
  }
}
customElements.define("solstice-settings-device", Device);
