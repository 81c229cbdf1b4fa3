// Texts of steps and titles of buttons in the other languages, each under the Estonian words that it translates. They follow the steps as these move.
import { byId, element } from "./element.js";
import { say } from "./words.js";

/** @typedef {import("./steps.js").Step} Step */

export class Translated {
  /** @param {string} code @returns {{steps: Record<string, string>, buttons: string[]}} */
  read(code) {
    const value = (/** @type {Element} */ row) => /** @type {HTMLInputElement} */ (row.querySelector("textarea, input")).value.trim();
    const steps = /** @type {HTMLElement[]} */ ([...byId(`${code}-steps`).querySelectorAll("[data-key]")]);
    const texts = steps.map((row) => [row.dataset.key ?? "", value(row)]).filter(([, text]) => text);
    const titles = [...byId(`${code}-buttons`).querySelectorAll("[data-key]")].map(value);
    return { steps: Object.fromEntries(texts), buttons: titles.some(Boolean) ? titles : [] };
  }

  /** @param {string} code @param {{steps?: Record<string, string>, buttons?: string[]}} texts */
  show(code, { steps = {}, buttons = [] }) {
    byId(`${code}-steps`).replaceChildren(...Object.entries(steps).map(([id, text]) => this.row(code, "steps", id, text)));
    byId(`${code}-buttons`).replaceChildren(...buttons.map((text, at) => this.row(code, "buttons", String(at), text)));
  }

  /** One field for each step and button that there is, in their order; a field that is there stays. @param {Step[]} steps @param {{title: string}[]} buttons */
  fit(steps, buttons) {
    for (const code of ["en", "ru"]) {
      this.fitOne(code, "steps", steps.map(({ id, text }) => [id, text]));
      this.fitOne(code, "buttons", buttons.map(({ title }, at) => [String(at), title]));
    }
  }

  /** @param {string} code @param {string} part @param {string[][]} wanted */
  fitOne(code, part, wanted) {
    const box = byId(`${code}-${part}`);
    const there = new Map(/** @type {HTMLElement[]} */ ([...box.children]).map((row) => [row.dataset.key, row]));
    const rows = wanted.map(([key, text], at) => {
      const row = there.get(key) ?? this.row(code, part, key, "");
      const label = /** @type {HTMLElement} */ (row.querySelector("label"));
      const said = `${say(`translated.${part}`, { number: at + 1 })} ${text}`;
      if (label.textContent !== said) label.textContent = said;
      return row;
    });
    for (const row of [...box.children]) if (!rows.includes(/** @type {HTMLElement} */ (row))) row.remove();
    rows.forEach((row, at) => { if (box.children[at] !== row) box.insertBefore(row, box.children[at] ?? null); });
  }

  /** @param {string} code @param {string} part @param {string} key @param {string} text */
  row(code, part, key, text) {
    const id = `${code}-${part}-${key}`;
    const input = /** @type {HTMLInputElement} */ (part === "steps" ? element("textarea", { id, rows: 2, lang: code, maxlength: 4000 }) : element("input", { id, type: "text", lang: code, maxlength: 80 }));
    input.value = text;
    return element("div.field", { "data-key": key, "data-field": `translations.${code}.${part}.${key}` }, element("label", { for: id }), input);
  }
}
