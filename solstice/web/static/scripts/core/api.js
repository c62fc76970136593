/**
 * Talking to `/v1`: every call has a deadline, reads are tried again within the budget, and a
 * failure is one `ApiError` that knows whose fault it was: "ours", "yours" (the network) or the
 * request's own. Writes that may wait go through outbox.js instead.
 */
import { jitterMs, mayRetry, pause, retryAfterMs, succeeded } from "./retry.js";

export class ApiError extends Error {
  /** @param {number} status 0 when nothing answered. @param {Problem | null} problem @param {number | null} retryAfter */
  constructor(status, problem, retryAfter = null) {
    super(problem?.detail ?? (status ? `HTTP ${status}` : "no answer"));
    this.status = status;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
  /** Nothing was wrong with the request: the same one may succeed later. */
  get isPassing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** Called once when the session turns out to be over. @type {Set<() => void>} */
export const onSignedOut = new Set();
/** Called with true when the platform answers as it should, false when it does not. @type {Set<(reachable: boolean) => void>} */
export const onReachable = new Set();

/**
 * @typedef {object} Options
 * @property {unknown} [body] sent as JSON unless it is a Blob or text
 * @property {string} [key] idempotency key of a POST
 * @property {string} [type] media type of a body that is not JSON
 * @property {number} [deadlineMs]
 * @property {number} [tries] reads: 2; writes: 1
 * @property {AbortSignal} [signal]
 */

/**
 * Call the platform and return what it said.
 * @template [T=any]
 * @param {string} method @param {string} path @param {Options} [options] @returns {Promise<T>}
 */
export async function call(method, path, options = {}) {
  const tries = options.tries ?? (method === "GET" ? 2 : 1);
  for (let n = 0; ; n++) {
    try {
      const answer = await once(method, path, options);
      succeeded();
      return answer;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 401 && path !== "/v1/sessions") for (const tell of onSignedOut) tell();
      if (!error.isPassing || n + 1 >= tries || !mayRetry()) throw error;
      await pause(error.retryAfter ?? jitterMs(n), options.signal);
    }
  }
}

/** @param {string} method @param {string} path @param {Options} options */
async function once(method, path, options) {
  const deadline = AbortSignal.timeout(options.deadlineMs ?? 8000);
  const signal = options.signal ? AbortSignal.any([deadline, options.signal]) : deadline;
  /** @type {Record<string, string>} */
  const headers = { accept: "application/json" };
  /** @type {BodyInit | undefined} */
  let body;
  if (options.body instanceof Blob || typeof options.body === "string") {
    body = options.body;
    headers["content-type"] = options.type ?? "application/octet-stream";
  } else if (options.body !== undefined) {
    body = JSON.stringify(options.body);
    headers["content-type"] = "application/json";
  }
  if (options.key) headers["idempotency-key"] = options.key;
  /** @type {Response} */
  let response;
  try {
    response = await fetch(path, { method, headers, body, signal, credentials: "same-origin" });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    for (const tell of onReachable) tell(false);
    throw new ApiError(0, null);
  }
  for (const tell of onReachable) tell(response.status < 500);
  if (response.status === 204) return null;
  const parsed = await response.json().catch(() => null);
  if (response.ok) return parsed;
  throw new ApiError(response.status, parsed, retryAfterMs(response.headers.get("retry-after")));
}

/** @template [T=any] @param {string} path @param {Options} [options] @returns {Promise<T>} */
export const get = (path, options) => call("GET", path, options);
/** @template [T=any] @param {string} path @param {unknown} body @param {Options} [options] @returns {Promise<T>} */
export const post = (path, body, options) => call("POST", path, { body, key: crypto.randomUUID(), ...options });
/** @template [T=any] @param {string} path @param {unknown} [body] @param {Options} [options] @returns {Promise<T>} */
export const put = (path, body, options) => call("PUT", path, { body, ...options });
/** @template [T=any] @param {string} path @param {unknown} body @returns {Promise<T>} */
export const patch = (path, body) => call("PATCH", path, { body });
/** @param {string} path */
export const remove = (path) => call("DELETE", path);
