/**
 * Talking to `/v1`: every call has a deadline, what a person waits for is tried once more within
 * the budget of all tabs, and a failure is one `ApiError` that knows whose fault it was: "ours",
 * "yours" (the network) or the request's own. Writes that may wait go through outbox.js instead.
 */
import { mayRetry, succeeded } from "./budget.js";
import { learnFrom, mayAsk } from "./load.js";
import { jitterMs, pause, retryAfterMs } from "./retry.js";

/** Nobody looks at an empty page for longer than this; whoever is told to wait more is told so. */
const WAIT_MS_MAX = 6000;

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
/** Called with how the platform answered: as it should, that it is busy, or not at all. @type {Set<(how: "well" | "busy" | "away") => void>} */
export const onAnswer = new Set();

/**
 * @typedef {object} Options
 * @property {unknown} [body] sent as JSON unless it is a Blob or text
 * @property {string} [key] idempotency key of a POST
 * @property {string} [type] media type of a body that is not JSON
 * @property {number} [deadlineMs]
 * @property {import("./load.js").Kind} [kind] "asked" unless said; only reads that are asked for are tried twice
 * @property {1} [tries] a reading that is repeated anyway is tried once
 * @property {AbortSignal} [signal]
 */

/**
 * Call the platform and return what it said.
 * @template [T=any]
 * @param {string} method @param {string} path @param {Options} [options] @returns {Promise<T>}
 */
export async function call(method, path, options = {}) {
  const kind = options.kind ?? "asked";
  const tries = options.tries ?? (method === "GET" && kind === "asked" ? 2 : 1);
  for (let n = 0; ; n++) {
    try {
      if (!mayAsk(kind)) throw new ApiError(429, null);
      const answer = await once(method, path, options, kind);
      void succeeded();
      return answer;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 401 && path !== "/v1/sessions") for (const tell of onSignedOut) tell();
      const waitMs = error.retryAfter ?? jitterMs(n);
      if (!error.isPassing || n + 1 >= tries || waitMs > WAIT_MS_MAX || !await mayRetry()) throw error;
      await pause(waitMs, options.signal);
    }
  }
}

/** @param {string} method @param {string} path @param {Options} options @param {import("./load.js").Kind} kind */
async function once(method, path, options, kind) {
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
    learnFrom(kind, null);
    for (const tell of onAnswer) tell("away");
    throw new ApiError(0, null);
  }
  const waitMs = retryAfterMs(response.headers.get("retry-after"));
  learnFrom(kind, response, waitMs);
  for (const tell of onAnswer) tell(response.status === 429 ? "busy" : response.status < 500 ? "well" : "away");
  if (response.status === 204) return null;
  const parsed = await response.json().catch(() => null);
  if (response.ok) return parsed;
  throw new ApiError(response.status, parsed, waitMs);
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
