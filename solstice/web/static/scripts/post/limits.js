/** The limits of this place, and whether a file keeps them: told before a byte is sent. */
import { bytesShort, clock, t } from "../core/text.js";

const VIDEO_ENDINGS = /\.(mp4|m4v|mov|webm|mkv|3gp|avi|mpe?g|ts)$/i;
const PROBE_MS = 8000;

/**
 * Say what is wrong with a file, or nothing.
 * @param {{name: string, size: number, type: string}} file @param {number | null} durationS null when the browser cannot tell
 * @param {Limits | null} limits
 */
export function decideProblem(file, durationS, limits) {
  if (!file.type.startsWith("video/") && !VIDEO_ENDINGS.test(file.name)) return t("post.not_video");
  if (limits && file.size > limits.size_bytes_max) return t("post.too_large", { size: bytesShort(file.size), limit: bytesShort(limits.size_bytes_max) });
  // Half a second of grace: browsers round, and the server has the last word.
  if (limits && durationS !== null && durationS > limits.duration_s_max + 0.5) return t("post.too_long", { length: clock(durationS), limit: clock(limits.duration_s_max) });
  return "";
}

/** Ask the browser how long a clip lasts; null when it cannot play this kind. @param {string} url @returns {Promise<number | null>} */
export function probeDuration(url) {
  return new Promise((resolve) => {
    const video = document.createElement("video");
    const done = () => { clearTimeout(timer); resolve(Number.isFinite(video.duration) && video.duration > 0 ? video.duration : null); video.removeAttribute("src"); };
    const timer = setTimeout(done, PROBE_MS);
    video.preload = "metadata";
    video.onloadedmetadata = done;
    video.onerror = done;
    video.src = url;
  });
}
