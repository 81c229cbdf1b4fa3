// Days and times as people say them.

/** @param {string} language */
export function clock(language, moment) {
  const [hours, minutes] = [moment.getHours(), String(moment.getMinutes()).padStart(2, "0")];
  return language === "et" ? `${hours}.${minutes}` : `${hours}:${minutes}`;
}

/** „Homme“, „Täna“, „Eile“ or the date. */
export function day(language, moment, t) {
  const midnight = (moment) => new Date(moment).setHours(0, 0, 0, 0);
  const ago = Math.round((midnight(Date.now()) - midnight(moment)) / 86_400_000);
  if (Math.abs(ago) < 2) return t(["tomorrow", "today", "yesterday"][ago + 1]);
  const date = moment.toLocaleDateString(language === "en" ? "en-GB" : language, { day: "numeric", month: "long", weekday: "long" });
  return date[0].toUpperCase() + date.slice(1);
}

/** „Homme 9.00“. */
export const when = (language, moment, t) => `${day(language, moment, t)} ${clock(language, moment)}`;
