/** The list of keys. */
import { html } from "../core/element.js";
import { t } from "../core/text.js";
import { openDialog } from "./dialog.js";

const KEYS = [
  [["↓", "j"], "keys.next"], [["↑", "k"], "keys.previous"], [[t("keys.space_key")], "keys.pause"], [["l"], "keys.like"], [["c"], "keys.comments"],
  [["m"], "keys.sound"], [["t"], "keys.captions"], [["f"], "keys.screen"], [["?"], "keys.help"],
];

export function showKeys() {
  if (document.querySelector("dialog[open]")) return;
  openDialog(t("keys.title"), () => html`<dl class="keys">${KEYS.map(([keys, text]) => html`
    <dt class="row">${/** @type {string[]} */ (keys).map((key) => html`<kbd>${key}</kbd>`)}</dt><dd>${t(/** @type {string} */ (text))}</dd>`)}</dl>`);
}
