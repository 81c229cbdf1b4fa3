// The queue: one line a conversation, the waiting time ticking. Lines are reused, so the focus stays where it was.
import { channelMark, standsAs } from "./channel.js";
import { byId, h } from "./dom.js";
import { countDown, dueMark } from "./due.js";
import { stageMark } from "./matter.js";
import { said } from "./panels.js";
import { knownMark } from "./verification.js";
import { ago, me, promised, t, tOr, waited } from "./texts.js";

const LONG_WAIT = 5 * 60;
const VERY_LONG_WAIT = 15 * 60;
const root = byId("lines");
/** @type {Map<string, HTMLElement>} */
const shown = new Map();

/** @typedef {{id: string, state: string, channel: string, name: string, last: {text: string, at: string} | null, waiting_since: string | null,
 *   promised_until: string | null, late_at: string | null, left_at: string | null, changed_at: string, reason: string | null, language: string, unread: number, holder: string | null, holder_id: string | null, tags: string[], outcome: string | null,
 *   snoozed_until: string | null, due_at: string | null, due_soon_at: string | null, due_goal: string | null, overdue_at: string | null, offered: string | null, offered_to: string | null, stage: string | null, again_at: string | null, verification: import("./verification.js").Verification | null, called: boolean, reminder: {due_at: string, about: string} | null}} Line */

/** @param {Line[]} lines @param {string | null} openId */
export function showLines(lines, openId) {
  const focused = /** @type {HTMLElement | null} */ (document.activeElement?.closest?.("#lines a"));
  const wanted = new Set(lines.map((line) => line.id));
  for (const [id, item] of shown) if (!wanted.has(id)) (item.remove(), shown.delete(id));
  lines.forEach((line, place) => {
    const item = shown.get(line.id) ?? h("li", { "data-id": line.id }, h("a", { href: `/desk/${line.id}`, "data-open": line.id }));
    const link = /** @type {HTMLElement} */ (item.firstChild);
    const said = JSON.stringify(line);
    if (item.dataset.said !== said) link.replaceChildren(...content(line));
    item.dataset.said = said;
    if (root.children[place] !== item) root.insertBefore(item, root.children[place] ?? null);
    shown.set(line.id, item);
  });
  markOpen(openId);
  if (focused?.isConnected && document.activeElement !== focused) focused.focus();
  tick();
}

/** @param {string | null} id */
export function markOpen(id) {
  for (const [own, item] of shown) {
    if (own === id) /** @type {HTMLElement} */ (item.firstChild).setAttribute("aria-current", "true");
    else /** @type {HTMLElement} */ (item.firstChild).removeAttribute("aria-current");
  }
}

/** Move the focus in the list. @param {1 | -1} by @param {string | null} openId */
export function step(by, openId) {
  const links = /** @type {HTMLElement[]} */ ([...root.querySelectorAll("a")]);
  const here = links.findIndex((link) => link === document.activeElement);
  const from = here >= 0 ? here : links.findIndex((link) => link.dataset.open === openId);
  const next = from < 0 ? 0 : Math.min(Math.max(from + by, 0), links.length - 1);
  links[next]?.focus();
  links[next]?.scrollIntoView({ block: "nearest" });
}

/** Put the focus back on a line, or on the first. @param {string | null} id */
export function focusLine(id) {
  const link = (id && shown.get(id)?.firstChild) || root.querySelector("a");
  /** @type {HTMLElement | null} */ (link)?.focus();
}

/** Bring every time on the page up to now. */
export function tick() {
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-since]"))) {
    const since = element.dataset.since ?? "";
    const seconds = (Date.now() - new Date(since).getTime()) / 1000;
    const text = waited(since);
    if (element.textContent !== text) element.textContent = text;
    element.classList.toggle("long", seconds >= LONG_WAIT && seconds < VERY_LONG_WAIT);
    element.classList.toggle("very-long", seconds >= VERY_LONG_WAIT);
  }
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-ago]"))) element.textContent = ago(element.dataset.ago ?? "");
  countDown();
}

/** @param {Line} line */
function content(line) {
  const waits = line.state === "waiting" && line.waiting_since;
  const [before, after] = t("line.waits").split("$time");
  const time = waits
    ? h("span", { class: "time" }, h("span", { class: "visually-hidden" }, before), h("span", { class: "waits", "data-since": line.waiting_since }), after ?? "")
    : h("span", { class: "time", "data-ago": line.last?.at ?? line.changed_at });
  return [
    h("span", { class: "first" }, h("span", { class: "name" }, line.name), unread(line), time),
    h("span", { class: "words", lang: line.language }, line.last?.text ?? t("line.no_words")),
    h("span", { class: "marks" }, ...marks(line)),
  ];
}

/** @param {Line} line */
function unread(line) {
  if (line.unread === 0 || line.state === "waiting" || line.state === "ticket") return null;
  return h("span", { class: "unread" }, h("span", { "aria-hidden": "true" }, String(line.unread)), h("span", { class: "visually-hidden" }, t("line.unread", { count: line.unread })));
}

/** What a waiting customer was promised, and whether they are still there. @param {{promised_until: string | null, late_at: string | null, left_at: string | null}} line */
export function waitMarks({ promised_until: until, late_at: late, left_at: left }) {
  const found = [];
  if (late) found.push(h("span", { class: "tag bad" }, t("line.late")));
  if (until) found.push(h("span", { class: "tag" }, promised(until)));
  if (left) found.push(h("span", { class: "tag warn" }, t("line.left")));
  return found;
}

/** @param {Line} line */
function marks(line) {
  const found = [dueMark(line), channelMark(line)].filter(Boolean).concat(waitMarks(line));
  if (line.again_at) found.push(h("span", { class: "tag bad" }, t("line.again")));
  if (line.called) found.push(h("span", { class: "tag warn" }, t("line.called")));
  if (line.reminder && new Date(line.reminder.due_at) <= new Date()) found.push(h("span", { class: "tag warn" }, line.reminder.about || t("line.reminder")));
  if (line.offered) found.push(h("span", { class: line.offered_to === me.id ? "tag warn" : "tag" }, line.offered_to === me.id ? t("line.offered_you") : t("line.offered", { name: line.offered })));
  if (line.reason && line.state !== "bot") found.push(h("span", { class: line.reason === "complaint" ? "tag bad" : "tag" }, tOr(`reason.${line.reason}`, line.reason)));
  if (line.state === "bot" || line.state === "ticket" || line.state === "snoozed") found.push(h("span", { class: line.state === "ticket" ? "tag warn" : "tag" }, standsAs(line), line.snoozed_until && ` · ${said(new Date(line.snoozed_until))}`));
  if (line.state === "closed" && line.outcome) found.push(h("span", { class: line.outcome === "solved" ? "tag good" : "tag" }, tOr(`outcome.${line.outcome}`, line.outcome)));
  if (line.holder) found.push(h("span", { class: "tag good" }, line.holder_id === me.id ? t("line.mine") : t("line.holder", { name: line.holder })));
  if (line.stage && line.state !== "closed" && !line.again_at) found.push(stageMark(line.stage, line.state));
  if (line.verification) found.push(knownMark(line.verification));
  if (line.language !== "et") found.push(h("span", { class: "tag" }, line.language.toUpperCase(), h("span", { class: "visually-hidden" }, ` ${t(`language.${line.language}`)}`)));
  return found;
}
