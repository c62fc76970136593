/** The inbox: what others did, grouped by the server, and what the platform has to say. */
import "../shell.js";
import { put } from "../core/api.js";
import { avatar, html, icon, nothing } from "../core/element.js";
import { ago, countExact, instantExact, t } from "../core/text.js";
import { emptyState } from "../grid/grid.js";
import { Paged } from "../grid/paged.js";

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

/** @extends {Paged<AppNotification>} */
class InboxPage extends Paged {
  constructor() {
    super();
    this.path = "/v1/notifications";
  }

  /** The newest page is what was looked at. @param {Listing<AppNotification>} page */
  took(page) {
    const [newest] = page.items;
    if (this.rows.length === 0 && newest && page.items.some((each) => !each.is_read)) void put("/v1/notifications/read", { up_to: newest.id }).catch(() => {});
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
    if (this.isEmpty) return emptyState("bell", t("inbox.empty"), t("inbox.empty_text"));
    const sections = ["inbox.today", "inbox.week", "inbox.earlier"];
    return html`${sections.map((section) => {
      const held = this.items.filter((each) => decideSection(each.created_at) === section);
      return held.length ? html`<section class="inbox-section"><h2>${t(section)}</h2><ul class="people">${held.map((each) => this.#row(each))}</ul></section>` : nothing;
    })}${this.foot()}`;
  }
}
customElements.define("solstice-inbox", InboxPage);
