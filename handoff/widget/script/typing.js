// Who is typing: told to the other side at most every few seconds, and never what is typed; shown until the words come.

const PAUSE = 3000; // ms between two signs
const LASTS = 7000; // a bit more than the service keeps one

export class Typing {
  #chat;
  #told = 0;
  #over;
  name = null;

  /** @param {import("./chat.js").Chat} chat */
  constructor(chat) { this.#chat = chat; }

  /** The customer has touched the box. */
  tell() {
    const { api, talk } = this.#chat;
    if (!talk || Date.now() - this.#told < PAUSE) return;
    this.#told = Date.now();
    api.post("/typing").catch(() => {});
  }

  /** The words are on their way; the next sign is of the next message. */
  sent() { this.#told = 0; }

  /** @param {string | null} name who types now to the customer */
  hear(name) {
    clearTimeout(this.#over);
    if (name) this.#over = setTimeout(() => this.hear(null), LASTS);
    if (name === this.name) return;
    this.name = name;
    this.#chat.changed();
  }
}
