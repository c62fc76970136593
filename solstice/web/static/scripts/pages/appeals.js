/** Decisions about one's own clips, comments or account, and the one appeal against each. */
import "../shell.js";
import { ApiError, get, post } from "../core/api.js";
import { html, nothing, PageElement } from "../core/element.js";
import { say } from "../core/notices.js";
import { ago, t } from "../core/text.js";
import { openDialog } from "../dialogs/dialog.js";
import { emptyState } from "../grid/grid.js";

class AppealsPage extends PageElement {
  static properties = { items: { state: true }, state: { state: true } };
  constructor() {
    super();
    /** @type {any[]} */
    this.items = [];
    /** @type {"loading" | "ready" | "away"} */
    this.state = "loading";
  }

  firstUpdated() {
    void this.load();
  }

  async load() {
    try {
      this.items = (await get("/v1/me/moderation")).items;
      this.state = "ready";
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.state = "away";
    }
  }

  /** @param {any} decision */
  #appeal(decision) {
    let problem = "";
    openDialog(t("appeals.do"), (close, redraw) => html`<form class="stack" @submit=${async (/** @type {SubmitEvent} */ event) => {
        event.preventDefault();
        try {
          await post(`/v1/moderation/cases/${decision.case_id}/appeal`, Object.fromEntries(new FormData(/** @type {HTMLFormElement} */ (event.target))));
          close();
          say(t("appeals.sent"));
          await this.load();
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          problem = error.problem && !error.isPassing ? error.message : t("problem.busy");
          redraw();
        }
      }}>
      <p>${t("appeals.once")}</p>
      <div class="field"><label for="appeal">${t("appeals.text")}</label><textarea id="appeal" name="text" required maxlength="2000"></textarea></div>
      <p class="problem-text" role="alert">${problem}</p><button class="button primary wide">${t("appeals.do")}</button></form>`);
  }

  /** @param {any} decision */
  #row(decision) {
    const appeal = decision.appeal;
    const words = appeal ? appeal.outcome ? t(`appeals.${appeal.outcome === "overturn" ? "overturned" : "upheld"}`) : t("appeals.waiting") : "";
    return html`<li class="card stack tight"><div class="spread"><h2>${t(`moderation.${decision.subject_kind}`)}: ${t(`moderation.${decision.action}`)}</h2><time class="small" datetime=${decision.decided_at}>${ago(decision.decided_at)}</time></div>
      <p dir="auto">${decision.reason}</p>${words ? html`<p class="badge">${words}</p>` : nothing}
      ${decision.can_appeal ? html`<div><button type="button" class="button primary" @click=${() => this.#appeal(decision)}>${t("appeals.do")}</button></div>` : nothing}</li>`;
  }

  render() {
    return html`<header class="page-head"><h1>${t("appeals.title")}</h1></header>${
      this.state === "loading" ? html`<div class="skeleton block"></div>`
        : this.state === "away" ? html`<div class="empty" role="alert"><p>${t("problem.away")}</p><button type="button" class="button" @click=${this.load}>${t("problem.retry")}</button></div>`
        : this.items.length === 0 ? emptyState("shield", t("appeals.none"), t("appeals.none_text")) : html`<ul class="stack">${this.items.map((each) => this.#row(each))}</ul>`}`;
  }
}
customElements.define("solstice-appeals", AppealsPage);
