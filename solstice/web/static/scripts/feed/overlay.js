/**
 * What lies over a clip: who made it, what it says, and what one can do with it. It draws the
 * same markup as templates/slide.html, so that taking over from the server moves nothing.
 */
import { boot } from "../core/boot.js";
import { avatar, html, icon, nothing, PageElement } from "../core/element.js";
import { bookmark, changes, counted, follow, has, like } from "../core/marks.js";
import { ago, countExact, countShort, instantExact, t } from "../core/text.js";
import { said } from "./said.js";

const FOLDED_CHARS = 90;

export class Overlay extends PageElement {
  static properties = { card: { attribute: false }, isFolded: { state: true }, says: { state: true }, sign: { state: true } };

  constructor() {
    super();
    /** @type {VideoCard} */
    this.card = /** @type {any} */ (null);
    this.isFolded = true;
    /** @type {string} what is wrong or going on, in words */
    this.says = "";
    /** @type {"play" | ""} */
    this.sign = "";
    this.repaint = (/** @type {Event} */ event) => {
      const { id } = /** @type {CustomEvent} */ (event).detail;
      if (id === this.card.id || id === this.card.creator.id) this.requestUpdate();
    };
  }

  connectedCallback() {
    super.connectedCallback();
    this.classList.add("overlay");
    changes.addEventListener("change", this.repaint);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    changes.removeEventListener("change", this.repaint);
  }

  /** Ask the feed for something this clip's overlay cannot do alone. @param {string} what */
  ask(what) {
    this.dispatchEvent(new CustomEvent("ask", { bubbles: true, detail: { what, card: this.card } }));
  }

  render() {
    const { card } = this;
    return html`
      <div class="says" role="status" aria-live="polite">${this.says ? html`<span>${this.says}</span>` : nothing}</div>
      <div class="big-sign ${this.sign ? "shown" : ""}">${icon(this.sign || "play")}</div>
      ${this.#meta(card)}
      <div class="actions" role="group" aria-label=${t("feed.actions")}>
        ${this.#person(card)}
        ${this.#action("heart", "like", countLike(card), t(has("liked", card.id) ? "action.unlike" : "action.like"), has("liked", card.id), () => like(card.id, !has("liked", card.id)))}
        ${this.#action("comment", "comment", card.comment_count, t("action.comment"), null, () => this.ask("comments"))}
        ${this.#action("bookmark", "bookmark", counted("bookmarked", card.id, card.bookmark_count), t(has("bookmarked", card.id) ? "action.unbookmark" : "action.bookmark"), has("bookmarked", card.id), () => bookmark(card.id, !has("bookmarked", card.id)))}
        ${this.#action("share", "share", card.share_count, t("action.share"), null, () => this.ask("share"))}
        <button type="button" class="action more" aria-label=${t("action.more")} aria-haspopup="dialog" @click=${() => this.ask("more")}>${icon("more")}</button>
      </div>`;
  }

  /** @param {VideoCard} card */
  #meta(card) {
    const isLong = card.caption.length > FOLDED_CHARS || card.caption.includes("\n");
    return html`<div class="meta">
      <a class="creator" href="/@${card.creator.name}" dir="auto">${card.creator.display_name || `@${card.creator.name}`}</a>
      ${card.caption ? html`<p class="said ${isLong && this.isFolded ? "folded" : ""}" dir="auto">${said(card.caption)}</p>` : nothing}
      ${isLong ? html`<button type="button" class="fold" aria-expanded=${!this.isFolded} @click=${() => { this.isFolded = !this.isFolded; }}>${t(this.isFolded ? "feed.unfold" : "feed.fold")}</button>` : nothing}
      <p class="when"><time datetime=${card.published_at} title=${instantExact(card.published_at)}>${ago(card.published_at)}</time></p>
    </div>`;
  }

  /** @param {VideoCard} card */
  #person(card) {
    const follows = has("following", card.creator.id) || boot.viewer?.id === card.creator.id;
    return html`<div class="person-slot">
      <a class="action person" href="/@${card.creator.name}" aria-label=${t("action.profile", { name: card.creator.display_name || card.creator.name })}>${avatar(card.creator)}</a>
      ${follows ? nothing : html`<button type="button" class="follow-badge" aria-label=${t("action.follow", { name: card.creator.display_name || card.creator.name })}
        @click=${() => follow(card.creator, true)}><span>${icon("plus")}</span></button>`}
    </div>`;
  }

  /** @param {string} symbol @param {string} kind @param {number | null} count @param {string} label @param {boolean | null} pressed @param {() => void} act */
  #action(symbol, kind, count, label, pressed, act) {
    return html`<button type="button" class="action ${kind}" aria-label="${label}, ${countExact(count)}" title=${countExact(count)}
      aria-pressed=${pressed ?? nothing} @click=${act}>${icon(symbol)}<span class="count">${countShort(count)}</span></button>`;
  }
}
customElements.define("solstice-overlay", Overlay);

/** @param {VideoCard} card */
const countLike = (card) => counted("liked", card.id, card.like_count);
