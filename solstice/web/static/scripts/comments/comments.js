/**
 * Comments of one clip: a sheet over the lower part of a phone, a panel beside the clip on a
 * desktop. It is not modal: the clip plays on and stays in reach while one writes.
 */
import { repeat } from "lit/directives/repeat.js";
import { ApiError, call, get } from "../core/api.js";
import { boot, logInUrl } from "../core/boot.js";
import { html, icon, nothing, PageElement } from "../core/element.js";
import { say } from "../core/notices.js";
import { waiting } from "../core/outbox.js";
import { countShort, t } from "../core/text.js";
import { outcomes, write } from "../core/writes.js";
import { drawComment } from "./comment.js";
import { drawComposer } from "./composer.js";

/** A comment as it stands here before the platform has it. @param {string} id @param {string} videoId @param {string} text @param {string | null} parentId @param {number} at @returns {VideoComment} */
const draftOf = (id, videoId, text, parentId, at) => {
  const { id: self, name } = /** @type {NonNullable<Boot["viewer"]>} */ (boot.viewer);
  return {
    id, video_id: videoId, parent_id: parentId, text, created_at: new Date(at).toISOString(), like_count: 0, reply_count: 0,
    author: { id: self, name, display_name: name, avatar_url: null }, viewer: null, is_waiting: true,
  };
};

export class Comments extends PageElement {
  static properties = {
    card: { attribute: false }, order: { state: true }, items: { state: true }, state: { state: true },
    replies: { state: true }, replyTo: { state: true }, liked: { state: true },
  };
  constructor() {
    super();
    /** @type {VideoCard} */
    this.card = /** @type {any} */ (null);
    /** @type {"top" | "new"} */
    this.order = "top";
    /** @type {VideoComment[]} */
    this.items = [];
    /** @type {string | null} */
    this.cursor = null;
    /** @type {"loading" | "ready" | "away"} */
    this.state = "loading";
    /** @type {Record<string, VideoComment[]>} */
    this.replies = {};
    /** @type {VideoComment | null} */
    this.replyTo = null;
    /** @type {Record<string, boolean>} */
    this.liked = {};
    /** How many comments came and went here since the clip's count was told. */
    this.written = 0;
    /** @type {HTMLElement | null} */
    this.opener = null;
    this.arrived = (/** @type {Event} */ event) => this.#arrived(/** @type {CustomEvent} */ (event).detail);
    this.refused = (/** @type {Event} */ event) => this.#refused(/** @type {CustomEvent} */ (event).detail.entry);
    this.escape = (/** @type {KeyboardEvent} */ event) => { if (event.key === "Escape" && !document.querySelector("dialog[open]")) this.close(); };
  }

  connectedCallback() {
    super.connectedCallback();
    this.opener = /** @type {HTMLElement | null} */ (document.activeElement);
    document.body.classList.add("comments-open");
    outcomes.addEventListener("sent", this.arrived);
    outcomes.addEventListener("refused", this.refused);
    document.addEventListener("keydown", this.escape);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    document.body.classList.remove("comments-open");
    outcomes.removeEventListener("sent", this.arrived);
    outcomes.removeEventListener("refused", this.refused);
    document.removeEventListener("keydown", this.escape);
  }

  close() {
    this.remove();
    this.opener?.focus?.();
  }

  firstUpdated() {
    /** @type {HTMLElement | null} */ (this.querySelector(".comments h2"))?.focus();
  }

  /** @param {VideoCard} card */
  async show(card) {
    this.card = card;
    this.replies = {};
    this.replyTo = null;
    this.written = 0;
    this.written += (await this.#load(true)).length;
  }

  /** Load the list anew or its next page; tells what was kept from an earlier visit. @param {boolean} anew @returns {Promise<VideoComment[]>} */
  async #load(anew) {
    const { id } = this.card;
    if (anew) { this.items = []; this.cursor = null; this.state = "loading"; }
    try {
      const query = this.cursor ? `&cursor=${encodeURIComponent(this.cursor)}` : "";
      /** @type {Listing<VideoComment>} */
      const page = await get(`/v1/videos/${id}/comments?order=${this.order}${query}`);
      const held = anew ? await this.#kept(id) : [];
      if (this.card.id !== id) return [];
      // What was written since the list was asked for stays: it may have arrived after it was read.
      const here = new Set(this.items.map((each) => each.id));
      const kept = held.filter((each) => !here.has(each.id));
      const known = new Set([...here, ...kept.map((each) => each.id)]);
      this.items = [...kept, ...this.items, ...page.items.filter((each) => !known.has(each.id))];
      this.cursor = page.next_cursor;
      this.state = "ready";
      return kept;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (this.card.id === id) this.state = "away";
      return [];
    }
  }

