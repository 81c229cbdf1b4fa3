// Calling a colleague by name in a note: „@“ brings up who there is, and whoever is called gets a mark.
import { get } from "./api.js";
import { h } from "./dom.js";
import { t } from "./texts.js";

const MOST = 6;
/** @type {Promise<{id: string, name: string}[]> | null} */
let known = null;

export class Mention {
  /** @param {HTMLTextAreaElement} field @param {() => boolean} isNote */
  constructor(field, isNote) {
    this.field = field;
    this.isNote = isNote;
    /** @type {{id: string, name: string}[]} */ this.people = [];
    /** @type {{id: string, name: string}[]} */ this.found = [];
    this.place = 0;
    this.list = h("ul", { class: "mention card", id: "mention", role: "listbox", "aria-label": t("mention.title"), hidden: true });
    field.addEventListener("input", () => void this.look());
    field.addEventListener("blur", () => this.hide());
    field.addEventListener("keydown", (event) => this.key(event), true);
  }

  /** Ids of those whom the text calls. @param {string} text */
  calls(text) {
    return this.people.filter(({ name }) => text.includes(`@${name}`)).map(({ id }) => id);
  }

  async look() {
    const typed = this.isNote() && this.field.value.slice(0, this.field.selectionStart).match(/(?:^|\s)@([^\s@]*)$/);
    if (!typed) return this.hide();
    known ??= get("/colleagues").catch(() => ((known = null), []));
    this.people = await known;
    const begun = typed[1].toLowerCase();
    this.found = this.people.filter(({ name }) => name.toLowerCase().split(/\s+/).some((word) => word.startsWith(begun))).slice(0, MOST);
    this.place = 0;
    this.draw();
  }

  draw() {
    this.list.hidden = this.found.length === 0;
    this.list.replaceChildren(...this.found.map((one, at) => h("li", { id: `mention-${at}`, role: "option", "aria-selected": String(at === this.place), on: { pointerdown: (/** @type {Event} */ event) => (event.preventDefault(), this.pick(one)) } }, one.name)));
    if (this.list.hidden) this.field.removeAttribute("aria-activedescendant");
    else this.field.setAttribute("aria-activedescendant", `mention-${this.place}`);
  }

  hide() {
    this.found = [];
    this.draw();
  }

  /** @param {{name: string}} one */
  pick(one) {
    const { value, selectionStart: at } = this.field;
    const before = value.slice(0, at).replace(/@[^\s@]*$/, `@${one.name} `);
    this.field.value = before + value.slice(at);
    this.field.setSelectionRange(before.length, before.length);
    this.hide();
    this.field.dispatchEvent(new Event("input"));
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (this.list.hidden) return;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) this.place = (this.place + by + this.found.length) % this.found.length;
    else if (event.key === "Enter" || event.key === "Tab") this.pick(this.found[this.place]);
    else if (event.key === "Escape") this.hide();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (by) this.draw();
  }
}
