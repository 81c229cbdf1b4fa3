// The entry in the middle: filled from an entry, read back as the API wants it, and aware of what is not saved yet.
import { Buttons } from "./buttons.js";
import { byId, element } from "./element.js";
import { forget, recalled, remember } from "./draft.js";
import { Lines } from "./lines.js";
import { Steps } from "./steps.js";
import { Tabs } from "./tabs.js";
import { Translated } from "./translated.js";
import { day, known, say } from "./words.js";

/** @typedef {import("./list.js").Entry} Entry */
const LANGUAGES = /** @type {const} */ (["en", "ru"]);
const PLAIN = { question: "question", answer: "answer", topic: "topic", video: "video", valid_from: "valid-from", valid_until: "valid-until" };
const EMPTY = { question: "", answer: "", examples: [], tags: [], translations: {}, topic: "" };

export class Form {
  /** @param {() => void} changed @param {(language: string) => void} turned @param {import("./buttons.js").Questions} questions */
  constructor(changed, turned, questions) {
    this.form = /** @type {HTMLFormElement} */ (byId("form"));
    const written = () => { this.showStates(); changed(); this.keepDraft(); };
    this.lines = new Lines(written);
    this.steps = new Steps(written);
    this.buttons = new Buttons(written, questions);
    this.translated = new Translated();
    this.tabs = new Tabs(turned);
    /** @type {Entry | null} */
    this.entry = null;
    /** The revision from which the writing began. @type {number | null} */
    this.base = null;
    this.saved = "";
    this.slot = "new"; // under which unsaved words are kept
    this.form.addEventListener("input", written);
  }

  get dirty() { return !this.form.hidden && JSON.stringify(this.read()) !== this.saved; }

  get key() { return this.entry?.id ?? ""; }

  /** What is written now, without id and revision. */
  read() {
    const plain = Object.fromEntries(Object.entries(PLAIN).map(([name, id]) => [name, this.text(id)]));
    const tags = this.text("tags").split(",").map((tag) => tag.trim()).filter(Boolean);
    return { ...plain, examples: this.lines.values, tags, needs_identity: this.input("needs-identity").checked, steps: this.steps.values.map((step) => ({ ...step, text: step.text.trim() })), buttons: this.buttons.values, translations: this.translations((id) => this.text(id)) };
  }

  /** @param {(id: string) => string} text */
  translations(text) {
    return Object.fromEntries(LANGUAGES.map((code) => [code, { question: text(`${code}-question`), answer: text(`${code}-answer`), ...this.translated.read(code) }]));
  }

  /** What is written, to the letter, so that places in it hold. */
  written() {
    const value = (/** @type {string} */ id) => this.input(id).value;
    return { ...this.read(), id: this.key, question: value("question"), answer: value("answer"), examples: this.lines.all, steps: this.steps.values, translations: this.translations(value) };
  }

  /** Go to a place in a field. @param {{field: string, start?: number, end?: number}} where */
  place({ field, start, end }) {
    const [name, row] = field.split(".");
    const box = this.box(name === "examples" ? name : field);
    if (box) this.tabs.reveal(box);
    const input = /** @type {HTMLInputElement | HTMLTextAreaElement | undefined} */ (box?.querySelectorAll("textarea, input")[name === "examples" ? Number(row) : 0]);
    if (!input) return;
    input.focus();
    if (start !== undefined && end !== undefined) input.setSelectionRange(start, end);
    input.scrollIntoView({ block: "center" });
  }

  /** @param {string} field */
  box(field) { return /** @type {HTMLElement | null} */ (this.form.querySelector(`[data-field="${CSS.escape(field)}"]`)); }

  /** @param {string} id */
  text(id) { return this.input(id).value.trim(); }

  /** @param {string} id */
  input(id) { return /** @type {HTMLInputElement} */ (byId(id)); }

  /** Show an entry, or an empty form for null; words that were typed here and never saved come back from their `slot`. True when some did. @param {Entry | null} entry @param {string} [slot] */
  fill(entry, slot = entry?.id ?? "new") {
    this.entry = entry;
    this.slot = slot;
    this.form.dataset.entry = this.key;
    this.base = entry?.revision ?? null;
    this.show(entry ?? EMPTY);
    this.saved = JSON.stringify(this.read());
    this.form.hidden = false;
    this.clearErrors();
    for (const fold of this.form.querySelectorAll("details")) fold.open = false;
    const kept = recalled(slot);
    if (!kept || JSON.stringify(kept.words) === this.saved) return false;
    this.show(kept.words);
    this.base = entry ? kept.revision ?? entry.revision : null;
    return true;
  }

  /** Put words into the fields; they count as unsaved until `saved` says otherwise. @param {Partial<Entry>} words */
  show(words) {
    for (const [name, id] of Object.entries(PLAIN)) this.input(id).value = String(/** @type {any} */ (words)[name] ?? "");
    this.input("tags").value = (words.tags ?? []).join(", ");
    this.lines.values = words.examples ?? [];
    this.input("needs-identity").checked = Boolean(words.needs_identity);
    this.steps.values = words.steps ?? [];
    this.buttons.values = words.buttons ?? [];
    for (const code of LANGUAGES) {
      const texts = words.translations?.[code];
      this.input(`${code}-question`).value = texts?.question ?? "";
      this.input(`${code}-answer`).value = texts?.answer ?? "";
      this.translated.show(code, texts ?? {});
    }
    this.showStates();
  }

  /** The server has kept exactly these words. @param {Entry} entry @param {string} sent */
  kept(entry, sent) {
    forget(this.slot);
    this.entry = entry;
    this.slot = entry.id;
    this.form.dataset.entry = this.key;
    this.base = entry.revision;
    this.saved = sent;
    this.clearErrors();
    this.keepDraft();
  }

  /** Go back to what is saved. */
  drop() {
    forget(this.slot);
    this.fill(this.entry, this.slot);
  }

  keepDraft() {
    if (this.dirty) remember(this.slot, this.base, this.read());
    else forget(this.slot);
  }

  /** What is there, said beside what is folded away. */
  showStates() {
    this.translated.fit(this.steps.values, this.buttons.values);
    for (const code of LANGUAGES) {
      const state = /** @type {HTMLElement} */ (this.form.querySelector(`[data-state="${code}"]`));
      const filled = Boolean(this.text(`${code}-question`)) && Boolean(this.text(`${code}-answer`));
      state.textContent = say(filled ? "translation.there" : "translation.none");
      state.classList.toggle("good", filled);
    }
    const steps = this.steps.values, buttons = this.buttons.rows.length + (this.text("video") ? 1 : 0);
    byId("steps-count").textContent = steps.length ? String(steps.length) : "";
    byId("buttons-count").textContent = buttons ? String(buttons) : "";
    const [from, until] = [day(this.text("valid-from")), day(this.text("valid-until"))];
    byId("days-said").textContent = from || until ? `${from || "…"} – ${until || "…"}` : "";
  }

  /** Say what is wrong beside the field and go there. True when there is such a field. @param {string | null} name @param {string} code */
  refuse(name, code) {
    this.clearErrors();
    const field = name && (this.box(name) ?? this.box(name.replace(/\.(id|end)$/, ".text")) ?? this.box(name.split(".")[0]));
    if (!field) return false;
    this.tabs.reveal(field);
    const id = `${name}-error`;
    const input = /** @type {HTMLElement | null} */ (field.querySelector("textarea, input, select"));
    field.append(element("p.error", { id, role: "alert" }, say(known(`error.${code}`) ? `error.${code}` : "error.unreadable")));
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
