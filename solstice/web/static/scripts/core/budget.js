/**
 * One retry budget for everything this browser has open: all tabs and the service worker.
 *
 * A page that retries without a budget turns a hiccup into an outage, and ten tabs with a budget
 * each are ten pages without. 10 tokens, -1 for a retry, +0.1 for a success: retries add at most
 * a tenth to a healthy load (gRPC proposal A6).
 */
import { change } from "./storage.js";

const TOKENS_MAX = 10;
const EARNED = 0.1;

/** What is left where the browser has no storage: then every tab counts for itself. */
let alone = TOKENS_MAX;

/** @param {(tokens: number) => number} act @returns {Promise<void>} */
async function update(act) {
  try {
    await change("kept", "budget", (held) => {
      const before = held?.tokens ?? TOKENS_MAX;
      const tokens = act(before);
      return tokens === before ? undefined : { key: "budget", tokens };
    });
  } catch {
    alone = act(alone);
  }
}

/** Take a token for one retry; false when the budget of all tabs is spent. */
export async function mayRetry() {
  let isTaken = false;
  await update((tokens) => {
    isTaken = tokens >= 1;
    return isTaken ? tokens - 1 : tokens;
  });
  return isTaken;
}

/** A success pays a tenth of a retry back. */
export const succeeded = () => update((tokens) => Math.min(TOKENS_MAX, tokens + EARNED));
