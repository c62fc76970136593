/**
 * How long each clip was really watched: time during which its picture ran, not time on screen.
 * An impression is noted once a clip has been the current one for half a second; leaving it
 * writes the watch, or a skip when less than a tenth and less than two seconds were seen.
 */
import { note } from "../core/beacons.js";

const IMPRESSION_MS = 500;

export class Watching {
  constructor() {
    /** @type {VideoCard | null} */
    this.card = null;
    this.watchedS = 0;
    this.lastS = 0;
    this.loops = 0;
    this.timer = 0;
  }

  /** @param {VideoCard} card */
  begin(card) {
    this.end();
    this.card = card;
    this.watchedS = 0;
    this.lastS = 0;
    this.loops = 0;
    this.timer = window.setTimeout(() => note({ video_id: card.id, kind: "impression", watch_ms: 0, loops: 0 }), IMPRESSION_MS);
  }

  /** @param {HTMLVideoElement} video */
  advance(video) {
    const step = video.currentTime - this.lastS;
    if (step > 0 && step < 1.5) this.watchedS += step;
    else if (step < -0.5 && this.lastS > video.duration - 1.5) this.loops += 1;
    this.lastS = video.currentTime;
  }

  /** Write down what was watched so far; the clip may go on. */
  flush() {
    const { card, watchedS, loops } = this;
    if (!card || watchedS < 0.05) return;
    this.watchedS = 0;
    this.loops = 0;
    const isSkip = watchedS < 2 && watchedS * 1000 < card.duration_ms / 10;
    note({ video_id: card.id, kind: isSkip ? "skip" : "watch", watch_ms: Math.round(watchedS * 1000), loops });
  }

  end() {
    clearTimeout(this.timer);
    this.flush();
    this.card = null;
  }
}
