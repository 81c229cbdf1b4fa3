// What is done with an entry as a whole: another id, one with another, some wordings on their own. All of it can be taken back by a revision.
import { byId, element } from "./element.js";
import { say } from "./words.js";

export class More {
  /** @param {import("./form.js").Form} form @param {import("./saving.js").Saving} saving @param {import("./buttons.js").Questions} questions */
  constructor(form, saving, questions) {
    this.form = form;
    this.saving = saving;
    this.questions = questions;
    byId("rename").addEventListener("click", () => this.run("rename", { id: form.text("entry-id") }, say("said.renamed")));
    byId("merge").addEventListener("click", () => {
      if (form.text("merge-into")) this.run("merge", { into: questions.id(form.text("merge-into")) }, say("said.merged"));
      else form.input("merge-into").focus();
    });
    byId("split").addEventListener("click", () => this.run("split", { examples: this.chosen }, say("said.split")));
  }

  get chosen() { return /** @type {HTMLInputElement[]} */ ([...byId("split-wordings").querySelectorAll("input:checked")]).map(({ value }) => value); }

  /** Another entry is open, or this one has become another. */
  draw() {
    const { entry } = this.form;
    this.form.input("entry-id").value = entry?.id ?? "";
    this.form.input("merge-into").value = "";
    byId("split-wordings").replaceChildren(...(entry?.examples ?? []).map((value) => element("label", null, element("input", { type: "checkbox", value }), " ", value)));
    /** @type {HTMLButtonElement} */ (byId("split")).disabled = !entry?.examples.length;
  }

  /** @param {string} what @param {object} body @param {string} said */
  async run(what, body, said) {
    if (!this.form.entry) return;
    if (this.form.dirty) return this.saving.note(say("history.save_first"));
    await this.saving.act(`/entries/${encodeURIComponent(this.form.key)}/${what}`, body, said, true);
  }
}
