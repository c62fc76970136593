/**
 * A grid of posters, three in a row on a phone. A poster leads to the clip's own address and
 * names the list it stands in, so that swiping goes on in that list.
 */
import { html, icon, nothing } from "../core/element.js";
import { countExact, countShort, t } from "../core/text.js";
import { Paged } from "./paged.js";

const SKELETONS = [1, 2, 3, 4, 5, 6];

/** @extends {Paged<VideoCard>} */
export class Grid extends Paged {
  static properties = { ...Paged.properties, source: {} };
  constructor() {
    super();
    /** @type {string} the same list, as the feed names it */
    this.source = "";
  }

  /** @param {{item: VideoCard, cursor: string}} row */
  #tile({ item: card, cursor }) {
    const query = new URLSearchParams({ from: this.source });
    if (cursor) query.set("cursor", cursor);
    const name = card.creator.display_name || card.creator.name;
    return html`<li><a class="tile" href="${card.page_url}?${query}" aria-label=${t("grid.clip", { name, caption: card.caption || t("studio.no_caption") })}>
      ${card.placeholder ? html`<img class="placeholder" src=${card.placeholder} alt="">` : nothing}
      ${card.thumb_url ?? card.poster_url ? html`<img src=${card.thumb_url ?? card.poster_url} alt="" loading="lazy" decoding="async">` : nothing}
      <span class="tile-foot figure" title=${countExact(card.view_count)}>${icon("eye")}${countShort(card.view_count)}</span></a></li>`;
  }

  /** Tiles of the grid itself. */
  coming() {
    return nothing;
  }

  render() {
    if (this.isEmpty) return this.empty;
    return html`<ul class="grid">${this.rows.map((row) => this.#tile(row))}
        ${this.state === "loading" ? SKELETONS.map(() => html`<li><div class="tile skeleton"></div></li>`) : nothing}</ul>
      ${this.foot()}`;
  }
}
customElements.define("solstice-grid", Grid);

/** @param {string} symbol @param {string} title @param {string} text @param {unknown} [action] */
export const emptyState = (symbol, title, text, action = nothing) =>
  html`<div class="empty">${icon(symbol)}<h2>${title}</h2><p class="soft">${text}</p>${action}</div>`;
