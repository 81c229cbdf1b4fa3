// Elements without HTML strings: what people wrote only ever becomes text.

/**
 * @param {string} what tag and classes, such as „p.status.failed“
 * @param {...(Record<string, any> | Node | string | false | null | undefined | any[])} parts attributes, children and lists of children;
 *   `on…` are listeners; what is false, null or empty is left out
 */
export function el(what, ...parts) {
  const [tag, ...classes] = what.split(".");
  const element = /svg|path/.test(tag) ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  if (tag === "button") element.type = tag; // and not „submit“, unless an attribute says so
  if (classes[0]) element.setAttribute("class", classes.join(" "));
  for (const part of parts.flat()) {
    if (part?.constructor === Object) for (const name in part) set(element, name, part[name]);
    else if (part) element.append(part);
  }
  return element;
}

function set(element, name, value) {
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
}

const THUMB = "M7 10v11M12 3a3 3 0 0 1 3 3l-1 4h8l-3 11H3V10h4Z";
const BELL = "M6 8a6 6 0 0 1 12 0c0 7 3 9 3 9H3s3-2 3-9M10 21h4";
const PERSON = "M5 21a7 7 0 0 1 14 0M16 7a4 4 0 1 1-8 0 4 4 0 0 1 8 0Z";
const ICONS = { // after Lucide (ISC), with plainer corners
  chat: "M8 20A9 9 0 1 0 4 16L2 22Z",
  close: "M18 6 6 18M6 6l12 12",
  send: "m22 2-7 20-4-9-9-4ZM22 2 11 13",
  human: PERSON,
  contact: PERSON,
  claimed: PERSON,
  bot: "M12 8V4M4 8h16v12H4ZM9 13v2M15 13v2",
  clip: "m21 11-9 9a6 6 0 0 1-9-9l9-8a4 4 0 0 1 6 6l-9 8a2 2 0 0 1-3-3l8-7",
  file: "M15 2H4v20h16V7ZM14 2v6h6",
  check: "M20 6 9 17l-5-5",
  bell: BELL,
  mute: `${BELL}M3 3l18 18`,
  yes: THUMB,
  no: THUMB,
};

/** @param {string} name @returns {Element | undefined} undefined where nothing is drawn for it */
export const icon = (name) => ICONS[name] && el(`svg.icon.icon-${name}`, { viewBox: "0 0 24 24", "aria-hidden": "true" }, el("path", { d: ICONS[name] }));

/** A button that is only a sign: what it does is read out, and shown where the pointer rests. @param {string} kind its class @param {keyof ICONS} name @param {string} label @param {Record<string, any>} attributes */
export const tool = (kind, name, label, attributes) => el(`button.${kind}`, { "aria-label": label, title: label }, attributes, icon(name));
