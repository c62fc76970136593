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
let running = false;
let again = false;

/** Send what waits, now; called after each write and whenever the world may have changed. */
export async function kick() {
  if (!boot.viewer) return;
  if (running) { again = true; return; }
  running = true;
  clearTimeout(timer);
  /** @type {number | null} */
  let waitMs = null;
  try {
    do {
      again = false;
      waitMs = await replay(boot.viewer.id, (entry, verdict, answer) => {
        if (verdict === "signed_out") for (const tell of onSignedOut) tell();
        outcomes.dispatchEvent(new CustomEvent(verdict, { detail: { entry, answer } }));
      });
    } while (again && waitMs === null);
  } finally {
    running = false;
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
  if (still && still.tries > 0) {
    say(t(`kept.${kind}`));
    outcomes.dispatchEvent(new CustomEvent("waiting", { detail: { entry: still } }));
  }
  return /** @type {OutboxEntry} */ (entry);
}

addEventListener("online", () => void kick());
document.addEventListener("visibilitychange", () => { if (!document.hidden) void kick(); });
