// The line above the box: the way to a person and back, the place in the line. What stays keeps its element, and with it the focus.

import { el, icon } from "./dom.js";

export class Bar {
  #chat;
  #after;
  #name;
  #button;
  #words = el("span", { role: "status" });
  element = el("div.bar", this.#words);

  /** @param {import("./chat.js").Chat} chat @param {() => void} after where the focus goes when a button has done its work */
  constructor(chat, after) {
    this.#chat = chat;
    this.#after = after;
  }

  show() {
    const { standing, outbox } = this.#chat;
    const { line: text, offer: name } = standing;
    if (this.#words.textContent !== text) this.#words.textContent = text;
    this.#words.hidden = !text;
    if (name !== this.#name) this.#offer(name);
    if (this.#button) this.#button.disabled = outbox.items.some((item) => item.human);
    this.element.hidden = !text && !name;
  }

  #offer(name) {
    const had = this.#button?.matches(":focus");
    this.#name = name;
    this.#button?.remove();
    this.#button = name && el("button.quiet", { onclick: () => this.#act(name) }, icon(name), this.#chat.t(name));
    if (name) this.element.append(this.#button);
    if (had) this.#after();
  }

  #act(name) {
    const chat = this.#chat;
    if (name === "keep") return chat.keep();
    if (name === "bot_again") chat.change("back-to-bot");
    else if (name === "end") chat.change(name);
    else chat.human();
    this.#after();
  }
}
