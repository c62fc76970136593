/**
 * One slide: a stage with pictures and room for a video. Every slide has its full size before
 * anything is in it, so nothing jumps; its pictures are set only once it comes near.
 */
import { t } from "../core/text.js";

/** Sort a clip's shape: tall fills the screen, wide and square keep their edges. @param {VideoCard} card */
export function decideShape(card) {
  const ratio = card.width / Math.max(1, card.height);
  return ratio <= 0.7 ? "tall" : ratio < 1.2 ? "square" : "wide";
}

/** @param {VideoCard} card */
export function makeSlide(card) {
  const slide = document.createElement("article");
  slide.className = "slide";
  slide.dataset.videoId = card.id;
  slide.setAttribute("aria-label", t("feed.clip_by", { name: card.creator.display_name || card.creator.name }));
  const stage = document.createElement("div");
  stage.className = "stage";
  slide.append(stage);
  return slide;
}

/** Set the pictures and the exact shape of a slide. @param {HTMLElement} slide @param {VideoCard} card */
export function shapeOf(slide, card) {
  const stage = /** @type {HTMLElement} */ (slide.querySelector(".stage"));
  stage.dataset.shape = decideShape(card);
  stage.style.setProperty("--ratio", String(card.width / Math.max(1, card.height)));
  if (stage.querySelector(".touch")) return;
  if (card.placeholder) stage.append(picture("placeholder", card.placeholder, card));
  // The small picture: it stands for moments, and the clip's own bytes matter more.
  stage.append(picture("poster", card.thumb_url ?? card.poster_url, card));
  const touch = document.createElement("button");
  touch.type = "button";
  touch.className = "touch";
  touch.setAttribute("aria-label", t("feed.play_pause"));
  stage.append(touch);
}

/** @param {string} kind @param {string} url @param {VideoCard} card */
function picture(kind, url, card) {
  const image = document.createElement("img");
  image.className = kind;
  image.alt = "";
  image.width = card.width;
  image.height = card.height;
  image.decoding = "async";
  image.src = url;
  return image;
}
