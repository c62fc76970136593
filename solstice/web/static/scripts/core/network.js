/**
 * How fast the network is, measured by the clips themselves, and the rendition that fits it.
 *
 * The estimate is what a clip's buffer gained while it was loading, in bits of its own rendition;
 * an exponential mean forgets half after four samples. The Network Information API serves as the
 * first guess and as the person's wish to save data.
 */
import { measures } from "./load.js";
import { preferences } from "./preferences.js";

const WEIGHT = 0.16;
const HEADROOM = 0.7;
let bitsPerSecond = (navigator.connection?.downlink ?? 10) * 1e6;
/** The browser caps `downlink` at 10: only a lower word of it is knowledge. */
let isMeasured = (navigator.connection?.downlink ?? 10) < 10;

/** @param {number} bits @param {number} seconds */
export function learnThroughput(bits, seconds) {
  if (seconds <= 0 || bits <= 0) return;
  const sample = bits / seconds;
  bitsPerSecond = isMeasured ? bitsPerSecond * (1 - WEIGHT) + sample * WEIGHT : sample;
  isMeasured = true;
}

/** A stall is worth more than any estimate. */
export function learnStall() {
  bitsPerSecond *= 0.5;
  isMeasured = true;
}

export const throughput = () => bitsPerSecond;
export const savesData = () => preferences().saveData || navigator.connection?.saveData === true;
export const isSlow = () => savesData() || ["slow-2g", "2g"].includes(navigator.connection?.effectiveType ?? "") || bitsPerSecond < 1e6;

/**
 * Choose the smallest rendition that fills the screen, or a lower one where the network asks.
 * @param {Rendition[]} renditions ascending
 * @param {{pixels: number, bits: number, saves: boolean}} room `pixels`: short side on the screen
 * @returns {Rendition | undefined}
 */
export function decideRendition(renditions, { pixels, bits, saves }) {
  if (saves) return renditions[0];
  const affordable = renditions.filter((each) => each.bitrate_bps <= bits * HEADROOM);
  const enough = affordable.find((each) => each.short_side >= pixels * 0.9);
  return enough ?? affordable.at(-1) ?? renditions[0];
}

/** Choose for this screen, this network, and how busy the platform is. @param {VideoCard} card @param {HTMLElement} stage */
export function renditionFor(card, stage) {
  const room = Math.min(stage.clientWidth || 390, stage.clientHeight || 700);
  // Half the pixels are a quarter of the bytes or so, and look well enough for a busy minute.
  const pixels = room * Math.min(2, devicePixelRatio) * (measures().lowers ? 0.5 : 1);
  return decideRendition(card.renditions, { pixels, bits: bitsPerSecond, saves: savesData() });
}
