/**
 * What the viewer has liked, bookmarked and follows, as far as this tab knows: what the server
 * said, changed at once by what the viewer does. Everything that shows a heart listens here.
 */
import { write } from "./writes.js";

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
  const put = (/** @type {boolean} */ on, /** @type {number} */ step) => {
    known[kind].set(id, on);
    deltas.set(`${kind} ${id}`, (deltas.get(`${kind} ${id}`) ?? 0) + step);
    changes.dispatchEvent(new CustomEvent("change", { detail: { kind, id } }));
  };
  put(value, value ? 1 : -1);
  const entry = await write({ id: `${kind} ${id}`, method: value ? "PUT" : "DELETE", path, kind: word });
  if (!entry) put(before, value ? -1 : 1);
}

/** @param {string} id @param {boolean} value */
export const like = (id, value) => set("liked", id, value, `/v1/videos/${id}/like`, "like");
/** @param {string} id @param {boolean} value */
export const bookmark = (id, value) => set("bookmarked", id, value, `/v1/videos/${id}/bookmark`, "bookmark");
/** @param {AccountSummary} account @param {boolean} value */
export const follow = (account, value) => set("following", account.id, value, `/v1/accounts/${encodeURIComponent(account.name)}/follow`, "follow");
