/**
 * What the viewer has liked, bookmarked and follows, as far as this tab knows: what the server
 * said, changed at once by what the viewer does. Everything that shows a heart listens here.
 */
import { boot } from "./boot.js";
import { waiting } from "./outbox.js";
import { outcomes, write } from "./writes.js";

/** @typedef {"liked" | "bookmarked" | "following"} MarkKind */

/** @type {Record<MarkKind, Map<string, boolean>>} */
const known = { liked: new Map(), bookmarked: new Map(), following: new Map() };
/** Counts the server gave do not hold what was pressed since: the difference, by kind and id. */
/** @type {Map<string, number>} */
const deltas = new Map();

/** "change" events, with `{kind, id}` as detail. */
export const changes = new EventTarget();

/** Take over what a page of videos says. @param {ViewerMarks | null} marks */
export function learn(marks) {
  if (!marks) return;
  for (const kind of /** @type {MarkKind[]} */ (["liked", "bookmarked", "following"])) {
    for (const id of marks[kind] ?? []) if (!known[kind].has(id)) known[kind].set(id, true);
  }
}

/** @param {MarkKind} kind @param {string} id */
export const has = (kind, id) => known[kind].get(id) ?? false;

/** The count to show: the server's plus what was pressed here since. @param {MarkKind} kind @param {string} id @param {number | null} count */
export const counted = (kind, id, count) => (count === null ? null : Math.max(0, count + (deltas.get(`${kind} ${id}`) ?? 0)));

/** @param {MarkKind} kind @param {string} id @param {boolean} value @param {string} path @param {string} word */
async function set(kind, id, value, path, word) {
  const before = has(kind, id);
  if (before === value) return;
  show(kind, id, value);
  const outcome = await write({ id: `${kind} ${id}`, method: value ? "PUT" : "DELETE", path, kind: word });
  if (!outcome) show(kind, id, before);
}

/** Show a mark as it is now, and the count that goes with it. @param {MarkKind} kind @param {string} id @param {boolean} on */
function show(kind, id, on) {
  const isChanged = has(kind, id) !== on;
  known[kind].set(id, on);
  if (!isChanged) return;
  deltas.set(`${kind} ${id}`, (deltas.get(`${kind} ${id}`) ?? 0) + (on ? 1 : -1));
  changes.dispatchEvent(new CustomEvent("change", { detail: { kind, id } }));
}

/** What an entry of the outbox is a mark of, if it is one. @param {OutboxEntry} entry @returns {[MarkKind, string] | null} */
function markOf(entry) {
  const [kind, id] = entry.id.split(" ");
  return Object.hasOwn(known, kind) ? [/** @type {MarkKind} */ (kind), id] : null;
}

// A like kept before this page was opened is still a like, and one that was refused is none.
void waiting().catch(() => []).then((entries) => {
  for (const entry of entries) {
    const mark = markOf(entry);
    if (mark && entry.account_id === boot.viewer?.id) show(...mark, entry.method === "PUT");
  }
});
for (const end of ["refused", "expired"]) {
  outcomes.addEventListener(end, (event) => {
    const { entry } = /** @type {CustomEvent} */ (event).detail;
    const mark = markOf(entry);
    if (mark) show(...mark, entry.method !== "PUT");
  });
}

/** @param {string} id @param {boolean} value */
export const like = (id, value) => set("liked", id, value, `/v1/videos/${id}/like`, "like");
/** @param {string} id @param {boolean} value */
export const bookmark = (id, value) => set("bookmarked", id, value, `/v1/videos/${id}/bookmark`, "bookmark");
/** @param {AccountSummary} account @param {boolean} value */
export const follow = (account, value) => set("following", account.id, value, `/v1/accounts/${encodeURIComponent(account.name)}/follow`, "follow");
