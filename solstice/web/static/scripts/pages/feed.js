/** The feed's page: the reel, and what opens beside it. */
import "../shell.js";
import "../feed/feed.js";
import { Feed } from "../feed/feed.js";
import { announce, say } from "../core/notices.js";
import { boot } from "../core/boot.js";
import { html, icon, PageElement } from "../core/element.js";
import { preferences } from "../core/preferences.js";
import { t } from "../core/text.js";

const feed = /** @type {Feed} */ (document.querySelector("solstice-feed"));

/** Sound, and on a desktop the steps up and down. */
class Controls extends PageElement {
  static properties = { isMuted: { state: true } };
  constructor() {
    super();
    this.isMuted = !preferences().sound;
  }
  connectedCallback() {
    super.connectedCallback();
    const look = () => { this.isMuted = feed.pool.isMuted || feed.pool.video?.muted === true; };
    feed.addEventListener("sound", look);
    feed.addEventListener("state", look);
  }
  render() {
    return html`
      <button type="button" class="top-sound" aria-pressed=${!this.isMuted} aria-label=${t("feed.sound")} title=${t(this.isMuted ? "feed.sound_on" : "feed.sound_off")}
        @click=${() => feed.sound(this.isMuted)}>${icon(this.isMuted ? "sound-off" : "sound-on")}</button>
      <div class="step">
        <button type="button" class="button round" aria-label=${t("feed.previous")} @click=${() => feed.go(-1)}>${icon("up")}</button>
        <button type="button" class="button round" aria-label=${t("feed.next")} @click=${() => feed.go(1)}>${icon("down")}</button>
      </div>`;
  }
}
customElements.define("solstice-feed-controls", Controls);
feed.append(document.createElement("solstice-feed-controls"));

feed.addEventListener("ask", async (event) => {
  const { what, card } = /** @type {CustomEvent} */ (event).detail;
  if (what === "comments") (await import("../comments/comments.js")).toggleComments(card);
  if (what === "share") (await import("../dialogs/share.js")).share(card);
  if (what === "more") (await import("../dialogs/more.js")).showMore(card, feed);
});
feed.addEventListener("arrive", async (event) => {
  if (document.querySelector("solstice-comments")) (await import("../comments/comments.js")).followClip(/** @type {CustomEvent} */ (event).detail.card);
});
let isFromHere = false;
feed.addEventListener("reach", (event) => {
  const { isAway, isFromDevice } = /** @type {CustomEvent} */ (event).detail;
  if (isFromDevice) {
    isFromHere = true;
    announce(t(navigator.onLine ? "banner.busy_from_device" : "banner.from_device"), { symbol: navigator.onLine ? "pulse" : "offline" });
  } else if (!isAway && isFromHere) {
    isFromHere = false;
    announce("");
  }
  if (!isAway && boot.data?.offline) {
    boot.data.offline = false;
    say(t("banner.back"), { action: t("banner.reload"), act: () => location.reload(), ms: 20_000 });
  }
});
