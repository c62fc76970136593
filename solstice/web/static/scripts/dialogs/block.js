/** Blocking somebody: asked before, kept like every write, undone from where it was said. */
import { say } from "../core/notices.js";
import { t } from "../core/text.js";
import { write } from "../core/writes.js";
import { forgetCards } from "../feed/kept.js";
import { confirmed } from "./dialog.js";

/** @param {{name: string}} account @param {boolean} isOn */
export const setBlock = ({ name }, isOn) =>
  write({ id: `block ${name}`, method: isOn ? "PUT" : "DELETE", path: `/v1/accounts/${encodeURIComponent(name)}/block`, kind: "block" });

/**
 * Block an account, after asking; what this device keeps of theirs goes at once.
 * @param {AccountSummary} account @param {() => void} [undone]
 * @returns {Promise<"sent" | "kept" | null>} null when it will not be
 */
export async function block(account, undone = () => {}) {
  const { name } = account;
  if (!await confirmed(t("more.block", { name }), t("more.block_text", { name }), t("more.block_do"))) return null;
  const outcome = await setBlock(account, true);
  if (!outcome || outcome === "refused") return null;
  await forgetCards(account.id);
  if (outcome === "sent") say(t("more.blocked", { name }), { action: t("dialog.undo"), act: () => void setBlock(account, false).then(undone) });
  return outcome;
}
