// Advice on what stands in the box: misspelled words and cold ones are underlined where they stand, and one line says what could stand there instead.
// Looked at when the typing pauses; an answer that comes too late is dropped. It never stops anything.
import { conversation as path, post } from "./api.js";
import { announce, button, h } from "./dom.js";
import { icon } from "./icons.js";
import { put } from "./put.js";
import { recall, remember } from "./memory.js";
import { t } from "./texts.js";

const PAUSE = 500; // ms
const SHOWN = 3; // suggestions at once

/** @typedef {{start: number, end: number, kind: "spelling" | "wording", words: string, options: string[], why: string, say: string}} Mark */

export class Advice {
  /** @param {string} id of the conversation @param {import("./box.js").Box} box */
  constructor(id, box) {
    this.id = id;
    this.box = box;
    this.field = box.field;
    /** @type {Mark[]} */ this.marks = [];
    this.text = ""; // that the marks belong to
    this.seen = "";
    this.timer = 0;
    /** @type {AbortController | null} */ this.asking = null;
    /** @type {Set<string>} */ this.left = new Set(); // words that were fine as they are
    /** @type {{start: number, options: string[], at: number} | null} what the last key has put in */ this.turned = null;
    this.turning = false;
    this.paper = h("div", { class: "paper", "aria-hidden": "true" });
    this.line = h("div", { class: "advice", role: "group", "aria-label": t("advice.title"), hidden: true });
    this.shown = "";
    this.over = new AbortController();
    const { signal } = this.over;
    box.changed = () => this.typed();
    this.field.addEventListener("scroll", () => { this.paper.scrollTop = this.field.scrollTop; }, { signal });
    document.addEventListener("selectionchange", () => document.activeElement === this.field && this.tell(), { signal });
    document.addEventListener("keydown", (event) => this.key(event), { signal });
    new ResizeObserver(() => this.fit()).observe(this.field);
  }

