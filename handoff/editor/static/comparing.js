// Two forms of an entry side by side: what only one has is marked, in words for a screen reader too. Where one chooses, each field says whose words stay.
import { element } from "./element.js";
import { known, say } from "./words.js";

/** @typedef {{field: string, same: boolean, first: string[][], second: string[][]}} Field */

/** @param {string} field */
export function fieldName(field) {
  const [name, language] = field.split(".");
  return language ? say(`tab.${language}`) : say(known(`compare.field.${name}`) ? `compare.field.${name}` : `field.${name}`);
}

/** @param {string[][]} side */
function marked(side) {
  return side.map(([mark, text]) => (mark ? element(mark, null, element("span.visually-hidden", null, ` ${say(`compare.${mark}`)} `), text) : text));
}

/** @param {Field[]} fields @param {string[]} heads names of the two sides @param {boolean} [choosing] */
export function comparison(fields, heads, choosing = false) {
  const differing = fields.filter(({ same }) => !same);
  if (!differing.length) return element("p.hint", null, say("compare.none"));
  return element("div.comparison", null, ...differing.map((one) => element("div.difference", { role: "group", "data-name": one.field, "aria-label": fieldName(one.field) },
    element("h4", null, fieldName(one.field)),
    element("div.sides", null, ...[one.first, one.second].map((side, at) => element("div.side-text", null,
      choosing ? choice(one.field, at, heads[at]) : element("span.side-head", null, heads[at]),
      element("p.text", null, ...(side.length ? marked(side) : [element("span.hint", null, say("compare.empty"))]))))))));
}

/** @param {string} field @param {number} at @param {string} head */
function choice(field, at, head) {
  const input = element("input", { type: "radio", name: `keep-${field}`, value: at, checked: at === 1 });
  return element("label.side-head", null, input, " ", head);
}

/** The fields where the first side was chosen. @param {HTMLElement} box */
export function chosenFirst(box) {
  return /** @type {HTMLElement[]} */ ([...box.querySelectorAll(".difference")]).filter((part) => /** @type {HTMLInputElement} */ (part.querySelector("input[type=radio]")).checked).map((part) => part.dataset.name ?? "");
}
