/** Sharing a clip: the device's own sheet where there is one, else its address and a frame. */
import { post } from "../core/api.js";
import { html, icon } from "../core/element.js";
import { say } from "../core/notices.js";
import { t } from "../core/text.js";
import { openDialog } from "./dialog.js";

/** @param {VideoCard} card */
const shared = (card) => void post(`/v1/videos/${card.id}/shares`, {}).catch(() => {});

/** @param {string} text @param {string} done */
async function copy(text, done) {
  await navigator.clipboard.writeText(text).then(() => say(done), () => say(t("share.copy_failed")));
}

/** @param {VideoCard} card */
export async function share(card) {
  const url = new URL(card.page_url, location.href).href;
  const isTouch = matchMedia("(pointer: coarse)").matches;
  if (isTouch && navigator.share) {
    try {
      await navigator.share({ url, title: card.caption || card.creator.display_name });
      shared(card);
      return;
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") return;
    }
  }
  const ratio = card.height / Math.max(1, card.width);
  const frame = `<iframe src="${new URL(`/embed/${card.id}`, url).href}" width="405" height="${Math.round(405 * ratio)}" allow="fullscreen; autoplay" loading="lazy"></iframe>`;
  openDialog(t("share.title"), (close) => html`<div class="stack">
    <div class="field"><label for="share-url">${t("share.address")}</label><input id="share-url" readonly .value=${url} @focus=${(/** @type {FocusEvent} */ event) => /** @type {HTMLInputElement} */ (event.target).select()}></div>
    <div class="menu">
      <button type="button" @click=${() => { void copy(url, t("share.copied")); shared(card); close(); }}>${icon("link")}${t("share.copy")}</button>
      <button type="button" @click=${() => { void copy(frame, t("share.frame_copied")); close(); }}>${icon("screen")}${t("share.frame")}</button>
    </div></div>`);
}
