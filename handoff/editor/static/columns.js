// Which column of a table is what: recognised, and put right by choosing.
import { element } from "./element.js";
import { say } from "./words.js";

/** @typedef {{file: string, sheet: string, left_out: string[], complete: boolean, columns: {place: number, heading: string, field: string | null, samples: string[]}[]}} Table */

/** @param {Table} table @param {string[]} fields @param {(place: number, field: string | null) => void} choose */
export function columnsOf(table, fields, choose) {
  const name = table.sheet ? say("import.columns.sheet", { file: table.file, sheet: table.sheet }) : say("import.columns.table", { file: table.file });
  const head = ["heading", "example", "field"].map((one) => element("th", { scope: "col" }, say(`import.columns.${one}`)));
  const rows = table.columns.map((column) => {
    const select = /** @type {HTMLSelectElement} */ (element("select", { "aria-label": `${say("import.columns.field")}: ${column.heading}`, onchange: () => choose(column.place, select.value || null) },
      element("option", { value: "" }, say("import.columns.none")), ...fields.filter((one) => one !== "status").map((one) => element("option", { value: one, selected: one === column.field }, say(`sheet.column.${one}`)))));
    return element("tr", null, element("td", null, column.heading), element("td", null, element("span.hint", null, column.samples[0] ?? "")), element("td", null, select));
  });
  const left = table.left_out.length > 0 && element("p.hint", null, say("import.columns.left_out", { names: table.left_out.join(", ") }));
  return element("details.columns-of", { open: !table.complete }, element("summary", null, `${say("import.columns.title")}: ${name}`),
    element("div.scroll", null, element("table", null, element("thead", null, element("tr", null, ...head)), element("tbody", null, ...rows))), left);
}
