/**
 * Where the clips of a feed come from: For You, Following, or a list one swipes on in (a profile,
 * a hashtag, a search, likes, bookmarks). It asks for the next page early, hands out no clip
 * twice, and goes on from what is on the device when nothing answers.
 */
import { ApiError, get } from "../core/api.js";
import { boot } from "../core/boot.js";
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

/** Lists that are somebody's own: without an account they are empty, and nobody needs asking. */
const OWN = ["following", "likes", "bookmarks"];

export class Source {
  /** @param {string} name `kind` or `kind:rest` @param {string} [cursor] page to start at */
  constructor(name, cursor) {
    const [kind, ...rest] = name.split(":");
    this.kind = kind;
    const isNobodys = OWN.includes(kind) && !boot.viewer;
    this.path = Object.hasOwn(ROUTES, kind) && !isNobodys ? ROUTES[kind](rest.join(":")) : null;
    /** @type {VideoCard[]} */
    this.cards = [];
    /** @type {Set<string>} */
    this.seen = new Set();
    /** @type {string | null} */
    this.cursor = cursor ?? null;
    this.isEnded = this.path === null;
    /** The platform did not answer the last time it was asked. */
    this.isAway = false;
    /** Only the clip of the address is here; the page it stands in is not. */
    this.isSeeded = false;
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
    if (this.kind === "for-you") keepCards(fresh);
    return fresh;
  }

  /** Start with one clip out of a list whose page is yet to come. @param {Page} page */
  seed(page) {
    learn(page.viewer);
    this.cards = [page.items[0]];
    this.seen.add(page.items[0].id);
    this.isSeeded = this.kind !== "for-you";
  }

  /**
   * Fetch the page the seed stands in, and put it in its place there.
   * @returns {Promise<number>} how many clips came before it
   */
  async around() {
    this.isSeeded = false;
    const page = await this.#page();
    const at = page.items.findIndex((card) => card.id === this.cards[0].id);
    const before = page.items.slice(0, Math.max(0, at)).filter((card) => card.renditions.length > 0);
    for (const card of before) this.seen.add(card.id);
    this.cards.unshift(...before);
    this.take({ ...page, items: page.items.slice(at + 1) });
    return before.length;
  }

  /** Take the clips of a creator away. @param {string} creatorId @returns {number[]} where the others were */
  forget(creatorId) {
    const others = this.cards.flatMap((card, n) => (card.creator.id === creatorId ? [] : [n]));
    this.cards = others.map((n) => this.cards[n]);
    return others;
  }

  /** @returns {Promise<Page>} */
  #page() {
    const path = /** @type {string} */ (this.path);
    return get(this.cursor ? `${path}${path.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(this.cursor)}` : path);
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
    try {
      const fresh = this.take(await this.#page());
      this.isAway = false;
      return fresh;
    } catch (error) {
      if (!(error instanceof ApiError) || !error.isPassing) throw error;
      this.isAway = true;
      if (this.kind !== "for-you") return [];
      const kept = (await keptCards()).filter((card) => !this.seen.has(card.id));
      for (const card of kept) this.seen.add(card.id);
      this.cards.push(...kept);
      return kept;
    }
  }
}
