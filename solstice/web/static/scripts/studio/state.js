/** A clip's state in words. */
import { t } from "../core/text.js";

/** @param {StudioVideo} video */
export function stateWords(video) {
  if (video.state === "received" && video.queue_position !== null) return t("studio.received_at", { count: video.queue_position });
  if (video.state === "processing" && video.progress_percent !== null) return t("studio.processing_at", { percent: video.progress_percent });
  return t(`studio.${video.state}`);
}
