/**
 * Watches how a video element's buffer grows, to learn how fast the network is; and whether its
 * picture stands still although it should run.
 */
import { learnStall, learnThroughput } from "../core/network.js";

/** @param {HTMLVideoElement} video @param {() => Rendition | undefined} rendition */
export function watchLoading(video, rendition) {
  let since = 0;
  let from = 0;
  const end = () => (video.buffered.length ? video.buffered.end(video.buffered.length - 1) : 0);
  video.addEventListener("loadstart", () => { since = performance.now(); from = 0; });
  video.addEventListener("progress", () => {
    const now = performance.now();
    const gained = end() - from;
    const playing = rendition();
    // Under 150 ms the figure is a cache's, not the network's.
    if (playing && gained > 0 && now - since > 150) learnThroughput(gained * playing.bitrate_bps, (now - since) / 1000);
    since = now;
    from = end();
  });
}

const SAYS_AFTER_MS = 1500;
const LOWERS_AFTER_MS = 5000;

/**
 * Look twice a second whether the current clip moves. Giving up on a load doubles its patience
 * each time: a player that asks for the same bytes in a loop makes the outage it suffers from.
 * @param {() => HTMLVideoElement | null} current
 * @param {{onStall: () => void, onFlow: () => void, onGiveUp: () => void}} tell `onGiveUp` comes after 5 s of a stall, after 10 more, after 20 more, …
 */
export function watchStalls(current, { onStall, onFlow, onGiveUp }) {
  /** @type {HTMLVideoElement | null} */
  let seen = null;
  let at = -1;
  let stoodMs = 0;
  let said = false;
  let patienceMs = LOWERS_AFTER_MS;
  const timer = setInterval(() => {
    const video = current();
    const shouldMove = video && !video.paused && !document.hidden && !video.seeking;
    if (!video || video !== seen || video.currentTime !== at || !shouldMove) {
      if (said) onFlow();
      seen = video;
      at = video?.currentTime ?? -1;
      stoodMs = 0;
      said = false;
      if (video && video.currentTime > 0) patienceMs = LOWERS_AFTER_MS;
      return;
    }
    stoodMs += 500;
    if (stoodMs >= SAYS_AFTER_MS && !said) {
      said = true;
      learnStall();
      onStall();
    }
    if (stoodMs >= patienceMs) {
      patienceMs += stoodMs + LOWERS_AFTER_MS;
      onGiveUp();
    }
  }, 500);
  return () => clearInterval(timer);
}
