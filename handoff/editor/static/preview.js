// The answer as the customer will see it in the chat, while it is being written.
import { byId, element } from "./element.js";
import { markdown } from "./markdown.js";
import { say } from "./words.js";

export class Preview {
  /** @param {() => {question: string, answer: string, translations: Record<string, {question: string, answer: string}>}} read */
  constructor(read) {
    this.read = read;
    this.language = "et";
    this.buttons = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-preview]")]);
    for (const button of this.buttons) button.addEventListener("click", () => this.choose(button.dataset.preview ?? "et"));
  }

  /** @param {string} language */
  choose(language) {
    this.language = language;
    for (const button of this.buttons) button.setAttribute("aria-pressed", String(button.dataset.preview === language));
    this.draw();
  }

  draw() {
    byId("preview").hidden = byId("form").hidden;
    const written = this.read();
    const texts = this.language === "et" ? written : written.translations[this.language];
    const question = byId("shown-question");
    question.textContent = texts.question || "…";
    question.lang = this.language;
    const answer = byId("shown-answer");
    answer.lang = this.language;
    answer.replaceChildren(texts.answer ? markdown(texts.answer) : element("span.hint", null, say("preview.empty")));
  }
}
