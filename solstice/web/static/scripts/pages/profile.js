/** A profile: who it is, what they posted; for oneself also what one liked and kept. */
import "../shell.js";
import { ApiError, get, put, remove } from "../core/api.js";
import { boot, logInUrl } from "../core/boot.js";
import { avatar, html, icon, nothing, PageElement } from "../core/element.js";
import { counted, changes, follow, has, learn } from "../core/marks.js";
import { say } from "../core/notices.js";
import { countExact, countShort, t } from "../core/text.js";
import { block, setBlock } from "../dialogs/block.js";
import { openDialog } from "../dialogs/dialog.js";
import { report } from "../dialogs/report.js";
import { emptyState } from "../grid/grid.js";
import "../grid/rows.js";

class ProfilePage extends PageElement {
  static properties = { profile: { state: true }, state: { state: true }, tab: { state: true } };
  constructor() {
    super();
    this.name = this.dataset.name ?? "";
    /** @type {Profile | null} */
    this.profile = null;
    /** @type {"loading" | "ready" | "gone" | "away" | "blocked"} */
    this.state = "loading";
    /** @type {"videos" | "likes" | "bookmarks"} */
    this.tab = "videos";
    this.repaint = () => this.requestUpdate();
  }

  connectedCallback() {
    super.connectedCallback();
    changes.addEventListener("change", this.repaint);
    void this.load();
  }

  async load() {
    try {
      const profile = /** @type {Profile} */ (await get(`/v1/accounts/${encodeURIComponent(this.name)}`));
      if (profile.viewer?.follows) learn({ liked: [], bookmarked: [], following: [profile.id] });
      this.profile = profile;
      this.state = "ready";
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.state = error.isPassing ? "away" : await this.#isBlocked() ? "blocked" : "gone";
    }
  }

