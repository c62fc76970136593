/**
 * What every page does: send what waits, say when the platform is away, count the inbox, show
 * the keys, notice that somebody signed out elsewhere, and put the service worker to work.
 */
import { get, onAnswer, onSignedOut } from "./core/api.js";
import { boot, logInUrl } from "./core/boot.js";
import { announce, say } from "./core/notices.js";
import { forgetAll } from "./core/outbox.js";
import { countShort, t } from "./core/text.js";
import { kickSoon, outcomes } from "./core/writes.js";
import { forgetKept } from "./feed/kept.js";

const INBOX_EVERY_MS = 60_000;

/** What is kept on this device belongs to one account; another one finds nothing of it. */
async function keepApart() {
  const id = boot.viewer?.id ?? "nobody";
  if (boot.data?.offline) return;
  const before = localStorage.getItem("account");
  localStorage.setItem("account", id);
  localStorage.setItem("viewer", JSON.stringify(boot.viewer));
  if (before === null || before === id) return;
  sessionStorage.removeItem("place");
  await Promise.allSettled([forgetKept(), ...(boot.viewer ? [forgetAll()] : [])]);
}

function noticeSigningOut() {
  let told = false;
  onSignedOut.add(() => {
    if (told || !boot.viewer) return;
    told = true;
    announce(t("session.ended"), { symbol: "lock", link: logInUrl(), label: t("session.log_in") });
  });
  window.addEventListener("storage", (event) => {
    if (event.key === "account" && event.newValue !== (boot.viewer?.id ?? "nobody")) location.reload();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && localStorage.getItem("account") !== (boot.viewer?.id ?? "nobody")) location.reload();
  });
}

/** One sentence that says what is the matter: the network, a crowd, or us. */
function noticeAbsence() {
  let failures = 0;
  let said = "";
  /** @type {"well" | "busy" | "away"} */
  let last = "well";
  const tell = () => {
    const sentence = !navigator.onLine ? t("banner.offline") : failures < 2 ? "" : t(last === "busy" ? "banner.crowded" : "banner.busy");
    if (sentence === said) return;
    said = sentence;
    const isIncident = navigator.onLine && last === "away";
    announce(sentence, { symbol: navigator.onLine ? "pulse" : "offline", incident: isIncident, link: isIncident ? boot.status_url : "" });
  };
  onAnswer.add((how) => {
    failures = how === "well" ? 0 : failures + 1;
    last = how;
    tell();
    if (how === "well") kickSoon();
  });
  addEventListener("online", tell);
  addEventListener("offline", tell);
  if (boot.data?.offline) { failures = 2; last = "away"; tell(); }
}

async function countInbox() {
  if (!boot.viewer || document.hidden) return;
  try {
    const { count } = await get("/v1/notifications/unread", { kind: "ahead" });
    const link = document.querySelector(".inbox-entry a");
    link?.querySelector(".count")?.remove();
    if (!count || !link) return;
    const badge = document.createElement("span");
    badge.className = "count figure";
    badge.textContent = countShort(count);
    badge.setAttribute("aria-label", t("inbox.unread", { count }));
    badge.setAttribute("role", "img");
    link.append(badge);
  } catch {
    // A missing number is no reason to bother anybody; the next minute asks again.
  }
}

function listenKeys() {
  document.addEventListener("keydown", async (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.key !== "?" || event.ctrlKey || event.metaKey || target.closest("input, textarea, dialog")) return;
    event.preventDefault();
    (await import("./dialogs/keys.js")).showKeys();
  });
}

async function startWorker() {
  if (!("serviceWorker" in navigator)) return;
  const policy = window.trustedTypes?.createPolicy("solstice", { createScriptURL: (url) => (url === "/sw.js" ? url : "") });
  const url = /** @type {string} */ (policy ? policy.createScriptURL("/sw.js") : "/sw.js");
  await navigator.serviceWorker.register(url, { type: "module", updateViaCache: "none" }).catch(() => {});
}

outcomes.addEventListener("refused", () => say(t("kept.refused")));
outcomes.addEventListener("expired", () => say(t("kept.expired")));
document.addEventListener("click", (event) => {
  const back = /** @type {HTMLElement} */ (event.target).closest("[data-back]");
  if (!back || !document.referrer.startsWith(location.origin)) return;
  event.preventDefault();
  history.back();
});

void keepApart();
noticeSigningOut();
noticeAbsence();
listenKeys();
kickSoon();
void countInbox();
setInterval(countInbox, INBOX_EVERY_MS);
// After the first clip has what it needs: installing the worker fetches the whole shell.
const startLater = () => setTimeout(startWorker, 1500);
if (document.readyState === "complete") startLater();
else addEventListener("load", startLater);
