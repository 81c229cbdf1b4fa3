// The box to type in: Enter sends, Shift+Enter makes a line, the note switch changes who reads it. Typed text is kept per conversation.
import { h } from "./dom.js";
import { gap } from "./gaps.js";
import { icon } from "./icons.js";
import { Mention } from "./mention.js";
import { recall, remember } from "./memory.js";
import { me, t } from "./texts.js";

const LONGEST = 4000; // characters, as the server has it
const HEAP = 20_000;

export class Box {
  /**
   * @param {string} id @param {(kind: "messages" | "notes", text: string, picked: string | null, calls: string[]) => void} send
   * @param {() => void} typing a word for the customer is being typed
   * @param {(number: number, text: string) => void} putRight @param {() => void} editLast asked by the arrow up in an empty box
   * @param {(open: boolean) => void} answers what goes to the customer may go now, or not
   */
  constructor(id, send, typing, putRight, editLast, answers) {
    this.answers = answers;
    this.putRight = putRight;
    this.editLast = editLast;
    /** @type {number | null} the message that is being put right */ this.editing = null;
    this.id = id;
    this.send = send;
    this.typing = typing;
    this.wantsNote = false;
    this.mayAnswer = false;
    this.changed = () => {}; // whoever looks at the words hears that they may be others now
    /** @type {string | null} the entry whose answer stands in the box */ this.picked = null;
    this.field = /** @type {HTMLTextAreaElement} */ (h("textarea", { id: "words", rows: "2", on: { beforeinput: (/** @type {InputEvent} */ event) => this.refuseHeaps(event), keydown: (/** @type {KeyboardEvent} */ event) => this.key(event), input: () => (this.typed(), !this.isNote && this.field.value && this.typing()) } }));
    this.field.value = recall(`text-${id}`, "", "session");
    this.label = h("label", { for: "words", class: "visually-hidden" });
    this.hint = h("p", { class: "hint", id: "box-hint", role: "status" });
    this.noteSwitch = h("button", { type: "button", class: "button quiet small note-switch", "aria-pressed": "false", on: { click: () => this.toggle() } }, icon("note"), t("box.note"));
    this.submit = h("button", { class: "button primary small" }, t("box.send"));
    this.field.setAttribute("aria-describedby", "box-hint");
    this.mention = new Mention(this.field, () => this.isNote);
    this.foot = h("div", { class: "box-foot" }, this.noteSwitch, this.hint, this.submit);
    this.form = h(
      "form",
      { class: "box", on: { submit: (/** @type {Event} */ event) => (event.preventDefault(), this.go()) } },
      this.label,
      this.field,
      this.mention.list,
      this.foot,
    );
  }

  /** @param {{state: string, holder: string | null, holder_id: string | null}} standing */
  show(standing) {
    const hadIt = this.mayAnswer;
    this.mayAnswer = standing.state === "live" && standing.holder_id === me.id;
    if (this.mayAnswer && !hadIt) this.wantsNote = false;
    const why = { waiting: "box.only_notes", ticket: "box.only_notes", snoozed: standing.holder_id === me.id ? "box.put_off" : "box.only_notes", bot: "box.bot_has", live: "box.other_has", closed: "box.is_closed" }[standing.state] ?? "box.only_notes";
    if (!this.mayAnswer) this.editing = null;
    this.hint.textContent = this.editing ? t("box.edits") : this.mayAnswer ? t("box.hint") : t(why, { name: standing.holder ?? "" });
    this.draw();
  }

  get isNote() {
    return this.wantsNote || !this.mayAnswer;
  }

  toggle() {
    this.wantsNote = !this.wantsNote;
    this.draw();
    this.field.focus();
  }

  /** A note for colleagues comes next. */
  note() {
    if (!this.isNote) this.toggle();
    this.field.focus();
  }

  /** Put a message right that has been sent. What was typed before waits. @param {number} number @param {string} text */
  edit(number, text) {
    if (this.editing === null) this.typedBefore = this.field.value;
    this.editing = number;
    this.wantsNote = false;
    this.fill(text, t("box.edits"));
  }

  endEdit() {
    this.editing = null;
    this.fill(this.typedBefore ?? "", t("box.hint"));
  }

  /** @param {string} text @param {string} hint */
  fill(text, hint) {
    this.field.value = text;
    this.hint.textContent = hint;
    this.draw();
    this.field.focus();
  }

  draw() {
    this.form.classList.toggle("note", this.isNote);
    this.answers(!this.isNote);
    this.noteSwitch.hidden = !this.mayAnswer;
    this.noteSwitch.setAttribute("aria-pressed", String(this.isNote));
    this.label.textContent = t(this.isNote ? "box.note_label" : "box.label");
    this.field.placeholder = t(this.isNote ? "box.note_placeholder" : "box.placeholder");
    this.submit.classList.toggle("primary", !this.isNote); // one main action a page: an unclaimed conversation is claimed
    this.submit.textContent = t(this.editing ? "box.save" : this.isNote ? "box.send_note" : "box.send");
    this.grow();
  }

  /** An entry's answer, below what is typed already: the agent reads it over and sends it. @param {string | null} entry null for words of ours @param {string} text */
  insert(entry, text) {
    const before = this.field.value.trimEnd();
    this.field.value = before ? `${before}\n\n${text}` : text;
    this.wantsNote = false;
    this.picked = entry;
    this.typed();
    this.draw();
    this.field.focus();
  }

  /** What is pasted far beyond a message's length is refused before it is laid out: the page would stand still. @param {InputEvent} event */
  refuseHeaps(event) {
    if ((event.data?.length ?? 0) <= HEAP) return;
    event.preventDefault();
    this.refuse();
  }

  /** A place of a template still waits for words. @param {{start: number, end: number, label: string}} open */
  askFor(open) {
    this.refuse(t("box.gap", { what: open.label }));
    this.field.focus();
    this.field.setSelectionRange(open.start, open.end);
  }

  /** Say at the box why it is not sent; the words stay. @param {string} [why] */
  refuse(why = t("failure.too_long")) {
    this.hint.dataset.usual ??= this.hint.textContent ?? "";
    this.hint.textContent = why;
    this.field.setAttribute("aria-invalid", "true");
  }

  typed() {
    if (this.hint.dataset.usual !== undefined) this.hint.textContent = this.hint.dataset.usual;
    delete this.hint.dataset.usual;
    this.field.removeAttribute("aria-invalid");
    if (!this.field.value) this.picked = null;
    if (this.editing === null) remember(`text-${this.id}`, this.field.value, "session");
    this.grow();
  }

  grow() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight + 2, 180)}px`;
    this.changed();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key === "Escape" && this.editing !== null) return event.stopPropagation(), this.endEdit();
    if (event.key === "ArrowUp" && !this.field.value && !this.isNote) return event.preventDefault(), this.editLast();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.go();
  }

  go() {
    const text = this.field.value.trim();
    if (!text) return this.field.focus();
    if ([...text].length > LONGEST) return this.refuse();
    const open = this.isNote ? null : gap(this.field.value);
    if (open) return this.askFor(open);
    if (this.editing !== null) {
      this.putRight(this.editing, text);
      return this.endEdit();
    }
    this.send(this.isNote ? "notes" : "messages", text, this.isNote ? null : this.picked, this.isNote ? this.mention.calls(text) : []);
    this.field.value = "";
    this.typed();
    this.field.focus();
  }
}
