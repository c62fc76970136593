/** The live page for administrators: what runs, what waits, how fast it answers. */
import "../shell.js";
import { get } from "../core/api.js";
import { filled, html, nothing, PageElement } from "../core/element.js";
import { ago, bytesShort, countExact, countShort, t } from "../core/text.js";
import { drawLine } from "../studio/bars.js";

const EVERY_MS = 2000;
const READINGS = 90;

/**
 * @typedef {object} Reading
 * @property {string} at
 * @property {{name: string, state: string, pid: number | null, started_at: number | null, restart_count: number, memory_bytes: number | null}[] | null} processes
 * @property {{is_reachable: boolean, connections_in_use: number, connections_max: number, waiting: number}} database
 * @property {Record<string, number> | null} videos
 * @property {number | null} oldest_waiting_s
 * @property {Record<string, number> | null} jobs
 * @property {{free_bytes: number, total_bytes: number}} disk
 * @property {{answered_total: number, failed_total: number, refused_total?: number, latency_ms_p50: number | null, latency_ms_p99: number | null, since_s: number}} requests
 */

class OperationsPage extends PageElement {
  static properties = { now: { state: true }, isOld: { state: true } };
  constructor() {
    super();
    /** @type {Reading | null} */
    this.now = null;
    this.isOld = false;
    /** @type {{answered: number, failed: number, p99: number, at: number}[]} */
    this.history = [];
  }

  firstUpdated() {
    const ask = async () => {
      if (document.hidden) return;
      try {
        const reading = /** @type {Reading} */ (await get("/v1/operations", { tries: 1, deadlineMs: 3000 }));
        this.history = [...this.history, { answered: reading.requests.answered_total, failed: reading.requests.failed_total, p99: reading.requests.latency_ms_p99 ?? 0, at: Date.parse(reading.at) }].slice(-READINGS);
        this.now = reading;
        this.isOld = false;
      } catch {
        this.isOld = true;
      }
    };
    void ask();
    setInterval(ask, EVERY_MS);
  }

  /** Differences of a growing total per second; a restart of the server starts anew at 0. @param {"answered" | "failed"} key */
  #rates(key) {
    return this.history.slice(1).map((each, n) => Math.max(0, each[key] - this.history[n][key]) / Math.max(0.2, (each.at - this.history[n].at) / 1000));
  }

  render() {
    const { now } = this;
    return html`<header class="page-head"><h1>${t("nav.operations")}</h1></header>
      <p role="status" class=${this.isOld ? "problem-text" : "soft"}>${this.isOld ? t("operations.away") : t("operations.as_of", { when: now ? ago(now.at) : "…" })}</p>
      ${now ? html`<div class="ops">${this.#rateCards(now)}${this.#stateCards(now)}</div>${this.#processes(now)}` : html`<div class="skeleton block"></div>`}`;
  }

  /** @param {Reading} now */
  #rateCards({ requests }) {
    const answered = this.#rates("answered");
    const failed = this.#rates("failed");
    const ms = (/** @type {number | null} */ value) => (value === null ? t("count.unknown") : `${countShort(Math.round(value * 10) / 10)} ms`);
    return html`
      ${this.#card(t("operations.answers"), html`${countShort(Math.round(answered.at(-1) ?? 0))} <span class="soft small">/ s</span>`, drawLine(answered, t("operations.answers")))}
      ${this.#card(t("operations.failures"), html`${countShort(Math.round((failed.at(-1) ?? 0) * 10) / 10)} <span class="soft small">/ s</span>`, drawLine(failed, t("operations.failures")))}
      ${this.#card(t("operations.latency"), html`${ms(requests.latency_ms_p99)} <span class="soft small">p50 ${ms(requests.latency_ms_p50)}</span>`, drawLine(this.history.map((each) => each.p99), t("operations.latency")))}`;
  }

  /** @param {Reading} now */
  #stateCards({ database, videos, jobs, disk, oldest_waiting_s: oldest }) {
    const used = 1 - disk.free_bytes / Math.max(1, disk.total_bytes);
    return html`
      ${this.#card(t("operations.database"), database.is_reachable ? t("operations.there") : t("operations.gone"), html`<p class="soft small figure">${t("operations.connections", { used: database.connections_in_use, most: database.connections_max, waiting: database.waiting })}</p>`)}
      ${this.#card(t("operations.videos"), countShort(videos?.["live"] ?? null), html`<p class="soft small figure">${videos ? ["uploading", "received", "processing", "refused"].map((each) => html`${t(`studio.${each}`)} ${countExact(videos[each] ?? 0)} · `) : nothing}${t("operations.oldest")} ${oldest === null ? "–" : `${Math.round(oldest)} s`}</p>`)}
      ${this.#card(t("operations.jobs"), countShort(jobs?.["todo"] ?? null), html`<p class="soft small figure">${t("operations.running")} ${countShort(jobs?.["doing"] ?? null)} · ${t("operations.failed")} ${countShort(jobs?.["failed"] ?? null)}</p>`)}
      ${this.#card(t("operations.disk"), bytesShort(disk.free_bytes), html`<div class="bar" role="img" aria-label="${Math.round(used * 100)} %"><span ${filled(used)}></span></div>`)}`;
  }

  /** @param {string} title @param {unknown} value @param {unknown} more */
  #card(title, value, more) {
    return html`<section class="card"><h2 class="soft small">${title}</h2><p class="big figure">${value}</p>${more}</section>`;
  }

  /** @param {Reading} now */
  #processes({ processes }) {
    if (!processes) return html`<p class="soft">${t("operations.no_processes")}</p>`;
    return html`<div class="table-frame" tabindex="0" role="region" aria-label=${t("operations.processes")}><table class="table"><caption class="unseen">${t("operations.processes")}</caption>
      <thead><tr><th scope="col">${t("operations.name")}</th><th scope="col">${t("operations.state")}</th><th scope="col">${t("operations.memory")}</th><th scope="col">${t("operations.restarts")}</th><th scope="col">${t("operations.since")}</th></tr></thead>
      <tbody>${processes.map((each) => html`<tr><th scope="row">${each.name}</th><td><span class="badge ${each.state === "ready" ? "live" : "refused"}">${each.state}</span></td>
        <td class="figure">${each.memory_bytes === null ? t("count.unknown") : bytesShort(each.memory_bytes)}</td><td class="figure">${each.restart_count}</td><td>${each.started_at === null ? "–" : ago(new Date(each.started_at * 1000).toISOString())}</td></tr>`)}</tbody></table></div>`;
  }
}
customElements.define("solstice-operations", OperationsPage);
