// What the server gave with the page: texts in the reader's language, who is here; and times as people say them.
/** @type {{texts: Record<string, string>, language: string, csrf: string, zone: string, bot: string, files: {accept: string, most: number, kinds: string} | null, lists: string[], mail: boolean, stages: {id: string, ends: boolean, name: string}[], me: {id: string, name: string, edits: boolean, takes_over: boolean, holds: boolean}}} */
export const start = JSON.parse(document.getElementById("start")?.textContent ?? "{}");
export const me = start.me;

/** A text by its key; a missing one shows itself. @param {string} key @param {Record<string, string | number>} [values] */
export function t(key, values = {}) {
  const text = start.texts[key];
  return text ? text.replace(/\$(\w+)/g, (whole, name) => (name in values ? String(values[name]) : whole)) : `[?${key}]`;
}

/** A text by its key, or `otherwise` when nobody wrote it (names that others may add to). @param {string} key @param {string} otherwise */
export function tOr(key, otherwise) {
  return start.texts[key] ?? otherwise;
}

const zoned = { timeZone: start.zone };
const clockFormat = new Intl.DateTimeFormat(start.language, { hour: "2-digit", minute: "2-digit", ...zoned });
const dayFormat = new Intl.DateTimeFormat(start.language, { day: "numeric", month: "long", ...zoned });
const dayKey = new Intl.DateTimeFormat("sv", { year: "numeric", month: "2-digit", day: "2-digit", ...zoned });

/** `14.20` in Estonian, `14:20` elsewhere. @param {Date} moment */
export function clock(moment) {
  const text = clockFormat.format(moment);
  return start.language === "et" ? text.replace(":", ".") : text;
}

/** Which day it is, for grouping. @param {Date} moment */
export const day = (moment) => dayKey.format(moment);

/** „täna 14.20“, „eile 14.20“, „21. november 14.20“. @param {string} iso */
export function when(iso) {
  const moment = new Date(iso);
  const time = clock(moment);
  if (day(moment) === day(new Date())) return t("time.today", { clock: time });
  if (day(moment) === day(new Date(Date.now() - 86_400_000))) return t("time.yesterday", { clock: time });
  return t("time.on", { date: dayFormat.format(moment), clock: time });
}

/** „äsja“, „3 min tagasi“, then like `when`. @param {string} iso */
export function ago(iso) {
  const seconds = (Date.now() - new Date(iso).getTime()) / 1000;
  if (seconds < 60) return t("time.now");
  if (seconds < 3600) return t("time.minutes_ago", { count: Math.floor(seconds / 60) });
  return when(iso);
}

/** How long since then: „45 s“, „12 min“, „2 t 5 min“, „3 päeva“. @param {string} iso */
export function waited(iso) {
  const seconds = Math.max(0, Math.floor((Date.now() - new Date(iso).getTime()) / 1000));
  if (seconds < 60) return t("time.seconds", { count: seconds });
  if (seconds < 3600) return t("time.minutes", { count: Math.floor(seconds / 60) });
  if (seconds < 86_400) return t("time.hours", { hours: Math.floor(seconds / 3600), minutes: Math.floor((seconds % 3600) / 60) });
  const days = Math.floor(seconds / 86_400);
  return days === 1 ? t("time.day") : t("time.days", { count: days });
}

/** „lubatud kella 14.32-ks“. @param {string} iso */
export const promised = (iso) => t("line.promised", { clock: clock(new Date(iso)) });

/** `0.876` → „88%“. @param {number} share */
export const percent = (share) => `${Math.round(share * 100)}%`;
