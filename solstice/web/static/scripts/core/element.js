/**
 * Our elements draw into the page itself, without a shadow: one set of styles and tokens serves
 * what the server drew and what scripts draw, labels find their fields, and a test or a screen
 * reader sees one document.
 */
import { LitElement, html, nothing } from "lit";
import { Directive, PartType, directive } from "lit-html/directive.js";
import { asset } from "./boot.js";

export { html, nothing };

export class PageElement extends LitElement {
  createRenderRoot() {
    return this;
  }
  connectedCallback() {
    super.connectedCallback();
    if (!this.hasUpdated) this.replaceChildren();
  }
}

const SET = asset("icons/set.svg");
const MARK = asset("icons/mark.svg");

/** Draw an icon of icons/set.svg. @param {string} name @param {string} [more] extra class */
export const icon = (name, more = "") => html`<svg class="icon ${more}" viewBox="0 0 24 24" aria-hidden="true"><use href="${SET}#${name}"></use></svg>`;

export const mark = () => html`<svg class="mark" viewBox="0 0 48 48" aria-hidden="true"><use href="${MARK}#mark"></use></svg>`;

/** Draw an account's picture, or the first letter of its name. @param {AccountSummary} account @param {string} [size] */
export const avatar = (account, size = "") => html`<span class="avatar ${size}" aria-hidden="true">${
  account.avatar_url ? html`<img src=${account.avatar_url} alt="" loading="lazy">` : [...(account.display_name || account.name)][0]
}</span>`;

/** Sets `--part` through the object model: the content security policy forbids style attributes. */
class Filled extends Directive {
  /** @param {import("lit-html/directive.js").PartInfo} info */
  constructor(info) {
    super(info);
    if (info.type !== PartType.ELEMENT) throw new Error("filled() belongs on an element");
  }
  /** @param {number} _part */
  render(_part) {
    return nothing;
  }
  /** @param {import("lit-html/directive.js").ElementPart} place @param {[number]} values */
  update(place, [part]) {
    /** @type {HTMLElement} */ (place.element).style.setProperty("--part", String(Math.max(0, Math.min(1, part))));
    return nothing;
  }
}
export const filled = directive(Filled);

/** Draw a bar that is filled to a part between 0 and 1. @param {number} part @param {string} label */
export const bar = (part, label) => html`<div class="bar" role="progressbar" aria-label=${label} aria-valuemin="0" aria-valuemax="100"
  aria-valuenow=${Math.round(part * 100)}><span ${filled(part)}></span></div>`;
