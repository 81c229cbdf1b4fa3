// Before publishing: known questions are asked again, with the change and without it. Where some would be answered worse, the editor
// sees which, from what to what, and decides; „Avalda ikkagi“ is always one click.
import { lines } from "./api.js";
import { byId, element } from "./element.js";
import { say } from "./words.js";

/** @typedef {{action: string, entry_id: string | null, question: string | null}} Got */
/** @typedef {{text: string, own: boolean, better: boolean, right: {entry_id: string, question: string}, before: Got, after: Got}} Change */

const PATIENCE = 1000; // ms after which the page tells how far it is

export class Gate {
  /** @param {string} [box] where it shows itself @param {string} [ask] what begins it */
  constructor(box = "gate", ask = "publish") {
    this.box = byId(box);
    this.ask = ask;
    this.busy = false;
    /** How many known questions the last publishing made better. */
    this.better = 0;
  }

  /** Whether to publish these words, or to do what `path` asks about. @param {object} words @param {string} [path] @param {"publish" | "archive" | "import"} [what] @returns {Promise<boolean>} */
  async passes(words, path = "/check", what = "publish") {
    if (this.busy) return false;
    this.busy = true;
    this.better = 0;
    try {
      const changes = await this.look(words, path, what);
      this.better = changes.filter((change) => change.better).length;
      return changes.every((change) => change.better) || (await this.decided(changes, what));
    } finally {
      this.busy = false;
      this.close();
    }
  }

  /** Ask all again; „Avalda kohe“ ends it early. Without an answer nothing is known against it. @param {object} words @param {string} path @param {string} what @returns {Promise<Change[]>} */
  async look(words, path, what) {
    const stop = new AbortController();
    /** @type {Change[]} */
    let changes = [];
    let told = element("p", { role: "status" }, say("gate.begun"));
    const late = setTimeout(() => this.show(told, element("div.row", null, element("button.button", { type: "button", onclick: () => stop.abort() }, say(`gate.skip_${what}`)))), PATIENCE);
    try {
      await lines(path, words, stop.signal, (line) => {
        told.textContent = say("gate.progress", { done: line.done, of: line.of });
        if (line.changes) changes = line.changes;
      });
    } catch {
      changes = [];
    } finally {
      clearTimeout(late);
    }
    return changes;
  }

  /** @param {Change[]} changes @param {string} what @returns {Promise<boolean>} */
  decided(changes, what) {
    const worse = changes.filter((change) => !change.better), better = changes.filter((change) => change.better);
    return new Promise((resolve) => {
      const heading = element("h3", { tabindex: "-1" }, say("gate.title", { count: worse.length }));
      this.show(heading, element("p.hint", null, say("gate.text")), this.list(worse),
        better.length > 0 && element("details", null, element("summary", null, say("gate.better", { count: better.length })), this.list(better)),
        element("div.row", null,
          element("button.button.primary", { type: "button", onclick: () => resolve(true) }, say(`gate.${what}`)),
          element("button.button", { type: "button", onclick: () => { resolve(false); document.getElementById(this.ask)?.focus(); } }, say("gate.back"))));
      heading.focus();
    });
  }

  /** @param {Change[]} changes */
  list(changes) {
    return element("ul.moved", null, ...changes.map((change) => element("li", null, element("p.asked", null, `„${change.text}“ `, element("span.hint", null, say(change.own ? "gate.own" : "gate.real"))),
      element("p", null, element("span", null, say("gate.before"), " ", got(change.before, change)), element("br"), element("span", null, say("gate.after"), " ", got(change.after, change))))));
  }

  /** @param {...(HTMLElement | false)} parts */
  show(...parts) {
    this.box.replaceChildren(...parts.filter((part) => part !== false));
    this.box.hidden = false;
  }

  close() {
    this.box.hidden = true;
    this.box.replaceChildren();
  }
}

/** What a customer gets, in words. @param {Got} what @param {Change} change */
function got(what, change) {
  if (what.action === "answer") return say(what.entry_id === change.right.entry_id ? "gate.got.right" : "gate.got.other", { question: what.question ?? "" });
  return say(`gate.got.${what.action}`, { question: change.right.question });
}
