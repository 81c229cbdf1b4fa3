// By when an answer or a solution is owed: counted down on the page, so that it is right without a word from the server.
import { h } from "./dom.js";
import { said } from "./panels.js";
import { t, waited } from "./texts.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** @param {{due_at: string | null, due_soon_at: string | null, due_goal: string | null}} line @returns {HTMLElement | null} */
export function dueMark({ due_at: due, due_soon_at: soon, due_goal: goal }) {
  if (!due) return null;
  const mark = h("span", { class: "tag", "data-due": due, "data-soon": soon, "data-goal": goal === "solution" ? "solve" : "answer" });
  show(mark);
  return mark;
}

/** Bring every count-down on the page up to now. */
export function countDown() {
  for (const mark of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-due]"))) show(mark);
}

/** @param {HTMLElement} mark */
function show(mark) {
  const { due = "", soon = "", goal = "" } = mark.dataset;
  const words = left(due, goal);
  if (mark.textContent !== words) mark.textContent = words;
  const late = new Date(due) <= new Date();
  mark.classList.toggle("bad", late);
  mark.classList.toggle("warn", !late && new Date(soon) <= new Date());
}

/** „vastata 12 min jooksul“, „vastata: homme 9.05“, „vastus hilineb 3 min“. @param {string} iso @param {string} goal */
function left(iso, goal) {
  const due = new Date(iso);
  const time = due.getTime() - Date.now();
  if (time <= 0) return t(`due.${goal}_late`, { time: waited(iso) });
  if (time > 4 * HOUR) return t(`due.${goal}_at`, { time: said(due) });
  const minutes = Math.ceil(time / MINUTE);
  if (minutes < 60) return t(`due.${goal}_minutes`, { count: minutes });
  return t(`due.${goal}_hours`, { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}
