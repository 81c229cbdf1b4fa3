// The conversation's tags: seen, taken off, and put on with what colleagues use.
import { Failure, conversation as path, get, post } from "./api.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { t, tOr } from "./texts.js";

/** @type {string[]} */
let known = [];

/** @param {string} id @param {string[]} tags @param {(words: string) => void} say what went wrong */
export function tagging(id, tags, say) {
  const all = h("datalist", { id: "known-tags" }, ...known.filter((tag) => !tags.includes(tag)).map((tag) => h("option", { value: tag })));
  const field = /** @type {HTMLInputElement} */ (h("input", { type: "text", id: "new-tag", list: "known-tags", maxlength: "40", autocomplete: "off", "aria-label": t("tags.add"), placeholder: t("tags.add") }));
  field.addEventListener("focus", () => void get("/tags").then((found) => { known = found; all.replaceChildren(...found.filter((/** @type {string} */ tag) => !tags.includes(tag)).map((/** @type {string} */ tag) => h("option", { value: tag }))); }, () => {}), { once: true });
  const change = (/** @type {string} */ how, /** @type {string} */ tag) => post(path(id, how), { tag }).catch((error) => {
    if (!(error instanceof Failure)) throw error;
    say(tOr(`failure.${error.code}`, t("failure.error")));
  });
  const add = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (field.value.trim()) void change("tags", field.value);
    field.value = "";
  };
  const shown = tags.map((tag) => h("li", { class: "tag" }, tag, h("button", { type: "button", class: "off", "aria-label": t("tags.remove", { tag }), on: { click: () => void change("untag", tag) } }, icon("close"))));
  return h("form", { class: "tagging", on: { submit: add } }, tags.length > 0 && h("ul", { class: "tags" }, ...shown), field, all);
}
