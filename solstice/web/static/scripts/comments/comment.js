/** One comment, and the replies below it. */
import { boot } from "../core/boot.js";
import { avatar, html, icon, nothing } from "../core/element.js";
import { ago, countExact, countShort, instantExact, t } from "../core/text.js";
import { report } from "../dialogs/report.js";
import { said } from "../feed/said.js";

/** @param {import("./comments.js").Comments} panel @param {VideoComment} comment @returns {unknown} */
export function drawComment(panel, comment) {
  const { author } = comment;
  const isLiked = panel.liked[comment.id] ?? comment.viewer?.liked ?? false;
  const before = comment.viewer?.liked ?? false;
  const likes = comment.like_count === null ? null : comment.like_count + Number(isLiked) - Number(before);
  const replies = panel.replies[comment.id];
  const canDelete = comment.viewer?.can_delete ?? false;
  return html`<article class="comment ${comment.is_waiting ? "waiting" : ""}">
    <a href="/@${author.name}" aria-label=${author.display_name || author.name}>${avatar(author, "tiny")}</a>
    <div>
      <p class="small"><a class="strong" href="/@${author.name}" dir="auto">${author.display_name || author.name}</a>
        <time datetime=${comment.created_at} title=${instantExact(comment.created_at)}>· ${comment.is_waiting ? t("comments.waiting") : ago(comment.created_at)}</time></p>
      <p class="words" dir="auto">${said(comment.text)}</p>
      ${comment.is_waiting ? nothing : html`<div class="small-actions">
        <button type="button" @click=${() => { panel.replyTo = comment.parent_id ? { ...comment, id: comment.parent_id } : comment; /** @type {HTMLElement | null} */ (panel.querySelector(".write textarea"))?.focus(); }}>${t("comments.reply")}</button>
        ${canDelete ? html`<button type="button" @click=${() => panel.erase(comment)}>${t("comments.delete")}</button>` : nothing}
        ${author.id === boot.viewer?.id ? nothing : html`<button type="button" @click=${() => report("comment", comment.id)}>${t("comments.report")}</button>`}
      </div>`}
      ${comment.reply_count && !comment.parent_id ? html`<div class="small-actions"><button type="button" aria-expanded=${Boolean(replies)} @click=${() => panel.unfold(comment)}>
        ${t(replies ? "comments.hide_replies" : "comments.show_replies", { count: comment.reply_count })}</button></div>` : nothing}
    </div>
    ${comment.is_waiting ? nothing : html`<button type="button" class="like" aria-pressed=${isLiked} aria-label="${t("action.like")}, ${countExact(likes)}" @click=${() => panel.like(comment)}>${icon("heart")}<span class="figure">${likes ? countShort(likes) : likes === null ? "" : nothing}</span></button>`}
    ${replies ? html`<div class="replies">${replies.map((reply) => drawComment(panel, reply))}</div>` : nothing}
  </article>`;
}
