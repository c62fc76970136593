/**
 * Writing from a page: show it at once, keep it, send it, and say so when it has to wait.
 *
 * Every write takes the same road through the outbox, so there is no second, less careful one
 * for good weather.
 */
import { onSignedOut } from "./api.js";
import { boot, logInUrl } from "./boot.js";
import { keep, replay, waiting } from "./outbox.js";
import { say } from "./notices.js";
import { t } from "./text.js";

/** "sent", "refused" and "waiting" events; `detail` is `{entry, answer}`. */
export const outcomes = new EventTarget();

let timer = 0;
/** @type {Promise<void> | null} */
let running = null;
let again = false;

/** Send what waits, now; resolves when nothing more can be sent at the moment. @returns {Promise<void>} */
export function kick() {
  if (!boot.viewer) return Promise.resolve();
  again = true;
  running ??= send(boot.viewer.id).finally(() => {
    running = null;
    if (again && !timer) void kick();
  });
  return running;
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
      if (verdict === "signed_out") for (const tell of onSignedOut) tell();
      outcomes.dispatchEvent(new CustomEvent(verdict, { detail: { entry, answer } }));
    });
  }
  if (waitMs === null) return;
  timer = window.setTimeout(kick, waitMs);
  const registration = await navigator.serviceWorker?.getRegistration().catch(() => undefined);
  registration?.sync?.register("outbox").catch(() => {});
}

/**
 * Write something about one thing (`id`), keeping it until it has arrived.
 * @param {{id: string, method: "PUT" | "DELETE" | "POST", path: string, body?: unknown, kind: string}} wish
 *   `kind` names it in the sentence that says it is kept: like, comment, …
 * @returns {Promise<OutboxEntry | null>} null when somebody must log in first
 */
export async function write({ id, method, path, body, kind }) {
  if (!boot.viewer) {
    say(t("session.needed"), { action: t("session.log_in"), act: () => location.assign(logInUrl()) });
    return null;
  }
  /** @type {Omit<OutboxEntry, "made_at" | "tries">} */
  const entry = { id, method, path, body, account_id: boot.viewer.id, key: crypto.randomUUID() };
  await keep(entry);
  await kick();
  const still = (await waiting()).find((each) => each.key === entry.key);
  if (still) {
    say(t(`kept.${kind}`));
    outcomes.dispatchEvent(new CustomEvent("waiting", { detail: { entry: still } }));
  }
  return /** @type {OutboxEntry} */ (entry);
}

addEventListener("online", () => void kick());
document.addEventListener("visibilitychange", () => { if (!document.hidden) void kick(); });
