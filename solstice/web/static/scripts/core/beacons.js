/**
 * What was seen and for how long, gathered and sent in batches: every 10 s, at 20 events, and
 * when the page is hidden (by sendBeacon, which outlives the page). Each event has an id, so a
 * batch that arrives twice counts once. Telemetry never retries in a loop and is the first thing
 * to stop when the platform is busy (load.js): at most 200 events are held, the oldest go first.
 */
import { learnFrom, mayAsk } from "./load.js";
import { retryAfterMs } from "./retry.js";

const BATCH = 20;
const HELD_MAX = 200;
const EVERY_MS = 10_000;

/** @type {WatchEvent[]} */
let held = [];
let sending = false;

/** @param {Omit<WatchEvent, "id" | "at">} event */
export function note(event) {
  held.push({ ...event, id: crypto.randomUUID(), at: new Date().toISOString() });
  held = held.slice(-HELD_MAX);
  if (held.length >= BATCH) void send();
}

async function send() {
  if (sending || held.length === 0 || !mayAsk("telemetry")) return;
  sending = true;
  const batch = held.splice(0, 100);
  try {
    const response = await fetch("/v1/beacons", {
      method: "POST", body: JSON.stringify({ events: batch }), headers: { "content-type": "application/json" },
      credentials: "same-origin", priority: "low", signal: AbortSignal.timeout(5000),
    });
    learnFrom("telemetry", response, retryAfterMs(response.headers.get("retry-after")));
    if (response.status === 429 || response.status >= 500) held = [...batch, ...held].slice(-HELD_MAX);
  } catch {
    learnFrom("telemetry", null);
    held = [...batch, ...held].slice(-HELD_MAX);
  }
  sending = false;
}

function flush() {
  if (held.length === 0 || !mayAsk("telemetry")) return;
  const body = new Blob([JSON.stringify({ events: held.slice(0, 100) })], { type: "application/json" });
  if (navigator.sendBeacon("/v1/beacons", body)) held = held.slice(100);
}

setInterval(() => { if (!document.hidden) void send(); }, EVERY_MS);
/** Call `before` (the last watch) and send everything when the page goes away. @param {() => void} before */
export function flushOnHide(before) {
  document.addEventListener("visibilitychange", () => { if (document.hidden) { before(); flush(); } });
  addEventListener("pagehide", () => { before(); flush(); });
}
