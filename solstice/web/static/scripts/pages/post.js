/**
 * Posting: see the limits, choose, watch it go, write the caption meanwhile, come back later.
 */
import "../shell.js";
import { ApiError, get, patch } from "../core/api.js";
import { boot } from "../core/boot.js";
import { html, icon, nothing, PageElement } from "../core/element.js";
import { say } from "../core/notices.js";
import { t } from "../core/text.js";
import { confirmed } from "../dialogs/dialog.js";
import { decideProblem, probeDuration } from "../post/limits.js";
import { decideStep, drawSending, drawState, drawSteps } from "../post/progress.js";
import { forgetUnfinished, unfinishedUploads, Upload } from "../post/upload.js";

const ACCEPT = "video/*,.mp4,.m4v,.mov,.webm,.mkv";
const POLL_MS = 1000;
const SAVE_MS = 700;

class PostPage extends PageElement {
  static properties = {
    limits: { state: true }, file: { state: true }, problem: { state: true }, sending: { state: true }, video: { state: true },
    unfinished: { state: true }, isOver: { state: true }, saved: { state: true },
  };
  constructor() {
    super();
    /** @type {Limits | null | undefined} undefined while it is asked for */
    this.limits = undefined;
    /** @type {File | null} */
    this.file = null;
    this.preview = "";
    this.problem = "";
    /** @type {import("../post/progress.js").Sending | null} */
    this.sending = null;
    /** @type {Upload | null} */
    this.upload = null;
    /** @type {StudioVideo | null} */
    this.video = null;
    this.id = "";
    /** @type {import("../post/upload.js").Unfinished[]} */
    this.unfinished = [];
    this.isOver = false;
    this.saved = "";
    this.caption = new URLSearchParams(location.search).get("caption") ?? "";
    this.visibility = "public";
    this.saver = 0;
    this.pace = { at: 0, sent: 0, perSecond: 0 };
    this.leaving = (/** @type {BeforeUnloadEvent} */ event) => { if (this.sending && !this.sending.isPaused) event.preventDefault(); };
  }

  async firstUpdated() {
    window.addEventListener("beforeunload", this.leaving);
    this.limits = await get("/v1/limits").catch(() => null);
    this.unfinished = await unfinishedUploads();
    await this.#takeShared();
  }

