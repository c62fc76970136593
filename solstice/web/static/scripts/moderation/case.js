/** One case: what was reported, by whom and why, what was decided before; and the decision. */
import { ApiError, get, post } from "../core/api.js";
import { avatar, html, icon, nothing, PageElement } from "../core/element.js";
import { say } from "../core/notices.js";
import { ago, instantExact, t } from "../core/text.js";
import { said } from "../feed/said.js";
import { emptyState } from "../grid/grid.js";

const ACTIONS = /** @type {Record<string, string[]>} */ ({
  video: ["dismiss", "hide_video", "hide_account"],
  comment: ["dismiss", "remove_comment", "hide_account"],
  account: ["dismiss", "hide_account"],
});

class CasePage extends PageElement {
  static properties = { held: { state: true }, state: { state: true }, problem: { state: true } };
  constructor() {
    super();
    /** @type {any} */
    this.held = null;
    /** @type {"loading" | "ready" | "gone" | "away"} */
    this.state = "loading";
    this.problem = "";
  }

  firstUpdated() {
    void this.load();
  }

  async load() {
    try {
      this.held = await get(`/v1/moderation/cases/${this.dataset.case}`);
      this.state = "ready";
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.state = error.isPassing ? "away" : "gone";
    }
  }

  /** @param {SubmitEvent} event @param {string} path */
  async #decide(event, path) {
    event.preventDefault();
    this.problem = "";
    try {
      this.held = await post(path, Object.fromEntries(new FormData(/** @type {HTMLFormElement} */ (event.target))));
      say(t("moderation.saved"));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = error.problem && !error.isPassing ? error.message : t("problem.busy");
    }
  }

  render() {
    if (this.state === "gone") return emptyState("shield", t("gone.missing.title"), t("gone.missing.text"));
    if (this.state === "away") return html`<div class="empty" role="alert"><p>${t("problem.away")}</p><button type="button" class="button" @click=${this.load}>${t("problem.retry")}</button></div>`;
    const { held } = this;
    const head = html`<header class="page-head"><a class="button round quiet" href="/moderation" aria-label=${t("moderation.next")}>${icon("back", "turns")}</a><h1>${t("moderation.case")}</h1></header>`;
    if (!held) return html`${head}<div class="skeleton block"></div>`;
    return html`${head}<div class="case-layout">${this.#subject(held)}<div class="stack wide-gaps">${this.#reports(held)}${this.#decision(held)}${this.#history(held)}</div></div>`;
  }

  /** @param {any} held */
  #subject({ subject, summary }) {
    const card = /** @type {VideoCard | null} */ (subject.video);
    return html`<section class="stack tight">
      <a class="person-row" href="/@${summary.account.name}">${avatar(summary.account)}<span class="strong" dir="auto">${summary.account.display_name || summary.account.name}</span></a>
      ${card?.renditions[0] ? html`<video class="case-video" src=${card.renditions[0].url} poster=${card.poster_url ?? ""} controls playsinline loop muted aria-label=${t("moderation.video")}></video>` : nothing}
      ${card ? html`<p class="words" dir="auto">${said(card.caption)}</p>` : nothing}
      ${subject.comment_text ? html`<blockquote class="card words" dir="auto">${subject.comment_text}</blockquote>` : nothing}
      ${!card && !subject.comment_text && summary.subject_kind !== "account" ? html`<p class="soft">${t("moderation.gone")}</p>${summary.excerpt ? html`<p dir="auto">${summary.excerpt}</p>` : nothing}` : nothing}</section>`;
  }

  /** @param {any} held */
  #reports({ reports }) {
    return html`<section class="stack tight"><h2>${t("moderation.reports", { count: reports.length })}</h2><ul class="rows">${reports.map((/** @type {any} */ each) => html`
      <li><p><span class="badge">${t(`report.${each.reason}`)}</span> <span class="soft small">${each.reporter ? t("moderation.reported_by", { name: each.reporter.name }) : ""} · <time datetime=${each.created_at} title=${instantExact(each.created_at)}>${ago(each.created_at)}</time></span></p>
        ${each.note ? html`<p class="words" dir="auto">${each.note}</p>` : nothing}</li>`)}</ul></section>`;
  }

  /** @param {any} held */
  #decision({ summary, appeal }) {
    const isAppeal = appeal && !appeal.outcome;
    const path = `/v1/moderation/cases/${summary.id}/${isAppeal ? "appeal/decision" : "decisions"}`;
    const actions = isAppeal ? ["uphold", "overturn"] : summary.state === "open" ? ACTIONS[summary.subject_kind] ?? [] : summary.sanction === "none" ? [] : ["restore"];
    return html`${appeal ? html`<section class="card stack tight"><h2>${t("moderation.appeal")}</h2><p class="words" dir="auto">${appeal.text}</p>${appeal.outcome ? html`<p class="badge">${t(`moderation.${appeal.outcome}`)}</p>` : nothing}</section>` : nothing}
      ${actions.length === 0 ? nothing : html`<form class="card stack" @submit=${(/** @type {SubmitEvent} */ event) => this.#decide(event, path)}>
        <fieldset><legend>${t("moderation.decide")}</legend>${actions.map((action) => html`<label class="choice"><input type="radio" name="action" value=${action} required>${t(`moderation.${action}`)}</label>`)}</fieldset>
        <div class="field"><label for="reason">${t("moderation.reason")}</label><textarea id="reason" name="reason" required maxlength="1000"></textarea></div>
        <p class="problem-text" role="alert" ?hidden=${!this.problem}>${this.problem}</p><button class="button primary">${t("moderation.decide")}</button></form>`}`;
  }

  /** @param {any} held */
  #history({ history }) {
    return html`<section class="stack tight"><h2>${t("moderation.history")}</h2>${history.length === 0 ? html`<p class="soft">${t("moderation.no_history")}</p>` : html`<ul class="rows">${history.map((/** @type {any} */ each) => html`
      <li><p class="strong">${t("moderation.by", { action: t(`moderation.${each.action}`), name: each.actor_name })} <time class="small" datetime=${each.at} title=${instantExact(each.at)}>· ${ago(each.at)}</time></p><p class="words" dir="auto">${each.reason}</p></li>`)}</ul>`}</section>`;
  }
}
customElements.define("solstice-moderation-case", CasePage);