  /** Whom one has blocked is as gone as anybody; only one's own list tells the difference. */
  async #isBlocked() {
    if (!boot.viewer) return false;
    const page = await get("/v1/me/blocks").catch(() => null);
    return page?.items.some((/** @type {AccountSummary} */ each) => each.name === this.name) ?? false;
  }

  async #unblock() {
    const outcome = await setBlock({ name: this.name }, false);
    if (outcome === "sent") await this.load();
  }

  /** @param {Profile} profile */
  #more(profile) {
    const mutes = profile.viewer?.mutes ?? false;
    const path = `/v1/accounts/${encodeURIComponent(this.name)}/mute`;
    openDialog(t("profile.more"), (close) => html`<div class="menu">
      <button type="button" @click=${async () => { close(); await (mutes ? remove(path) : put(path)).then(() => mutes || say(t("profile.muted", { name: this.name })), () => say(t("problem.busy"))); await this.load(); }}>
        ${icon("sound-off")}${t(mutes ? "profile.unmute" : "profile.mute", { name: this.name })}</button>
      <button type="button" @click=${async () => { close(); if (await block(profile, () => void this.load()) === "sent") await this.load(); }}>${icon("less")}${t("more.block", { name: this.name })}</button>
      <button type="button" class="danger" @click=${() => { close(); report("account", profile.id); }}>${icon("flag")}${t("profile.report")}</button></div>`);
  }

  render() {
    if (this.state === "gone") return emptyState("person", t("profile.gone"), t("profile.gone_text"));
    if (this.state === "away") return html`<div class="empty" role="alert"><h1>@${this.name}</h1><p>${t("problem.away")}</p><button type="button" class="button" @click=${this.load}>${t("problem.retry")}</button></div>`;
    if (this.state === "blocked") return emptyState("less", t("profile.blocked_title", { name: this.name }), t("profile.blocked_text"), html`<button type="button" class="button" @click=${this.#unblock}>${t("profile.unblock")}</button>`);
    const { profile } = this;
    if (!profile) return html`<header class="page-head"><h1>@${this.name}</h1></header><div class="skeleton block"></div>`;
    return html`${this.#head(profile)}${profile.viewer?.is_self ? this.#tabs() : nothing}${this.#grid(profile)}`;
  }

  /** @param {Profile} profile */
  #head(profile) {
    const isSelf = profile.viewer?.is_self ?? false;
    const follows = has("following", profile.id);
    const followers = counted("following", profile.id, profile.follower_count);
    return html`<header class="profile-head">
      ${avatar(profile, "large")}
      <div class="grow">
        <h1 dir="auto">${profile.display_name || profile.name}</h1><p class="soft">@${profile.name}</p>
        <ul class="figures">${this.#people("following", profile.following_count, t("profile.following"))}
          ${this.#people("followers", followers, t("profile.followers", { count: followers ?? 0 }))}${this.#figure(profile.like_count, t("profile.likes", { count: profile.like_count ?? 0 }))}</ul>
      </div>
      ${profile.bio ? html`<p class="bio" dir="auto">${profile.bio}</p>` : nothing}
      <div class="row profile-actions">${isSelf
        ? html`<a class="button" href="/settings">${t("profile.edit")}</a><a class="button" href="/studio">${icon("chart")}${t("nav.studio")}</a><a class="button round" href="/settings" aria-label=${t("nav.settings")}>${icon("gear")}</a>`
        : html`<button type="button" class="button ${follows ? "" : "primary"}" aria-pressed=${follows} @click=${() => boot.viewer ? follow(profile, !follows) : location.assign(logInUrl())}>${t(follows ? "profile.unfollow" : "profile.follow")}</button>
          ${boot.viewer ? html`<button type="button" class="button round" aria-label=${t("profile.more")} aria-haspopup="dialog" @click=${() => this.#more(profile)}>${icon("more")}</button>` : nothing}`}</div>
    </header>`;
  }

  /** @param {number | null} count @param {string} label */
  #figure(count, label) {
    return html`<li title=${countExact(count)}><span class="strong figure">${countShort(count)}</span> <span class="soft">${label}</span></li>`;
  }

  /** A figure that opens the list it counts. @param {"followers" | "following"} list @param {number | null} count @param {string} label */
  #people(list, count, label) {
    const path = `/v1/accounts/${encodeURIComponent(this.name)}/${list}`;
    const show = () => openDialog(t(`profile.${list}_title`), () => html`<solstice-people .path=${path} .empty=${html`<p class="soft">${t(`profile.${list}_none`)}</p>`}></solstice-people>`);
    return html`<li><button type="button" class="figure-button" title=${countExact(count)} aria-haspopup="dialog" @click=${show}><span class="strong figure">${countShort(count)}</span> <span class="soft">${label}</span></button></li>`;
  }

  #tabs() {
    /** @type {["videos" | "likes" | "bookmarks", string][]} */
    const tabs = [["videos", "profile.videos"], ["likes", "profile.liked"], ["bookmarks", "profile.bookmarks"]];
    return html`<div class="segments" role="group" aria-label=${t("profile.videos")}>${tabs.map(([tab, key]) => html`
      <button type="button" aria-pressed=${this.tab === tab} @click=${() => { this.tab = tab; }}>${t(key)}</button>`)}</div>`;
  }

  /** @param {Profile} profile */
  #grid(profile) {
    const isSelf = profile.viewer?.is_self ?? false;
    const [path, source] = this.tab === "videos" ? [`/v1/accounts/${encodeURIComponent(this.name)}/videos`, `account:${this.name}`] : [`/v1/me/${this.tab}`, this.tab];
    const empty = emptyState("film", t("profile.no_videos"), isSelf && this.tab === "videos" ? t("profile.no_videos_own") : t("profile.no_videos_text", { name: this.name }),
      isSelf && this.tab === "videos" ? html`<a class="button primary" href="/post">${t("end.post")}</a>` : nothing);
    return html`<solstice-grid .path=${path} .source=${source} .empty=${this.tab === "videos" ? empty : emptyState("film", t("end.list_empty.title"), t("end.list_empty.text"))}></solstice-grid>`;
  }
}
customElements.define("solstice-profile", ProfilePage);
