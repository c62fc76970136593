/**
 * A grid of posters, three in a row on a phone, filled page by page. A poster leads to the
 * clip's own address and names the list it stands in, so that swiping goes on in that list.
 */
import { ApiError, get } from "../core/api.js";
import { html, icon, nothing, PageElement } from "../core/element.js";
import { learn } from "../core/marks.js";
import { countExact, countShort, t } from "../core/text.js";

const SKELETONS = [1, 2, 3, 4, 5, 6];

export class Grid extends PageElement {
  static properties = { path: {}, source: {}, tiles: { state: true }, state: { state: true } };
  constructor() {
    super();
    /** @type {string} where pages come from */
    this.path = "";
    /** @type {string} the same list, as the feed names it */
    this.source = "";
    /** @type {{card: VideoCard, cursor: string}[]} */
    this.tiles = [];
    /** @type {string | null} */
    this.cursor = null;
    /** @type {"loading" | "ready" | "away" | "end"} */
    this.state = "loading";
    /** @type {unknown} what an empty list says */
    this.empty = nothing;
    this.watcher = new IntersectionObserver((entries) => {
      if (entries.some((each) => each.isIntersecting) && this.state === "ready") void this.more();
    }, { rootMargin: "600px" });
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (!changed.has("path")) return;
    this.tiles = [];
    this.cursor = null;
    this.state = "loading";
    void this.more();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.watcher.disconnect();
  }

  updated() {
    this.watcher.disconnect();
    const foot = this.querySelector(".grid-foot");
    if (foot) this.watcher.observe(foot);
  }

  async more() {
    const { path } = this;
    this.state = "loading";
    try {
      const cursor = this.cursor ?? "";
      const separator = path.includes("?") ? "&" : "?";
      /** @type {Page} */
      const page = await get(cursor ? `${path}${separator}cursor=${encodeURIComponent(cursor)}` : path);
      if (path !== this.path) return;
      learn(page.viewer);
      const known = new Set(this.tiles.map((tile) => tile.card.id));
      this.tiles = [...this.tiles, ...page.items.filter((card) => !known.has(card.id)).map((card) => ({ card, cursor }))];
      this.cursor = page.next_cursor;
      this.state = page.next_cursor ? "ready" : "end";
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (path === this.path) this.state = "away";
    }
  }

  /** @param {{card: VideoCard, cursor: string}} tile */
  #tile({ card, cursor }) {
    const query = new URLSearchParams({ from: this.source });
    if (cursor) query.set("cursor", cursor);
    const name = card.creator.display_name || card.creator.name;
    return html`<li><a class="tile" href="${card.page_url}?${query}" aria-label=${t("grid.clip", { name, caption: card.caption || t("studio.no_caption") })}>
      ${card.placeholder ? html`<img class="placeholder" src=${card.placeholder} alt="">` : nothing}
      ${card.thumb_url ?? card.poster_url ? html`<img src=${card.thumb_url ?? card.poster_url} alt="" loading="lazy" decoding="async">` : nothing}
      <span class="tile-foot figure" title=${countExact(card.view_count)}>${icon("eye")}${countShort(card.view_count)}</span></a></li>`;
  }

  render() {
    if (this.state === "end" && this.tiles.length === 0) return this.empty;
    return html`<ul class="grid">${this.tiles.map((tile) => this.#tile(tile))}
        ${this.state === "loading" ? SKELETONS.map(() => html`<li><div class="tile skeleton"></div></li>`) : nothing}</ul>
      ${this.state === "away" ? html`<div class="empty" role="alert"><p>${t("problem.away")}</p><button type="button" class="button" @click=${this.more}>${t("problem.retry")}</button></div>` : nothing}
      ${this.state === "ready" ? html`<div class="grid-foot"><button type="button" class="button wide" @click=${this.more}>${t("list.more")}</button></div>` : nothing}`;
  }
}
customElements.define("solstice-grid", Grid);

/** @param {string} symbol @param {string} title @param {string} text @param {unknown} [action] */
export const emptyState = (symbol, title, text, action = nothing) =>
  html`<div class="empty">${icon(symbol)}<h2>${title}</h2><p class="soft">${text}</p>${action}</div>`;
