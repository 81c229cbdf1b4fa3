// Somebody saved meanwhile: their words and the ones here side by side, field by field; what is chosen becomes the next form. Nothing of either is lost before.
import { call } from "./api.js";
import { chosenFirst, comparison } from "./comparing.js";
import { byId, element } from "./element.js";
import { moment, say } from "./words.js";

/** @typedef {import("./list.js").Entry} Entry */

export class Merging {
  /** @param {import("./form.js").Form} form @param {(theirs: Entry) => void} took */
  constructor(form, took) {
    this.form = form;
    this.took = took;
    this.box = byId("merging");
  }

  close() {
    this.box.hidden = true;
    this.box.replaceChildren();
  }

  async open() {
    const path = `/entries/${encodeURIComponent(this.form.key)}`;
    const theirs = /** @type {Entry} */ (await call("GET", path));
    const { fields } = await call("POST", `${path}/compare`, this.form.read());
    const who = theirs.changed_by ?? "–";
    const heading = element("h3", { tabindex: "-1" }, say("conflict.title"));
    const sides = comparison(fields, [say("conflict.theirs", { who }), say("conflict.mine")], true);
    this.box.replaceChildren(heading, element("p", null, say("conflict.text", { who, when: theirs.changed_at ? moment(theirs.changed_at) : "" })), sides,
      element("div.row", null,
        element("button.button.primary", { type: "button", onclick: () => this.join(theirs, chosenFirst(sides)) }, say("conflict.join")),
        element("button.button", { type: "button", onclick: () => this.take(theirs) }, say("conflict.take"))));
    this.box.hidden = false;
    heading.focus();
  }

  /** The words here, but for these fields, which are theirs; the next save begins from their revision. @param {Entry} theirs @param {string[]} fields */
  join(theirs, fields) {
    const words = /** @type {any} */ (this.form.read());
    for (const field of fields) {
      const [name, language] = field.split(".");
      if (language) words.translations[language] = theirs.translations[language] ?? {};
      else words[name] = /** @type {any} */ (theirs)[name];
    }
    this.form.show(words);
    this.form.entry = theirs;
    this.form.base = theirs.revision;
    this.form.keepDraft();
    this.took(theirs);
    this.close();
    byId("said").textContent = say("conflict.joined");
    byId("save").focus();
  }

  /** @param {Entry} theirs */
  take(theirs) {
    this.form.entry = theirs;
    this.form.drop();
    this.took(theirs);
    this.close();
    byId("question").focus();
  }
}
