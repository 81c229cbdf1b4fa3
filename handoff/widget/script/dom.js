// Elements without HTML strings: what people wrote only ever becomes text.

/**
 * @param {string} tag
 * @param {Record<string, any>} [attributes] `on…` are listeners; false and null leave an attribute out
 * @param {...(Node | string | false | null | undefined)} children
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child != null && child !== false));
  return element;
}

/** A button that is a picture; its name is read out and shown on hovering. @param {string} kind @param {string} name @param {() => void} act @param {keyof ICONS} picture */
export const tap = (kind, name, act, picture) => el("button", { type: "button", class: kind, "aria-label": name, title: name, onclick: act }, icon(picture));

const SVG = "http://www.w3.org/2000/svg";
const THUMB = "M7 10v12M15 5.9 14 10h5.8a2 2 0 0 1 2 2.6l-2.4 8a2 2 0 0 1-1.9 1.4H4a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2h2.8a2 2 0 0 0 1.8-1.1L12 2a3.1 3.1 0 0 1 3 3.9Z";
const ICONS = { // after Lucide (ISC)
  chat: "M7.9 20A9 9 0 1 0 4 16.1L2 22Z",
  close: "M18 6 6 18M6 6l12 12",
  down: "m6 9 6 6 6-6",
  send: "m22 2-7 20-4-9-9-4ZM22 2 11 13",
  person: "M19 21v-2a4 4 0 0 0-4-4H9a4 4 0 0 0-4 4v2M16 7a4 4 0 1 1-8 0 4 4 0 0 1 8 0Z",
  bot: "M12 8V4M6 8h12a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2ZM9 13v2M15 13v2",
  clip: "m21.4 11-9.2 9.2a6 6 0 0 1-8.5-8.5l8.6-8.5a4 4 0 1 1 5.6 5.7l-8.5 8.5a2 2 0 1 1-2.9-2.9L14.4 7",
  file: "M15 2H6a2 2 0 0 0-2 2v16a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2V7ZM14 2v6h6",
  check: "M20 6 9 17l-5-5",
  yes: THUMB,
  no: THUMB,
};

/** @param {keyof ICONS} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", class: `icon icon-${name}`, "aria-hidden": "true" })) svg.setAttribute(key, value);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}
