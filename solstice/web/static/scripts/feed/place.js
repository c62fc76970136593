/** Where one was in a feed, for coming back to it: kept per tab, for the last list only. */

const CARDS_MAX = 40;

/** @param {string} name @param {import("./source.js").Source} source @param {string} id */
export function remember(name, source, id) {
  try {
    const page = { items: source.cards.slice(-CARDS_MAX), next_cursor: source.isEnded ? null : source.cursor, viewer: null };
    sessionStorage.setItem("place", JSON.stringify({ name, id, page }));
  } catch {
    // Without storage, coming back starts anew.
  }
}

/** What was left here, when this page was reached by going back. @param {string} name @returns {{id: string, page: Page} | null} */
export function recall(name) {
  const entry = /** @type {PerformanceNavigationTiming | undefined} */ (performance.getEntriesByType("navigation")[0]);
  if (entry?.type !== "back_forward") return null;
  try {
    const left = JSON.parse(sessionStorage.getItem("place") ?? "null");
    return left?.name === name ? left : null;
  } catch {
    return null;
  }
}
