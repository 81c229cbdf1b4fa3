// Reply templates in the box: „/“ at the start of a line or after a space brings them up, letters after it find one.
// The field stays what it is, a text of many lines (a combobox has one): it says itself which option is meant.
import { conversation as path, get, post } from "./api.js";
import { announce, h } from "./dom.js";
import { fill, gap } from "./gaps.js";
import { put } from "./put.js";
import { t } from "./texts.js";

const MOST = 6; // fit above the box without scrolling
const ASKED = /(?:^|\s)\/([^\s/]*)$/;

/** @typedef {{id: string, title: string, shortcut: string, text: string, language: string, tags: string[], locked: boolean}} Template */
/** @typedef {{language: string, values: Record<string, string>, templates: Template[]}} Known */

export class Ready {
  /** @param {string} id of the conversation @param {HTMLTextAreaElement} field @param {() => boolean} isNote */
  constructor(id, field, isNote) {
    this.id = id;
    this.field = field;
    this.isNote = isNote;
    /** @type {Known} */ this.known = { language: "", values: {}, templates: [] };
    /** @type {Template[]} */ this.found = [];
    this.place = 0;
    this.dismissed = -1; // where the slash stands that was sent away by Esc
    this.list = h("ul", { class: "ready card", id: "ready", role: "listbox", "aria-label": t("ready.title"), hidden: true });
    field.addEventListener("input", () => void this.look());
    field.addEventListener("blur", () => this.hide());
    field.addEventListener("keydown", (event) => this.key(event), true);
  }

  /** Ask the server what there is; what was known before stays when it is not reached. */
  async load() {
    this.known = await get(path(this.id, "replies")).catch(() => this.known);
    return this.known;
  }

  async look() {
    const { value, selectionStart: at } = this.field;
    const asked = this.isNote() ? null : value.slice(0, at).match(ASKED);
    if (!asked) this.dismissed = -1;
    if (!asked || at - asked[1].length === this.dismissed) return this.hide();
    if (this.known.templates.length === 0) await this.load();
    else if (this.list.hidden) void this.load(); // newer ones with the next letter: nobody waits for them
    if (this.field.value !== value) return; // typed on meanwhile: the next look is under way
    this.found = search(this.known.templates, asked[1]).slice(0, MOST);
    this.place = 0;
    this.draw();
    if (this.found.length > 0) announce(t("ready.count", { count: this.found.length }));
  }

  /** Bring those with a word up, as if it had been typed. @param {string} word */
  open(word) {
    const { value } = this.field;
    put(this.field, value.length, value.length, `${value && !/\s$/.test(value) ? "\n" : ""}/${word}`);
  }

  draw() {
    this.list.hidden = this.found.length === 0;
    this.list.replaceChildren(...this.found.map((one, at) => this.option(one, at)));
    for (const [name, value] of [["aria-autocomplete", "list"], ["aria-controls", "ready"], ["aria-activedescendant", `ready-${this.place}`]]) {
      if (!this.list.hidden) this.field.setAttribute(name, value);
      else if (name !== "aria-activedescendant" || this.field.getAttribute(name)?.startsWith("ready-")) this.field.removeAttribute(name);
    }
    this.list.children[this.place]?.scrollIntoView({ block: "nearest" });
  }

  /** @param {Template} one @param {number} at */
  option(one, at) {
    const head = h("span", { class: "ready-head" }, h("strong", {}, one.title), one.shortcut && h("kbd", {}, `/${one.shortcut}`), one.language !== this.known.language && h("span", { class: "tag" }, t(`language.${one.language}`)));
    const words = one.locked ? h("span", { class: "clip" }, t("ready.locked")) : h("span", { class: "clip", lang: one.language }, fill(one.text, this.known.values, label).replace(/\s+/g, " "));
    return h("li", { id: `ready-${at}`, role: "option", "aria-selected": String(at === this.place), on: { pointerdown: (/** @type {Event} */ event) => (event.preventDefault(), this.pick(one)) } }, head, words);
  }

  hide() {
    this.found = [];
    this.draw();
  }

  /** @param {Template} one */
  pick(one) {
    if (one.locked) return announce(t("ready.locked"));
    const at = this.field.selectionStart;
    const asked = this.field.value.slice(0, at).match(ASKED);
    this.hide();
    this.insert(one, at - (asked ? asked[1].length + 1 : 0), at);
  }

  /** Put a template in place of what stands there, and go to what is still to be written. @param {Template} one @param {number} start @param {number} end */
  insert(one, start, end) {
    put(this.field, start, end, fill(one.text, this.known.values, label));
    const open = gap(this.field.value, start);
    if (open) this.field.setSelectionRange(open.start, open.end);
    post(`/replies/${encodeURIComponent(one.id)}/used`).catch(() => {}); // a count, nothing to stop for
  }

  /** Put a template below what is written already. @param {Template} one */
  append(one) {
    if (one.locked) return announce(t("ready.locked"));
    const { value } = this.field;
    const before = value.trimEnd();
    if (before) put(this.field, before.length, value.length, "\n\n");
    this.insert(one, this.field.value.length, this.field.value.length);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (this.list.hidden) return this.toNextGap(event);
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) this.place = (this.place + by + this.found.length) % this.found.length;
    else if ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab") this.pick(this.found[this.place]);
    else if (event.key === "Escape") this.dismiss();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (by) this.draw();
  }

  dismiss() {
    const { value, selectionStart: at } = this.field;
    this.dismissed = value.slice(0, at).lastIndexOf("/") + 1;
    this.hide();
  }

  /** Tab goes from one waiting place to the next, and on as usual after the last. @param {KeyboardEvent} event */
  toNextGap(event) {
    if (event.key !== "Tab" || event.shiftKey || event.isComposing) return;
    const open = gap(this.field.value, this.field.selectionEnd);
    if (!open) return;
    event.preventDefault();
    this.field.setSelectionRange(open.start, open.end);
  }
}

/** What a place is called that waits for words. @param {string} name */
const label = (name) => t(`place.${name}`);

/** Those that have the word, by its beginning first: shortcut, title, anywhere. @param {Template[]} templates @param {string} typed */
export function search(templates, typed) {
  const word = plain(typed);
  if (!word) return templates;
  /** @param {Template} one */
  const rank = (one) => (plain(one.shortcut).startsWith(word) ? 0 : plain(one.title).split(/\s+/).some((part) => part.startsWith(word)) ? 1 : plain([one.title, ...one.tags, one.text].join(" ")).includes(word) ? 2 : 3);
  return templates.map((one) => ({ one, rank: rank(one) })).filter(({ rank }) => rank < 3).sort((a, b) => a.rank - b.rank).map(({ one }) => one);
}

/** Small letters without dots and hooks. @param {string} text */
const plain = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
