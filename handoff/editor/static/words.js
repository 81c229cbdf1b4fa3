// The page's texts in the reader's language, and times and shares as people say them.
/** @type {Record<string, string>} */
const words = JSON.parse(document.getElementById("words")?.textContent ?? "{}");
const language = document.documentElement.lang;

/** @param {string} key @param {Record<string, string | number>} [values] */
export function say(key, values = {}) {
  const text = words[key];
  if (text === undefined) return `[?${key}]`;
  return text.replace(/\$(\w+)/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** @param {string} key */
export function known(key) { return key in words; }

/** „22.11.2026 14.20“, „22 November 2026 14:20“: Estonian writes the time with a point, and the month as a number, since its name would need a case ending. @param {string} iso */
export function moment(iso) {
  const at = new Date(iso);
  const date = new Intl.DateTimeFormat(language, { day: "numeric", month: language === "et" ? "numeric" : "long", year: "numeric" }).format(at);
  const time = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
  return `${date} ${language === "et" ? time.replace(":", ".") : time}`;
}

/** @param {number} value 0…1 */
export function share(value) { return `${Math.round(value * 100)}\u00a0%`; }

/** „24. detsember 2026“ for "2026-12-24"; nothing for nothing. @param {string} [iso] */
export function day(iso) {
  return iso ? new Intl.DateTimeFormat(language, { day: "numeric", month: language === "et" ? "numeric" : "long", year: "numeric", timeZone: "UTC" }).format(new Date(`${iso}T00:00:00Z`)) : "";
}
