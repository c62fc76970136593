/**
 * Three video elements for a feed of any length: the previous clip, the current one, the next.
 *
 * A phone decodes few videos at once and gives memory back late, so elements are never made
 * anew: the one that falls out of the window moves to the clip that enters it. The next clip is
 * fetched only once the current one can play through, so it never takes its bandwidth; then it
 * stands decoded on its first frame, which is why a swipe shows it at once.
 */
import { mayRetry } from "../core/budget.js";
import { measures } from "../core/load.js";
import { learnStall, renditionFor } from "../core/network.js";
import { watchLoading } from "./loading.js";

/** @typedef {{video: HTMLVideoElement, index: number, card: VideoCard | null, tries: number}} Slot */

const REACH = 1;
/** How long a clip that does not load is left alone once the retry budget is spent. */
const NO_TOKEN_MS = 30_000;

export class Pool {
  /**
   * @param {(index: number) => {card: VideoCard, stage: HTMLElement} | null} place
   * @param {{onState: (index: number, state: "playing" | "stalled" | "failed" | "paused") => void, onTime: (video: HTMLVideoElement) => void, onCanPlayThrough: (card: VideoCard) => void}} tell
   */
  constructor(place, tell) {
    this.place = place;
    this.tell = tell;
    /** @type {Slot[]} */
    this.slots = [];
    this.current = 0;
    this.isMuted = true;
    this.wantsPlay = true;
    this.nextMayLoad = false;
  }

  /** Take the video element the server drew into the pool. @param {HTMLVideoElement} video @param {number} index @param {VideoCard} card */
  adopt(video, index, card) {
    const slot = this.#slot(video);
    slot.index = index;
    slot.card = card;
  }

