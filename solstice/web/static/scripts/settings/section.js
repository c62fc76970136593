/** What the sections of the settings share: a card with a heading, and one way to act and tell. */
import { ApiError } from "../core/api.js";
import { html, PageElement } from "../core/element.js";
import { say } from "../core/notices.js";
import { t } from "../core/text.js";

export class Section extends PageElement {
  static properties = { problem: { state: true } };
  constructor() {
    super();
    this.problem = "";
  }

  /** Do something, say that it is done, or why not. @param {() => Promise<unknown>} act @param {string} done @returns {Promise<boolean>} */
  async act(act, done) {
    this.problem = "";
    try {
      await act();
      if (done) say(done);
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = error.problem && !error.isPassing ? error.problem.errors?.[0]?.message ?? error.message : t("problem.busy");
      return false;
    }
  }

  /** @param {string} title @param {unknown} content */
  card(title, content) {
    return html`<section class="card stack"><h2>${title}</h2>${content}<p class="problem-text" role="alert" ?hidden=${!this.problem}>${this.problem}</p></section>`;
  }
}
