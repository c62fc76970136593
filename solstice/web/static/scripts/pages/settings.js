/** Settings: one section each, in files of their own; without an account, only this device's. */
import "../shell.js";
import { boot, logInUrl } from "../core/boot.js";
import { html, nothing, PageElement } from "../core/element.js";
import { t } from "../core/text.js";
import "../settings/device.js";
import "../settings/leaving.js";
import "../settings/people.js";
import "../settings/profile.js";
import "../settings/security.js";

class SettingsPage extends PageElement {
  render() {
    return html`<header class="page-head"><h1>${t("nav.settings")}</h1></header>
      <div class="stack wide-gaps">
        ${boot.viewer ? html`<solstice-settings-profile></solstice-settings-profile>` : html`<section class="card spread"><p>${t("session.needed")}</p><a class="button primary" href=${logInUrl()}>${t("session.log_in")}</a></section>`}
        <solstice-settings-device></solstice-settings-device>
        ${boot.viewer ? html`<solstice-settings-security></solstice-settings-security><solstice-settings-people></solstice-settings-people><solstice-settings-leaving></solstice-settings-leaving>` : nothing}
      </div>`;
  }
}
customElements.define("solstice-settings", SettingsPage);
