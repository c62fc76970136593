/**
 * How busy the platform is, and what this tab does less of because of it.
 *
 * Two things are known: the level every answer carries (`x-solstice-level`, 100: everybody is
 * let in, 0: only what is critical), and how often we were refused lately. From the first follow
 * measures, in the order in which the servers shed (deferrable, interactive, writes, playback).
 * From the second, each class of requests is held back by itself, so that a refusal costs the
 * platform nothing at all (adaptive throttling, "Site Reliability Engineering", chapter 21).
 */

/** @typedef {"asked" | "write" | "ahead" | "telemetry"} Kind asked: a person waits for it; ahead: might be wanted later */

/**
 * A class is held back once it asked for more than K times what was accepted. 2 wastes as many
 * requests as succeed but notices recovery at once; 1.1 is for what nobody would miss.
 * @type {Record<Kind, number>}
 */
const K = { asked: 2, write: 2, ahead: 1.1, telemetry: 1.1 };
/**
 * Refusals that prove nothing yet: the formula is made for clients with a thousand requests a
 * minute, and somebody who opened two pages in a bad second must not be held back for thirty.
 * @type {Record<Kind, number>}
 */
const FREE = { asked: 6, write: 6, ahead: 0, telemetry: 0 };
const WINDOW_MS = 30_000;
/** Older knowledge of the level is none: whoever hears nothing assumes good weather. */
const LEVEL_MS_MAX = 20_000;
/** What a refusal without a level means: the edge sheds before a server can say how it is. */
const LEVEL_REFUSED = 40;

/** @type {Record<Kind, {at: number, accepted: boolean}[]>} */
const history = { asked: [], write: [], ahead: [], telemetry: [] };
let level = 100;
let heardAt = -Infinity;
let quietUntil = -Infinity;

/** The chance with which a request should not leave the device. @param {number} requests @param {number} accepts @param {Kind} kind */
export const decideHolding = (requests, accepts, kind) => Math.max(0, (requests - FREE[kind] - K[kind] * accepts) / (requests + 1));

/** What a level asks of a client: measured by the order in which servers shed. @param {number} at */
export const decideMeasures = (at) => ({
  /** Nothing that might be wanted later, no telemetry: the servers refuse all of it from 83 down. */
  isSpare: at >= 84,
  /** The next clip comes in a lower rendition. */
  lowers: at < 84,
  /** The next clip is not fetched before somebody wants it: playback itself is next to suffer. */
  preloads: at >= 34,
});

export const serverLevel = () => (performance.now() - heardAt > LEVEL_MS_MAX ? 100 : level);
export const measures = () => decideMeasures(serverLevel());

/** Whether a request may leave the device now. @param {Kind} kind */
export function mayAsk(kind, random = Math.random) {
  const now = performance.now();
  const isSparable = kind === "ahead" || kind === "telemetry";
  if (isSparable && (now < quietUntil || !measures().isSpare)) return false;
  const lately = (history[kind] = history[kind].filter((each) => now - each.at < WINDOW_MS));
  const accepts = lately.filter((each) => each.accepted).length;
  if (random() >= decideHolding(lately.length, accepts, kind)) return true;
  lately.push({ at: now, accepted: false });
  return false;
}

/**
 * Learn from an answer, or from none.
 * @param {Kind} kind @param {Response | null} response @param {number | null} waitMs what Retry-After asks for
 */
export function learnFrom(kind, response, waitMs = null) {
  const now = performance.now();
  const accepted = response !== null && response.status !== 429 && response.status < 500;
  history[kind].push({ at: now, accepted });
  if (waitMs !== null) quietUntil = Math.max(quietUntil, now + waitMs);
  const said = response?.headers.get("x-solstice-level");
  if (said && Number.isFinite(Number(said))) level = Number(said);
  else if (response?.status === 429) level = Math.min(serverLevel(), LEVEL_REFUSED);
  else return;
  heardAt = now;
}
