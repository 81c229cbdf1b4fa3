// Advice on what is being written, beside the form: each hint with its reason, a jump to its place, and „nii on mõeldud“.
import { ApiError, call } from "./api.js";
import { byId, element } from "./element.js";
import { known, say } from "./words.js";

/** @typedef {{rule: string, field: string, start?: number, end?: number, other: string | null, values: Record<string, string>}} Hint */
/** @typedef {{hints: Hint[], aside: string[]}} Advised */

const PAUSE = 600; // ms without a key before the text is looked at

/** One sentence: what it is and what would be better. @param {Hint} hint */
export function sentence(hint) {
  const { values } = hint;
  const own = [values.why, values.language].map((kind) => `advice.${hint.rule}.${kind}`).find(known);
  const filled = { ...values };
  if (values.kind) filled.kind = say(`advice.kind.${values.kind}`);
  if (hint.rule === "spelling") filled.meant = values.meant ? say("advice.meaning", { meant: values.meant }) : say("advice.unknown");
  return say(own ?? `advice.${hint.rule}`, filled);
}

/** @param {string} rule */
export function ruleName(rule) { return say(`advice.rule.${rule}`); }

export class Advice {
  /** @param {import("./form.js").Form} form @param {(id: string) => void} open */
  constructor(form, open) {
    this.form = form;
    this.open = open;
    this.timer = 0;
    this.round = 0;
    this.drawn = "";
  }

  /** What is written has changed: look when the typing rests. */
  changed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), PAUSE);
  }

  /** Another entry is open: look at once. */
  opened() {
    this.drawn = "";
    byId("advice").hidden = byId("form").hidden;
    byId("hints").replaceChildren();
    byId("hint-count").textContent = "";
    if (!byId("form").hidden) this.look();
  }

  async look() {
    clearTimeout(this.timer);
    if (byId("form").hidden) return;
    const round = ++this.round;
    try {
      const advised = await call("POST", "/lint", this.form.written());
      if (round === this.round) this.draw(advised);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error; // hints only help: without them everything goes on
    }
  }

  /** @param {Advised} advised */
  draw(advised) {
    const drawn = JSON.stringify(advised);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const { hints, aside } = advised;
    const held = byId("hints").contains(document.activeElement);
    const rows = hints.map((hint) => this.row(hint));
    const counted = hints.length ? say("advice.count", { count: hints.length }) : say("advice.none");
    if (byId("hint-count").textContent !== counted) byId("hint-count").textContent = counted;
    byId("hints").replaceChildren(...(rows.length ? [element("ul.hints", null, ...rows)] : []), ...(aside.length ? [this.kept(aside)] : []));
    if (held) byId("advice-title").focus();
  }

  /** @param {Hint} hint */
  row(hint) {
    const other = hint.other;
    return element("li", { "data-rule": hint.rule }, element("p", null, element("strong.rule", null, ruleName(hint.rule)), " ", sentence(hint)),
      element("div.row", null,
        element("button.button.quiet", { type: "button", onclick: () => this.form.place(hint) }, say("advice.place")),
        other && element("button.button.quiet", { type: "button", onclick: () => this.open(other) }, say("advice.other", { question: hint.values.question })),
        hint.rule === "spelling" && element("button.button.quiet", { type: "button", onclick: () => this.learn(hint.values.word) }, say("advice.learn")),
        this.form.entry && element("button.button.quiet", { type: "button", onclick: () => this.put(hint.rule, true) }, say("advice.meant"))));
  }

  /** @param {string[]} rules */
  kept(rules) {
    return element("div.aside", null, element("span", null, say("advice.aside", { rules: rules.map(ruleName).join(", ") })),
      element("button.button.quiet", { type: "button", onclick: async () => { for (const rule of rules) await this.put(rule, false); } }, say("advice.back")));
  }

  /** This word is right, wherever it stands. @param {string} word */
  async learn(word) {
    await call("POST", "/known-words", { word });
    await this.look();
    byId("advice-title").focus();
  }

  /** @param {string} rule @param {boolean} aside */
  async put(rule, aside) {
    await call("POST", `/entries/${encodeURIComponent(this.form.entry?.id ?? "")}/aside`, { rule, aside });
    await this.look();
    byId("advice-title").focus();
  }
}
