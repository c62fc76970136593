/** Where a clip is on its way: sent, safe, processed, live. The steps never go back. */
import { bar, html, icon, nothing } from "../core/element.js";
import { bytesShort, t } from "../core/text.js";

/** @typedef {{sent: number, size: number, remainingS: number | null, isInterrupted: boolean, isBusy: boolean, isPaused: boolean}} Sending */

const STEPS = /** @type {const} */ (["send", "safe", "process", "live"]);

/** Tell which step a clip has reached. @param {StudioVideo["state"]} state */
export function decideStep(state) {
  return { uploading: 0, received: 1, processing: 2, live: 4, refused: 2 }[state];
}

/** @param {number} step how many are done */
export const drawSteps = (step) => html`<ol class="steps">${STEPS.map((name, n) => html`
  <li class=${n < step ? "done" : n === step ? "now" : ""} aria-current=${n === step ? "step" : nothing}><span class="dot">${n < step ? icon("check") : n + 1}</span>${t(`post.step_${name}`)}</li>`)}</ol>`;

/** @param {Sending} sending */
export function drawSending(sending) {
  const part = sending.size ? sending.sent / sending.size : 0;
  const words = sending.isPaused ? t("post.paused") : sending.isInterrupted ? t(sending.isBusy ? "post.busy" : "post.interrupted") : t("post.sending");
  return html`<div class="stack tight"><div class="spread"><span class="strong">${words}</span><span class="figure">${Math.floor(part * 100)} %</span></div>
    ${bar(part, t("post.sending"))}
    <p class="soft small figure">${t("post.sent_of", { sent: bytesShort(sending.sent), size: bytesShort(sending.size) })}${
      sending.remainingS !== null && !sending.isInterrupted && !sending.isPaused ? html` · ${t("post.remaining", { time: remaining(sending.remainingS) })}` : nothing}</p></div>`;
}

/** @param {number} seconds */
const remaining = (seconds) => seconds < 90 ? `${Math.max(1, Math.round(seconds))} s` : `${Math.round(seconds / 60)} min`;

/** Draw the state of a clip the platform has whole. @param {StudioVideo} video */
export function drawState(video) {
  if (video.state === "refused") return html`<p class="strong problem-text">${t("post.refused")}</p><p>${video.refusal?.sentence ?? ""}</p>`;
  if (video.state === "live") return html`<p class="strong">${t("post.live")}</p>`;
  const percent = video.progress_percent;
  return html`<p class="strong">${t("post.received")}</p><p class="soft">${t("post.received_text")}</p>
    ${video.state === "received" && video.queue_position !== null ? html`<p>${t("post.in_line", { count: video.queue_position })}</p>` : nothing}
    ${video.state === "processing" ? html`<div class="stack tight"><div class="spread"><span>${t("post.processing")}</span><span class="figure">${percent === null ? "" : `${percent} %`}</span></div>${bar((percent ?? 0) / 100, t("post.processing"))}</div>` : nothing}`;
}
