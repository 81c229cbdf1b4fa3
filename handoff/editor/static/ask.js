// „Küsi kohe“: what the bot would do with a question if the open entry were published as it stands, its candidates with their
// probabilities, what speaks for each, and why.
import { ApiError, call } from "./api.js";
import { built } from "./built.js";
import { byId, element } from "./element.js";
import { known, say, share } from "./words.js";

/** @typedef {{entry_id: string, question: string, probability: number, wording?: string, words?: string[]}} Candidate */
/** @typedef {{action: string, intent: string | null, intent_confidence: number, why: string, draft: string | null, answer: any[] | null, candidates: Candidate[]}} Reading */

const TONE = /** @type {Record<string, string>} */ ({ answer: "good", suggest: "warn", clarify: "warn", human: "bad" });

export class Ask {
  /** @param {import("./form.js").Form} form @param {(id: string) => void} open */
  constructor(form, open) {
    this.form = form;
    this.open = open;
    this.text = /** @type {HTMLInputElement} */ (byId("ask-text"));
    byId("ask").addEventListener("submit", (event) => {
      event.preventDefault();
      this.ask();
    });
  }

  /** Ask again what was asked last: after publishing the answer may be another. */
  again() { if (this.text.value.trim() && byId("reading").childElementCount) this.ask(); }

  async ask() {
    if (!this.text.value.trim()) return this.text.focus();
    try {
      const draft = byId("form").hidden ? null : { ...this.form.read(), id: this.form.entry?.id ?? "" };
      const reading = await call("POST", "/ask", { text: this.text.value, draft });
      byId("reading").replaceChildren(...this.draw(reading));
    } catch (error) {
      const code = error instanceof ApiError ? error.code : "error";
      byId("reading").replaceChildren(element("p.notice.bad", null, say(known(`error.${code}`) ? `error.${code}` : "error.unknown")));
    }
  }

  /** @param {Reading} reading @returns {HTMLElement[]} */
  draw(reading) {
    const best = reading.candidates[0];
    const mine = best && best.entry_id === reading.draft;
    const made = [element("p.verdict", null, element(`span.tag.${TONE[reading.action] ?? "plain"}`, null, say(`action.${reading.action}`)))];
    if (reading.answer) made.push(element("div.bubble.bot", null, ...built(reading.answer)));
    if (reading.draft && best && !mine) made.push(element("p.notice", null, say("ask.another"), " ",
      element("button.button.quiet", { type: "button", onclick: () => this.open(best.entry_id) }, say("ask.open", { question: best.question }))));
    else if (mine) made.push(element("p.hint", null, say("ask.as_written")));
    if (reading.candidates.length) made.push(element("ol.candidates", null, ...reading.candidates.slice(0, 5).map((candidate) => this.candidate(candidate, reading.draft))));
    else made.push(element("p.hint", null, say("ask.no_candidates")));
    const intent = reading.intent ? say("ask.intent", { intent: reading.intent, share: share(reading.intent_confidence) }) : "";
    made.push(element("p.why", null, element("strong", null, say("ask.why")), " ", reading.why, intent && element("span.intent", null, intent)));
    return made;
  }

  /** @param {Candidate} candidate @param {string | null} draft */
  candidate(candidate, draft) {
    const bar = element("span.bar", { "aria-hidden": "true" }, element("span"));
    /** @type {HTMLElement} */ (bar.firstElementChild).style.width = `${Math.round(candidate.probability * 100)}%`;
    const mine = candidate.entry_id === draft;
    const { wording, words } = candidate;
    const grounds = wording && element("details.grounds", null, element("summary", null, say("ask.wording", { wording })), element("p.hint", null, words?.length ? say("ask.words", { words: words.join(", ") }) : say("ask.no_words")));
    return element("li", null, element("button", { type: "button", "aria-current": mine && "true", onclick: () => { if (!mine) this.open(candidate.entry_id); } },
      element("span.question", null, candidate.question), element("span.share", null, share(candidate.probability)), bar), grounds);
  }
}
