// The entry in the middle: filled from an entry, read back as the API wants it, and aware of what is not saved yet.
import { byId, element } from "./element.js";
import { Lines } from "./lines.js";
import { marks } from "./list.js";
import { known, moment, say } from "./words.js";

/** @typedef {import("./list.js").Entry} Entry */
const LANGUAGES = /** @type {const} */ (["en", "ru"]);
const TEXTS = ["question", "answer", "topic", "tags", ...LANGUAGES.flatMap((code) => [`${code}-question`, `${code}-answer`])];

export class Form {
  /** @param {() => void} changed */
  constructor(changed) {
    this.form = /** @type {HTMLFormElement} */ (byId("form"));
    this.lines = new Lines(changed);
    /** @type {Entry | null} */
    this.entry = null;
    this.saved = "";
    this.form.addEventListener("input", () => {
      this.showStates();
      changed();
    });
  }

  get dirty() { return !this.form.hidden && JSON.stringify(this.read()) !== this.saved; }

  /** What is written now, without id and revision. */
  read() {
    const translations = Object.fromEntries(LANGUAGES.map((code) => [code, { question: this.text(`${code}-question`), answer: this.text(`${code}-answer`) }]));
    const tags = this.text("tags").split(",").map((tag) => tag.trim()).filter(Boolean);
    return { question: this.text("question"), answer: this.text("answer"), examples: this.lines.values, topic: this.text("topic"), tags, needs_identity: this.input("needs-identity").checked, translations };
  }

  /** What is written, to the letter, so that places in it hold. */
  written() {
    const value = (/** @type {string} */ id) => this.input(id).value;
    const translations = Object.fromEntries(LANGUAGES.map((code) => [code, { question: value(`${code}-question`), answer: value(`${code}-answer`) }]));
    return { ...this.read(), id: this.entry?.id ?? "", question: value("question"), answer: value("answer"), examples: this.lines.all, translations };
  }

  /** Go to a place in a field. @param {{field: string, start?: number, end?: number}} where */
  place({ field, start, end }) {
    const [name, row] = field.split(".");
    const box = /** @type {HTMLElement | null} */ (this.form.querySelector(`[data-field="${CSS.escape(name === "examples" ? name : field)}"]`));
    const fold = box?.closest("details");
    if (fold) fold.open = true;
    const input = /** @type {HTMLInputElement | HTMLTextAreaElement | undefined} */ (box?.querySelectorAll("textarea, input")[name === "examples" ? Number(row) : 0]);
    if (!input) return;
    input.focus();
    if (start !== undefined && end !== undefined) input.setSelectionRange(start, end);
    input.scrollIntoView({ block: "center" });
  }

  /** @param {string} id */
  text(id) { return this.input(id).value.trim(); }

  /** @param {string} id */
  input(id) { return /** @type {HTMLInputElement} */ (byId(id)); }

  /** Show an entry, or an empty form for null. @param {Entry | null} entry */
  fill(entry) {
    this.show(entry ?? { question: "", answer: "", examples: [], tags: [], translations: {}, topic: "" });
    this.saved = JSON.stringify(this.read());
    this.standing(entry);
    this.form.hidden = false;
    this.clearErrors();
    for (const fold of this.form.querySelectorAll("details")) fold.open = false;
  }

  /** Put words into the fields; they count as unsaved until `saved` says otherwise. @param {Partial<Entry>} words */
  show(words) {
    for (const name of TEXTS) {
      const [code, part] = name.split("-");
      const translated = part && words.translations?.[code]?.[/** @type {"question" | "answer"} */ (part)];
      this.input(name).value = part ? translated || "" : name === "tags" ? (words.tags ?? []).join(", ") : String(words[/** @type {"topic"} */ (name)] ?? this.input(name).value);
    }
    this.lines.values = words.examples ?? [];
    this.input("needs-identity").checked = Boolean(words.needs_identity);
    this.showStates();
  }

  /** The server has kept exactly these words. @param {Entry} entry @param {string} sent */
  kept(entry, sent) {
    this.saved = sent;
    this.standing(entry);
    this.clearErrors();
  }

  /** @param {Entry | null} entry */
  standing(entry) {
    this.entry = entry;
    byId("marks").replaceChildren(...(entry ? marks(entry) : []), ...(entry?.status === "published" && !entry.unpublished_change ? [element("span.tag.good", null, say("mark.published"))] : []));
    byId("meta").textContent = !entry ? say("new_entry") : entry.changed_at ? say(entry.changed_by ? "changed_by" : "changed", { when: moment(entry.changed_at), who: entry.changed_by ?? "" }) : "";
    const talk = byId("talk");
    talk.hidden = !(entry?.conversation_id && entry.status === "draft");
    if (!talk.hidden) talk.replaceChildren(say("from_talk"), " ", element("a", { href: `/desk/${entry?.conversation_id}` }, say("open_talk")));
    byId("archive").hidden = !entry || entry.status === "archived";
    byId("history").hidden = !entry;
    byId("revisions").replaceChildren();
  }

  showStates() {
    for (const code of LANGUAGES) {
      const state = /** @type {HTMLElement} */ (this.form.querySelector(`[data-translation="${code}"] [data-state]`));
      const filled = Boolean(this.text(`${code}-question`)) && Boolean(this.text(`${code}-answer`));
      state.textContent = say(filled ? "translation.there" : "translation.none");
      state.classList.toggle("good", filled);
    }
  }

  /** Say what is wrong beside the field and go there. True when there is such a field. @param {string | null} name @param {string} code */
  refuse(name, code) {
    this.clearErrors();
    const field = name && /** @type {HTMLElement | null} */ (this.form.querySelector(`[data-field="${CSS.escape(name)}"]`));
    if (!field) return false;
    const fold = field.closest("details");
    if (fold) fold.open = true;
    const id = `${name}-error`;
    const input = /** @type {HTMLElement} */ (field.querySelector("textarea, input"));
    field.append(element("p.error", { id }, say(known(`error.${code}`) ? `error.${code}` : "error.unreadable")));
    field.classList.add("wrong");
    input?.setAttribute("aria-invalid", "true");
    input?.setAttribute("aria-errormessage", id);
    input?.focus();
    return true;
  }

  clearErrors() {
    for (const wrong of this.form.querySelectorAll(".wrong")) wrong.classList.remove("wrong");
    for (const error of this.form.querySelectorAll("p.error")) error.remove();
    for (const input of this.form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
  }
}
