/** Lists of people and of hashtags, a row each. */
import { avatar, html, icon, nothing } from "../core/element.js";
import { countShort, t } from "../core/text.js";
import { Paged } from "./paged.js";

/** How many follow an account, if that was told at all; null is "counting". @param {AccountSummary} account */
const followers = (account) => account.follower_count === undefined ? nothing
  : html` · ${t("search.followers", { count: account.follower_count ?? 0, short: countShort(account.follower_count) })}`;

/** @param {AccountSummary} account */
export const personRow = (account) => html`<a class="person-row" href="/@${account.name}">${avatar(account)}<span class="grow">
  <span class="strong one-line" dir="auto">${account.display_name || account.name}</span><span class="soft small">@${account.name}${followers(account)}</span></span></a>`;

/** @param {Hashtag} hashtag */
const hashtagRow = (hashtag) => html`<a class="person-row" href="/tag/${encodeURIComponent(hashtag.tag)}"><span class="avatar">${icon("hash")}</span><span class="grow">
  <span class="strong one-line" dir="auto">#${hashtag.tag}</span><span class="soft small">${t("hashtag.count", { count: hashtag.video_count, short: countShort(hashtag.video_count) })}</span></span></a>`;

/** @extends {Paged<any>} */
class Rows extends Paged {
  /** @param {any} _item @returns {unknown} */
  row(_item) {
    return nothing;
  }

  render() {
    if (this.isEmpty) return this.empty;
    return html`<ul class="people">${this.rows.map(({ item }) => html`<li>${this.row(item)}</li>`)}</ul>${this.foot()}`;
  }
}

class People extends Rows {
  row = personRow;
}
customElements.define("solstice-people", People);

class Hashtags extends Rows {
  row = hashtagRow;
  /** @param {Hashtag} item */
  key(item) {
    return item.tag;
  }
}
customElements.define("solstice-hashtags", Hashtags);
