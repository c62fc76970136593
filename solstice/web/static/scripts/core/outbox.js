/**
 * Writes that wait: a like pressed while the platform or the network is away is kept in
 * IndexedDB and sent once, later, by whichever tab or worker comes first.
 *
 * PUT and DELETE are safe to repeat by nature; a POST carries its idempotency key from the first
 * try on. A newer wish about the same thing replaces the older one (like, unlike: one entry), so
 * what arrives is what the person last wanted. Entries belong to one account and are never sent
 * for another. No import leads out of this folder: the service worker loads this file too.
 */
import { jitterMs, retryAfterMs } from "./retry.js";

const ENTRIES_MAX = 500;
const TRIES_MAX = 40;
const SIGNED_OUT_WAIT_MS = 30_000;
const AGE_MS_MAX = 7 * 86_400_000;

/** @type {Promise<IDBDatabase> | null} */
let opened = null;

/** @returns {Promise<IDBDatabase>} */
function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("solstice", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("outbox", { keyPath: "id" });
      request.result.createObjectStore("kept", { keyPath: "key" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

/**
 * Run one request against a store.
 * @template T @param {string} store @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} act @returns {Promise<T>}
 */
export async function within(store, mode, act) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(store, mode);
    const request = act(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

/** @returns {Promise<OutboxEntry[]>} */
export const waiting = async () =>
  (await within("outbox", "readonly", (store) => store.getAll())).sort((a, b) => a.made_at - b.made_at);

/**
 * Keep a write. The `id` names what it is about, so that a later wish replaces it.
 * @param {Omit<OutboxEntry, "made_at" | "tries">} entry
 */
export async function keep(entry) {
  const held = await waiting();
  if (held.length >= ENTRIES_MAX && !held.some((each) => each.id === entry.id)) {
    throw new Error("the outbox is full");
  }
  await within("outbox", "readwrite", (store) => store.put({ ...entry, made_at: Date.now(), tries: 0 }));
}

/**
 * Forget an entry, or write its next try down, unless a newer wish took its place meanwhile.
 * @param {OutboxEntry} entry @param {OutboxEntry | null} next
 */
async function settle(entry, next) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction("outbox", "readwrite");
    const store = transaction.objectStore("outbox");
    const read = store.get(entry.id);
    read.onsuccess = () => {
      if (read.result?.key !== entry.key) return;
      if (next) store.put(next);
      else store.delete(entry.id);
    };
    transaction.oncomplete = () => resolve(undefined);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

/** Forget everything, when somebody else signs in on this device. */
export const forgetAll = () => within("outbox", "readwrite", (store) => store.clear());

/**
 * Send one entry. "sent": done. "refused": the platform will never take it. "later": try again.
 * "signed_out": it waits until the same account is back.
 * @param {OutboxEntry} entry @returns {Promise<{verdict: "sent" | "refused" | "later" | "signed_out", waitMs: number, answer?: unknown}>}
 */
export async function deliver(entry) {
  /** @type {Record<string, string>} */
  const headers = { accept: "application/json", "idempotency-key": entry.key };
  if (entry.body !== undefined) headers["content-type"] = "application/json";
  try {
    const response = await fetch(entry.path, {
      method: entry.method, headers, credentials: "same-origin", signal: AbortSignal.timeout(8000),
      body: entry.body === undefined ? undefined : JSON.stringify(entry.body),
    });
    if (response.ok) return { verdict: "sent", waitMs: 0, answer: response.status === 204 ? null : await response.json().catch(() => null) };
    if (response.status === 401) return { verdict: "signed_out", waitMs: SIGNED_OUT_WAIT_MS };
    if (response.status === 429 || response.status >= 500) {
      return { verdict: "later", waitMs: retryAfterMs(response.headers.get("retry-after")) ?? jitterMs(entry.tries + 2) };
    }
    return { verdict: "refused", waitMs: 0 };
  } catch {
    return { verdict: "later", waitMs: jitterMs(entry.tries + 2) };
  }
}

/**
 * Send what waits for this account, oldest first, and stop at the first that must wait longer.
 * One replay at a time over all tabs and the worker (Web Locks), so nothing is sent twice at once.
 * @param {string} accountId
 * @param {(entry: OutboxEntry, verdict: "sent" | "refused" | "signed_out", answer: unknown) => void} [tell]
 * @returns {Promise<number | null>} when to come back (ms), null when nothing waits
 */
export async function replay(accountId, tell = () => {}) {
  return navigator.locks.request("solstice-outbox", { ifAvailable: true }, async (lock) => {
    if (!lock) return jitterMs(3);
    for (const entry of await waiting()) {
      if (entry.account_id !== accountId) continue;
      const { verdict, waitMs, answer } = await deliver(entry);
      if (verdict === "signed_out") {
        tell(entry, verdict, null);
        return waitMs;
      }
      if (verdict === "later") {
        const tired = entry.tries + 1 >= TRIES_MAX || Date.now() - entry.made_at > AGE_MS_MAX;
        await settle(entry, tired ? null : { ...entry, tries: entry.tries + 1 });
        return waitMs;
      }
      await settle(entry, null);
      tell(entry, verdict, answer);
    }
    return null;
  });
}
