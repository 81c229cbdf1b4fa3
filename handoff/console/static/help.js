// All that helps to write an answer, around the box of one conversation.
import { Advice } from "./advice.js";
import { h } from "./dom.js";
import { Offers } from "./offers.js";
import { Ready } from "./ready.js";
import { t } from "./texts.js";

const GREETING = 40; // characters

export class Help {
  /** @param {string} id of the conversation @param {import("./box.js").Box} box @param {{complains: () => boolean, insert: (entry: string) => void, language: () => string}} about whether the customer complains; an answer brought into the box after a check; the customer's language */
  constructor(id, box, about) {
    this.box = box;
    this.about = about;
    this.could = false;
    this.complained = false;
    this.ready = new Ready(id, box.field, () => box.isNote);
    this.offers = new Offers(id, box, this.ready, about);
    box.form.prepend(this.offers.row);
    this.advice = new Advice(id, box);
    const frame = h("div", { class: "frame" });
    box.field.before(frame);
    frame.append(box.field, this.advice.paper, this.ready.list);
    box.hint.before(this.advice.line);
  }

  /** The conversation stands as the page shows now: whoever may answer from now on gets offers. */
  stands() {
    const complains = this.about.complains();
    if (complains && !this.complained && this.could) this.offers.soon();
    this.complained = complains;
    this.box.field.lang = this.about.language();
    this.box.field.spellcheck = this.box.field.lang !== "et"; // one proofreader at a time; browsers know no Estonian
    if (this.box.mayAnswer === this.could) return;
    this.could = this.box.mayAnswer;
    if (this.could) void this.ready.load();
    if (this.could) this.offers.soon();
    else this.offers.clear();
  }

  /** The agent has written. A greeting is no answer yet. @param {string} text */
  answered(text) {
    if (text.length > GREETING) this.offers.clear();
  }

  /** The customer has written. */
  asked() {
    if (this.could) this.offers.soon();
  }

  /** What can be switched here, for the palette. */
  switches() {
    return /** @type {const} */ ([["spelling", "Shift+O"], ["wording", "Shift+S"]]).map(([kind, key]) => ({ text: t(`advice.${kind}_${this.advice.wants(kind) ? "off" : "on"}`), key, run: () => this.advice.turn(kind) }));
  }

  leave() {
    this.offers.leave();
    this.advice.leave();
  }
}
