/** Search: clips, people, hashtags; suggestions while one types; the address holds the words. */
import "../shell.js";
import { get } from "../core/api.js";
import { html, icon, nothing, PageElement } from "../core/element.js";
import { t } from "../core/text.js";
import "../grid/discovery.js";
import { emptyState } from "../grid/grid.js";
import "../grid/rows.js";

const KINDS = /** @type {const} */ (["videos", "accounts", "hashtags"]);
const TYPING_MS = 180;

class SearchPage extends PageElement {
  static properties = { words: { state: true }, kind: { state: true }, suggestions: { state: true } };
  constructor() {
    super();
    const query = new URLSearchParams(location.search);
    this.words = query.get("q") ?? "";
    /** @type {typeof KINDS[number]} */
    this.kind = KINDS.find((kind) => kind === query.get("kind")) ?? "videos";
    /** @type {{kind: string, text: string}[]} */
    this.suggestions = [];
    this.timer = 0;
    this.asked = new AbortController();
  }

  firstUpdated() {
    if (!this.words) /** @type {HTMLInputElement} */ (this.querySelector("input")).focus();
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
    if (!this.words) return html`<solstice-discovery></solstice-discovery>`;
    const path = `/v1/search?kind=${this.kind}&q=${encodeURIComponent(this.words)}`;
    if (this.kind === "videos") return html`<solstice-grid .path=${path} .source=${`search:${this.words}`} .empty=${nothingFound}></solstice-grid>`;
    if (this.kind === "accounts") return html`<solstice-people .path=${path} .empty=${nothingFound}></solstice-people>`;
    return html`<solstice-hashtags .path=${path} .empty=${nothingFound}></solstice-hashtags>`;
  }
}
customElements.define("solstice-search", SearchPage);
