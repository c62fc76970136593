/** Reporting a clip, a comment or an account to the moderators. */
import { ApiError, post } from "../core/api.js";
import { boot, logInUrl } from "../core/boot.js";
import { html, nothing } from "../core/element.js";
import { say } from "../core/notices.js";
import { t } from "../core/text.js";
import { write } from "../core/writes.js";
import { openDialog } from "./dialog.js";

export const REASONS = ["spam", "harassment", "hate", "violence", "sexual", "minors", "self_harm", "illegal", "copyright", "other"];

/** @param {"video" | "comment" | "account"} kind @param {string} id */
export function report(kind, id) {
  if (!boot.viewer) { location.assign(logInUrl()); return; }
  // One key for one report, however often its button is pressed.
  const key = crypto.randomUUID();
  let isSending = false;
  let problem = "";
  openDialog(t(`report.title_${kind}`), (close, redraw) => html`<form class="stack" @submit=${async (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
      const body = { subject_kind: kind, subject_id: id, reason: form.get("reason"), note: form.get("note") };
      isSending = true;
      redraw();
      try {
        await post("/v1/reports", body, { key });
        close();
        say(t("report.thanks"));
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        // What the platform cannot take now is kept; what it will never take is said here, to be mended.
        if (error.isPassing && await write({ id: `report ${key}`, method: "POST", path: "/v1/reports", body, kind: "report", key })) { close(); return; }
        isSending = false;
        problem = error.problem ? error.message : t("problem.busy");
        redraw();
      }
    }}>
    <fieldset><legend class="unseen">${t("report.reason")}</legend>
      ${REASONS.map((reason) => html`<label class="choice"><input type="radio" name="reason" value=${reason} required>${t(`report.${reason}`)}</label>`)}</fieldset>
    <div class="field"><label for="report-note">${t("report.note")}</label><textarea id="report-note" name="note" maxlength="1000"></textarea></div>
    ${problem ? html`<p class="problem-text" role="alert">${problem}</p>` : nothing}
    <button class="button primary wide" ?disabled=${isSending}>${t("report.send")}</button>
  </form>`);
}
