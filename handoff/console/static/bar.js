// The moves of the open conversation as buttons: the usual ones in a row, the rest behind „Veel“. What a move still asks, it asks in place.
import { button, h } from "./dom.js";
import { icon } from "./icons.js";
import { panel } from "./panels.js";
import { t } from "./texts.js";

/** @param {import("./moves.js").Move[]} moves @param {import("./talk.js").Talk} talk */
export function bar(moves, talk) {
  const root = h("div", { class: "bar", role: "group", "aria-label": t("conversation") });
  if (talk.asks) {
    root.append(panel(talk.asks, talk));
    root.addEventListener("keydown", (event) => event.key === "Escape" && (event.stopPropagation(), talk.ask(null)));
    return root;
  }
  const main = moves.filter((move) => move.main);
  for (const move of main) root.append(named(move, move.id === "claim" || move.id === "resume" ? "primary small claim" : "small"));
  const rest = moves.filter((move) => !move.main && !move.elsewhere);
  if (rest.length > 0) root.append(more(rest));
  return root;
}

/** A bar in the place of the one before: a menu that is open stays so, and the focus stays on what it was on. @param {Element} head @param {HTMLElement} made */
export function renew(head, made) {
  const old = head.querySelector(".bar");
  const focused = old?.contains(document.activeElement) ? document.activeElement?.textContent : null;
  const open = old?.querySelector("details")?.open;
  if (old) old.replaceWith(made);
  else head.append(made);
  const menu = made.querySelector("details");
  if (menu && open) menu.open = true;
  if (focused) [.../** @type {NodeListOf<HTMLElement>} */ (made.querySelectorAll("button, summary"))].find((one) => one.textContent === focused)?.focus();
}

/** @param {import("./moves.js").Move} move @param {string} kind */
function named(move, kind) {
  const made = button(t(`do.${move.id}`), move.run, kind);
  if (move.key) {
    made.setAttribute("aria-keyshortcuts", move.key);
    made.title = `${t(`do.${move.id}`)} (${move.key})`;
  }
  return made;
}

/** @param {import("./moves.js").Move} move */
function withKey(move) {
  const made = named(move, "quiet small");
  if (move.key) made.append(h("kbd", { "aria-hidden": "true" }, move.key));
  return made;
}

/** @param {import("./moves.js").Move[]} moves */
function more(moves) {
  const list = h("div", { class: "menu" }, ...moves.map((move) => withKey(move)));
  const root = /** @type {HTMLDetailsElement} */ (h("details", { class: "more" }, h("summary", { class: "button quiet small" }, icon("more"), t("do.more")), list));
  const shut = () => { root.open = false; };
  list.addEventListener("click", shut);
  root.addEventListener("focusout", (event) => !root.contains(/** @type {Node | null} */ (event.relatedTarget)) && shut());
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !root.open) return;
    event.stopPropagation();
    shut();
    /** @type {HTMLElement} */ (root.firstChild).focus();
  });
  return root;
}
