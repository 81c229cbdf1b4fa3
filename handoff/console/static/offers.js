// What could be answered, above the box: up to three answers of the FAQ to the customer's last question (where they complain, templates that calm come first), one key each.
import { conversation as path, get } from "./api.js";
import { announce, h } from "./dom.js";
import { icon } from "./icons.js";
import { percent, t } from "./texts.js";

const MOST = 3;
const CALMING = 2; // templates before the first answer, where somebody complains
const PAUSE = 300; // ms; people write in several short messages
const COMPLAINT = "kaebus";

/** @typedef {{words: string, text: string, probability: number | null, shown: boolean, take: () => void}} Offer */

export class Offers {
  /** @param {string} id of the conversation @param {import("./box.js").Box} box @param {import("./ready.js").Ready} ready @param {{complains: () => boolean, insert: (entry: string) => void}} about */
  constructor(id, box, ready, about) {
    this.id = id;
    this.box = box;
    this.ready = ready;
    this.about = about;
    /** @type {Offer[]} */ this.offers = [];
    this.timer = 0;
    this.asked = 0;
    this.row = h("div", { class: "offers", role: "group", "aria-label": t("offers.title"), hidden: true });
    this.over = new AbortController();
    document.addEventListener("keydown", (event) => this.key(event), { signal: this.over.signal });
  }

  leave() {
    clearTimeout(this.timer);
    this.over.abort();
  }

  /** Look again, soon: the customer has written, or the conversation is the agent's now. */
  soon() {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.look(), PAUSE);
  }

  async look() {
    if (this.box.isNote) return;
    const mine = ++this.asked;
    const [answers, known] = await Promise.all([get(path(this.id, "offers")).catch(() => []), this.about.complains() ? this.ready.load() : null]);
    if (mine !== this.asked || this.over.signal.aborted) return;
    const calming = (known?.templates ?? []).filter((one) => one.tags.includes(COMPLAINT)).slice(0, CALMING);
    this.offers = [
      ...calming.map((one) => ({ words: one.title, text: one.text, probability: null, shown: false, take: () => this.ready.append(one) })),
      ...answers.map((/** @type {any} */ one) => ({ words: one.question, text: one.text, probability: one.probability, shown: one.shown, take: () => (one.text ? this.box.insert(one.entry_id, one.text) : this.about.insert(one.entry_id)) })),
    ].slice(0, MOST);
    this.draw();
    if (this.offers.length > 0 && document.activeElement === this.box.field) announce(t("offers.count", { count: this.offers.length }));
  }

  draw() {
    this.row.hidden = this.offers.length === 0;
    if (this.row.hidden) return this.row.replaceChildren();
    const away = h("button", { type: "button", class: "button quiet icon", "aria-label": t("offers.hide"), title: t("offers.hide"), on: { click: () => (this.clear(), this.box.field.focus()) } }, icon("close"));
    this.row.replaceChildren(...this.offers.map((one, at) => this.button(one, at)), away);
  }

  /** @param {Offer} one @param {number} at */
  button(one, at) {
    const sure = one.probability === null ? icon("note") : h("span", { class: "number" }, percent(one.probability));
    return h("button", { type: "button", class: "button small offer", title: one.text, "aria-keyshortcuts": `Alt+${at + 1}`, on: { click: () => this.take(one) } }, h("kbd", { "aria-hidden": "true" }, `Alt+${at + 1}`), h("span", { class: "offer-words" }, one.words), sure, one.shown && h("span", { class: "tag" }, t("context.shown")));
  }

  /** @param {Offer} one */
  take(one) {
    this.clear();
    one.take();
  }

  clear() {
    this.asked += 1; // what is under way is for nobody any more
    this.offers = [];
    this.draw();
  }

  /** By the place of the key, not by its sign: with Alt that is another on many keyboards. @param {KeyboardEvent} event */
  key(event) {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || !this.row.offsetParent) return;
    const one = this.offers[Number(event.code.match(/^Digit([1-3])$/)?.[1] ?? 0) - 1];
    if (!one) return;
    event.preventDefault();
    this.take(one);
  }
}
