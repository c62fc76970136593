/**
 * Writes that wait: a like pressed while the platform or the network is away is kept in
 * IndexedDB and sent once, later, by whichever tab or worker comes first.
 *
 * PUT and DELETE are safe to repeat by nature; a POST carries its idempotency key from the first
 * try on. A newer wish about the same thing replaces the older one (like, unlike: one entry), so
 * what arrives is what the person last wanted. Entries belong to one account and are never sent
 * for another. No import leads out of this folder: the service worker loads this file too.
 */
import { mayRetry, succeeded } from "./budget.js";
import { learnFrom, serverLevel } from "./load.js";
import { jitterMs, pause, retryAfterMs } from "./retry.js";
import { change, within } from "./storage.js";

const ENTRIES_MAX = 500;
const SIGNED_OUT_WAIT_MS = 30_000;
const AGE_MS_MAX = 7 * 86_400_000;
/** With the budget spent, one write goes out in half a minute to a whole one, to see whether it is over. */
const PROBE_MS = 60_000;

/** @returns {Promise<OutboxEntry[]>} */
export const waiting = async () =>
  (await within("outbox", "readonly", (store) => store.getAll())).sort((a, b) => a.made_at - b.made_at);

/**
 * Keep a write. The `id` names what it is about, so that a later wish replaces it.
 * @param {OutboxEntry} entry
 */
export async function keep(entry) {
  const held = await waiting();
  if (held.length >= ENTRIES_MAX && !held.some((each) => each.id === entry.id)) {
    throw new Error("the outbox is full");
  }
  await within("outbox", "readwrite", (store) => store.put(entry));
}

/**
 * Forget an entry, or write its next try down, unless a newer wish took its place meanwhile.
 * @param {OutboxEntry} entry @param {OutboxEntry | null} next
 */
const settle = (entry, next) => change("outbox", entry.id, (held) => (held?.key === entry.key ? next : undefined));

/** @typedef {{key: string, until: number, cause: "busy" | "network"}} Rest nobody sends before `until`, in any tab */

/** @returns {Promise<Rest | undefined>} */
const resting = () => within("kept", "readonly", (store) => store.get("rest"));

/** Why what waits is waiting, for the sentence that says so. @returns {Promise<"busy" | "network">} */
export const whyWaiting = async () => (await resting())?.cause ?? "busy";

/** The network came back: a rest for its sake is over. */
export const networkIsBack = () => change("kept", "rest", (held) => (held?.cause === "network" ? null : undefined));

/** @param {number} waitMs @param {Rest["cause"]} cause */
async function rest(waitMs, cause) {
  await within("kept", "readwrite", (store) => store.put({ key: "rest", until: Date.now() + waitMs, cause }));
  return waitMs;
}

/** Forget everything, when somebody else signs in on this device. */
export const forgetAll = () => within("outbox", "readwrite", (store) => store.clear());

/**
 * @typedef {object} Delivery "sent": done. "refused": the platform will never take it. "later":
 * try again. "signed_out": it waits until the same account is back.
 * @property {"sent" | "refused" | "later" | "signed_out"} verdict
 * @property {number | null} waitMs what the platform asked for
 * @property {Rest["cause"]} cause
 * @property {any} answer
 */

/** Send one entry. @param {OutboxEntry} entry @returns {Promise<Delivery>} */
export async function deliver(entry) {
  /** @type {Record<string, string>} */
  const headers = { accept: "application/json", "idempotency-key": entry.key };
  if (entry.body !== undefined) headers["content-type"] = "application/json";
  /** @type {Response} */
  let response;
  try {
    response = await fetch(entry.path, {
      method: entry.method, headers, credentials: "same-origin", signal: AbortSignal.timeout(8000),
      body: entry.body === undefined ? undefined : JSON.stringify(entry.body),
    });
  } catch {
    learnFrom("write", null);
    return { verdict: "later", waitMs: null, cause: "network", answer: null };
  }
  const waitMs = retryAfterMs(response.headers.get("retry-after"));
  learnFrom("write", response, waitMs);
  const answer = response.status === 204 ? null : await response.json().catch(() => null);
  if (response.ok) void succeeded();
  const isPassing = response.status === 429 || response.status >= 500;
  const verdict = response.ok ? "sent" : response.status === 401 ? "signed_out" : isPassing ? "later" : "refused";
  return { verdict, waitMs, cause: "busy", answer };
}

/** @typedef {"sent" | "refused" | "expired" | "signed_out"} Verdict */

/**
 * Send what waits for this account, oldest first, and stop at the first that must wait longer.
 * One replay at a time over all tabs and the worker (Web Locks), so nothing is sent twice at
 * once; a pause asked of one of them holds for all. What was tried before costs the budget a
 * token and leaves a gap that grows as the platform is busier, so that recovery is not flooded.
 * @param {string} accountId
 * @param {(entry: OutboxEntry, verdict: Verdict, answer: unknown) => void} [tell]
 * @returns {Promise<number | null>} when to come back (ms), null when nothing waits
 */
export async function replay(accountId, tell = () => {}) {
  return navigator.locks.request("solstice-outbox", { ifAvailable: true }, async (lock) => {
    if (!lock) return jitterMs(3);
    const mine = (await waiting()).filter((each) => each.account_id === accountId);
    if (mine.length === 0) return null;
    const stillMs = ((await resting())?.until ?? 0) - Date.now();
    if (stillMs > 0) return stillMs;
    for (const [n, entry] of mine.entries()) {
      if (n > 0) await pause(Math.random() * 40 * (100 - serverLevel()));
      const waitMs = await sendOne(entry, tell);
      if (waitMs !== null) return waitMs;
    }
    return null;
  });
}

/** @param {OutboxEntry} entry @param {(entry: OutboxEntry, verdict: Verdict, answer: unknown) => void} tell @returns {Promise<number | null>} */
async function sendOne(entry, tell) {
  if (Date.now() - entry.made_at > AGE_MS_MAX) {
    await settle(entry, null);
    tell(entry, "expired", null);
    return null;
  }
  const { verdict, waitMs, cause, answer } = await deliver(entry);
  if (verdict === "later") {
    const tries = entry.tries + 1;
    await settle(entry, { ...entry, tries });
    const ownMs = await mayRetry() ? jitterMs(tries + 2) : PROBE_MS * (0.5 + Math.random() / 2);
    return rest(Math.max(waitMs ?? 0, ownMs), cause);
  }
  if (verdict !== "signed_out") await settle(entry, null);
  tell(entry, verdict, answer);
  return verdict === "signed_out" ? SIGNED_OUT_WAIT_MS : null;
}
