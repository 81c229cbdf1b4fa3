// The line above the box: the way to a person and back, the place in the line. What stays keeps its element, and with it the focus.

import { el, icon } from "./dom.js";

export class Bar {
  /** @param {import("./chat.js").Chat} chat @param {() => void} after where the focus goes when a button has done its work */
  constructor(chat, after) {
    Object.assign(this, { chat, after });
    this.words = el("span", { role: "status" });
    this.element = el("div", { class: "bar" }, this.words);
  }

  show() {
    const { chat, words, element } = this;
    const { state, people_available: here, back, waiting } = chat.standing;
    const asking = chat.outbox.items.some((item) => item.human);
    const human = here ? "human" : "contact";
    const [text, name] = {
      waiting: [waiting || chat.t("waiting"), "bot_again"],
      live: ["", "end"],
      snoozed: ["", "end"],
      closed: [chat.t("ended")],
      ticket: [`${chat.t("ticket")} ${back}`, here && human],
      bot: [back, human],
    }[state];
    if (words.textContent !== text) words.textContent = text;
    words.hidden = !text;
    if (name !== this.name) {
      this.name = name;
      const had = element.contains(this.button) && this.button.getRootNode().activeElement === this.button;
      this.button?.remove();
      this.button = name && el("button", { class: "quiet", onclick: () => this.#act(name) }, name === human && icon("person"), chat.t(name));
      if (this.button) element.append(this.button);
      if (had) this.after();
    }
    if (this.button) this.button.disabled = asking;
    element.hidden = !text && !name;
  }

  #act(name) {
    if (name === "bot_again") this.chat.backToBot();
    else if (name === "end") this.chat.end();
    else this.chat.human();
    this.after();
  }
}
