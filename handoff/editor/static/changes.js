// The list of what an import would change: each with its differences, each to be ticked. Long lists come in parts.
import { element } from "./element.js";
import { known, say } from "./words.js";

/** @typedef {{field: string, before: string, after: string}} Difference */
/** @typedef {{entry_id: string, kind: "new" | "changed" | "same" | "gone", topic: string, question: string, fields: string[], overwrites_draft: boolean, differences: Difference[], status: string}} Change */

const AT_ONCE = 100;

export class Changes {
  /** @param {Change[]} changes @param {() => void} changed @param {string} [title] */
  constructor(changes, changed, title) {
    this.changes = changes;
    this.changed = changed;
    this.ids = new Set(changes.map((change) => change.entry_id));
    this.list = element("ul.import-list");
    this.more = element("button.button", { type: "button", onclick: () => this.show() });
    const all = (/** @type {boolean} */ ticked) => element("button.button.quiet", { type: "button", onclick: () => this.tickAll(ticked) }, say(ticked ? "import.choose_all" : "import.choose_none"));
    this.box = element("div", null, title && element("h3", null, title), changes.length > 1 && element("div.row", null, all(true), all(false)), this.list, this.more);
    this.box.hidden = !changes.length;
    this.show();
  }

  show() {
    const shown = this.list.childElementCount;
    this.list.append(...this.changes.slice(shown, shown + AT_ONCE).map((change) => this.row(change)));
    const left = this.changes.length - this.list.childElementCount;
    this.more.hidden = !left;
    this.more.textContent = say("import.more", { count: left });
  }

  /** @param {boolean} ticked */
  tickAll(ticked) {
    this.ids = new Set(ticked ? this.changes.map((change) => change.entry_id) : []);
    for (const input of this.list.querySelectorAll("input")) input.checked = ticked;
    this.changed();
  }

  /** @param {Change} change */
  row(change) {
    const tick = (/** @type {Event} */ event) => {
      if (/** @type {HTMLInputElement} */ (event.target).checked) this.ids.add(change.entry_id);
      else this.ids.delete(change.entry_id);
      this.changed();
    };
    const words = element("span.words", null, element("strong", null, change.question), what(change), change.status in { draft: 1, archived: 1 } && element("span.tag", null, say(`import.was.${change.status}`)), element("span.hint", null, [change.topic, change.entry_id].filter(Boolean).join(" · ")));
    return element("li", null,
      element("label.tick", null, element("input", { type: "checkbox", checked: this.ids.has(change.entry_id), onchange: tick }), words),
      change.overwrites_draft && element("p.overwrites", null, say("import.overwrites")),
      change.differences.length > 0 && element("details", null, element("summary", null, say("import.show")), element("dl.differences", null, ...change.differences.map(difference))));
  }
}

/** @param {Change} change */
function what(change) {
  if (change.kind === "new") return element("span.tag.good", null, say("import.new"));
  if (change.kind === "gone") return null;
  const fields = [...new Set(change.differences.map((one) => name(one.field)))].join(", ").toLowerCase();
  return element("span.tag.warn", null, say("import.changed", { fields }));
}

/** @param {string} field */
function name(field) { return known(`sheet.column.${field}`) ? say(`sheet.column.${field}`) : field; }

/** @param {Difference} one */
function difference(one) {
  const side = (/** @type {"del" | "ins"} */ tag, /** @type {string} */ text) => element(tag, null, one.before !== "" && element("b", null, say(tag === "del" ? "import.before" : "import.after")), text || say("import.nothing_there"));
  return element("div", null, element("dt", null, name(one.field)), element("dd", null, one.before !== "" && side("del", one.before), side("ins", one.after)));
}
