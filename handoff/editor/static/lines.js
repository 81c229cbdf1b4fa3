// Other wordings: one line each. Enter makes the next line, pasting several lines makes several, an empty one goes by itself.
import { byId, element } from "./element.js";
import { say } from "./words.js";

export class Lines {
  /** @param {() => void} changed */
  constructor(changed) {
    this.box = byId("examples");
    this.changed = changed;
    byId("add-example").addEventListener("click", () => this.add("").focus());
  }

  /** @returns {string[]} */
  get values() {
    return [...this.box.querySelectorAll("input")].map((input) => input.value.trim()).filter(Boolean);
  }

  /** Every line as it stands, empty ones too. @returns {string[]} */
  get all() { return [...this.box.querySelectorAll("input")].map((input) => input.value); }

  /** @param {string[]} values */
  set values(values) {
    this.box.replaceChildren();
    values.forEach((value) => this.add(value));
  }

  /** @param {string} value @param {Element | null} [after] @returns {HTMLInputElement} */
  add(value, after = null) {
    const input = /** @type {HTMLInputElement} */ (element("input", { type: "text", maxlength: 500, "aria-label": say("example_label") }));
    input.value = value;
    const row = element("div.line", null, input, element("button.button.quiet", { type: "button", "aria-label": say("remove_example"), onclick: () => this.remove(row) }, "×"));
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.add("", row).focus();
    });
    input.addEventListener("paste", (event) => this.paste(event, row));
    if (after) after.after(row);
    else this.box.append(row);
    return input;
  }

  /** @param {HTMLElement} row */
  remove(row) {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    (next?.querySelector("input") ?? byId("add-example")).focus();
    this.changed();
  }

  /** @param {ClipboardEvent} event @param {HTMLElement} row */
  paste(event, row) {
    const pasted = (event.clipboardData?.getData("text") ?? "").split(/\r?\n/).map((line) => line.trim()).filter(Boolean);
    if (pasted.length < 2) return;
    event.preventDefault();
    let last = /** @type {Element} */ (row);
    for (const line of pasted) last = /** @type {Element} */ (this.add(line, last).parentElement);
    if (!row.querySelector("input")?.value) row.remove();
    this.changed();
  }
}
