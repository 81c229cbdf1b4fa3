// Days and times as people say them.

/** @param {string} language */
export function clock(language, moment) {
  const [hours, minutes] = [moment.getHours(), String(moment.getMinutes()).padStart(2, "0")];
  return language === "et" ? `${hours}.${minutes}` : `${hours}:${minutes}`;
}

/** „Homme“, „Täna“, „Eile“ or the date. */
export function day(language, moment, t) {
  const midnight = (when) => new Date(when.getFullYear(), when.getMonth(), when.getDate());
  const ago = Math.round((midnight(new Date()) - midnight(moment)) / 86_400_000);
  if (Math.abs(ago) < 2) return t(["tomorrow", "today", "yesterday"][ago + 1]);
  return new Intl.DateTimeFormat(language, { day: "numeric", month: "long", weekday: "long" }).format(moment);
}

/** „Homme 9.00“. */
export const when = (language, moment, t) => `${day(language, moment, t)} ${clock(language, moment)}`;