  /** @param {HTMLVideoElement} video @returns {Slot} */
  #slot(video) {
    /** @type {Slot} */
    const slot = { video, index: -1, card: null, tries: 0 };
    video.playsInline = true;
    video.loop = true;
    video.muted = this.isMuted;
    video.disablePictureInPicture = true;
    video.setAttribute("aria-hidden", "true");
    video.tabIndex = -1;
    watchLoading(video, () => slot.card?.renditions.find((each) => video.currentSrc.endsWith(each.url)));
    video.addEventListener("playing", () => this.#isCurrent(slot) && this.tell.onState(slot.index, "playing"));
    video.addEventListener("pause", () => this.#isCurrent(slot) && this.tell.onState(slot.index, "paused"));
    video.addEventListener("timeupdate", () => this.#isCurrent(slot) && this.tell.onTime(video));
    video.addEventListener("canplaythrough", () => this.#settled(slot));
    video.addEventListener("error", () => this.#failed(slot));
    this.slots.push(slot);
    return slot;
  }

  /** @param {Slot} slot */
  #isCurrent(slot) {
    return slot.index === this.current;
  }

  get video() {
    return this.slots.find((slot) => slot.index === this.current)?.video ?? null;
  }

  /** Make a clip the current one: play it, stop the others, move elements into the new window. @param {number} index */
  show(index) {
    this.current = index;
    for (const slot of this.slots) {
      if (slot.index !== index && !slot.video.paused) slot.video.pause();
    }
    const slot = this.#fill(index);
    if (slot) {
      slot.video.muted = this.isMuted;
      // It may have failed before anybody listened: the server's own video starts before scripts.
      if (slot.video.error) this.#failed(slot);
      this.nextMayLoad = slot.video.readyState >= 4;
      if (slot.video.currentTime > 0 && slot.video.ended) slot.video.currentTime = 0;
      if (this.wantsPlay) void this.play();
    }
    this.#fillNeighbours();
  }

  #fillNeighbours() {
    if (this.nextMayLoad && measures().preloads) this.#fill(this.current + 1);
    const before = this.slots.find((slot) => slot.index === this.current - 1);
    if (before && before.video.currentTime > 0) before.video.currentTime = 0;
  }

  /** @param {number} index @returns {Slot | null} */
  #fill(index) {
    const held = this.slots.find((slot) => slot.index === index);
    if (held) return held;
    const target = this.place(index);
    if (!target) return null;
    const free = this.slots.find((slot) => Math.abs(slot.index - this.current) > REACH || slot.index < 0)
      ?? (this.slots.length < 2 * REACH + 1 ? this.#slot(document.createElement("video")) : this.slots.find((slot) => slot.index !== this.current));
    if (!free) return null;
    this.#load(free, index, target.card, target.stage);
    return free;
  }

  /** @param {Slot} slot @param {number} index @param {VideoCard} card @param {HTMLElement} stage */
  #load(slot, index, card, stage) {
    const { video } = slot;
    slot.index = index;
    slot.card = card;
    slot.tries = 0;
    video.pause();
    video.replaceChildren(...card.captions.map((each) => {
      const track = document.createElement("track");
      track.kind = "subtitles";
      track.srclang = each.language;
      track.label = each.label;
      track.src = each.url;
      return track;
    }));
    const rendition = renditionFor(card, stage);
    if (!rendition) return;
    video.width = rendition.width;
    video.height = rendition.height;
    video.preload = "auto";
    video.src = rendition.url;
    stage.append(video);
  }

  /** Clips were put before all others. @param {number} count */
  shift(count) {
    this.current += count;
    for (const slot of this.slots) if (slot.index >= 0) slot.index += count;
  }

  /** Clips were taken away. @param {(index: number) => number} find where a clip is now, -1 for one that is gone */
  follow(find) {
    for (const slot of this.slots) {
      slot.index = slot.index < 0 ? -1 : find(slot.index);
      if (slot.index < 0) slot.video.pause();
    }
  }

  /** Load the current clip again, a rendition lower if there is one, from where it stopped. */
  restart() {
    const slot = this.slots.find((each) => each.index === this.current);
    if (!slot?.card) return;
    const { video, card } = slot;
    const playing = card.renditions.findIndex((each) => video.currentSrc.endsWith(each.url));
    const lower = card.renditions[Math.max(0, playing - 1)] ?? card.renditions[0];
    const at = video.currentTime;
    video.src = lower.url;
    video.addEventListener("loadedmetadata", () => { video.currentTime = Math.min(at, video.duration || 0); }, { once: true });
    if (this.wantsPlay) void this.play();
  }

  /** Play the current clip; muted if the browser refuses sound without a gesture. @returns {Promise<boolean>} false: it had to be muted */
  async play() {
    this.wantsPlay = true;
    const video = this.video;
    if (!video) return true;
    try {
      await video.play();
      return true;
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== "NotAllowedError") return true;
      video.muted = true;
      await video.play().catch(() => {});
      return false;
    }
  }

  pause() {
    this.wantsPlay = false;
    this.video?.pause();
  }

  /** @param {boolean} isMuted */
  mute(isMuted) {
    this.isMuted = isMuted;
    for (const slot of this.slots) slot.video.muted = isMuted;
  }

  /** @param {Slot} slot */
  #settled(slot) {
    if (!this.#isCurrent(slot)) return;
    this.nextMayLoad = true;
    this.#fillNeighbours();
    if (slot.card) this.tell.onCanPlayThrough(slot.card);
  }

  /** New clips arrived behind the current one. */
  extended() {
    this.#fillNeighbours();
  }

  /** @param {Slot} slot */
  #failed(slot) {
    if (!slot.video.getAttribute("src") || !this.#isCurrent(slot)) {
      slot.index = -1;
      return;
    }
    slot.tries += 1;
    learnStall();
    this.tell.onState(slot.index, "failed");
    const { card } = slot;
    const again = () => slot.card === card && this.#isCurrent(slot) && this.restart();
    void mayRetry().then((may) => setTimeout(again, (may ? Math.min(20_000, 600 * 2 ** slot.tries) : NO_TOKEN_MS) * (0.5 + Math.random() / 2)));
  }
}
