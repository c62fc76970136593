/** Everything else one can do with a clip. */
import { boot } from "../core/boot.js";
import { html, icon, nothing } from "../core/element.js";
import { say } from "../core/notices.js";
import { preferences } from "../core/preferences.js";
import { t } from "../core/text.js";
import { write } from "../core/writes.js";
import { block } from "./block.js";
import { openDialog } from "./dialog.js";
import { showKeys } from "./keys.js";
import { report } from "./report.js";

/** @param {VideoCard} card @param {import("../feed/feed.js").Feed} feed */
export function showMore(card, feed) {
  const isOwn = boot.viewer?.id === card.creator.id;
  openDialog(t("more.title"), (close) => {
    /** @param {string} symbol @param {string} text @param {() => void} act @param {string} [more] */
    const entry = (symbol, text, act, more = "") => html`<button type="button" class=${more} @click=${() => { close(); act(); }}>${icon(symbol)}${text}</button>`;
    return html`<div class="menu">
      ${isOwn ? html`<a href="/studio/${card.id}">${icon("pen")}${t("more.edit")}</a>` : entry("less", t("more.not_interested"), () => void notInterested(card, feed))}
      ${card.captions.length ? entry("captions", t(preferences().captions ? "more.captions_off" : "more.captions_on"), () => feed.toggleCaptions()) : nothing}
      ${document.fullscreenEnabled ? entry("screen", t("more.screen"), () => feed.toggleScreen()) : nothing}
      ${entry("keyboard", t("keys.title"), showKeys)}
      ${isOwn ? nothing : html`
        ${boot.viewer ? entry("people", t("more.block", { name: card.creator.name }), () => void leave(card, feed)) : nothing}
        ${entry("flag", t("more.report"), () => report("video", card.id), "danger")}`}
    </div>`;
  });
}

/** @param {VideoCard} card @param {import("../feed/feed.js").Feed} feed */
async function notInterested(card, feed) {
  const sent = await write({ id: `taste ${card.id}`, method: "PUT", path: `/v1/videos/${card.id}/not-interested`, kind: "wish" });
  if (!sent) return;
  feed.go(1);
  say(t("more.less_of_this"), { action: t("dialog.undo"), act: () => void write({ id: `taste ${card.id}`, method: "DELETE", path: `/v1/videos/${card.id}/not-interested`, kind: "wish" }) });
}

/** @param {VideoCard} card @param {import("../feed/feed.js").Feed} feed */
async function leave({ creator }, feed) {
  if (await block(creator)) feed.forget(creator.id);
}
