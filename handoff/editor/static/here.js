// Who else has the entry open, told and asked every ten seconds; and whether somebody has saved it since it was opened here.
import { ApiError, call } from "./api.js";
import { byId, element } from "./element.js";
import { say } from "./words.js";

const EVERY = 10_000; // ms

export class Here {
  /** @param {import("./form.js").Form} form @param {() => void} merge */
  constructor(form, merge) {
    this.form = form;
    this.merge = merge;
    this.open = "";
    this.timer = 0;
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.look(); });
  }

  /** Another entry is open, or none. */
  arrive() {
    const left = this.open;
    this.open = byId("form").hidden ? "" : this.form.key;
    this.draw([], false);
    if (left && left !== this.open) call("DELETE", `/entries/${encodeURIComponent(left)}/presence`).catch(() => { /* it goes by itself */ });
    this.look();
  }

  async look() {
    clearTimeout(this.timer);
    const { open } = this;
    if (!open || document.hidden) return;
    try {
      const { others, revision } = await call("POST", `/entries/${encodeURIComponent(open)}/presence`, { writing: this.form.dirty });
      if (open !== this.open) return;
      this.draw(others, revision > (this.form.base ?? 0));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error; // the next look may go through
    }
    if (open === this.open) this.timer = setTimeout(() => this.look(), EVERY);
  }

  /** @param {{name: string, writing: boolean}[]} others @param {boolean} saved */
  draw(others, saved) {
    const told = others.map(({ name, writing }) => say(writing ? "here.writes" : "here.reads", { who: name }));
    if (saved) told.push(say("here.saved"));
    const box = byId("here"), text = told.join(" ");
    if (box.dataset.text === text) return;
    box.dataset.text = text;
    box.replaceChildren(text, saved ? element("button.button.quiet", { type: "button", onclick: () => this.merge() }, say("here.look")) : "");
  }
}
