// Import: first the list of every change, then, on a second button, the import of those that are ticked, from exactly those files.
import { ApiError, call } from "./api.js";
import { Changes } from "./changes.js";
import { columnsOf } from "./columns.js";
import { Gate } from "./gate.js";
import { byId, element } from "./element.js";
import { known, say } from "./words.js";

/** @typedef {{file: string, line: number | null, column: string, entry: string, code: string, message: string}} Problem */
/** @typedef {{counts: Record<string, number>, untouched: number, revision: number, changes: import("./changes.js").Change[], rest: {entry_id: string, question: string}[], problems: Problem[], tables: import("./columns.js").Table[], fields: string[]}} Listed */

const page = byId("import");

export class Importing {
  /** @param {() => Promise<void>} done */
  constructor(done) {
    this.done = done;
    this.input = /** @type {HTMLInputElement} */ (byId("import-files"));
    /** @type {File[]} */
    this.files = [];
    /** @type {Record<string, Record<number, string | null>>} */
    this.columns = {};
    this.round = 0;
    this.gate = new Gate("import-gate", "import-submit");
    this.input.addEventListener("change", () => {
      this.take([...(this.input.files ?? [])]);
      this.input.value = ""; // the same file, mended, can be chosen again
    });
    const drop = byId("import-drop");
    for (const name of ["dragover", "dragleave", "drop"]) drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", name === "dragover");
      const files = /** @type {DragEvent} */ (event).dataTransfer?.files;
      if (name === "drop" && files?.length) this.take([...files]);
    });
  }

  /** @param {File[]} files */
  take(files) {
    if (!files.length) return;
    this.files = files;
    this.columns = {};
    this.look();
  }

  form() {
    const form = new FormData();
    for (const file of this.files) form.append("file", file);
    form.append("columns", JSON.stringify(this.columns));
    return form;
  }

  async look() {
    const round = ++this.round;
    byId("import-state").textContent = say("import.reading");
    await this.tell(async () => {
      const listed = await call("POST", "/import?dry_run=true", this.form());
      return round === this.round ? this.listed(listed) : null;
    });
    if (round === this.round) byId("import-state").textContent = say("import.chosen", { names: this.files.map((file) => file.name).join(", ") });
  }

  /** @param {() => Promise<HTMLElement[] | null>} act */
  async tell(act) {
    const place = byId("import-result");
    try {
      const parts = await act();
      if (parts) place.replaceChildren(...parts);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      place.replaceChildren(...this.refused(error));
    }
  }

  /** @param {ApiError} error @returns {HTMLElement[]} */
  refused(error) {
    const problems = /** @type {{problems?: Problem[]}} */ (error.data).problems;
    if (!problems) return [element("p.notice.bad", { role: "alert" }, mend({ code: error.code, message: "" }) || say("error.unknown"))];
    return [element("p.notice.bad", { role: "alert" }, say("import.refused")), table(problems)];
  }

  /** @param {Listed} listed @returns {HTMLElement[]} */
  listed(listed) {
    const complete = listed.tables.every((one) => one.complete);
    const tables = listed.tables.map((one) => columnsOf(one, listed.fields, (place, field) => {
      this.columns[one.file] = { ...this.columns[one.file], [place]: field };
      this.look();
    }));
    if (!complete) return [element("p.notice", { role: "alert" }, say("import.columns.ask")), ...tables];
    const changes = listed.changes.filter((change) => change.kind !== "same");
    const wrong = listed.problems.length ? [element("p.notice.bad", { role: "alert" }, say("import.wrong", { count: listed.problems.length })), table(listed.problems)] : [];
    const summary = element("p", null, say("import.summary", { ...listed.counts, untouched: listed.untouched }));
    if (!changes.length && !listed.rest.length) return [...wrong, element("p.notice.good", null, say("import.nothing")), summary, ...tables];
    return [...wrong, summary, ...this.choice(listed, changes), ...tables];
  }

  /** What is taken in, and how. @param {Listed} listed @param {import("./changes.js").Change[]} changes @returns {HTMLElement[]} */
  choice(listed, changes) {
    const submit = element("button.button.primary", { type: "button", id: "import-submit", onclick: () => this.import(listed, chosen, rest, how()) });
    const draw = () => {
      const { publish, archive, skip } = how();
      const count = chosen.ids.size + (archive ? rest.ids.size : 0);
      submit.textContent = say(publish ? "import.submit" : "import.submit_drafts", { count });
      submit.toggleAttribute("disabled", !count || (listed.problems.length > 0 && !skip));
      rest.box.hidden = !archive;
    };
    const chosen = new Changes(changes, draw);
    const rest = new Changes(listed.rest.map((one) => ({ ...one, kind: "gone", topic: "", fields: [], differences: [], overwrites_draft: false, status: "" })), draw, say("import.rest_title"));
    const reviewed = page.dataset.reviewed !== undefined;
    const publish = tick("radio", say("import.publish"), draw, { name: "import-how", checked: !reviewed });
    const drafts = tick("radio", say("import.drafts"), draw, { name: "import-how", checked: reviewed });
    const archive = tick("checkbox", say("import.rest", { count: listed.rest.length }), draw);
    const skip = tick("checkbox", say("import.skip"), draw);
    const on = (/** @type {HTMLElement} */ one) => /** @type {HTMLInputElement} */ (one.querySelector("input")).checked;
    const how = () => ({ publish: !reviewed && on(publish), archive: on(archive), skip: on(skip) });
    const mayArchive = listed.rest.length > 0 && !listed.problems.length && !reviewed;
    const box = element("fieldset.how", null, element("legend", null, say("import.how")), ...(reviewed ? [element("p", null, say("import.drafts_only"))] : [publish, drafts]), mayArchive && archive, listed.problems.length > 0 && skip, rest.box);
    draw();
    return [chosen.box, box, element("p", null, submit)];
  }

  /** @param {Listed} listed @param {Changes} chosen @param {Changes} rest @param {{publish: boolean, archive: boolean, skip: boolean}} how */
  async import(listed, chosen, rest, how) {
    const form = this.form();
    form.append("chosen", JSON.stringify([...chosen.ids, ...(how.archive ? rest.ids : [])]));
    const query = new URLSearchParams({ dry_run: "false", revision: String(listed.revision), publish: String(how.publish), archive_rest: String(how.archive), skip_wrong: String(how.skip) });
    if (how.publish && !(await this.gate.passes(form, `/import/check?${query}`, "import"))) return;
    await this.tell(async () => {
      const result = await call("POST", `/import?${query}`, form);
      await this.done();
      byId("import-state").textContent = "";
      const said = element("p.notice.good", { role: "status", tabindex: "-1" }, say(result.published ? "import.done" : "import.done_drafts", { count: result.changed - result.archived }), result.archived > 0 && ` ${say("import.archived", { count: result.archived })}`);
      setTimeout(() => said.focus());
      return [said];
    });
  }
}

/** What to do about a problem, in the reader's language where it is written. @param {{code: string, message: string}} problem */
function mend(problem) {
  const key = [`import.mend.${problem.code}`, `error.${problem.code}`].find(known);
  return key ? say(key) : problem.message;
}

/** @param {Problem[]} problems */
function table(problems) {
  const row = (/** @type {Problem} */ one) => element("tr", null, element("td", null, one.file), element("td", { "data-label": say("import.column.line") }, String(one.line ?? "")), element("td", { "data-label": say("import.column.column") }, one.column), element("td", null, one.entry), element("td", one.code === "yaml" && { lang: "en" }, mend(one)));
  const head = ["file", "line", "column", "entry", "mend"].map((name) => element("th", { scope: "col" }, say(`import.column.${name}`)));
  return element("div.scroll.problems", { tabindex: "0", role: "region", "aria-label": say("import.column.mend") }, element("table", null, element("thead", null, element("tr", null, ...head)), element("tbody", null, ...problems.slice(0, 200).map(row))));
}

/** @param {string} type @param {string} words @param {() => void} onchange @param {object} [props] */
function tick(type, words, onchange, props = {}) {
  return element("label.tick", null, element("input", { type, onchange, ...props }), element("span.words", null, words));
}
