// The box to type in. Keeps its text over page changes and errors.

import { el, tool } from "./dom.js";
import { tab } from "./memory.js";

const TALLEST = 132; // px
const HEAP = 20_000; // characters

export class Compose {
  #chat;
  #box;
  #problem = el("p.problem", { id: "problem", role: "alert" });

  /** @param {import("./chat.js").Chat} chat */
  constructor(chat) {
    this.#chat = chat;
    const { t, attach } = chat;
    this.#box = el("textarea", { rows: "1", "aria-label": t("box"), "aria-describedby": "problem", enterkeyhint: "send", onbeforeinput: (event) => event.data?.length > HEAP && this.#refuse(event), oninput: () => this.#typed(), onkeydown: (event) => this.#key(event) });
    const clip = attach.allowed && tool("close", "clip", t("attach"), { onclick: () => attach.choose() });
    this.element = el("form.compose", { novalidate: true, onsubmit: (event) => this.#send(event) }, this.#problem, el("div.line", clip, this.#box, tool("send", "send", t("send"), { type: "submit" })));
    this.#hint("placeholder");
    this.#recall();
    addEventListener("pageshow", ({ persisted }) => persisted && this.#recall()); // a page that comes back may hold what was sent since
  }

  /** Words of the site, for the customer to look at and send. */
  write(text) {
    this.#box.value = text;
    this.#typed();
  }

  focus() { this.#box.focus({ preventScroll: true }); }

  /** The same in other words, please. */
  rephrase() { this.#hint("rephrase_hint"); this.focus(); }

  show() {
    const { problem, t } = this.#chat;
    const words = problem ? t(`error.${problem.code}`, problem.values) : "";
    if (this.#problem.textContent !== words) this.#problem.textContent = words;
    this.#box.setAttribute("aria-invalid", String(this.#mistaken));
    this.#problem.classList.toggle("calm", !this.#mistaken && problem?.code !== "other");
    if (problem?.text) { // it came back: the customer goes on from what was written
      this.#box.value = [problem.text, this.#box.value].filter(Boolean).join("\n");
      problem.text = "";
      this.#remember();
    }
    this.#fit();
  }

  /** Whether the text can't go as it is. */
  get #mistaken() { return /^(empty|too_long|not_text)$/.test(this.#chat.problem?.code); }

  #typed() {
    if (this.#mistaken || /^(other|file_)/.test(this.#chat.problem?.code)) this.#chat.problem = null;
    if (this.#box.value) this.#chat.typing.tell();
    this.#remember();
    this.show();
  }

  /** What is pasted far beyond a message's length is refused before it is laid out: the page would stand still. */
  #refuse(event) {
    event.preventDefault();
    this.#chat.say(event.data); // says how long it may be
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.element.requestSubmit();
  }

  #send(event) {
    event.preventDefault();
    if (this.#chat.say(this.#box.value)) {
      this.#box.value = "";
      this.#hint("placeholder");
      this.#remember();
      this.#fit();
    }
    this.focus();
  }

  #recall() { this.#box.value = tab.read("draft") ?? ""; }

  #hint(text) { this.#box.placeholder = this.#chat.t(text); }

  #remember() { tab.write("draft", this.#box.value || null); }

  #fit() {
    const { style } = this.#box;
    style.height = "auto";
    style.height = `${Math.min(this.#box.scrollHeight + 2, TALLEST)}px`;
  }
}
