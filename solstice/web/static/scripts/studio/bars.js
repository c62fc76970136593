/** Small charts of bars, drawn in HTML: they are a table to a screen reader. */
import { filled, html } from "../core/element.js";
import { countExact, countShort } from "../core/text.js";

/** @param {string} title @param {{label: string, value: number}[]} rows */
export function drawBars(title, rows) {
  const most = Math.max(1, ...rows.map((row) => row.value));
  return html`<table class="bars"><caption class="soft small">${title}</caption><tbody>${rows.map((row) => html`
    <tr><th scope="row" class="one-line" dir="auto">${row.label}</th><td class="bar-cell"><span class="bar"><span ${filled(row.value / most)}></span></span></td><td class="figure" title=${countExact(row.value)}>${countShort(row.value)}</td></tr>`)}</tbody></table>`;
}

/** A line of the last readings, between 0 and the largest. @param {number[]} values @param {string} label */
export function drawLine(values, label) {
  const most = Math.max(1e-9, ...values);
  const step = 100 / Math.max(1, values.length - 1);
  const points = values.map((value, n) => `${(n * step).toFixed(1)},${(30 - (value / most) * 28).toFixed(1)}`).join(" ");
  return html`<svg class="spark" viewBox="0 0 100 32" preserveAspectRatio="none" role="img" aria-label=${label}><polyline points=${points}></polyline></svg>`;
}
