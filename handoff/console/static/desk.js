// Joins the desk: the queue follows the server, one conversation is open, the address names it.
import { Failure, conversation, get, post } from "./api.js";
import { setSound, soundOn, watch } from "./alerts.js";
import { byId, h } from "./dom.js";
import { icon } from "./icons.js";
import { listen } from "./keys.js";
import { focusLine, markOpen, showLines, step, tick } from "./lists.js";
import { recall, remember } from "./memory.js";
import { follow } from "./stream.js";
import { Talk } from "./talk.js";
import { t } from "./texts.js";

/** @type {Talk | null} */
let talk = null;
let list = recall("list", "waiting", "session");
/** @type {any[]} */
let waiting = [];
let asked = 0;

const openId = () => decodeURIComponent(location.pathname.match(/^\/desk\/([^/]+)/)?.[1] ?? "") || null;

async function refresh() {
  const mine = ++asked;
  try {
    const [queue, first] = await Promise.all([get(`/queue?list=${list}`), list === "waiting" ? null : get("/queue?list=waiting")]);
    if (mine !== asked) return; // a later look is on its way
    waiting = (first ?? queue).conversations;
    showQueue(queue);
    watch(waiting);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.code === "offline") banner(t("banner.offline"));
  }
}

/** @param {any} queue */
function showQueue(queue) {
  showLines(queue.conversations, openId());
  for (const tab of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".tabs button"))) {
    const name = tab.dataset.list ?? "";
    tab.setAttribute("aria-pressed", String(name === list));
    /** @type {HTMLElement} */ (tab.querySelector(".count")).textContent = String(queue.counts[name] || "");
  }
  byId("people").textContent = queue.people === 0 ? t("people.none") : queue.people === 1 ? t("people.one") : t("people.many", { count: queue.people });
  const empty = byId("queue-empty");
  empty.hidden = queue.conversations.length > 0;
  if (!empty.hidden && empty.dataset.shows !== list) empty.replaceChildren(...emptyList());
  empty.dataset.shows = empty.hidden ? "" : list;
  showNothingOpen();
}

function emptyList() {
  const parts = [h("p", {}, h("strong", {}, t(`empty.${list}`))), h("p", {}, t(`empty.${list}_hint`))];
  const other = { waiting: "all", mine: "waiting" }[list];
  if (other) parts.push(h("button", { type: "button", class: "button small", on: { click: () => show(other) } }, t(`empty.${list}_go`)));
  if (list === "all") parts.push(h("a", { class: "button small", href: "/demo", target: "_blank" }, t("empty.all_go")));
  return parts;
}

function showNothingOpen() {
  const place = document.getElementById("nothing-open");
  if (!place) return;
  place.replaceChildren(icon("talk"), h("p", {}, h("strong", {}, t("empty.open"))), h("p", {}, t(waiting.length > 0 ? "empty.open_hint" : "empty.open_hint_none")));
}

/** @param {string} name */
function show(name) {
  list = name;
  remember("list", name, "session");
  void refresh();
}

/** Open the conversation that the address names, or none. @param {boolean} focus */
async function route(focus) {
  const id = openId();
  talk?.leave();
  talk = null;
  markOpen(id);
  view(id ? "talk" : "queue");
  if (!id) return closeTalk();
  try {
    const opened = await get(conversation(id));
    if (openId() !== id) return;
    talk = new Talk(id, opened, { back: () => go(null), view, next, claimed: () => show("mine") });
    banner("");
    if (focus) /** @type {HTMLElement | null} */ (document.querySelector(".talk-head h2"))?.focus({ preventScroll: true });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    closeTalk();
    banner(t(error.code === "offline" ? "banner.offline" : "banner.gone"));
  }
}

function closeTalk() {
  byId("talk").replaceChildren(h("div", { class: "empty big", id: "nothing-open" }));
  byId("context").replaceChildren(h("h2", {}, t("context.title")), h("p", { class: "nothing" }, t("context.open_first")));
  showNothingOpen();
}

/** @param {string | null} id */
function go(id) {
  const before = openId();
  history.pushState(null, "", id ? `/desk/${encodeURIComponent(id)}` : "/desk");
  void route(true);
  if (!id) focusLine(before);
}

/** How to open the one that should be taken next, if anybody else waits. */
function next() {
  const first = waiting.find((line) => line.id !== openId());
  return first ? () => go(first.id) : null;
}

/** What a narrow screen shows. @param {string} name */
function view(name) {
  document.body.dataset.view = name;
}

/** @param {string} text */
function banner(text) {
  byId("banner").textContent = text;
  byId("banner").hidden = !text;
}

function showSwitches() {
  const on = soundOn();
  const dense = recall("dense", false);
  document.body.classList.toggle("dense", dense);
  for (const [id, picture, key] of /** @type {[string, any, string][]} */ ([["sound", on ? "bell" : "mute", on ? "sound.on" : "sound.off"], ["density", dense ? "roomy" : "dense", dense ? "density.dense" : "density.roomy"], ["help", "keys", "keys.title"]])) {
    byId(id).replaceChildren(icon(picture));
    byId(id).setAttribute("aria-label", t(key));
    byId(id).title = t(key);
  }
}

byId("sound").addEventListener("click", () => (setSound(!soundOn()), showSwitches()));
byId("density").addEventListener("click", () => (remember("dense", !recall("dense", false)), showSwitches()));
byId("availability").addEventListener("change", (event) => {
  const { value } = /** @type {HTMLSelectElement} */ (event.target);
  post("/availability", { availability: value }).catch(() => banner(t("failure.error")));
});
for (const tab of document.querySelectorAll(".tabs button")) tab.addEventListener("click", () => show(/** @type {HTMLElement} */ (tab).dataset.list ?? "waiting"));
byId("lines").addEventListener("click", (event) => {
  const link = /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (event.target).closest("[data-open]"));
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(link.dataset.open ?? null);
});
window.addEventListener("popstate", () => void route(true));
listen({
  j: () => step(1, openId()),
  k: () => step(-1, openId()),
  c: () => /** @type {HTMLElement | null} */ (document.querySelector(".bar .primary"))?.matches(".claim") && void talk?.claim(),
  "/": () => talk?.box.field.focus(),
  Escape: () => {
    if (document.activeElement === talk?.box.field) talk?.log.list.focus();
    else if (document.body.dataset.view === "context") view("talk");
    else if (openId()) go(null);
  },
});
showSwitches();
setInterval(tick, 1000);
void route(false);
follow(() => "/api/desk/stream", { changed: () => void refresh() }, (connected) => banner(connected ? "" : t("banner.offline")));
