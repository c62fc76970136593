/**
 * When to try again, and when to stop: full jitter, a retry budget per tab, Retry-After honoured.
 *
 * A page that retries without a budget turns a hiccup into an outage: with 10 tokens, -1 for a
 * retry and +0.1 for a success, retries can add at most a tenth to a healthy load
 * (gRPC proposal A6; jitter: "Exponential backoff and jitter", full-jitter variant).
 */

export const BASE_MS = 300;
export const CAP_MS = 30_000;
const TOKENS_MAX = 10;
let tokens = TOKENS_MAX;

/** Draw the wait before try `n` (0 is the first retry). @param {number} n */
export const jitterMs = (n, random = Math.random) => random() * Math.min(CAP_MS, BASE_MS * 2 ** n);

/**
 * Read Retry-After (seconds) and spread it by a fifth, so that clients do not return in step.
 * @param {string | null} header
 */
export function retryAfterMs(header, random = Math.random) {
  const seconds = Number(header);
  if (!header || !Number.isFinite(seconds) || seconds < 0) return null;
  return Math.min(CAP_MS, seconds * 1000) * (0.8 + 0.4 * random());
}

/** Take a token for one retry; false when the budget is spent. */
export function mayRetry() {
  if (tokens < 1) return false;
  tokens -= 1;
  return true;
}

/** A success pays a tenth of a retry back. */
export function succeeded() {
  tokens = Math.min(TOKENS_MAX, tokens + 0.1);
}

/** Wait, or stop waiting when the signal says so. @param {number} ms @param {AbortSignal} [signal] @returns {Promise<void>} */
export const pause = (ms, signal) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => { clearTimeout(timer); reject(signal.reason); }, { once: true });
  });
