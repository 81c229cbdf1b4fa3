// Days and times as people say them.

/** @param {string} language */
export function clock(language, moment) {
  return moment.toTimeString().slice(0, 5).replace(/^0/, "").replace(":", language === "et" ? "." : ":");
}

/** „Homme“, „Täna“, „Eile“ or the date. */
export function day(language, moment) {
  const midnight = (moment) => new Date(moment).setHours(0, 0, 0, 0);
  const ago = Math.round((midnight(Date.now()) - midnight(moment)) / 86_400_000);
  const date = Math.abs(ago) < 2 ? new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(-ago, "day") : moment.toLocaleDateString(language === "en" ? "en-GB" : language, { day: "numeric", month: "long", weekday: "long" });
  return date[0].toUpperCase() + date.slice(1);
}

/** „Homme 9.00“. */
export const when = (language, moment) => `${day(language, moment)} ${clock(language, moment)}`;
