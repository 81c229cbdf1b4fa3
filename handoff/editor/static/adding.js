// Customers' wordings for an entry that there is: which of them, and which entry, found by meaning.
import { call } from "./api.js";
import { element } from "./element.js";
import { tell, tried } from "./missing.js";
import { say, share } from "./words.js";

const TYPED_MS = 300;

export class Adding {
  /** @param {HTMLElement} box @param {string} path of the group @param {string[]} examples */
  constructor(box, path, examples) {
    this.box = box;
    this.path = path;
    this.examples = examples;
    this.round = 0;
    this.boxes = examples.map((text) => /** @type {HTMLInputElement} */ (element("input", { type: "checkbox", checked: true, value: text })));
    this.search = /** @type {HTMLInputElement} */ (element("input", { type: "search", placeholder: say("search"), "aria-label": say("search"), autocomplete: "off", maxlength: 500 }));
    this.found = element("ul.found", { "aria-live": "polite" });
    let timer = 0;
    this.search.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => tried(() => this.look()), TYPED_MS); });
  }

  async open() {
    this.box.replaceChildren(
      element("fieldset", null, element("legend", null, say("which_wordings")),
        ...this.boxes.map((input) => element("label.wording", null, input, ` ${input.value}`))),
      element("p.label", null, say("which_entry")), this.search, this.found);
    this.search.focus();
    await this.look();
  }

  /** What comes near to the words in the box, or to the group itself. */
  async look() {
    const round = ++this.round;
    const { entries } = await call("GET", `${this.path}/near?q=${encodeURIComponent(this.search.value)}`);
    if (round !== this.round) return;
    this.found.replaceChildren(...entries.map((/** @type {any} */ one) => element("li", null,
      element("button.choice", { type: "button", onclick: () => tried(() => this.choose(one.id)) }, element("span", null, one.question), element("span.share", null, share(one.probability))))));
    if (!entries.length) this.found.replaceChildren(element("li.hint", null, say("nothing_near")));
  }

  /** @param {string} id */
  async choose(id) {
    const texts = this.boxes.filter((one) => one.checked).map((one) => one.value);
    if (!texts.length) return tell(say("choose_wordings"));
    const kept = await call("POST", `${this.path}/wordings`, { entry_id: id, texts });
    location.assign(`/editor#${kept.entry_id}`);
  }
}
