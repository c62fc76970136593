/** The heart that rises where one taps twice. */
import { asset } from "../core/boot.js";

/** @param {number} x @param {number} y */
export function burst(x, y) {
  const heart = document.createElement("span");
  heart.className = "heart-burst";
  heart.setAttribute("aria-hidden", "true");
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawing.setAttribute("class", "icon");
  drawing.setAttribute("viewBox", "0 0 24 24");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${asset("icons/set.svg")}#heart`);
  drawing.append(use);
  heart.append(drawing);
  heart.style.position = "fixed";
  heart.style.left = `${x}px`;
  heart.style.top = `${y}px`;
  document.body.append(heart);
  setTimeout(() => heart.remove(), 800);
}
