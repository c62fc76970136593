/** The bar at the foot of a clip: shows where it is, and goes where one drags it. */
import { html, nothing, PageElement } from "../core/element.js";
import { clock, direction, t } from "../core/text.js";

export class Seek extends PageElement {
  static properties = { isHeld: { state: true }, at: { state: true }, length: { state: true } };
  constructor() {
    super();
    this.isHeld = false;
    this.at = 0;
    this.length = 0;
    /** @type {HTMLVideoElement | null} */
    this.video = null;
  }

  /** @param {HTMLVideoElement} video */
  follow(video) {
    this.video = video;
    if (this.isHeld) return;
    this.at = video.currentTime;
    this.length = Number.isFinite(video.duration) ? video.duration : 0;
    this.#paint();
  }

  #paint() {
    /** @type {HTMLElement | null} */ (this.querySelector(".filled"))?.style.setProperty("--part", String(this.length ? this.at / this.length : 0));
  }

  /** @param {PointerEvent} event */
  #to(event) {
    const box = this.getBoundingClientRect();
    const part = (event.clientX - box.left) / box.width;
    this.at = Math.max(0, Math.min(1, direction === "rtl" ? 1 - part : part)) * this.length;
    this.#paint();
  }

  #land() {
    if (this.video && this.length) this.video.currentTime = Math.min(this.at, this.length - 0.05);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const step = { ArrowRight: 2, ArrowLeft: -2, Home: -1e6, End: 1e6 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.at = Math.max(0, Math.min(this.length, this.at + (direction === "rtl" && Math.abs(step) < 9 ? -step : step)));
    this.#land();
    this.#paint();
  }

  render() {
    return html`<div class="seek ${this.isHeld ? "held" : ""}" role="slider" tabindex="0" aria-label=${t("feed.seek")}
        aria-valuemin="0" aria-valuemax=${Math.round(this.length)} aria-valuenow=${Math.round(this.at)} aria-valuetext="${clock(this.at)} / ${clock(this.length)}"
        @keydown=${this.#key}
        @pointerdown=${(/** @type {PointerEvent} */ event) => { this.isHeld = true; /** @type {HTMLElement} */ (event.currentTarget).setPointerCapture(event.pointerId); this.#to(event); }}
        @pointermove=${(/** @type {PointerEvent} */ event) => { if (this.isHeld) this.#to(event); }}
        @pointerup=${() => { this.isHeld = false; this.#land(); }}
        @pointercancel=${() => { this.isHeld = false; }}>
      <span class="track"></span><span class="filled"></span>
      ${this.isHeld ? html`<span class="clock">${clock(this.at)} / ${clock(this.length)}</span>` : nothing}
    </div>`;
  }
}
customElements.define("solstice-seek", Seek);
