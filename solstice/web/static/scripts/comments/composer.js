/** Where one writes: below the list, always in reach, growing with the text. */
import { boot, logInUrl } from "../core/boot.js";
import { html, icon, nothing } from "../core/element.js";
import { t } from "../core/text.js";

const CHARS_MAX = 500;

/** @param {import("./comments.js").Comments} panel */
export function drawComposer(panel) {
  if (!boot.viewer) return html`<div class="write"><a class="button primary wide" href=${logInUrl()}>${t("comments.log_in")}</a></div>`;
  /** @param {HTMLFormElement} form */
  const send = (form) => {
    const field = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("text"));
    const text = field.value.trim();
    if (!text) return;
    field.value = "";
    void panel.send(text);
  };
  return html`
    ${panel.replyTo ? html`<div class="replying"><span dir="auto">${t("comments.replying", { name: panel.replyTo.author.display_name || panel.replyTo.author.name })}</span>
      <button type="button" class="button round quiet" aria-label=${t("dialog.cancel")} @click=${() => { panel.replyTo = null; }}>${icon("cross")}</button></div>` : nothing}
    <form class="write" @submit=${(/** @type {SubmitEvent} */ event) => { event.preventDefault(); send(/** @type {HTMLFormElement} */ (event.target)); }}>
      <textarea name="text" rows="1" maxlength=${CHARS_MAX} aria-label=${t("comments.write")} placeholder=${t("comments.write")}
        @keydown=${(/** @type {KeyboardEvent} */ event) => { if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(/** @type {HTMLFormElement} */ (/** @type {HTMLElement} */ (event.target).closest("form"))); } }}></textarea>
      <button class="button primary" aria-label=${t("comments.send")}>${icon("send")}</button>
    </form>`;
}
