/** What comes after the last clip, or instead of a first one: never nothing, always a way on. */
import { boot, logInUrl } from "../core/boot.js";
import { html, icon, nothing, PageElement } from "../core/element.js";
import { t } from "../core/text.js";

class FeedEnd extends PageElement {
  firstUpdated() {
    // Whom to follow is asked for when nobody is followed; the feed itself does not wait for it.
    if (this.querySelector("solstice-discovery")) void import("../grid/discovery.js");
  }

  render() {
    const kind = this.dataset.kind ?? "for-you";
    if (this.dataset.away === "yes") {
      return html`<div class="empty">${icon(navigator.onLine ? "pulse" : "offline")}<h2>${t(navigator.onLine ? "end.busy.title" : "end.offline.title")}</h2><p class="soft">${t("end.away.text")}</p>
        ${kind === "for-you" ? nothing : html`<a class="button" href="/">${t("end.to_for_you")}</a>`}</div>`;
    }
    const isEmpty = this.dataset.empty === "yes";
    const key = isEmpty ? (kind === "following" ? "end.following_empty" : kind === "for-you" ? "end.empty" : "end.list_empty") : kind === "for-you" ? "end.for_you" : "end.list";
    return html`<div class="empty">${icon("film")}<h2>${t(`${key}.title`)}</h2><p class="soft">${t(`${key}.text`)}</p>
      ${kind === "following" && !boot.viewer ? html`<a class="button primary" href=${logInUrl()}>${t("session.log_in")}</a>`
        : kind === "following" ? html`<a class="button primary" href="/">${t("end.to_for_you")}</a>`
        : isEmpty && kind === "for-you" ? html`<a class="button primary" href="/post">${t("end.post")}</a>`
        : kind === "for-you" ? html`<button type="button" class="button primary" @click=${() => location.reload()}>${t("end.again")}</button>` : nothing}
      ${isEmpty && kind === "following" ? html`<solstice-discovery data-only="people"></solstice-discovery>` : nothing}</div>`;
  }
}
customElements.define("solstice-feed-end", FeedEnd);
