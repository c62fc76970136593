/**
 * Where the clips of a feed come from: For You, Following, or a list one swipes on in (a profile,
 * a hashtag, a search, likes, bookmarks). It asks for the next page early, hands out no clip
 * twice, and goes on from what is on the device when nothing answers.
 */
import { ApiError, get } from "../core/api.js";
import { learn } from "../core/marks.js";
import { keptCards, keepCards } from "./kept.js";

const ROUTES = /** @type {Record<string, (rest: string) => string>} */ ({
  "for-you": () => "/v1/feed/for-you",
  following: () => "/v1/feed/following",
  account: (name) => `/v1/accounts/${encodeURIComponent(name)}/videos`,
  hashtag: (tag) => `/v1/hashtags/${encodeURIComponent(tag)}/videos`,
  search: (words) => `/v1/search?kind=videos&q=${encodeURIComponent(words)}`,
  likes: () => "/v1/me/likes",
  bookmarks: () => "/v1/me/bookmarks",
});

export class Source {
  /** @param {string} name `kind` or `kind:rest` @param {string} [cursor] page to start at */
  constructor(name, cursor) {
    const [kind, ...rest] = name.split(":");
    this.kind = kind;
    this.path = ROUTES[kind]?.(rest.join(":")) ?? null;
    /** @type {VideoCard[]} */
    this.cards = [];
    /** @type {Set<string>} */
    this.seen = new Set();
    /** @type {string | null} */
    this.cursor = cursor ?? null;
    this.isEnded = this.path === null;
    this.isOffline = false;
    /** @type {Promise<VideoCard[]> | null} */
    this.loading = null;
  }

  /** Take a page over, leaving out clips that were here already. @param {Page} page */
  take(page) {
    learn(page.viewer);
    const fresh = page.items.filter((card) => card.renditions.length > 0 && !this.seen.has(card.id));
    for (const card of fresh) this.seen.add(card.id);
    this.cards.push(...fresh);
    this.cursor = page.next_cursor;
    if (page.next_cursor === null) this.isEnded = true;
    if (this.kind === "for-you") void keepCards(fresh);
    return fresh;
  }

  /**
   * Fetch the next page; two callers share one request. An answer without a new clip is the end
   * of a list, and for For You only of what it has for now.
   * @returns {Promise<VideoCard[]>}
   */
  more() {
    if (this.isEnded) return Promise.resolve([]);
    this.loading ??= this.#fetch().finally(() => { this.loading = null; });
    return this.loading;
  }

  async #fetch() {
    const path = /** @type {string} */ (this.path);
    const url = this.cursor ? `${path}${path.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(this.cursor)}` : path;
    try {
      const fresh = this.take(await get(url));
      this.isOffline = false;
      return fresh;
    } catch (error) {
      if (!(error instanceof ApiError) || !error.isPassing || this.kind !== "for-you") throw error;
      this.isOffline = true;
      const kept = (await keptCards()).filter((card) => !this.seen.has(card.id));
      for (const card of kept) this.seen.add(card.id);
      this.cards.push(...kept);
      return kept;
    }
  }
}
