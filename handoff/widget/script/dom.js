// Elements without HTML strings: what people wrote only ever becomes text.

/**
 * @param {string} tag
 * @param {Record<string, any>} [attributes] `on…` are listeners; false and null leave an attribute out
 * @param {...(Node | string | false | null | undefined)} children
 */
export function el(tag, attributes = {}, ...children) {
  const element = tag in DRAWN ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  if (tag === "button") element.type = tag; // and not „submit“, unless an attribute says so
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child != null && child !== false));
  return element;
}

const DRAWN = { svg: 1, path: 1 };
const THUMB = "M7 10v12M15 5.9 14 10h5.8a2 2 0 0 1 2 2.6l-2.4 8a2 2 0 0 1-1.9 1.4H4a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2h2.8a2 2 0 0 0 1.8-1.1L12 2a3.1 3.1 0 0 1 3 3.9Z";
const BELL = "M6 8a6 6 0 0 1 12 0c0 7 3 9 3 9H3s3-2 3-9M10.3 21a2 2 0 0 0 3.4 0";
const ICONS = { // after Lucide (ISC)
  chat: "M7.9 20A9 9 0 1 0 4 16.1L2 22Z",
  close: "M18 6 6 18M6 6l12 12",
  send: "m22 2-7 20-4-9-9-4ZM22 2 11 13",
  person: "M19 21v-2a4 4 0 0 0-4-4H9a4 4 0 0 0-4 4v2M16 7a4 4 0 1 1-8 0 4 4 0 0 1 8 0Z",
  bot: "M12 8V4M6 8h12a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2ZM9 13v2M15 13v2",
  check: "M20 6 9 17l-5-5",
  bell: BELL,
  mute: `${BELL}M3 3l18 18`,
  yes: THUMB,
  no: THUMB,
};

/** @param {keyof ICONS} name */
export const icon = (name) => el("svg", { viewBox: "0 0 24 24", class: `icon icon-${name}`, "aria-hidden": "true" }, el("path", { d: ICONS[name] }));
