// Every form that the entry has had: who, when, what was done; any two are compared, any one comes back.
import { call } from "./api.js";
import { comparison, fieldName } from "./comparing.js";
import { byId, element } from "./element.js";
import { known, moment, say } from "./words.js";

/** @typedef {{revision: number, status: string, at: string, by: string | null, act: string | null, note: string | null, changed: string[]}} Revision */

export class History {
  /** @param {import("./form.js").Form} form @param {import("./saving.js").Saving} saving */
  constructor(form, saving) {
    this.form = form;
    this.saving = saving;
    /** @type {Revision[]} */
    this.revisions = [];
    byId("history").addEventListener("toggle", () => this.draw());
  }

  get path() { return `/entries/${encodeURIComponent(this.form.key)}`; }

  async draw() {
    if (!this.form.entry || !(/** @type {HTMLDetailsElement} */ (byId("history")).open)) return;
    this.revisions = (await call("GET", `${this.path}/revisions`)).revisions;
    byId("compared").replaceChildren();
    byId("revisions").replaceChildren(...(this.revisions.length > 1 ? [this.chooser()] : []), element("ul.revisions", null, ...this.revisions.map((one) => this.row(one))));
  }

  /** @param {Revision} one */
  name(one) { return `${one.revision} · ${moment(one.at)}${one.by ? ` · ${one.by}` : ""}`; }

  /** @param {Revision} one */
  row(one) {
    const done = say(one.act && known(`act.${one.act}`) ? `act.${one.act}` : `mark.${one.status}`, { note: one.note ?? "" });
    const changed = one.changed.length ? say("history.changed", { fields: one.changed.map((name) => (name === "translations" ? say("field.translations") : fieldName(name)).toLowerCase()).join(", ") }) : "";
    const other = ["merged", "split"].includes(one.act ?? "") && one.note;
    const present = one.revision === this.form.entry?.revision;
    return element("li", null, element("div.revision", null, element("span", null, this.name(one)), element("span.hint", null, [done, changed].filter(Boolean).join(" · ")),
      other && element("a", { href: `#${encodeURIComponent(other)}` }, say("standing.open"))),
      !present && element("button.button.quiet", { type: "button", onclick: () => this.compare(one.revision, this.form.entry?.revision ?? 0) }, say("history.compare")),
      !present && element("button.button.quiet", { type: "button", onclick: () => this.ask(one) }, say("history.restore")));
  }

  chooser() {
    const list = (/** @type {string} */ label, /** @type {number} */ at) => {
      const made = /** @type {HTMLSelectElement} */ (element("select", { "aria-label": label }, ...this.revisions.map((one) => element("option", { value: one.revision }, this.name(one)))));
      made.selectedIndex = at;
      return made;
    };
    const first = list(say("history.first"), 1), second = list(say("history.second"), 0);
    return element("div.row.chooser", null, first, second, element("button.button", { type: "button", onclick: () => this.compare(Number(first.value), Number(second.value)) }, say("history.compare_two")));
  }

  /** The older one stands first. @param {number} one @param {number} other */
  async compare(one, other) {
    const [first, second] = [one, other].sort((a, b) => a - b);
    const { fields } = await call("GET", `${this.path}/compare?first=${first}&second=${second}`);
    const heads = [first, second].map((number) => this.name(/** @type {Revision} */ (this.revisions.find(({ revision }) => revision === number))));
    byId("compared").replaceChildren(element("h3", null, say("compare.title")), comparison(fields, heads));
    byId("compared").focus();
  }

  /** @param {Revision} one */
  ask(one) {
    const { saving } = this;
    if (this.form.dirty) return saving.note(say("history.save_first"));
    const back = (/** @type {boolean} */ publish) => () => saving.act(`${this.path}/restore`, { wanted: one.revision, publish, revision: this.form.base }, say(publish ? "said.restored_published" : "said.restored"), publish);
    saving.note(say("history.ask", { when: moment(one.at) }),
      element("button.button", { type: "button", onclick: back(false) }, say("history.as_draft")),
      element("button.button", { type: "button", onclick: back(true) }, say("history.published")),
      element("button.button.quiet", { type: "button", onclick: () => saving.note() }, say("leave.stay")));
  }
}
