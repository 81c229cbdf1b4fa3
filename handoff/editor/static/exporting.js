// Export: which entries, in which kind of file. The kind is part of the address, so that the file has its name.
import { byId, element } from "./element.js";
import { known, say } from "./words.js";

const form = /** @type {HTMLFormElement} */ (byId("export-form"));

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const kind = /** @type {HTMLSelectElement} */ (byId("export-kind")).value;
  const wanted = new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)]).filter(([, value]) => value));
  if (kind === "comma") wanted.set("delimiter", "comma");
  location.assign(`/editor/export.${kind === "comma" ? "csv" : kind}?${wanted}`);
});

/** @param {string[]} topics */
export function fillTopics(topics) {
  const select = /** @type {HTMLSelectElement} */ (byId("export-topic"));
  const chosen = select.value;
  select.replaceChildren(select.options[0], ...topics.map((value) => element("option", { value }, known(`topics.${value}`) ? say(`topics.${value}`) : value)));
  select.value = topics.includes(chosen) ? chosen : "";
}
