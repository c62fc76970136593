/** A caption as text and links: #hashtags and @names; everything else stays plain text. */
import { html } from "../core/element.js";

const MARKS = /([#@])([\p{L}\p{N}_][\p{L}\p{N}_.]*)/gu;

/**
 * Cut a caption into plain pieces and marked ones.
 * @param {string} text @returns {(string | {sign: "#" | "@", name: string})[]}
 */
export function decideMarks(text) {
  /** @type {(string | {sign: "#" | "@", name: string})[]} */
  const pieces = [];
  let from = 0;
  for (const match of text.matchAll(MARKS)) {
    const before = text[match.index - 1] ?? " ";
    if (/[\p{L}\p{N}_/]/u.test(before)) continue;
    const name = match[2].replace(/\.+$/, "");
    if (match.index > from) pieces.push(text.slice(from, match.index));
    pieces.push({ sign: /** @type {"#" | "@"} */ (match[1]), name });
    from = match.index + 1 + name.length;
  }
  if (from < text.length) pieces.push(text.slice(from));
  return pieces;
}

/** Draw a text with its marks as links. @param {string} text */
export const said = (text) => decideMarks(text).map((piece) => typeof piece === "string" ? piece
  : piece.sign === "#" ? html`<a href="/tag/${encodeURIComponent(piece.name.toLowerCase())}" dir="auto">#${piece.name}</a>`
  : html`<a href="/@${encodeURIComponent(piece.name)}" dir="auto">@${piece.name}</a>`);
