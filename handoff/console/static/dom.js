// Building elements without ever gluing HTML: text is always text.

/**
 * @param {string} tag
 * @param {Record<string, any>} [props] attributes; `on` holds listeners, `class` the class; null and false are left out
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElement}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element;
}

/** A button that is a verb. @param {string} text @param {() => void} act @param {string} [kind] */
export function button(text, act, kind = "") {
  return h("button", { type: "button", class: `button ${kind}`.trim(), on: { click: act } }, text);
}

/** Say something to screen readers without moving the focus. @param {string} text */
export function announce(text) {
  byId("said").textContent = text;
}

/** Copy text; works without the clipboard API (plain http) too. @param {string} text */
export async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = /** @type {HTMLTextAreaElement} */ (h("textarea", { class: "visually-hidden" }));
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}
