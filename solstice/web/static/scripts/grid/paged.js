/** A list that is filled page by page as one scrolls; what is drawn for an item is its own affair. */
import { ApiError, get } from "../core/api.js";
import { html, nothing, PageElement } from "../core/element.js";
import { learn } from "../core/marks.js";
import { t } from "../core/text.js";

/** @template Item */
export class Paged extends PageElement {
  static properties = { path: {}, rows: { state: true }, state: { state: true } };
  constructor() {
    super();
    /** @type {string} where pages come from */
    this.path = "";
    /** @type {{item: Item, cursor: string}[]} each with the cursor of its page */
    this.rows = [];
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

  /** What tells an item from others: pages may overlap. @param {any} item @returns {string} */
  key(item) {
    return item.id;
  }

  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if (!changed.has("path")) return;
    this.rows = [];
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
    const foot = this.querySelector(".list-foot");
    if (foot) this.watcher.observe(foot);
  }

  async more() {
    const { path } = this;
    this.state = "loading";
    try {
      const cursor = this.cursor ?? "";
      const separator = path.includes("?") ? "&" : "?";
      /** @type {Listing<Item> & {viewer?: ViewerMarks | null}} */
      const page = await get(cursor ? `${path}${separator}cursor=${encodeURIComponent(cursor)}` : path);
      if (path !== this.path) return;
      this.took(page);
      const known = new Set(this.rows.map((row) => this.key(row.item)));
      const added = page.items.filter((item) => !known.has(this.key(item)));
      this.rows = [...this.rows, ...added.map((item) => ({ item, cursor }))];
      this.cursor = page.next_cursor;
      this.state = page.next_cursor ? "ready" : "end";
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (path === this.path) this.state = "away";
    }
  }

  /** Hear of a page before its items are shown. @param {Listing<Item> & {viewer?: ViewerMarks | null}} page */
  took(page) {
    learn(page.viewer ?? null);
  }

  get items() {
    return this.rows.map((row) => row.item);
  }

  get isEmpty() {
    return this.state === "end" && this.rows.length === 0;
  }

  /** What stands in the place of items on their way. @returns {unknown} */
  coming() {
    return [1, 2, 3].map(() => html`<div class="skeleton line"></div>`);
  }

  /** Below the rows: what is coming, the way to more, or what keeps it away. */
  foot() {
    return html`${this.state === "loading" ? this.coming() : nothing}
      ${this.state === "away" ? html`<div class="empty" role="alert"><p>${t("problem.away")}</p><button type="button" class="button" @click=${this.more}>${t("problem.retry")}</button></div>` : nothing}
      ${this.state === "ready" ? html`<div class="list-foot"><button type="button" class="button wide" @click=${this.more}>${t("list.more")}</button></div>` : nothing}`;
  }
}
