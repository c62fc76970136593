/** The studio: own clips with their states and figures. */
import "../shell.js";
import { get } from "../core/api.js";
import { bar, html, icon, nothing } from "../core/element.js";
import { ago, bytesShort, countExact, countShort, instantExact, t } from "../core/text.js";
import { emptyState } from "../grid/grid.js";
import { Paged } from "../grid/paged.js";
import { drawBars } from "../studio/bars.js";
import { stateWords } from "../studio/state.js";

const POLL_MS = 2500;

/** @extends {Paged<StudioVideo>} */
class StudioPage extends Paged {
  constructor() {
    super();
    this.path = "/v1/studio/videos";
  }

  connectedCallback() {
    super.connectedCallback();
    this.polling = window.setInterval(() => { if (!document.hidden) void this.#refresh(); }, POLL_MS);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.polling);
  }

  /** Ask again for what is still on its way. */
  async #refresh() {
    const moving = this.items.filter((each) => !["live", "refused"].includes(each.state)).slice(0, 6);
    for (const video of moving) {
      const fresh = await get(`/v1/studio/videos/${video.id}`, { kind: "ahead" }).catch(() => null);
      if (fresh) this.rows = this.rows.map((row) => (row.item.id === fresh.id ? { ...row, item: fresh } : row));
    }
  }

  render() {
    return html`<header class="page-head"><h1>${t("nav.studio")}</h1><a class="button primary" href="/post">${icon("plus")}${t("nav.post")}</a></header>${this.#body()}`;
  }

  #body() {
    if (this.isEmpty) return emptyState("film", t("studio.empty"), t("studio.empty_text"), html`<a class="button primary" href="/post">${t("end.post")}</a>`);
    return html`${this.#totals()}<ul class="studio-list">${this.items.map((video) => this.#row(video))}</ul>${this.foot()}`;
  }

  #totals() {
    const live = this.items.filter((each) => each.state === "live");
    if (live.length === 0) return nothing;
    const sum = (/** @type {"view_count" | "like_count" | "comment_count" | "share_count"} */ key) =>
      live.some((each) => each[key] === null) ? null : live.reduce((total, each) => total + (each[key] ?? 0), 0);
    return html`<h2 class="soft small">${t("studio.totals")}</h2><section class="totals" aria-label=${t("studio.totals")}>
      ${/** @type {const} */ ([["view_count", "views"], ["like_count", "likes"], ["comment_count", "comments"], ["share_count", "shares"]]).map(([key, word]) => html`
        <div class="card"><p class="soft small">${t(`studio.${word}`)}</p><p class="big figure" title=${countExact(sum(key))}>${countShort(sum(key))}</p></div>`)}
      <div class="card wide-card">${drawBars(t("studio.best"), live.filter((each) => each.view_count !== null).sort((one, other) => (other.view_count ?? 0) - (one.view_count ?? 0)).slice(0, 5)
        .map((each) => ({ label: each.caption || t("studio.no_caption"), value: each.view_count ?? 0 })))}</div></section>`;
  }

  /** @param {StudioVideo} video */
  #row(video) {
    return html`<li><a class="studio-row" href="/studio/${video.id}">
      <span class="studio-thumb">${video.thumb_url ?? video.poster_url ? html`<img src=${video.thumb_url ?? video.poster_url} alt="" loading="lazy">` : icon("film")}</span>
      <span class="grow stack tight"><span class="strong one-line" dir="auto">${video.caption || t("studio.no_caption")}</span>
        <span class="row small"><span class="badge ${video.state}">${stateWords(video)}</span>
          ${video.is_hidden ? html`<span class="badge refused">${t("studio.hidden")}</span>` : nothing}
          ${video.visibility === "public" ? nothing : html`<span class="badge">${icon(video.visibility === "private" ? "lock" : "people", "tiny-icon")}${t(`post.${video.visibility}`)}</span>`}
          <time datetime=${video.created_at} title=${instantExact(video.created_at)}>${ago(video.created_at)}</time></span>
        ${video.state === "refused" ? html`<span class="small problem-text">${video.refusal?.sentence}</span>` : nothing}
        ${video.state === "uploading" ? html`<span class="small soft figure">${t("post.sent_of", { sent: bytesShort(video.received_bytes), size: bytesShort(video.size_bytes) })}</span>${bar(video.received_bytes / Math.max(1, video.size_bytes), t("studio.uploading"))}` : nothing}
        ${video.state === "processing" && video.progress_percent !== null ? bar(video.progress_percent / 100, t("studio.processing")) : nothing}
        ${video.state === "live" ? html`<span class="row small soft figure mini">${icon("eye")}${countShort(video.view_count)} ${icon("heart")}${countShort(video.like_count)} ${icon("comment")}${countShort(video.comment_count)}
          ${video.watch_time_mean_s === null ? nothing : html`${icon("clock")}${t("studio.seconds", { count: Math.round(video.watch_time_mean_s * 10) / 10 })}`}</span>` : nothing}</span></a></li>`;
  }
}
customElements.define("solstice-studio", StudioPage);
