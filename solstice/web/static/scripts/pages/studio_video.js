/** One own clip: its state, figures, caption, picture, captions, original, end. */
import "../shell.js";
import { ApiError, call, get, patch, put } from "../core/api.js";
import { bar, html, icon, nothing, PageElement } from "../core/element.js";
import { say } from "../core/notices.js";
import { clock, countExact, countShort, t } from "../core/text.js";
import { confirmed } from "../dialogs/dialog.js";
import { emptyState } from "../grid/grid.js";
import { stateWords } from "../studio/state.js";

const POLL_MS = 1500;

class StudioVideoPage extends PageElement {
  static properties = { video: { state: true }, frames: { state: true }, state: { state: true }, problem: { state: true } };
  constructor() {
    super();
    this.id = "";
    /** @type {StudioVideo | null} */
    this.video = null;
    /** @type {{at_ms: number, url: string}[]} */
    this.frames = [];
    /** @type {"loading" | "ready" | "gone" | "away"} */
    this.state = "loading";
    this.problem = "";
  }

  async firstUpdated() {
    await this.load();
    if (this.video?.state === "live") this.frames = (await get(`/v1/videos/${this.videoId}/poster-frames`).catch(() => ({ items: [] }))).items;
    setInterval(() => { if (this.video && !["live", "refused"].includes(this.video.state) && !document.hidden) void this.load(); }, POLL_MS);
  }

  get videoId() {
    return this.dataset.video ?? "";
  }

  async load() {
    try {
      this.video = await get(`/v1/studio/videos/${this.videoId}`);
      this.state = "ready";
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (!this.video) this.state = error.isPassing ? "away" : "gone";
    }
  }

