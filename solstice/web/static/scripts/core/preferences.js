/**
 * What this device remembers about how one likes to watch. Theme and language are cookies,
 * because the server draws the first page; the rest never leaves the device.
 */

/** @typedef {{sound: boolean, autoplay: boolean, captions: boolean, saveData: boolean}} Preferences */

/** @type {Preferences} */
const DEFAULTS = { sound: false, autoplay: true, captions: false, saveData: false };

/** @returns {Preferences} */
export function preferences() {
  try {
    return { ...DEFAULTS, ...JSON.parse(localStorage.getItem("preferences") ?? "{}") };
  } catch {
    return { ...DEFAULTS };
  }
}

/** @template {keyof Preferences} K @param {K} name @param {Preferences[K]} value */
export function prefer(name, value) {
  try {
    localStorage.setItem("preferences", JSON.stringify({ ...preferences(), [name]: value }));
  } catch {
    // Storage is full or forbidden: the choice lasts as long as the page.
  }
}

/** @param {"solstice_theme" | "solstice_language"} name @param {string} value */
export function choose(name, value) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${encodeURIComponent(value)}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
}

export const prefersCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
