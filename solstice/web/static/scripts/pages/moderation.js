/** Moderation: the queues, the log, and one case with what a decision needs. */
import "../shell.js";
import { html, icon, nothing } from "../core/element.js";
import { ago, instantExact, t } from "../core/text.js";
import { emptyState } from "../grid/grid.js";
import { Paged } from "../grid/paged.js";
import "../moderation/case.js";

const VIEWS = /** @type {const} */ (["open", "appealed", "decided", "log"]);

/** Where a view's pages come from. @param {typeof VIEWS[number]} view */
const pathOf = (view) => (view === "log" ? "/v1/moderation/log" : `/v1/moderation/cases?state=${view}`);

/** @extends {Paged<any>} */
class ModerationPage extends Paged {
  static properties = { ...Paged.properties, view: { state: true } };
  constructor() {
    super();
    /** @type {typeof VIEWS[number]} */
    this.view = VIEWS.find((view) => view === new URLSearchParams(location.search).get("view")) ?? "open";
    this.path = pathOf(this.view);
  }

  /** @param {typeof VIEWS[number]} view */
  #look(view) {
    this.view = view;
    this.path = pathOf(view);
    history.replaceState(null, "", `/moderation?view=${view}`);
  }

  render() {
    return html`<header class="page-head"><h1>${t("nav.moderation")}</h1></header>
      <div class="segments" role="group" aria-label=${t("moderation.views")}>${VIEWS.map((view) => html`
        <button type="button" aria-pressed=${this.view === view} @click=${() => this.#look(view)}>${t(`moderation.${view}`)}</button>`)}</div>
      <div class="results">${this.#list()}</div>`;
  }

  #list() {
    if (this.isEmpty) return emptyState("shield", t("moderation.empty"), t("moderation.empty_text"));
    return html`<ul class="people">${this.items.map((each) => this.view === "log" ? this.#entry(each) : this.#case(each))}</ul>${this.foot()}`;
  }

  /** @param {any} each */
  #case(each) {
    return html`<li><a class="studio-row" href="/moderation/${each.id}"><span class="studio-thumb">${each.thumb_url ? html`<img src=${each.thumb_url} alt="">` : icon(each.subject_kind === "comment" ? "comment" : "person")}</span>
      <span class="grow stack tight"><span class="strong one-line" dir="auto">${t(`moderation.${each.subject_kind}`)} · @${each.account.name}</span>
        ${each.excerpt ? html`<span class="one-line" dir="auto">${each.excerpt}</span>` : nothing}
        <span class="row small"><span class="badge">${t("moderation.reports", { count: each.report_count })}</span>${each.reasons.map((/** @type {string} */ reason) => html`<span class="badge">${t(`report.${reason}`)}</span>`)}
          ${each.sanction === "none" ? nothing : html`<span class="badge refused">${t(`moderation.${each.sanction}`)}</span>`}${each.is_appealed ? html`<span class="badge live">${t("moderation.appeal")}</span>` : nothing}
          <time datetime=${each.opened_at} title=${instantExact(each.opened_at)}>${ago(each.opened_at)}</time></span></span></a></li>`;
  }

  /** @param {any} each */
  #entry(each) {
    const inside = html`<span class="avatar">${icon("shield")}</span><span class="grow"><span class="strong">${t("moderation.by", { action: t(`moderation.${each.action}`), name: each.actor_name })}</span>
      <span class="words" dir="auto">${each.reason}</span><time class="small" datetime=${each.at} title=${instantExact(each.at)}>${ago(each.at)}</time></span>`;
    return html`<li>${each.case_id ? html`<a class="person-row" href="/moderation/${each.case_id}">${inside}</a>` : html`<div class="person-row">${inside}</div>`}</li>`;
  }
}
customElements.define("solstice-moderation", ModerationPage);