  /** Do something with the clip and say how it went. @param {() => Promise<unknown>} act @param {string} done */
  async #do(act, done) {
    this.problem = "";
    try {
      await act();
      say(done);
      await this.load();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = error.problem && !error.isPassing ? error.message : t("problem.busy");
    }
  }

  /** @param {SubmitEvent} event */
  #save(event) {
    event.preventDefault();
    const form = Object.fromEntries(new FormData(/** @type {HTMLFormElement} */ (event.target)));
    void this.#do(() => patch(`/v1/videos/${this.videoId}`, form), t("dialog.saved"));
  }

  /** @param {SubmitEvent} event */
  async #addCaptions(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const language = /** @type {HTMLInputElement} */ (form.elements.namedItem("language")).value.trim();
    const file = /** @type {HTMLInputElement} */ (form.elements.namedItem("file")).files?.[0];
    if (!file || !language) return;
    const body = await file.text();
    await this.#do(() => call("PUT", `/v1/videos/${this.videoId}/captions/${encodeURIComponent(language)}`, { body, type: "text/vtt" }), t("studio.captions_saved"));
  }

  async #delete() {
    if (!await confirmed(t("studio.delete_title"), t("studio.delete_text"), t("studio.delete"))) return;
    await this.#do(async () => { await call("DELETE", `/v1/videos/${this.videoId}`); location.assign("/studio"); }, t("studio.deleted"));
  }

  render() {
    if (this.state === "gone") return emptyState("film", t("gone.missing.title"), t("gone.missing.text"));
    if (this.state === "away") return html`<div class="empty" role="alert"><h1>${t("studio.video")}</h1><p>${t("problem.away")}</p><button type="button" class="button" @click=${this.load}>${t("problem.retry")}</button></div>`;
    const { video } = this;
    if (!video) return html`<header class="page-head"><h1>${t("studio.video")}</h1></header><div class="skeleton block"></div>`;
    return html`<header class="page-head"><a class="button round quiet" href="/studio" aria-label=${t("nav.back")}>${icon("back", "turns")}</a><h1 class="one-line" dir="auto">${video.caption || t("studio.video")}</h1></header>
      <div class="stack wide-gaps">${this.#state(video)}
        <p class="problem-text" role="alert" ?hidden=${!this.problem}>${this.problem}</p>
        ${video.state === "refused" ? nothing : this.#fields(video)}${video.state === "live" ? html`${this.#posters(video)}${this.#captions(video)}` : nothing}
        <section class="row"><a class="button" href="/v1/videos/${video.id}/original" download>${icon("download")}${t("studio.original")}</a>
          <button type="button" class="button danger" @click=${this.#delete}>${icon("trash")}${t("studio.delete")}</button></section></div>`;
  }

  /** @param {StudioVideo} video */
  #state(video) {
    const figures = /** @type {const} */ ([["view_count", "views"], ["like_count", "likes"], ["comment_count", "comments"], ["share_count", "shares"]]);
    return html`<section class="card studio-state" role="status">
      ${video.poster_url ? html`<a class="studio-thumb large" href="/v/${video.id}" aria-label=${t("post.watch")}><img src=${video.poster_url} alt=""></a>` : nothing}
      <div class="grow stack tight"><p><span class="badge ${video.state}">${stateWords(video)}</span> ${video.is_hidden ? html`<a class="badge refused" href="/appeals">${t("studio.hidden")}</a>` : nothing}</p>
        ${video.refusal ? html`<p class="problem-text">${video.refusal.sentence}</p>` : nothing}
        ${video.state === "processing" && video.progress_percent !== null ? bar(video.progress_percent / 100, t("studio.processing")) : nothing}
        ${video.state === "uploading" ? html`<a class="button" href="/post">${t("studio.resume")}</a>` : nothing}
        ${video.state === "live" ? html`<dl class="figure-list">${figures.map(([key, word]) => html`<div><dt class="soft small">${t(`studio.${word}`)}</dt><dd class="figure strong" title=${countExact(video[key])}>${countShort(video[key])}</dd></div>`)}
          <div><dt class="soft small">${t("studio.watch_time")}</dt><dd class="figure strong">${video.watch_time_mean_s === null ? t("count.unknown") : html`${t("studio.seconds", { count: Math.round(video.watch_time_mean_s * 10) / 10 })}${video.duration_ms ? html` <span class="soft">/ ${clock(video.duration_ms / 1000)}</span>` : nothing}`}</dd></div></dl>` : nothing}</div></section>`;
  }

  /** @param {StudioVideo} video */
  #fields(video) {
    return html`<form class="stack" @submit=${this.#save}>
      <div class="field"><label for="caption">${t("post.caption")}</label><textarea id="caption" name="caption" maxlength="2200" dir="auto" .value=${video.caption}></textarea><p class="hint">${t("post.caption_hint")}</p></div>
      <div class="field"><label for="visibility">${t("post.visibility")}</label><select id="visibility" name="visibility">${["public", "followers", "private"].map((each) => html`<option value=${each} ?selected=${each === video.visibility}>${t(`post.${each}`)}</option>`)}</select></div>
      <button class="button primary">${t("dialog.save")}</button></form>`;
  }

  /** @param {StudioVideo} video */
  #posters(video) {
    if (this.frames.length === 0) return nothing;
    return html`<section class="stack tight"><h2>${t("studio.poster")}</h2><p class="soft">${t("studio.poster_text")}</p>
      <div class="frames">${this.frames.map((frame) => html`<button type="button" aria-label=${t("studio.frame_at", { at: clock(frame.at_ms / 1000) })}
        @click=${() => this.#do(() => put(`/v1/videos/${video.id}/poster`, { at_ms: frame.at_ms }), t("dialog.saved"))}><img src=${frame.url} alt="" loading="lazy"></button>`)}</div></section>`;
  }

  /** @param {StudioVideo} video */
  #captions(video) {
    return html`<section class="stack tight"><h2>${t("studio.captions")}</h2><p class="soft">${t("studio.captions_text")}</p>
      ${video.captions.map((each) => html`<div class="spread"><span>${each.label} <span class="soft">${each.language}</span></span>
        <button type="button" class="button round quiet" aria-label=${t("studio.captions_remove", { language: each.label })} @click=${() => this.#do(() => call("DELETE", `/v1/videos/${video.id}/captions/${each.language}`), t("dialog.saved"))}>${icon("trash")}</button></div>`)}
      <form class="row caption-form" @submit=${this.#addCaptions}><div class="field grow"><label for="language">${t("studio.captions_language")}</label><input id="language" name="language" required pattern="[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*" maxlength="20" autocapitalize="none"></div>
        <div class="field grow"><label for="vtt">${t("studio.captions_add")}</label><input id="vtt" name="file" type="file" accept=".vtt,text/vtt" required></div><button class="button">${t("dialog.save")}</button></form></section>`;
  }
}
customElements.define("solstice-studio-video", StudioVideoPage);
