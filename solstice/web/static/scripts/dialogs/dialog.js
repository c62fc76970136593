/**
 * Dialogs are the browser's own modal `<dialog>`: it keeps the focus inside, closes on Escape
 * and gives the focus back. Ours only add the frame and close on a tap beside it.
 */
import { render } from "lit";
import { html, icon } from "../core/element.js";
import { t } from "../core/text.js";

/**
 * Open a dialog; the content is drawn again by the returned `redraw`.
 * @param {string} title @param {(close: () => void, redraw: () => void) => unknown} draw
 * @returns {HTMLDialogElement}
 */
export function openDialog(title, draw) {
  const dialog = document.createElement("dialog");
  dialog.className = "sheet-dialog";
  dialog.setAttribute("aria-label", title);
  const close = () => dialog.close();
  const redraw = () => render(html`
    <div class="sheet-head"><h2>${title}</h2>
      <button type="button" class="button round quiet" aria-label=${t("dialog.close")} @click=${close}>${icon("cross")}</button></div>
    ${draw(close, redraw)}`, dialog);
  redraw();
  const opener = /** @type {HTMLElement | null} */ (document.activeElement);
  dialog.addEventListener("click", (event) => { if (event.target === dialog) close(); });
  dialog.addEventListener("close", () => { dialog.remove(); opener?.focus?.(); });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * Ask before something that cannot be taken back.
 * @param {string} title @param {string} text @param {string} action @returns {Promise<boolean>}
 */
export function confirmed(title, text, action) {
  return new Promise((resolve) => {
    let answer = false;
    const dialog = openDialog(title, (close) => html`<div class="stack"><p>${text}</p>
      <div class="row"><button type="button" class="button danger" @click=${() => { answer = true; close(); }}>${action}</button>
      <button type="button" class="button" @click=${close}>${t("dialog.cancel")}</button></div></div>`);
    dialog.addEventListener("close", () => resolve(answer));
  });
}
