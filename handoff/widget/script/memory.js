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
      here.delete(key);
      try {
        if (value == null) storage().removeItem(full(key));
        else storage().setItem(full(key), JSON.stringify(value));
      } catch { if (value != null) here.set(key, value); }
    },
    keys(start) {
      const found = new Set(here.keys());
      try { for (const key of Object.keys(storage())) if (key.startsWith("abiline:")) found.add(key.slice(8)); } catch { /* see above */ }
      return [...found].filter((key) => key.startsWith(start));
    },
  };
}

export const device = memory(() => localStorage); // all tabs, until cleared
export const session = memory(() => sessionStorage); // this tab, over page changes
export const tab = memory(() => { if (!device.read("talk")) throw 0; return sessionStorage; }); // the same, and nothing before a conversation has begun

/** Told when another tab has changed what is kept on the device under a key with this beginning. */
export function watch(start, told) { addEventListener("storage", ({ key }) => key?.startsWith(`abiline:${start}`) && told(key.slice(8))); }

/** What nobody else makes or guesses. (`crypto.randomUUID` is missing on plain http.) @param {number} bytes */
export const random = (bytes) => [...crypto.getRandomValues(new Uint8Array(bytes))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
