// All that can be done here, found by typing (Ctrl+K): with its key, so that it is learned on the way.
import { h } from "./dom.js";
import { t } from "./texts.js";

/** @typedef {{text: string, key?: string, run: () => void}} Act */

/** @type {HTMLDialogElement | null} */
let open = null;

/** @param {Act[]} acts */
export function showPalette(acts) {
  if (open) return void open.close();
  const before = /** @type {HTMLElement | null} */ (document.activeElement);
  let shown = acts;
  let place = 0;
  const list = h("ul", { id: "palette-list", role: "listbox", "aria-label": t("palette.title") });
  const field = /** @type {HTMLInputElement} */ (h("input", { type: "text", role: "combobox", autocomplete: "off", "aria-expanded": "true", "aria-controls": "palette-list", "aria-label": t("palette.title"), placeholder: t("palette.placeholder") }));
  const none = h("p", { class: "nothing", role: "status" });
  const dialog = /** @type {HTMLDialogElement} */ (h("dialog", { class: "palette card", "aria-label": t("palette.title") }, field, list, none));

  const draw = () => {
    list.replaceChildren(...shown.map((act, at) => h("li", { id: `act-${at}`, role: "option", "aria-selected": String(at === place), on: { click: () => run(act), pointermove: () => at !== place && ((place = at), draw()) } }, h("span", {}, act.text), act.key ? h("kbd", {}, act.key) : "")));
    none.textContent = shown.length > 0 ? "" : t("palette.none");
    field.setAttribute("aria-activedescendant", shown.length > 0 ? `act-${place}` : "");
    list.children[place]?.scrollIntoView({ block: "nearest" });
  };
  /** @param {Act | undefined} act */
  const run = (act) => {
    if (!act) return;
    dialog.close();
    act.run();
  };
  field.addEventListener("input", () => {
    const words = plain(field.value).split(/\s+/);
    shown = acts.filter((act) => words.every((word) => plain(act.text).includes(word)));
    place = 0;
    draw();
  });
  field.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by && shown.length > 0) place = (place + by + shown.length) % shown.length;
    else if (event.key !== "Enter") return;
    event.preventDefault(); // the same Enter must not press what gets the focus next
    if (event.key === "Enter") run(shown[place]);
    else draw();
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    open = null;
    if (document.activeElement === document.body) before?.focus();
  });
  document.body.append(dialog);
  open = dialog;
  dialog.showModal();
  draw();
}

/** Small letters without dots and hooks: „lopeta“ finds „Lõpeta“. @param {string} text */
const plain = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").trim();
