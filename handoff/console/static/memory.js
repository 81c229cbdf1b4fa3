// What this browser remembers for its reader. Storage may refuse (private mode): then it is forgotten at the reload.
const held = new Map();

/** @param {string} key @param {any} otherwise @param {"local" | "session"} [where] */
export function recall(key, otherwise, where = "local") {
  try {
    const kept = (where === "local" ? localStorage : sessionStorage).getItem(`abiline-desk-${key}`);
    if (kept !== null) return JSON.parse(kept);
  } catch { /* see above */ }
  return held.has(key) ? held.get(key) : otherwise;
}

/** @param {string} key @param {any} value @param {"local" | "session"} [where] */
export function remember(key, value, where = "local") {
  held.set(key, value);
  try {
    (where === "local" ? localStorage : sessionStorage).setItem(`abiline-desk-${key}`, JSON.stringify(value));
  } catch { /* see above */ }
}
