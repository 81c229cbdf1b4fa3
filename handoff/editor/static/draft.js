// What is typed and not saved is kept in this browser, by entry: a reload, a crash or a lost log-in loses nothing. It goes once it is saved or dropped.

const PREFIX = "abiline-editor:";
const KEPT_DAYS = 14;

/** @param {string} key */
function place(key) { return PREFIX + key; }

/** @param {string} key @param {number | null} revision @param {object} words */
export function remember(key, revision, words) {
  try { localStorage.setItem(place(key), JSON.stringify({ revision, words, at: Date.now() })); } catch { /* no storage, or full: the page still warns before it is left */ }
}

/** @param {string} key */
export function forget(key) {
  try { localStorage.removeItem(place(key)); } catch { /* nothing was kept */ }
}

/** @param {string} key @returns {{revision: number | null, words: any} | null} */
export function recalled(key) {
  try {
    const kept = JSON.parse(localStorage.getItem(place(key)) ?? "null");
    return kept && Date.now() - kept.at < KEPT_DAYS * 86_400_000 ? kept : null;
  } catch { return null; }
}
