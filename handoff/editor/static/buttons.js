// Buttons under the answer: each opens a page, or asks another entry that is found by its question.
import { byId, element } from "./element.js";
import { say } from "./words.js";

/** @typedef {{title: string, url?: string, entry?: string}} EntryButton */

const MOST = 3;

/** Entries by their question, for the fields where one is chosen. */
export class Questions {
  constructor() {
    /** @type {Map<string, string>} */
    this.ids = new Map();
    /** @type {Map<string, string>} */
    this.questions = new Map();
  }

  /** @param {{id: string, question: string, status: string}[]} entries */
  fill(entries) {
    const there = entries.filter((entry) => entry.status !== "archived");
    this.ids = new Map(there.map(({ id, question }) => [question, id]));
    this.questions = new Map(there.map(({ id, question }) => [id, question]));
    byId("questions").replaceChildren(...there.map(({ question }) => element("option", { value: question })));
  }

  /** The id for a question that was chosen, or for an id that was typed; what nobody knows stays as it is. @param {string} written */
  id(written) { return this.ids.get(written.trim()) ?? written.trim(); }

  /** @param {string} id */
  question(id) { return this.questions.get(id) ?? id; }
}

export class Buttons {
  /** @param {() => void} changed @param {Questions} questions */
  constructor(changed, questions) {
    this.box = byId("buttons");
    this.changed = changed;
    this.questions = questions;
    byId("add-button").addEventListener("click", () => {
      this.add({ title: "" }).querySelector("input")?.focus();
      this.drawn();
      changed();
    });
  }

  get rows() { return /** @type {HTMLElement[]} */ ([...this.box.children]); }

  /** @returns {EntryButton[]} */
  get values() {
    return this.rows.map((row) => {
      const [title, target] = [...row.querySelectorAll("input")].map((input) => input.value.trim());
      return /** @type {HTMLSelectElement} */ (row.querySelector("select")).value === "entry" ? { title, entry: this.questions.id(target) } : { title, url: target };
    });
  }

  /** @param {EntryButton[]} buttons */
  set values(buttons) {
    this.box.replaceChildren();
    for (const button of buttons) this.add(button);
    this.drawn();
  }

  /** @param {EntryButton} button */
  add(button) {
    const title = /** @type {HTMLInputElement} */ (element("input", { type: "text", maxlength: 80, placeholder: say("buttons.name"), "aria-label": say("buttons.name") }));
    const kind = /** @type {HTMLSelectElement} */ (element("select", { "aria-label": say("buttons.does") }, element("option", { value: "url" }, say("buttons.url")), element("option", { value: "entry" }, say("buttons.entry"))));
    const target = /** @type {HTMLInputElement} */ (element("input", { type: "text", maxlength: 2000, autocomplete: "off" }));
    title.value = button.title;
    kind.value = button.entry ? "entry" : "url";
    target.value = button.entry ? this.questions.question(button.entry) : button.url ?? "";
    const fits = () => {
      const asks = kind.value === "entry";
      target.placeholder = asks ? say("buttons.which") : "https://…";
      target.setAttribute("aria-label", asks ? say("buttons.which") : say("buttons.address"));
      if (asks) target.setAttribute("list", "questions"); else target.removeAttribute("list");
    };
    kind.addEventListener("change", () => { target.value = ""; fits(); this.changed(); });
    fits();
    const row = element("div.button-row", null, element("div.named", null, title), kind, element("div.named", null, target),
      element("button.button.quiet", { type: "button", "aria-label": say("buttons.remove"), onclick: () => this.remove(row) }, "×"));
    this.box.append(row);
    return row;
  }

  /** @param {HTMLElement} row */
  remove(row) {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    this.drawn();
    (next?.querySelector("input") ?? byId("add-button")).focus();
    this.changed();
  }

  drawn() {
    for (const [at, row] of this.rows.entries()) {
      const [title, target] = /** @type {NodeListOf<HTMLElement>} */ (row.querySelectorAll(".named"));
      title.dataset.field = `buttons.${at}.title`;
      target.dataset.field = `buttons.${at}.url`;
    }
    byId("add-button").hidden = this.rows.length >= MOST;
  }
}
