/** Search: clips, people, hashtags; suggestions while one types; the address holds the words. */
import "../shell.js";
import { ApiError, get } from "../core/api.js";
import { avatar, html, icon, nothing, PageElement } from "../core/element.js";
import { countShort, t } from "../core/text.js";
import { emptyState } from "../grid/grid.js";

const KINDS = /** @type {const} */ (["videos", "accounts", "hashtags"]);
const TYPING_MS = 180;

class SearchPage extends PageElement {
  static properties = { words: { state: true }, kind: { state: true }, suggestions: { state: true }, results: { state: true }, state: { state: true } };
  constructor() {
    super();
    const query = new URLSearchParams(location.search);
    this.words = query.get("q") ?? "";
    /** @type {typeof KINDS[number]} */
    this.kind = KINDS.find((kind) => kind === query.get("kind")) ?? "videos";
    /** @type {{kind: string, text: string}[]} */
    this.suggestions = [];
    /** @type {any[]} */
    this.results = [];
    /** @type {"ready" | "loading" | "away"} */
    this.state = "ready";
    this.timer = 0;
    this.asked = new AbortController();
  }

  firstUpdated() {
    if (this.words) void this.#find();
    else /** @type {HTMLInputElement} */ (this.querySelector("input")).focus();
  }

  /** @param {string} typed */
  #typing(typed) {
    clearTimeout(this.timer);
    this.asked.abort();
    this.asked = new AbortController();
    const { signal } = this.asked;
    if (!typed.trim()) { this.suggestions = []; return; }
    this.timer = window.setTimeout(async () => {
      const answer = await get(`/v1/search/suggestions?q=${encodeURIComponent(typed)}`, { kind: "ahead", deadlineMs: 2000, signal }).catch(() => null);
      if (!signal.aborted) this.suggestions = answer?.items?.slice(0, 6) ?? [];
    }, TYPING_MS);
  }

  /** @param {string} words @param {typeof KINDS[number]} kind */
  #go(words, kind) {
    clearTimeout(this.timer);
    this.asked.abort();
    this.suggestions = [];
    this.words = words.trim();
    this.kind = kind;
    history.replaceState(null, "", this.words ? `/search?q=${encodeURIComponent(this.words)}&kind=${kind}` : "/search");
    void this.#find();
  }

  async #find() {
    const { words, kind } = this;
    if (!words || kind === "videos") return;
    this.state = "loading";
    this.results = [];
    try {
      const page = await get(`/v1/search?q=${encodeURIComponent(words)}&kind=${kind}`);
      if (words === this.words && kind === this.kind) { this.results = page.items; this.state = "ready"; }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.state = "away";
    }
  }

  /** @param {{kind: string, text: string}} suggestion */
  #take(suggestion) {
    /** @type {HTMLInputElement} */ (this.querySelector("input")).value = suggestion.text;
    this.#go(suggestion.text, suggestion.kind === "account" ? "accounts" : suggestion.kind === "hashtag" ? "hashtags" : "videos");
  }

  render() {
    return html`<h1 class="unseen">${t("nav.search")}</h1>
      <form class="search-box" role="search" @submit=${(/** @type {SubmitEvent} */ event) => { event.preventDefault(); this.#go(/** @type {HTMLInputElement} */ (this.querySelector("input")).value, this.kind); }}>
        <input type="search" name="q" .value=${this.words} autocomplete="off" maxlength="100" enterkeyhint="search" aria-label=${t("search.field")} placeholder=${t("search.field")}
          @input=${(/** @type {InputEvent} */ event) => this.#typing(/** @type {HTMLInputElement} */ (event.target).value)}>
        <button class="button round" aria-label=${t("search.do")}>${icon("search")}</button>
      </form>
      ${this.suggestions.length ? html`<ul class="menu card suggestions" aria-label=${t("search.suggestions")}>${this.suggestions.map((each) => html`
        <li><button type="button" class="wide-button" @click=${() => this.#take(each)}>${icon({ account: "person", hashtag: "hash" }[each.kind] ?? "search")}<span dir="auto">${each.text}</span></button></li>`)}</ul>` : nothing}
      <div class="segments" role="group" aria-label=${t("search.kinds")}>${KINDS.map((kind) => html`
        <button type="button" aria-pressed=${this.kind === kind} @click=${() => this.#go(this.words, kind)}>${t(`search.${kind}`)}</button>`)}</div>
      <div class="results" aria-live="polite">${this.#results()}</div>`;
  }

  #results() {
    const nothingFound = emptyState("search", t("search.nothing", { words: this.words }), t("search.nothing_text"));
    if (!this.words) return emptyState("search", t("search.start"), t("search.start_text"));
    if (this.kind === "videos") return html`<solstice-grid .path=${`/v1/search?kind=videos&q=${encodeURIComponent(this.words)}`} .source=${`search:${this.words}`} .empty=${nothingFound}></solstice-grid>`;
    if (this.state === "away") return html`<div class="empty" role="alert"><p>${t("problem.away")}</p></div>`;
    if (this.state === "loading") return [1, 2, 3].map(() => html`<div class="skeleton line"></div>`);
    if (this.results.length === 0) return nothingFound;
    return html`<ul class="people">${this.results.map((each) => this.kind === "accounts" ? html`
      <li><a class="person-row" href="/@${each.name}">${avatar(each)}<span class="grow"><span class="strong one-line" dir="auto">${each.display_name || each.name}</span>
        <span class="soft small">@${each.name} · ${t("search.followers", { count: each.follower_count ?? 0, short: countShort(each.follower_count) })}</span></span></a></li>` : html`
      <li><a class="person-row" href="/tag/${encodeURIComponent(each.tag)}"><span class="avatar">${icon("hash")}</span><span class="grow"><span class="strong one-line" dir="auto">#${each.tag}</span>
        <span class="soft small">${t("hashtag.count", { count: each.video_count ?? 0, short: countShort(each.video_count) })}</span></span></a></li>`)}</ul>`;
  }
}
customElements.define("solstice-search", SearchPage);
