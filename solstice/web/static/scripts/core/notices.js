/**
 * Short messages at the foot of the page, and the banner at its head. One live region each, there
 * from the start, so that screen readers announce what appears in it.
 */
import { html, icon, nothing, PageElement } from "./element.js";
import { t } from "./text.js";

/** @typedef {{text: string, action?: string, act?: () => void}} Notice */

class Notices extends PageElement {
  static properties = { items: { state: true } };
  constructor() {
    super();
    /** @type {Notice[]} */
    this.items = [];
  }
  /** @param {Notice} notice @param {number} ms */
  show(notice, ms) {
    this.items = [...this.items.filter((each) => each.text !== notice.text), notice].slice(-3);
    setTimeout(() => { this.items = this.items.filter((each) => each !== notice); }, ms);
  }
  render() {
    return html`<div class="notices" role="status" aria-live="polite">${this.items.map((notice) => html`
      <div class="notice"><span>${notice.text}</span>${notice.action
        ? html`<button type="button" @click=${() => { notice.act?.(); this.items = this.items.filter((each) => each !== notice); }}>${notice.action}</button>`
        : nothing}</div>`)}</div>`;
  }
}
customElements.define("solstice-notices", Notices);

const notices = /** @type {Notices} */ (document.createElement("solstice-notices"));
document.body.append(notices);

/** Say something in passing. @param {string} text @param {{action?: string, act?: () => void, ms?: number}} [more] */
export const say = (text, more = {}) => notices.show({ text, ...more }, more.ms ?? (more.action ? 7000 : 4000));

class Banner extends PageElement {
  static properties = { text: {}, symbol: {}, link: {}, label: {}, incident: { type: Boolean } };
  constructor() {
    super();
    this.text = "";
    this.symbol = "offline";
    this.link = "";
    this.label = "";
    this.incident = false;
  }
  render() {
    return html`<div role="status" aria-live="polite">${this.text
      ? html`<p class="banner ${this.incident ? "incident" : ""}">${icon(this.symbol)}<span>${this.text}</span>${
        this.link ? html`<a class="link" href=${this.link}>${this.label || t("banner.more")}</a>` : nothing}</p>`
      : nothing}</div>`;
  }
}
customElements.define("solstice-banner", Banner);

const banner = /** @type {Banner} */ (document.createElement("solstice-banner"));
document.getElementById("content")?.prepend(banner);

/**
 * Keep one sentence at the head of the page until it is taken back with an empty text.
 * @param {string} text @param {{symbol?: string, link?: string, label?: string, incident?: boolean}} [more]
 */
export function announce(text, more = {}) {
  banner.text = text;
  banner.symbol = more.symbol ?? "offline";
  banner.link = more.link ?? "";
  banner.label = more.label ?? "";
  banner.incident = more.incident ?? false;
}
