/**
 * Fingers, wheel and keys on the reel. Swiping is the browser's own scrolling with snap points,
 * so it has the physics of the device; a wheel turns one clip per gesture, whatever its notches.
 */

const DOUBLE_MS = 280;
const WHEEL_REST_MS = 160;
const WHEEL_STEP = 30;

/**
 * Tell single from double taps on a stage.
 * @param {HTMLElement} target @param {{tap: () => void, doubleTap: (x: number, y: number) => void}} act
 */
export function listenTaps(target, act) {
  let last = 0;
  let timer = 0;
  target.addEventListener("click", (event) => {
    const button = /** @type {HTMLElement} */ (event.target).closest(".touch");
    if (!button) return;
    if (event.detail === 0) { act.tap(); return; }
    const now = performance.now();
    clearTimeout(timer);
    if (now - last < DOUBLE_MS) {
      // Every further quick tap is one more heart; none of them pauses.
      last = now;
      act.doubleTap(event.clientX, event.clientY);
      return;
    }
    last = now;
    timer = window.setTimeout(act.tap, DOUBLE_MS);
  });
}

/**
 * One step per turn of the wheel: a trackpad's inertia goes on for a second after the fingers
 * left, so a new step needs a rest, or a clear push in the other direction.
 * @param {HTMLElement} target @param {(step: 1 | -1) => void} go
 */
export function listenWheel(target, go) {
  let last = 0;
  let direction = 0;
  let strongest = 0;
  target.addEventListener("wheel", (event) => {
    if (event.ctrlKey || /** @type {HTMLElement} */ (event.target).closest(".said:not(.folded), .comments")) return;
    event.preventDefault();
    const size = Math.abs(event.deltaY) * (event.deltaMode === 1 ? 30 : 1);
    if (size < 4) return;
    const now = performance.now();
    const turned = Math.sign(event.deltaY) !== direction;
    const rested = now - last > WHEEL_REST_MS;
    const pushed = size > strongest * 1.5 && size > 3 * WHEEL_STEP && now - last > 60;
    last = now;
    if (!turned && !rested && !pushed) { strongest = Math.max(strongest * 0.9, size); return; }
    if (size < WHEEL_STEP && !rested) return;
    direction = Math.sign(event.deltaY);
    strongest = size;
    go(direction > 0 ? 1 : -1);
  }, { passive: false });
}

/** Whether a key press belongs to a field or a dialog rather than to the feed. @param {KeyboardEvent} event */
export function isForSomebodyElse(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return true;
  const target = /** @type {HTMLElement} */ (event.target);
  if (target.closest("input, textarea, select, [contenteditable], dialog")) return true;
  return (event.key === " " || event.key === "Enter") && target.closest("a, button:not(.touch)") !== null;
}
