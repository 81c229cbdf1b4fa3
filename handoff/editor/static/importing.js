// Import: first the list of every change, then, on a second button, the import of exactly those files.
import { ApiError, call } from "./api.js";
import { byId, element } from "./element.js";
import { known, say } from "./words.js";

/** @typedef {{entry_id: string, kind: "new" | "changed" | "same", topic: string, question: string, fields: string[], overwrites_draft: boolean}} Change */

export class Importing {
  /** @param {() => Promise<void>} done */
  constructor(done) {
    this.done = done;
    this.files = /** @type {HTMLInputElement} */ (byId("import-files"));
    byId("import-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.look();
    });
    this.files.addEventListener("change", () => this.look());
  }

  form() {
    const form = new FormData();
    for (const file of this.files.files ?? []) form.append("file", file);
    return form;
  }

  async look() {
    if (!this.files.files?.length) return this.files.focus();
    await this.tell(async () => this.listed(await call("POST", "/import?dry_run=true", this.form())));
  }

  /** @param {number} revision */
  async import(revision) {
    await this.tell(async () => {
      const result = await call("POST", `/import?dry_run=false&revision=${revision}`, this.form());
      await this.done();
      this.files.value = "";
      return [element("p.notice.good", null, say("import.done", { count: result.changed }))];
    });
  }

  /** @param {() => Promise<HTMLElement[]>} act */
  async tell(act) {
    const place = byId("import-result");
    try {
      place.replaceChildren(...(await act()));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      place.replaceChildren(...this.refused(error));
    }
  }

  /** @param {ApiError} error @returns {HTMLElement[]} */
  refused(error) {
    const problems = /** @type {{problems?: {file: string, line: number, entry: string, message: string}[]}} */ (error.data).problems;
    if (!problems) return [element("p.notice.bad", null, say(known(`error.${error.code}`) ? `error.${error.code}` : "error.unknown"))];
    const rows = problems.map((one) => element("tr", null, element("td", null, one.file), element("td", null, String(one.line)), element("td", null, one.entry), element("td", { lang: "en" }, one.message)));
    const head = ["file", "line", "entry", "mend"].map((name) => element("th", { scope: "col" }, say(`import.column.${name}`)));
    return [element("p.notice.bad", null, say("import.wrong", { count: problems.length })), element("div.scroll", null, element("table", null, element("thead", null, element("tr", null, ...head)), element("tbody", null, ...rows)))];
  }

  /** @param {{counts: Record<string, number>, untouched: number, revision: number, changes: Change[]}} listed @returns {HTMLElement[]} */
  listed(listed) {
    const changes = listed.changes.filter((change) => change.kind !== "same");
    const summary = element("p", null, say("import.summary", { ...listed.counts, untouched: listed.untouched }));
    if (!changes.length) return [element("p.notice.good", null, say("import.nothing")), summary];
    const head = ["entry", "change"].map((name) => element("th", { scope: "col" }, say(`import.column.${name}`)));
    const table = element("table", null, element("thead", null, element("tr", null, ...head)), element("tbody", null, ...changes.map((change) => this.row(change))));
    const button = element("button.button.primary", { type: "button", onclick: () => this.import(listed.revision) }, say("import.submit", { count: changes.length }));
    return [summary, element("div.scroll", null, table), element("p", null, button)];
  }

  /** @param {Change} change */
  row(change) {
    const fields = change.fields.map((name) => say(`field.${name}`).toLowerCase()).join(", ");
    const what = change.kind === "new" ? element("span.tag.good", null, say("import.new")) : element("span.tag.warn", null, say("import.changed", { fields }));
    return element("tr", null, element("td", null, element("strong", null, change.question), element("div.hint", null, `${change.topic} · ${change.entry_id}`)),
      element("td", null, what, change.overwrites_draft && element("p.overwrites", null, say("import.overwrites"))));
  }
}
