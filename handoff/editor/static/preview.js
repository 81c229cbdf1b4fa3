// The answer as the customer will see it in the chat, while it is being written: what the service sends, in light and dark.
import { ApiError, call } from "./api.js";
import { built } from "./built.js";
import { byId, element } from "./element.js";
import { say } from "./words.js";

const PAUSE = 250; // ms without a key before the text is drawn

export class Preview {
  /** @param {() => object} read */
  constructor(read) {
    this.read = read;
    this.language = "et";
    this.timer = 0;
    this.round = 0;
    /** @type {Record<string, {question: string, shown: any[], buttons: string[]}>} */
    this.shown = {};
    this.drawn = "";
    this.buttons = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-preview]")]);
    for (const button of this.buttons) button.addEventListener("click", () => this.choose(button.dataset.preview ?? "et"));
    const scheme = byId("preview-scheme"), chat = byId("preview-chat");
    const dark = () => (chat.dataset.theme ?? document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
    const other = () => { scheme.textContent = say(dark() ? "preview.light" : "preview.dark"); };
    scheme.addEventListener("click", () => {
      chat.dataset.theme = dark() ? "light" : "dark";
      other();
    });
    other();
  }

  /** @param {string} language */
  choose(language) {
    this.language = language;
    for (const button of this.buttons) button.setAttribute("aria-pressed", String(button.dataset.preview === language));
    this.show();
  }

  /** What is written has changed: draw when the typing rests. */
  changed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.draw(), PAUSE);
  }

  async draw() {
    clearTimeout(this.timer);
    byId("preview").hidden = byId("form").hidden;
    if (byId("form").hidden) return;
    const round = ++this.round;
    try {
      const shown = await call("POST", "/preview", this.read());
      if (round === this.round) { this.shown = shown; this.show(); }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error; // the picture of a moment ago stays: saving will tell what is wrong
    }
  }

  show() {
    const texts = this.shown[this.language];
    const drawn = JSON.stringify([this.language, texts]);
    if (!texts || drawn === this.drawn) return;
    this.drawn = drawn;
    const question = byId("shown-question"), answer = byId("shown-answer");
    question.textContent = texts.question || "…";
    question.lang = answer.lang = this.language;
    answer.replaceChildren(...(texts.shown.length ? built(texts.shown) : [element("span.hint", null, say("preview.empty"))]));
    byId("shown-buttons").replaceChildren(...texts.buttons.map((title) => element("span.chip", null, title)));
  }
}
