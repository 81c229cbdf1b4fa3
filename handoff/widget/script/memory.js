// What the browser remembers. Storage may be full, forbidden or gone: then it lasts as long as the page.

/** @param {() => Storage} storage asked each time, for even naming it may throw */
function memory(storage) {
  const here = new Map();
  const full = (key) => `abiline:${key}`;
  return {
    read(key) {
      try { return JSON.parse(storage().getItem(full(key))) ?? here.get(key) ?? null; } catch { return here.get(key) ?? null; }
    },
    write(key, value) {
      if (value == null) here.delete(key);
      else here.set(key, value);
      try {
        if (value == null) storage().removeItem(full(key));
        else storage().setItem(full(key), JSON.stringify(value));
      } catch { /* kept in `here` */ }
    },
    keys(start) {
      const found = new Set(here.keys());
      try { for (const key of Object.keys(storage())) if (key.startsWith("abiline:")) found.add(key.slice(8)); } catch { /* see above */ }
      return [...found].filter((key) => key.startsWith(start));
    },
  };
}

export const device = memory(() => localStorage); // all tabs, until cleared
export const tab = memory(() => sessionStorage); // this tab, over page changes

/** An id that nobody else makes; `randomUUID` is missing on plain http. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