  leave() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.over.abort();
  }

  /** @param {"spelling" | "wording"} kind */
  wants = (kind) => recall(`advice-${kind}`, true);

  /** @param {"spelling" | "wording"} kind */
  turn(kind) {
    remember(`advice-${kind}`, !this.wants(kind));
    this.marks = this.marks.filter((mark) => this.wants(mark.kind));
    this.draw();
    this.soon();
  }

  typed() {
    const seen = `${this.box.isNote} ${this.field.value}`;
    if (seen === this.seen) return this.fit();
    this.seen = seen;
    if (!this.turning) this.turned = null;
    this.marks = moved(this.marks, this.text, this.field.value);
    this.text = this.field.value;
    this.draw();
    this.soon();
  }

  soon() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.timer = window.setTimeout(() => void this.look(), PAUSE);
  }

  async look() {
    const text = this.field.value;
    if (this.box.isNote || !text.trim() || !(this.wants("spelling") || this.wants("wording"))) return this.clear();
    this.asking = new AbortController();
    const { signal } = this.asking;
    const found = await post(path(this.id, "proofread"), { text }, signal).catch(() => null);
    if (!found || signal.aborted || text !== this.field.value) return;
    const slips = found.spelling.map((/** @type {any} */ one) => ({ ...one, kind: "spelling", words: one.word, options: one.suggestions, why: "", say: "" }));
    const cold = found.wording.map((/** @type {any} */ one) => ({ ...one, kind: "wording", options: one.swaps ? [like(one.words, one.say)] : [] }));
    this.marks = [...slips, ...cold].filter((mark) => this.wants(mark.kind) && !this.left.has(mark.words.toLowerCase())).sort((a, b) => a.start - b.start);
    this.text = text;
    this.draw();
  }

  clear() {
    this.marks = [];
    this.draw();
  }

  /** The same words on paper over the field, invisible but for the lines under them: the field itself stays as it is. */
  draw() {
    const { value } = this.field;
    const parts = [];
    let at = 0;
    for (const mark of this.marks) {
      if (mark.start < at) continue; // a slip within cold words: one line is enough
      parts.push(value.slice(at, mark.start), h("mark", { class: mark.kind }, value.slice(mark.start, mark.end)));
      at = mark.end;
    }
    this.paper.replaceChildren(...(parts.length > 0 ? [...parts, `${value.slice(at)}\u200b`] : []));
    this.fit();
    this.tell();
  }

  fit() {
    this.paper.style.width = `${this.field.clientWidth + 2}px`;
    this.paper.style.height = `${this.field.offsetHeight}px`;
    this.paper.scrollTop = this.field.scrollTop;
  }

  /** The mark that the caret is in, or the first. */
  get now() {
    const { selectionStart: from, selectionEnd: to } = this.field;
    return this.marks.find((mark) => mark.start <= from && to <= mark.end) ?? this.marks[0];
  }

  /** What the line says, drawn anew only when it says something else: somebody may be about to press a button of it. */
  tell() {
    const mark = this.now;
    const sign = mark ? JSON.stringify([mark, this.marks.length]) : "";
    if (sign === this.shown) return;
    this.shown = sign;
    this.line.hidden = !mark;
    if (!mark) return this.line.replaceChildren();
    const known = mark.kind === "spelling";
    const swaps = mark.options.slice(0, SHOWN).map((option) => button(option, () => this.swap(mark, option), "small swap"));
    const words = known ? h("span", { class: "word" }, h("strong", {}, mark.words), mark.options.length > 0 ? " →" : ` ${t("advice.unknown")}`) : h("span", { class: "why" }, h("strong", {}, mark.words), ` ${t(`advice.${mark.why}`)}`, swaps.length > 0 ? "" : ` ${t("advice.say", { words: mark.say })}`);
    const leave = known ? button(t("advice.learn"), () => this.learn(mark), "small quiet") : button(t("advice.leave"), () => this.pass(mark), "small quiet");
    const off = !known && h("button", { type: "button", class: "button quiet icon", "aria-label": t("advice.wording_off"), title: t("advice.wording_off"), on: { click: () => (this.turn("wording"), this.field.focus(), announce(t("advice.wording_off_done"))) } }, icon("mute"));
    const next = this.marks.length > 1 && h("button", { type: "button", class: "button quiet small next", "aria-label": t("advice.next"), title: `${t("advice.next")} (Alt+.)`, on: { click: () => this.next() } }, `${this.marks.indexOf(mark) + 1}/${this.marks.length}`);
    this.line.replaceChildren(...[words, ...swaps, leave, off, next].filter((part) => part instanceof Node));
  }

  /** Select the next marked words. */
  next() {
    const { selectionStart: from, selectionEnd: to } = this.field;
    const mark = this.marks.find((one) => one.start > from || (one.start === from && one.end > to)) ?? this.marks[0];
    if (!mark) return;
    this.turned = null;
    this.field.focus();
    this.field.setSelectionRange(mark.start, mark.end);
    this.tell();
    announce(this.line.textContent ?? "");
  }

  /** @param {{start: number, end: number}} mark @param {string} option */
  swap(mark, option) {
    this.turning = true;
    put(this.field, mark.start, mark.end, option);
    this.turning = false;
  }

  /** By key: the first suggestion, pressed again the next, at last what was there. */
  swapNext() {
    if (this.turned) {
      const { start, options, at } = this.turned;
      const after = (at + 1) % options.length;
      this.turned.at = after;
      return this.swap({ start, end: start + options[at].length }, options[after]);
    }
    const mark = this.now;
    if (!mark || mark.options.length === 0) return;
    this.turned = { start: mark.start, options: [...mark.options, mark.words], at: 0 };
    this.swap(mark, mark.options[0]);
  }

  /** From now on this word is right, for this agent. @param {Mark} mark */
  learn(mark) {
    this.pass(mark);
    post("/known-words", { word: mark.words }).catch(() => {}); // here it counts as known anyway
  }

  /** Fine as it is. @param {Mark} mark */
  pass(mark) {
    this.left.add(mark.words.toLowerCase());
    this.marks = this.marks.filter((one) => one.words.toLowerCase() !== mark.words.toLowerCase());
    this.draw();
    this.field.focus();
  }

  /** By the place of the key: with Alt its sign is another on many keyboards. @param {KeyboardEvent} event */
  key(event) {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || (this.marks.length === 0 && !this.turned)) return;
    if (event.code === "Period") this.next();
    else if (event.code === "Comma") this.swapNext();
    else return;
    event.preventDefault();
  }
}

/** The marks that an edit has left whole, at their new places. @param {Mark[]} marks @param {string} before @param {string} now */
export function moved(marks, before, now) {
  const most = Math.min(before.length, now.length);
  let same = 0;
  while (same < most && before[same] === now[same]) same += 1;
  let tail = 0;
  while (tail < most - same && before[before.length - 1 - tail] === now[now.length - 1 - tail]) tail += 1;
  const by = now.length - before.length;
  const kept = marks.map((mark) => (mark.end <= same ? mark : mark.start >= before.length - tail ? { ...mark, start: mark.start + by, end: mark.end + by } : null));
  return /** @type {Mark[]} */ (kept.filter((mark) => mark && !/[\p{L}\p{M}]/u.test((now[mark.start - 1] ?? "") + (now[mark.end] ?? ""))));
}

/** With the capital of what it replaces. @param {string} words @param {string} option */
const like = (words, option) => (words[0] === words[0].toLowerCase() ? option : option[0].toUpperCase() + option.slice(1));
