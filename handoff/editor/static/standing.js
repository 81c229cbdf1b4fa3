// How the entry stands: its marks, who changed it last, whether it waits for a look, was sent back, archived or merged; and which buttons fit.
import { byId, element } from "./element.js";
import { marks } from "./list.js";
import { moment, say } from "./words.js";

/** @typedef {import("./list.js").Entry} Entry */

export class Standing {
  /** @param {import("./form.js").Form} form @param {import("./saving.js").Saving} saving @param {import("./buttons.js").Questions} questions @param {(id: string) => void} open */
  constructor(form, saving, questions, open) {
    this.form = form;
    this.saving = saving;
    this.questions = questions;
    this.open = open;
    this.reviewed = document.body.dataset.reviewed === "true";
  }

  draw() {
    const { entry } = this.form;
    byId("marks").replaceChildren(...(entry ? marks(entry) : []), ...(entry?.status === "published" && !entry.unpublished_change && !entry.season ? [element("span.tag.good", null, say("mark.published"))] : []));
    byId("meta").textContent = !entry ? say("new_entry") : entry.changed_at ? say(entry.changed_by ? "changed_by" : "changed", { when: moment(entry.changed_at), who: entry.changed_by ?? "" }) : "";
    const talk = byId("talk");
    talk.hidden = !(entry?.conversation_id && entry.status === "draft");
    if (!talk.hidden) talk.replaceChildren(say("from_talk"), " ", element("a", { href: `/desk/${entry?.conversation_id}` }, say("open_talk")));
    byId("archive").hidden = !entry || entry.status === "archived";
    byId("history").hidden = byId("more").hidden = !entry;
    byId("revisions").replaceChildren();
    byId("compared").replaceChildren();
    const told = entry ? this.told(entry) : [];
    byId("standing").replaceChildren(...told);
    byId("standing").hidden = !told.length;
    this.fit();
  }

  /** Publish, or ask another person to: whoever wrote the words does not publish them where a review is required. */
  fit() {
    const { entry } = this.form;
    const waits = Boolean(entry) && !this.form.dirty && (entry?.status === "draft" || entry?.unpublished_change);
    const mayPublish = !this.reviewed || Boolean(entry && !entry.own && !this.form.dirty);
    byId("publish").hidden = !mayPublish;
    byId("send").hidden = this.reviewed ? mayPublish || Boolean(waits && entry?.review_at) : !waits || Boolean(entry?.review_at);
    byId("send").classList.toggle("primary", this.reviewed);
  }

  /** @param {Entry} entry @returns {HTMLElement[]} */
  told(entry) {
    if (entry.merged_into) return [this.line(say("standing.merged", { question: this.questions.question(entry.merged_into) }),
      this.button("standing.open", () => this.open(entry.merged_into ?? "")), this.button("standing.restore", () => this.restore(entry)))];
    if (entry.status === "archived") return [this.line(say("standing.archived"), this.button("standing.restore", () => this.restore(entry)))];
    if (entry.review_at) return entry.own ? [this.line(say("standing.waits", { when: moment(entry.review_at) }))] : [this.sendBack(entry)];
    return entry.review_note ? [this.line(say("standing.returned", { note: entry.review_note }))] : [];
  }

  /** @param {string} text @param {...HTMLElement} buttons */
  line(text, ...buttons) { return element("div", null, element("p", null, text), buttons.length > 0 && element("div.row", null, ...buttons)); }

  /** @param {string} key @param {() => void} onclick */
  button(key, onclick) { return element("button.button", { type: "button", onclick }, say(key)); }

  /** Somebody else's words wait for a look: publish them, or say what should be different. @param {Entry} entry */
  sendBack(entry) {
    const note = /** @type {HTMLTextAreaElement} */ (element("textarea", { id: "send-back-note", rows: 2, maxlength: 2000 }));
    note.addEventListener("input", (event) => event.stopPropagation()); // a note is no change of the entry
    return element("div", { "data-field": "note" }, element("p", null, say("standing.look", { who: entry.changed_by ?? "–" })), element("label", { for: "send-back-note" }, say("standing.note")), note,
      element("div.row", null, this.button("standing.send_back", () => this.saving.act(`${this.saving.path}/send-back`, { revision: this.form.base, note: note.value }, say("said.returned"), false))));
  }

  /** @param {Entry} entry */
  restore(entry) { this.saving.act(`${this.saving.path}/restore`, { wanted: entry.revision, publish: false, revision: this.form.base }, say("said.restored"), false); }
}
