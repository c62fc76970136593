/** Texts of the page's language, numbers and times as that language writes them. */
import { direction, language, texts } from "texts";

export { direction, language };

const locale = language === "ar-XB" ? "en" : language;
const plurals = new Intl.PluralRules(locale);

/**
 * Find a text and fill in its values; an unknown key shows itself, so that it is noticed.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  let entry = texts[key];
  if (entry === undefined) return key;
  if (typeof entry !== "string") entry = entry[plurals.select(Number(values["count"] ?? 0))] ?? entry["other"] ?? key;
  return entry.replace(/\{([a-z_]+)\}/g, (whole, name) => String(values[name] ?? whole));
}

const short = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 });
const exact = new Intl.NumberFormat(locale);

/** Shorten a count (12.3K); an unknown one says so and is never 0. @param {number | null | undefined} count */
export const countShort = (count) => (count == null ? t("count.unknown") : short.format(count));

/** Write a count in full. @param {number | null | undefined} count */
export const countExact = (count) => (count == null ? t("count.unknown") : exact.format(count));

/** Shorten bytes to one unit people use. @param {number} bytes */
export function bytesShort(bytes) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  const step = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return new Intl.NumberFormat(locale, { style: "unit", unit: units[step], unitDisplay: "short", maximumFractionDigits: step > 1 ? 1 : 0 })
    .format(bytes / 1024 ** step);
}

/** Write a position in a clip as 1:05. @param {number} seconds */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
const dated = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
const timed = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const SPANS = [["second", 60], ["minute", 60], ["hour", 24], ["day", 7]];

/** Say how long ago an instant was; a date beyond a week. @param {string} instant */
export function ago(instant) {
  let span = (Date.parse(instant) - Date.now()) / 1000;
  if (Number.isNaN(span)) return "";
  for (const [unit, size] of SPANS) {
    if (Math.abs(span) < size) return relative.format(Math.round(span), unit);
    span /= size;
  }
  return dated.format(new Date(instant));
}

/** Write an instant in full. @param {string} instant */
export const instantExact = (instant) => timed.format(new Date(instant));
/** Write a date. @param {string} instant */
export const dateOf = (instant) => dated.format(new Date(instant));
