// The steps of a guide: added, moved by buttons and by Alt + arrows, removed; what follows each is chosen from a list.
import { byId, element } from "./element.js";
import { say } from "./words.js";

/** @typedef {{id: string, text: string, yes?: string, no?: string, end?: boolean}} Step */

export class Steps {
  /** @param {() => void} changed */
  constructor(changed) {
    this.box = byId("steps");
    this.changed = changed;
    byId("add-step").addEventListener("click", () => {
      const row = this.add({ id: this.freshId(), text: "" });
      this.drawn();
      row.querySelector("textarea")?.focus();
      changed();
    });
  }

  get rows() { return /** @type {HTMLElement[]} */ ([...this.box.children]); }

  /** @returns {Step[]} */
  get values() {
    return this.rows.map((row) => {
      const { id = "" } = row.dataset;
      const then = select(row, "then").value;
      const text = /** @type {HTMLTextAreaElement} */ (row.querySelector("textarea")).value;
      if (then === "ask") return { id, text, yes: select(row, "yes").value, no: select(row, "no").value };
      return then === "end" ? { id, text, end: true } : { id, text };
    });
  }

  /** @param {Step[]} steps */
  set values(steps) {
    this.box.replaceChildren();
    for (const step of steps) this.add(step);
    this.drawn();
    for (const [at, step] of steps.entries()) {
      if (!step.yes && !step.no) continue;
      select(this.rows[at], "yes").value = step.yes ?? "";
      select(this.rows[at], "no").value = step.no ?? "";
    }
  }

  /** An id that no step here has or had: translations hold on to it. */
  freshId() {
    const taken = new Set(this.rows.map((row) => row.dataset.id));
    let id = "";
    do id = `s${Math.random().toString(36).slice(2, 7)}`; while (taken.has(id));
    return id;
  }

  /** @param {Step} step */
  add(step) {
    const area = /** @type {HTMLTextAreaElement} */ (element("textarea", { rows: 2, maxlength: 4000 }));
    area.value = step.text;
    const then = element("select", { "data-part": "then" }, ...["next", "ask", "end"].map((value) => element("option", { value }, say(`steps.then.${value}`))));
    /** @type {HTMLSelectElement} */ (then).value = step.end ? "end" : step.yes || step.no ? "ask" : "next";
    const way = (/** @type {string} */ part) => element("div.way", { "data-field": "" }, element("label", null, say(`steps.if_${part}`)), element("select", { "data-part": part }));
    const row = element("li.step", { "data-id": step.id },
      element("div.step-head", null, element("strong.step-number"), tool("up", "↑", () => this.move(row, -1)), tool("down", "↓", () => this.move(row, 1)), tool("remove", "×", () => this.remove(row))),
      area,
      element("div.step-then", null, element("div.way", null, element("label", null, say("steps.after")), then), way("yes"), way("no")));
    row.addEventListener("keydown", (event) => {
      if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
      event.preventDefault();
      this.move(row, event.key === "ArrowUp" ? -1 : 1);
    });
    row.addEventListener("change", () => { this.drawn(); this.changed(); });
    area.addEventListener("input", () => this.drawn());
    this.box.append(row);
    return row;
  }

  /** The element that is moved keeps its focus. @param {HTMLElement} row @param {number} by */
  move(row, by) {
    const other = by < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    const held = document.activeElement;
    if (by < 0) row.after(other); else row.before(other); // the neighbour moves, so that the row and its focus stay
    /** @type {HTMLElement | null} */ (held)?.focus();
    this.drawn();
    byId("steps-said").textContent = say("steps.moved", { number: this.rows.indexOf(row) + 1, of: this.rows.length });
    this.changed();
  }

  /** @param {HTMLElement} row */
  remove(row) {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    this.drawn();
    (next?.querySelector("textarea") ?? byId("add-step")).focus();
    this.changed();
  }

  /** Numbers, places for refusals, and the list of steps that each way may lead to. */
  drawn() {
    const names = this.rows.map((row, at) => ({ id: row.dataset.id ?? "", name: `${at + 1}. ${short(row.querySelector("textarea")?.value ?? "")}` }));
    for (const [at, row] of this.rows.entries()) {
      const number = String(at + 1);
      /** @type {HTMLElement} */ (row.querySelector(".step-number")).textContent = say("steps.number", { number });
      row.dataset.field = `steps.${at}.text`;
      row.querySelector("textarea")?.setAttribute("aria-label", say("steps.number", { number }));
      for (const [part, text] of [["up", "steps.up"], ["down", "steps.down"], ["remove", "steps.remove"]]) row.querySelector(`[data-tool=${part}]`)?.setAttribute("aria-label", `${say(text)} (${say("steps.number", { number })})`);
      const asks = select(row, "then").value === "ask";
      for (const part of ["yes", "no"]) {
        const list = select(row, part);
        const way = /** @type {HTMLElement} */ (list.parentElement);
        way.hidden = !asks;
        way.dataset.field = `steps.${at}.${part}`;
        label(list, `${row.dataset.id}-${part}`);
        const chosen = list.value;
        list.replaceChildren(element("option", { value: "" }, say("steps.choose")), ...names.filter(({ id }) => id !== row.dataset.id).map(({ id, name }) => element("option", { value: id }, name)));
        list.value = chosen;
      }
      label(select(row, "then"), `${row.dataset.id}-then`);
    }
  }
}

/** @param {HTMLElement} row @param {string} part */
function select(row, part) { return /** @type {HTMLSelectElement} */ (row.querySelector(`[data-part=${part}]`)); }

/** @param {HTMLElement} control @param {string} id */
function label(control, id) {
  control.id = `step-${id}`;
  control.previousElementSibling?.setAttribute("for", control.id);
}

/** @param {string} name @param {string} sign @param {() => void} onclick */
function tool(name, sign, onclick) { return element("button.button.quiet", { type: "button", "data-tool": name, onclick }, sign); }

/** @param {string} text */
function short(text) { return text.length > 40 ? `${text.slice(0, 39)}…` : text; }
