/**
 * When to try again: full jitter, and Retry-After honoured ("Exponential backoff and jitter",
 * full-jitter variant). Whether to try again at all is budget.js's to say.
 */

export const BASE_MS = 300;
export const CAP_MS = 30_000;
/** A server that names a longer pause than this has made a mistake, or wishes us gone. */
const RETRY_AFTER_MS_MAX = 600_000;

/** Draw the wait before try `n` (0 is the first retry). @param {number} n */
export const jitterMs = (n, random = Math.random) => random() * Math.min(CAP_MS, BASE_MS * 2 ** n);

/**
 * Read Retry-After (seconds or a date, RFC 9110) and spread it upwards by two fifths: never
 * earlier than asked for, and not all in step.
 * @param {string | null | undefined} header
 */
export function retryAfterMs(header, random = Math.random, now = Date.now()) {
  if (!header) return null;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - now) / 1000;
  if (!Number.isFinite(seconds)) return null;
  return Math.min(RETRY_AFTER_MS_MAX, Math.max(0, seconds) * 1000) * (1 + 0.4 * random());
}

/** Wait, or stop waiting when the signal says so. @param {number} ms @param {AbortSignal} [signal] @returns {Promise<void>} */
export const pause = (ms, signal) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => { clearTimeout(timer); reject(signal.reason); }, { once: true });
  });
