// „Ülevaatus“: hints on all entries, some at a time, by rule; each leads to its place.
import { ruleName, sentence } from "./advice.js";
import { ApiError, call } from "./api.js";
import { byId, element } from "./element.js";
import { known, say } from "./words.js";

/** @typedef {import("./advice.js").Hint} Hint */
/** @typedef {{id: string, question: string, hints: Hint[]}} Reviewed */

export class Review {
  /** @param {(id: string, hint: Hint) => void} open */
  constructor(open) {
    this.open = open;
    /** @type {Reviewed[]} */
    this.entries = [];
    this.rule = "";
    this.round = 0;
    byId("review-again").addEventListener("click", () => this.start());
  }

  /** Look at everything, and show what is found as it comes. */
  async start() {
    const round = ++this.round;
    this.entries = [];
    byId("review-found").replaceChildren();
    byId("review-rules").replaceChildren();
    try {
      for (let after = 0; after !== null; ) {
        const part = await call("GET", `/review?after=${after}`);
        if (round !== this.round) return;
        this.entries.push(...part.entries);
        after = part.next;
        this.draw();
        byId("review-state").textContent = after === null ? this.summary() : say("review.progress", { seen: after, total: part.total });
      }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      byId("review-state").textContent = say(known(`error.${error.code}`) ? `error.${error.code}` : "error.unknown");
    }
  }

  /** Another place has been opened: the rest is not needed. */
  leave() { this.round++; }

  summary() {
    const hints = this.entries.flatMap((entry) => entry.hints);
    return hints.length ? say("review.done", { count: hints.length, fine: this.entries.filter((entry) => !entry.hints.length).length }) : say("review.fine");
  }

  draw() {
    this.drawRules();
    const shown = this.entries.map((entry) => ({ ...entry, hints: entry.hints.filter((hint) => !this.rule || hint.rule === this.rule) })).filter((entry) => entry.hints.length);
    const place = byId("review-found");
    const drawn = new Map([...place.children].map((child) => [/** @type {HTMLElement} */ (child).dataset.key ?? "", child]));
    const rows = shown.map((entry) => {
      const key = `${entry.id} ${this.rule} ${entry.hints.length}`;
      return drawn.get(key) ?? this.row(entry, key);
    });
    for (const child of [...place.children]) if (!rows.includes(child)) child.remove();
    rows.forEach((row, at) => { if (place.children[at] !== row) place.insertBefore(row, place.children[at] ?? null); });
  }

  /** One button a rule, with its count; a button that is there stays there. */
  drawRules() {
    /** @type {Map<string, number>} */
    const counts = new Map();
    for (const { rule } of this.entries.flatMap((entry) => entry.hints)) counts.set(rule, (counts.get(rule) ?? 0) + 1);
    const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
    const box = byId("review-rules");
    for (const [rule, count] of [["", all], ...[...counts].sort((a, b) => b[1] - a[1])]) {
      const name = String(rule);
      let button = /** @type {HTMLElement | null} */ (box.querySelector(`[data-rule="${name}"]`));
      if (!button) {
        button = element("button.chip", { type: "button", "data-rule": name, onclick: () => { this.rule = name; this.draw(); } });
        box.append(button);
      }
      button.setAttribute("aria-pressed", String(this.rule === name));
      const text = `${name ? ruleName(name) : say("review.all")} ${count}`;
      if (button.textContent !== text) button.textContent = text;
    }
  }

  /** @param {Reviewed} entry @param {string} key */
  row(entry, key) {
    return element("section.reviewed", { "data-key": key }, element("h3", null, entry.question), element("ul.hints", null, ...entry.hints.map((hint) =>
      element("li", null, element("button.hint-jump", { type: "button", onclick: () => this.open(entry.id, hint) }, element("strong.rule", null, ruleName(hint.rule)), " ", sentence(hint))))));
  }
}
