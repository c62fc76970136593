/**
 * Writing from a page: show it at once, keep it, send it, and say so when it has to wait.
 *
 * Every write takes the same road through the outbox, so there is no second, less careful one
 * for good weather.
 */
import { onSignedOut } from "./api.js";
import { boot, logInUrl } from "./boot.js";
import { say } from "./notices.js";
import { deliver, keep, networkIsBack, replay, waiting, whyWaiting } from "./outbox.js";
import { t } from "./text.js";

/** "sent", "refused", "expired" and "waiting" events; `detail` is `{entry, answer}`. */
export const outcomes = new EventTarget();

/** Those who come back after an outage do not all come in the same second. */
const RETURN_MS = 2000;

let timer = 0;
/** @type {Promise<void> | null} */
let running = null;
let again = false;
let isSignedOut = false;
/** Keys of writes somebody was told are kept: their arrival is told as well. @type {Set<string>} */
const promised = new Set();

/** Send what waits, now; resolves when nothing more can be sent at the moment. @returns {Promise<void>} */
export function kick() {
  if (!boot.viewer || !navigator.onLine) return Promise.resolve();
  again = true;
  running ??= send(boot.viewer.id).finally(() => {
    running = null;
    if (again && !timer) void kick();
  });
  return running;
}

/** Send what waits from earlier, at a moment of its own. */
export function kickSoon() {
  if (timer) return;
  timer = window.setTimeout(() => { timer = 0; void kick(); }, Math.random() * RETURN_MS);
}

/** @param {string} accountId */
async function send(accountId) {
  clearTimeout(timer);
  timer = 0;
  /** @type {number | null} */
  let waitMs = null;
  while (again && waitMs === null) {
    again = false;
    waitMs = await replay(accountId, (entry, verdict, answer) => {
      isSignedOut = verdict === "signed_out";
      if (isSignedOut) for (const tell of onSignedOut) tell();
      if (verdict === "sent" && promised.delete(entry.key)) say(t("kept.sent"));
      outcomes.dispatchEvent(new CustomEvent(verdict, { detail: { entry, answer } }));
    });
  }
  if (waitMs === null) return;
  timer = window.setTimeout(kick, waitMs);
  const registration = await navigator.serviceWorker?.getRegistration().catch(() => undefined);
  registration?.sync?.register("outbox").catch(() => {});
}

/** @typedef {"sent" | "refused" | "kept" | null} Outcome null: not even kept; log in first, or no room for it */

/**
 * Write something about one thing (`id`), keeping it until it has arrived.
 * @param {{id: string, method: "PUT" | "DELETE" | "POST", path: string, body?: unknown, kind: string, key?: string}} wish
 *   `kind` names it in the sentence that says it is kept: like, comment, …; `key`, if it was tried before
 * @returns {Promise<Outcome>}
 */
export async function write({ id, method, path, body, kind, key = crypto.randomUUID() }) {
  if (!boot.viewer) {
    say(t("session.needed"), { action: t("session.log_in"), act: () => location.assign(logInUrl()) });
    return null;
  }
  /** @type {OutboxEntry} */
  const entry = { id, method, path, body, account_id: boot.viewer.id, key, made_at: Date.now(), tries: 0 };
  try {
    await keep(entry);
  } catch {
    return writeUnkept(entry);
  }
  let isRefused = false;
  const hear = (/** @type {Event} */ event) => { isRefused ||= /** @type {CustomEvent} */ (event).detail.entry.key === key; };
  outcomes.addEventListener("refused", hear);
  await kick();
  outcomes.removeEventListener("refused", hear);
  if (isRefused) return "refused";
  const still = (await waiting()).find((each) => each.key === key);
  if (!still) return "sent";
  promised.add(key);
  const why = isSignedOut ? "signed_out" : !navigator.onLine || await whyWaiting() === "network" ? "offline" : kind;
  say(t(`kept.${why}`), isSignedOut ? { action: t("session.log_in"), act: () => location.assign(logInUrl()) } : {});
  outcomes.dispatchEvent(new CustomEvent("waiting", { detail: { entry: still } }));
  return "kept";
}

/** A device that cannot keep anything promises nothing: one try, and the truth. @param {OutboxEntry} entry @returns {Promise<Outcome>} */
async function writeUnkept(entry) {
  const { verdict, answer } = await deliver(entry);
  if (verdict !== "sent") { say(t("problem.busy")); return null; }
  outcomes.dispatchEvent(new CustomEvent("sent", { detail: { entry, answer } }));
  return "sent";
}

addEventListener("online", () => void networkIsBack().finally(kickSoon));
document.addEventListener("visibilitychange", () => { if (!document.hidden) kickSoon(); });