  /** Take over a clip that another app shared with this one. */
  async #takeShared() {
    if (!new URLSearchParams(location.search).has("shared")) return;
    const cache = await caches.open("solstice-shared");
    const shared = await cache.match("/shared-clip");
    if (!shared) return;
    const name = decodeURIComponent(shared.headers.get("x-name") ?? "clip.mp4");
    const blob = await shared.blob();
    await cache.delete("/shared-clip");
    await this.choose(new File([blob], name, { type: blob.type }));
  }

  /** @param {File | undefined} file */
  async choose(file) {
    if (!file) return;
    this.problem = "";
    const [open] = this.unfinished;
    URL.revokeObjectURL(this.preview);
    const preview = URL.createObjectURL(file);
    const problem = decideProblem(file, await probeDuration(preview), this.limits ?? null);
    if (problem) { this.problem = problem; return; }
    if (open && open.name === file.name && open.size !== file.size) { this.problem = t("post.other_file", { name: open.name }); return; }
    this.preview = preview;
    this.file = file;
    this.#start(file);
  }

  /** @param {File} file */
  #start(file) {
    this.sending = { sent: 0, size: file.size, remainingS: null, isInterrupted: false, isBusy: false, isPaused: false };
    this.upload = new Upload(file, { caption: this.caption, visibility: this.visibility }, {
      onProgress: (sent, size) => this.#progressed(sent, size),
      onCreated: (id) => { this.id = id; },
      onInterrupted: (isBusy) => { if (this.sending) this.sending = { ...this.sending, isInterrupted: true, isBusy }; },
      onDone: () => { this.sending = null; void this.#save(); void this.#follow(); },
      onRefused: (reason) => { this.sending = null; this.file = null; this.problem = t("post.failed", { reason }); },
    });
    void this.upload.start();
  }

  /** @param {number} sent @param {number} size */
  #progressed(sent, size) {
    const now = performance.now();
    const { pace } = this;
    if (now - pace.at > 400) {
      const fresh = (Math.max(0, sent - pace.sent) / (now - pace.at)) * 1000;
      pace.perSecond = pace.at && pace.perSecond ? pace.perSecond * 0.7 + fresh * 0.3 : pace.at ? fresh : 0;
      pace.at = now;
      pace.sent = sent;
    }
    const remainingS = pace.perSecond > 0 ? (size - sent) / pace.perSecond : null;
    this.sending = { sent, size, remainingS, isInterrupted: false, isBusy: false, isPaused: this.upload?.isPaused ?? false };
  }

  /** Look after the clip until it is live or refused. */
  async #follow() {
    for (let n = 0; this.isConnected; n++) {
      const video = /** @type {StudioVideo | null} */ (await get(`/v1/studio/videos/${this.id}`, { kind: "ahead" }).catch(() => null));
      if (video) this.video = video;
      if (video?.state === "live" || video?.state === "refused") { this.isOver = true; return; }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS + Math.min(4000, n * 50)));
    }
  }

  #edited() {
    clearTimeout(this.saver);
    if (this.id) this.saver = window.setTimeout(() => void this.#save(), SAVE_MS);
  }

  async #save() {
    if (!this.id) return;
    try {
      await patch(`/v1/videos/${this.id}`, { caption: this.caption, visibility: this.visibility });
      this.saved = t("post.saved_caption");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.saved = error.problem && !error.isPassing ? error.message : t("problem.busy");
      if (error.isPassing) this.saver = window.setTimeout(() => void this.#save(), 4000);
    }
  }

  async #discard() {
    if (!await confirmed(t("post.discard"), t("post.discard_text"), t("post.discard"))) return;
    await this.upload?.discard();
    location.assign("/post");
  }

  /** @param {import("../post/upload.js").Unfinished} open */
  async #forget(open) {
    if (!await confirmed(t("post.discard"), t("post.discard_text"), t("post.discard"))) return;
    await fetch(`/v1/uploads/${open.id}`, { method: "DELETE", headers: { "tus-resumable": "1.0.0" }, signal: AbortSignal.timeout(8000) }).catch(() => null);
    await forgetUnfinished(open);
    this.unfinished = await unfinishedUploads();
  }

  render() {
    return html`<header class="page-head"><h1>${t("post.title")}</h1></header>${this.file ? this.#posting() : this.#choosing()}`;
  }

  #choosing() {
    const [open] = this.unfinished;
    return html`<div class="stack">
      ${open ? html`<section class="card stack tight"><h2>${t("post.unfinished")}</h2><p>${t("post.pick_again", { name: open.name })}</p>
        <div class="row"><button type="button" class="button" @click=${() => this.#forget(open)}>${icon("trash")}${t("post.discard")}</button></div></section>` : nothing}
      <label class="drop" @dragover=${(/** @type {DragEvent} */ event) => event.preventDefault()}
          @drop=${(/** @type {DragEvent} */ event) => { event.preventDefault(); void this.choose(event.dataTransfer?.files[0]); }}>
        <input class="unseen" type="file" accept=${ACCEPT} @change=${(/** @type {Event} */ event) => void this.choose(/** @type {HTMLInputElement} */ (event.target).files?.[0])}>
        ${icon("upload")}<span class="button primary">${t("post.choose")}</span><span class="soft">${t("post.drop")}</span>
        <span class="limits small soft">${this.limits === undefined ? html`<span class="skeleton"></span>` : this.limits?.sentence ?? t("post.limits_away")}</span>
      </label>
      <p class="problem-text" role="alert">${this.problem}</p></div>`;
  }

  #posting() {
    const state = this.video?.state ?? (this.sending ? "uploading" : "received");
    return html`<div class="posting">
      <video class="post-preview" src=${this.preview} controls muted loop playsinline aria-label=${t("post.preview")}></video>
      <div class="stack">
        ${drawSteps(decideStep(state))}
        <div class="card stack tight" role="status" aria-live="polite">
          ${this.sending ? drawSending(this.sending) : this.video ? drawState(this.video) : html`<p class="strong">${t("post.received")}</p><p class="soft">${t("post.received_text")}</p>`}
          ${this.#buttons()}</div>
        ${state === "refused" ? nothing : this.#fields()}
      </div></div>`;
  }

  #buttons() {
    const { upload, sending } = this;
    if (sending && upload) return html`<div class="row">
      ${sending.isPaused ? html`<button type="button" class="button" @click=${() => { upload.resume(); this.sending = { ...sending, isPaused: false }; }}>${t("post.resume")}</button>`
        : html`<button type="button" class="button" @click=${() => { void upload.pause(); this.sending = { ...sending, isPaused: true }; }}>${t("post.pause")}</button>`}
      <button type="button" class="button danger" @click=${this.#discard}>${t("post.discard")}</button></div>`;
    if (!this.isOver) return nothing;
    return html`<div class="row">${this.video?.state === "live" ? html`<a class="button primary" href="/v/${this.id}">${t("post.watch")}</a><a class="button" href="/studio/${this.id}">${t("studio.edit")}</a>` : nothing}
      <a class="button" href="/post">${t("post.another")}</a></div>`;
  }

  #fields() {
    return html`<div class="field"><label for="caption">${t("post.caption")}</label>
        <textarea id="caption" maxlength="2200" dir="auto" aria-describedby="caption-hint" .value=${this.caption}
          @input=${(/** @type {InputEvent} */ event) => { this.caption = /** @type {HTMLTextAreaElement} */ (event.target).value; this.#edited(); }}></textarea>
        <p class="hint" id="caption-hint" role="status">${this.saved || t("post.caption_hint")}</p></div>
      <div class="field"><label for="visibility">${t("post.visibility")}</label>
        <select id="visibility" @change=${(/** @type {Event} */ event) => { this.visibility = /** @type {HTMLSelectElement} */ (event.target).value; this.#edited(); }}>
          ${["public", "followers", "private"].map((each) => html`<option value=${each} ?selected=${each === this.visibility}>${t(`post.${each}`)}</option>`)}</select></div>`;
  }
}
if (boot.viewer) customElements.define("solstice-post", PostPage);
else say(t("session.needed"));
