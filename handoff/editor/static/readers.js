// What readers of the help page say of the answer: how many it helped, and their words.
import { call } from "./api.js";
import { byId, element } from "./element.js";
import { moment, say } from "./words.js";

/** @typedef {{address: string, helpful: number, unhelpful: number, comments: {text: string, helpful: boolean, language: string, at: string}[]}} Said */

export class Readers {
  /** @param {import("./form.js").Form} form */
  constructor(form) {
    this.form = form;
    this.fold = /** @type {HTMLDetailsElement} */ (byId("readers"));
    this.fold.addEventListener("toggle", () => this.look());
  }

  /** Another entry is open, or the same one in another state. */
  draw() {
    this.fold.hidden = !this.form.entry?.published;
    this.look();
  }

  async look() {
    const entry = this.form.entry;
    if (!entry || this.fold.hidden || !this.fold.open) return;
    byId("readers-said").replaceChildren();
    /** @type {Said} */
    const said = await call("GET", `/entries/${encodeURIComponent(entry.id)}/readers`);
    if (this.form.entry?.id === entry.id) byId("readers-said").replaceChildren(...this.told(said, entry.needs_identity));
  }

  /** @param {Said} said @param {boolean} closed the entry is not on the help page */
  told({ address, helpful, unhelpful, comments }, closed) {
    const count = helpful + unhelpful ? say("readers.count", { helpful, unhelpful }) : say("readers.nobody");
    return [
      element("p", null, count),
      comments.length > 0 && element("ul", null, ...comments.map((one) => element("li", null,
        element("p", { lang: one.language }, one.text),
        element("p.hint", null, `${say(one.helpful ? "readers.helped" : "readers.missed")} · ${one.language.toUpperCase()} · ${moment(one.at)}`)))),
      !closed && element("p", null, element("a", { href: address, target: "_blank", rel: "noopener" }, say("readers.open"))),
    ].filter((part) => part !== false);
  }
}