  /** Comments on this clip that were written here and have not arrived. @param {string} id @returns {Promise<VideoComment[]>} */
  async #kept(id) {
    const held = await waiting().catch(() => []);
    return held.flatMap((entry) => {
      const said = /** @type {{text: string, parent_id: string | null}} */ (entry.body);
      const isHere = entry.account_id === boot.viewer?.id && entry.path === `/v1/videos/${id}/comments` && !said.parent_id;
      return isHere ? [draftOf(entry.id.slice(4), id, said.text, null, entry.made_at)] : [];
    });
  }

  /** @param {VideoComment} comment */
  async unfold(comment) {
    if (this.replies[comment.id]) {
      const { [comment.id]: _, ...rest } = this.replies;
      this.replies = rest;
      return;
    }
    const page = await get(`/v1/comments/${comment.id}/replies`).catch(() => null);
    if (page) this.replies = { ...this.replies, [comment.id]: page.items };
    else say(t("problem.busy"));
  }

  /** @param {VideoComment} comment */
  async like(comment) {
    const now = !(this.liked[comment.id] ?? comment.viewer?.liked ?? false);
    const outcome = await write({ id: `comment ${comment.id}`, method: now ? "PUT" : "DELETE", path: `/v1/comments/${comment.id}/like`, kind: "like" });
    if (outcome) this.liked = { ...this.liked, [comment.id]: now };
  }

  /** @param {VideoComment} comment */
  async erase(comment) {
    try {
      await call("DELETE", `/v1/comments/${comment.id}`);
      this.#drop(comment.id);
      say(t("comments.deleted"));
    } catch {
      say(t("problem.busy"));
    }
  }

  /** @param {string} id */
  #drop(id) {
    this.written -= 1;
    this.items = this.items.filter((each) => each.id !== id);
    this.replies = Object.fromEntries(Object.entries(this.replies).map(([key, list]) => [key, list.filter((each) => each.id !== id)]));
  }

  /** Show a comment at once, marked as waiting until the platform has it. @param {string} text */
  async send(text) {
    if (!boot.viewer) { location.assign(logInUrl()); return; }
    const parent = this.replyTo;
    const id = crypto.randomUUID();
    const draft = draftOf(id, this.card.id, text, parent?.id ?? null, Date.now());
    if (parent) this.replies = { ...this.replies, [parent.id]: [...(this.replies[parent.id] ?? []), draft] };
    else this.items = [draft, ...this.items];
    this.replyTo = null;
    this.written += 1;
    const taken = await write({ id: `say ${id}`, method: "POST", path: `/v1/videos/${this.card.id}/comments`, body: { text, parent_id: draft.parent_id }, kind: "comment" });
    if (!taken) this.#drop(id);
  }

  /** @param {{entry: OutboxEntry, answer: VideoComment | null}} outcome */
  #arrived({ entry, answer }) {
    if (!entry.id.startsWith("say ") || !answer) return;
    const id = entry.id.slice(4);
    const isListed = this.items.some((each) => each.id === answer.id && each.id !== id);
    const swap = (/** @type {VideoComment[]} */ list) => (isListed ? list.filter((each) => each.id !== id) : list.map((each) => (each.id === id ? answer : each)));
    this.items = swap(this.items);
    this.replies = Object.fromEntries(Object.entries(this.replies).map(([key, list]) => [key, swap(list)]));
  }

  /** What was refused is not shown as said; its words go back to where they can be mended. @param {OutboxEntry} entry */
  #refused(entry) {
    if (!entry.id.startsWith("say ")) return;
    this.#drop(entry.id.slice(4));
    const field = /** @type {HTMLTextAreaElement | null} */ (this.querySelector("textarea[name=text]"));
    if (field && !field.value) field.value = /** @type {{text: string}} */ (entry.body).text;
  }

  /** @param {"top" | "new"} order */
  #sort(order) {
    this.order = order;
    void this.#load(true);
  }

  render() {
    if (!this.card) return nothing;
    return html`<aside class="comments" aria-label=${t("comments.title")}>
      <div class="sheet-head"><h2 tabindex="-1">${t("comments.title")} <span class="soft figure">${countShort(this.card.comment_count === null ? null : Math.max(0, this.card.comment_count + this.written))}</span></h2>
        <button type="button" class="button round quiet" aria-label=${t("dialog.close")} @click=${this.close}>${icon("cross")}</button></div>
      <div class="segments" role="group" aria-label=${t("comments.order")}>${/** @type {("top" | "new")[]} */ (["top", "new"]).map((order) => html`
        <button type="button" aria-pressed=${this.order === order} @click=${() => this.#sort(order)}>${t(`comments.${order}`)}</button>`)}</div>
      <div class="list" tabindex="0" role="region" aria-label=${t("comments.list")} aria-busy=${this.state === "loading"}>${this.#list()}</div>
      ${drawComposer(this)}
    </aside>`;
  }

  #list() {
    if (this.state === "loading") return [1, 2, 3].map(() => html`<div class="skeleton line"></div>`);
    if (this.state === "away") return html`<div class="empty"><p>${t("comments.away")}</p><button type="button" class="button" @click=${() => this.#load(true)}>${t("problem.retry")}</button></div>`;
    if (this.items.length === 0) return html`<div class="empty">${icon("comment")}<h3>${t("comments.none")}</h3><p class="soft">${t("comments.none_text")}</p></div>`;
    return html`${repeat(this.items, (each) => each.id, (each) => drawComment(this, each))}
      ${this.cursor ? html`<button type="button" class="button" @click=${() => this.#load(false)}>${t("list.more")}</button>` : nothing}`;
  }
}
customElements.define("solstice-comments", Comments);

const current = () => /** @type {Comments | null} */ (document.querySelector("solstice-comments"));

/** Open the comments of a clip, or close them. @param {VideoCard} card */
export function toggleComments(card) {
  const open = current();
  if (open) { open.close(); return; }
  const panel = new Comments();
  document.body.append(panel);
  void panel.show(card);
}

/** The open panel goes along when one swipes. @param {VideoCard} card */
export function followClip(card) {
  const open = current();
  if (open && open.card?.id !== card.id) void open.show(card);
}
