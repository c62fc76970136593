/**
 * The feed: a reel of slides, one on screen, driven by scrolling, wheel and keys.
 *
 * The server drew the first slide with its clip already playing; this element takes it over
 * without touching the video. Slides are cheap sections; only those within two of the current
 * one hold pictures and an overlay.
 */
import { ApiError } from "../core/api.js";
import { boot } from "../core/boot.js";
import { flushOnHide } from "../core/beacons.js";
import { measures } from "../core/load.js";
import { has, like } from "../core/marks.js";
import { preferences, prefer, prefersCalm } from "../core/preferences.js";
import { t } from "../core/text.js";
import { burst } from "./burst.js";
import "./end.js";
import { isForSomebodyElse, listenTaps, listenWheel } from "./gestures.js";
import { keepClip } from "./kept.js";
import { watchStalls } from "./loading.js";
import { Overlay } from "./overlay.js";
import { Pool } from "./pool.js";
import { recall, remember } from "./place.js";
import { Seek } from "./seek.js";
import { makeSlide, shapeOf } from "./slide.js";
import { Source } from "./source.js";
import { Watching } from "./watching.js";

const AHEAD = 4;
const DRAWN = 1;

export class Feed extends HTMLElement {
  constructor() {
    super();
    this.source = new Source(this.dataset.source ?? "for-you", this.dataset.cursor);
    this.reel = /** @type {HTMLElement} */ (this.querySelector(".reel"));
    this.index = 0;
    /** @type {HTMLElement[]} */
    this.slides = [];
    this.watching = new Watching();
    this.seek = /** @type {Seek} */ (document.createElement("solstice-seek"));
    this.pool = new Pool((index) => this.#place(index), {
      onState: (index, state) => this.#said(index, state),
      onTime: (video) => { this.seek.follow(video); this.watching.advance(video); },
      onCanPlayThrough: (card) => void keepClip(card),
    });
    this.pool.isMuted = !preferences().sound;
    this.pool.wantsPlay = preferences().autoplay;
    this.steppedAt = -1e9;
    this.extending = 0;
    this.absences = 0;
  }

  connectedCallback() {
    this.#takeOver();
    this.#listen();
    void this.#extend();
  }

  get card() {
    return this.source.cards[this.index];
  }

  /** Start from what the server sent, or from where one left when coming back. */
  #takeOver() {
    const back = recall(this.source.kind + this.source.path);
    /** @type {Page | null} */
    const page = back?.page ?? boot.data?.page ?? null;
    const drawn = this.reel.querySelector("video");
    if (!page) return;
    if (!back && this.dataset.start) this.source.seed(page);
    else this.source.take(page);
    const wanted = back?.id ?? this.dataset.start ?? this.source.cards[0]?.id;
    const start = Math.max(0, this.source.cards.findIndex((card) => card.id === wanted));
    const first = this.reel.querySelector(".slide");
    const isSame = drawn && first?.getAttribute("data-video-id") === this.source.cards[start]?.id;
    if (!isSame) { this.reel.replaceChildren(); }
    this.#grow(isSame ? /** @type {HTMLElement} */ (first) : null, start);
    if (isSame && drawn) this.pool.adopt(drawn, start, this.source.cards[start]);
    if (this.slides.length === 0) return;
    if (start > 0) this.reel.scrollTo({ top: start * this.reel.clientHeight, behavior: "instant" });
    this.#arrive(start);
  }

  /** Add a slide for every card that has none; the drawn one keeps its place. @param {HTMLElement | null} drawn @param {number} at */
  #grow(drawn = null, at = -1) {
    this.querySelector(".end")?.remove();
    for (let n = this.slides.length; n < this.source.cards.length; n++) {
      const slide = n === at && drawn ? drawn : makeSlide(this.source.cards[n]);
      if (drawn && n < at) drawn.before(slide);
      else if (slide !== drawn) this.reel.append(slide);
      this.slides.push(slide);
    }
  }

  /** @param {number} index */
  #place(index) {
    const card = this.source.cards[index];
    const stage = /** @type {HTMLElement | null} */ (this.slides[index]?.querySelector(".stage"));
    return card && stage ? { card, stage } : null;
  }

  /** @param {number} index */
  overlay(index) {
    return /** @type {Overlay | null} */ (this.slides[index]?.querySelector("solstice-overlay"));
  }

  /** A clip has become the current one. @param {number} index */
  #arrive(index) {
    this.index = index;
    for (const [n, slide] of this.slides.entries()) slide.toggleAttribute("inert", n !== index);
    for (let n = index - DRAWN; n <= index + DRAWN; n++) this.#draw(n);
    for (const n of [index - DRAWN - 1, index + DRAWN + 1]) this.overlay(n)?.remove();
    this.pool.show(index);
    this.slides[index].append(this.seek);
    this.watching.begin(this.card);
    this.#captions();
    this.overlay(index)?.requestUpdate();
    if (this.dataset.follows === "address") history.replaceState(history.state, "", this.card.page_url + location.search);
    this.dispatchEvent(new CustomEvent("arrive", { bubbles: true, detail: { card: this.card } }));
    const ahead = measures().isSpare ? AHEAD : 1;
    if (this.source.cards.length - index <= ahead && !this.extending) void this.#extend();
  }

  /** @param {number} index */
  #draw(index) {
    const slide = this.slides[index];
    if (!slide || slide.querySelector("solstice-overlay")?.isConnected && this.overlay(index)?.card) return;
    const card = this.source.cards[index];
    shapeOf(slide, card);
    const overlay = this.overlay(index) ?? /** @type {Overlay} */ (document.createElement("solstice-overlay"));
    overlay.card = card;
    slide.append(overlay);
  }

  /** Put the clips of the list that stand before this one above it, without moving it. */
  async #surround() {
    const before = await this.source.around();
    const slides = this.source.cards.slice(0, before).map(makeSlide);
    this.reel.prepend(...slides);
    this.slides.unshift(...slides);
    this.pool.shift(before);
    this.index += before;
    this.reel.scrollTo({ top: this.index * this.reel.clientHeight, behavior: "instant" });
    this.#grow();
    this.#arrive(this.index);
  }

  async #extend() {
    try {
      if (this.source.isSeeded) await this.#surround();
      const fresh = await this.source.more();
      this.#grow();
      if (fresh.length && this.slides.length === fresh.length) this.#arrive(0);
      this.pool.extended();
      this.dispatchEvent(new CustomEvent("reach", { bubbles: true, detail: { isAway: this.source.isAway, isFromDevice: this.source.isAway && fresh.length > 0 } }));
      this.#endIfDry(fresh);
      if (this.source.isAway) this.#extendLater();
      else this.absences = 0;
    } catch (error) {
      if (error instanceof ApiError && !error.isPassing) this.source.isEnded = true;
      else this.#extendLater();
    }
    if (this.source.isEnded || this.slides.length === 0) this.#showEnd();
  }

  /** Ask again later, and each time later still, never twice at once. */
  #extendLater() {
    if (this.extending) return;
    this.extending = window.setTimeout(() => { this.extending = 0; void this.#extend(); }, Math.min(60_000, 4000 * 2 ** this.absences++) * (0.5 + Math.random() / 2));
  }

  /** A page without anything new is the end of For You, for now. @param {VideoCard[]} fresh */
  #endIfDry(fresh) {
    if (fresh.length === 0 && !this.source.isAway) this.#showEnd();
  }

  /** Say what comes after the last clip, or instead of a first one. */
  #showEnd() {
    this.querySelector(".end")?.remove();
    const end = /** @type {HTMLElement} */ (document.createElement("solstice-feed-end"));
    end.dataset.away = this.source.isAway ? "yes" : "no";
    end.className = "end";
    end.dataset.kind = this.source.kind;
    end.dataset.empty = this.slides.length === 0 ? "yes" : "no";
    this.reel.append(end);
  }

  /** Take the clips of a creator away who was blocked, this one and those that are here already. @param {string} creatorId */
  forget(creatorId) {
    const others = this.source.forget(creatorId);
    const stay = new Set(others);
    for (const [n, slide] of this.slides.entries()) if (!stay.has(n)) slide.remove();
    this.slides = others.map((n) => this.slides[n]);
    this.pool.follow((index) => others.indexOf(index));
    const at = others.findIndex((n) => n >= this.index);
    if (at >= 0) {
      this.reel.scrollTo({ top: at * this.reel.clientHeight, behavior: "instant" });
      this.#arrive(at);
    } else {
      this.index = others.length;
      void this.#extend().then(() => this.slides[this.index] ? this.#arrive(this.index) : this.#showEnd());
    }
  }

  /** @param {1 | -1} step */
  go(step) {
    const target = Math.max(0, Math.min(this.reel.children.length - 1, this.index + step));
    if (target === this.index) return;
    // The next clip runs before it is in place: its first frame is already decoded.
    if (this.slides[target]) this.#arrive(target);
    this.reel.scrollTo({ top: target * this.reel.clientHeight, behavior: prefersCalm() ? "instant" : "smooth" });
    this.steppedAt = performance.now();
  }

  #listen() {
    const { reel, pool } = this;
    reel.addEventListener("scroll", () => {
      if (performance.now() - this.steppedAt < 500) return;
      const index = Math.round(reel.scrollTop / Math.max(1, reel.clientHeight));
      if (index !== this.index && this.slides[index]) this.#arrive(index);
      else if (!this.slides[index]) pool.video?.pause();
    }, { passive: true });
    new ResizeObserver(() => reel.scrollTo({ top: this.index * reel.clientHeight, behavior: "instant" })).observe(reel);
    listenWheel(this, (step) => this.go(step));
    listenTaps(reel, { tap: () => this.toggle(), doubleTap: (x, y) => this.heart(x, y) });
    document.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) pool.video?.pause();
      else if (pool.wantsPlay) void pool.play();
    });
    flushOnHide(() => {
      this.watching.flush();
      if (this.card) remember(this.source.kind + this.source.path, this.source, this.card.id);
    });
    window.addEventListener("pageshow", (event) => { if (event.persisted && pool.wantsPlay) void pool.play(); });
    watchStalls(() => pool.video, {
      onStall: () => this.#said(this.index, "stalled"),
      onFlow: () => this.#said(this.index, "playing"),
      onGiveUp: () => pool.restart(),
    });
  }

  /** @param {number} index @param {"playing" | "stalled" | "failed" | "paused"} state */
  #said(index, state) {
    const overlay = this.overlay(index);
    if (!overlay) return;
    overlay.sign = state === "paused" && !this.pool.wantsPlay ? "play" : "";
    overlay.says = state === "stalled" ? t("feed.stalled") : state === "failed" ? t(navigator.onLine ? "feed.failed" : "feed.offline_clip") : "";
    this.dispatchEvent(new CustomEvent("state", { bubbles: true, detail: { state } }));
  }

  toggle() {
    const { video } = this.pool;
    if (!video) return;
    if (video.paused) void this.pool.play();
    else this.pool.pause();
    this.#said(this.index, video.paused ? "paused" : "playing");
  }

  /** @param {boolean} isOn */
  sound(isOn) {
    prefer("sound", isOn);
    this.pool.mute(!isOn);
    this.dispatchEvent(new CustomEvent("sound", { bubbles: true }));
  }

  /** @param {number} x @param {number} y */
  heart(x, y) {
    burst(x, y);
    if (!has("liked", this.card.id)) void like(this.card.id, true);
  }

  #captions() {
    const wants = preferences().captions;
    for (const track of this.pool.video?.textTracks ?? []) track.mode = wants ? "showing" : "disabled";
  }

  toggleCaptions() {
    prefer("captions", !preferences().captions);
    this.#captions();
  }

  toggleScreen() {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void document.documentElement.requestFullscreen?.().catch(() => {});
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (isForSomebodyElse(event) || !this.card) return;
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowDown: () => this.go(1), j: () => this.go(1), PageDown: () => this.go(1),
      ArrowUp: () => this.go(-1), k: () => this.go(-1), PageUp: () => this.go(-1),
      " ": () => this.toggle(),
      l: () => { const on = !has("liked", this.card.id); if (on) burst(innerWidth / 2, innerHeight / 2); void like(this.card.id, on); },
      c: () => this.overlay(this.index)?.ask("comments"),
      m: () => this.sound(this.pool.isMuted || this.pool.video?.muted === true),
      f: () => this.toggleScreen(),
      t: () => this.toggleCaptions(),
    };
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }
}

customElements.define("solstice-feed", Feed);
