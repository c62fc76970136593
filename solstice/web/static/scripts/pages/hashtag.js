/** A hashtag: how many clips carry it, and which. */
import "../shell.js";
import { get } from "../core/api.js";
import { html, icon, PageElement } from "../core/element.js";
import { countShort, t } from "../core/text.js";
import { emptyState } from "../grid/grid.js";

class HashtagPage extends PageElement {
  static properties = { count: { state: true } };
  constructor() {
    super();
    this.tag = this.dataset.tag ?? "";
    /** @type {number | null} */
    this.count = null;
  }
  async firstUpdated() {
    this.count = (await get(`/v1/hashtags/${encodeURIComponent(this.tag)}`).catch(() => null))?.video_count ?? null;
  }
  render() {
    return html`<header class="page-head">${icon("hash")}<div class="grow"><h1 dir="auto">${this.tag}</h1><p class="soft figure">${t("hashtag.count", { count: this.count ?? 0, short: countShort(this.count) })}</p></div></header>
      <solstice-grid .path=${`/v1/hashtags/${encodeURIComponent(this.tag)}/videos`} .source=${`hashtag:${this.tag}`} .empty=${emptyState("hash", t("end.list_empty.title"), t("end.list_empty.text"))}></solstice-grid>`;
  }
}
customElements.define("solstice-hashtag", HashtagPage);
