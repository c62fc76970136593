/** The inbox: what others did, grouped by the server, and what the platform has to say. */
import "../shell.js";
import { ApiError, get, put } from "../core/api.js";
import { avatar, html, icon, nothing, PageElement } from "../core/element.js";
import { ago, countExact, instantExact, t } from "../core/text.js";
import { emptyState } from "../grid/grid.js";

const SYMBOLS = /** @type {Record<string, string>} */ ({
  like: "heart", comment: "comment", reply: "comment", follow: "person", mention: "hash", video_live: "check", video_refused: "cross",
  report_decided: "shield", moderation: "shield", appeal_decided: "shield", system: "bell",
});
const DAY_MS = 86_400_000;

/** Name the section an instant belongs to. @param {string} instant */
export function decideSection(instant, now = Date.now()) {
  const age = now - Date.parse(instant);
  return age < DAY_MS ? "inbox.today" : age < 7 * DAY_MS ? "inbox.week" : "inbox.earlier";
}

/** Where a notification leads. @param {AppNotification} each */
function target(each) {
  if (each.kind === "follow" && each.actors[0]) return `/@${each.actors[0].name}`;
  if (each.kind === "video_refused" && each.video_id) return `/studio/${each.video_id}`;
  if (["moderation", "appeal_decided"].includes(each.kind)) return "/appeals";
  return each.video_id ? `/v/${each.video_id}` : null;
}

class InboxPage extends PageElement {
  static properties = { items: { state: true }, state: { state: true } };
  constructor() {
    super();
    /** @type {AppNotification[]} */
    this.items = [];
    /** @type {string | null} */
    this.cursor = null;
    /** @type {"loading" | "ready" | "away"} */
    this.state = "loading";
  }

  firstUpdated() {
    void this.more();
  }

  async more() {
    try {
      /** @type {Listing<AppNotification>} */
      const page = await get(`/v1/notifications${this.cursor ? `?cursor=${encodeURIComponent(this.cursor)}` : ""}`);
      if (this.items.length === 0 && page.items[0] && page.items.some((each) => !each.is_read)) void put("/v1/notifications/read", { up_to: page.items[0].id }).catch(() => {});
      this.items = [...this.items, ...page.items];
      this.cursor = page.next_cursor;
      this.state = "ready";
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.state = "away";
    }
  }

  /** @param {AppNotification} each */
  #who(each) {
    const [first, second] = each.actors.map((actor) => actor.display_name || actor.name);
    if (!second) return first ?? "";
    if (each.actor_count <= 2) return t("inbox.who_two", { first, second });
    return t("inbox.who_more", { first, second, count: each.actor_count - 2 });
  }

  /** @param {AppNotification} each */
  #row(each) {
    const href = target(each);
    const inside = html`
      ${each.actors[0] ? html`<span class="with-symbol">${avatar(each.actors[0])}<span class="symbol ${each.kind}">${icon(SYMBOLS[each.kind] ?? "bell")}</span></span>`
        : html`<span class="avatar platform ${each.kind}">${icon(SYMBOLS[each.kind] ?? "bell")}</span>`}
      <span class="grow"><span class="words" dir="auto">${t(`inbox.${each.kind}`, { who: this.#who(each), text: each.text ?? "" })}</span>
        <time class="small" datetime=${each.created_at} title=${instantExact(each.created_at)}>${ago(each.created_at)}</time></span>
      ${each.thumb_url ? html`<img class="thumb" src=${each.thumb_url} alt="" loading="lazy">` : nothing}
      ${each.is_read ? nothing : html`<span class="unread" role="img" aria-label=${t("inbox.unread", { count: countExact(1) })}></span>`}`;
    return html`<li>${href ? html`<a class="person-row" href=${href}>${inside}</a>` : html`<div class="person-row">${inside}</div>`}</li>`;
  }

  render() {
    return html`<header class="page-head"><h1>${t("nav.inbox")}</h1></header>${this.#list()}`;
  }

  #list() {
    if (this.state === "away" && this.items.length === 0) return html`<div class="empty" role="alert"><p>${t("problem.away")}</p><button type="button" class="button" @click=${this.more}>${t("problem.retry")}</button></div>`;
    if (this.state === "loading") return [1, 2, 3, 4].map(() => html`<div class="skeleton line"></div>`);
    if (this.items.length === 0) return emptyState("bell", t("inbox.empty"), t("inbox.empty_text"));
    const sections = ["inbox.today", "inbox.week", "inbox.earlier"];
    return html`${sections.map((section) => {
      const held = this.items.filter((each) => decideSection(each.created_at) === section);
      return held.length ? html`<section class="inbox-section"><h2>${t(section)}</h2><ul class="people">${held.map((each) => this.#row(each))}</ul></section>` : nothing;
    })}${this.cursor ? html`<button type="button" class="button wide" @click=${this.more}>${t("list.more")}</button>` : nothing}`;
  }
}
customElements.define("solstice-inbox", InboxPage);
