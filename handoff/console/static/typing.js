// Who is typing: told to the customer at most every few seconds, and never what is typed; shown until the words come.
import { conversation as path, post } from "./api.js";
import { h } from "./dom.js";
import { t } from "./texts.js";

const PAUSE = 3000; // ms between two signs
const LASTS = 7000; // a bit more than the server keeps one

export class Typing {
  /** @param {string} id @param {string} customer */
  constructor(id, customer) {
    this.id = id;
    this.customer = customer;
    this.told = 0;
    this.over = 0;
    this.line = h("p", { class: "typing" });
  }

  /** The agent has touched the box. */
  tell() {
    if (Date.now() - this.told < PAUSE) return;
    this.told = Date.now();
    post(path(this.id, "typing")).catch(() => {}); // the words themselves will say whether the server is there
  }

  /** The words are on their way; the next sign is of the next message. */
  sent() {
    this.told = 0;
  }

  /** @param {{customer: boolean, names: string[]}} typists */
  hear({ customer, names }) {
    clearTimeout(this.over);
    const who = [...(customer ? [this.customer] : []), ...names];
    if (who.length > 0) this.over = window.setTimeout(() => this.hear({ customer: false, names: [] }), LASTS);
    this.line.textContent = who.map((name) => t("message.typing", { name })).join(" ");
  }
}
