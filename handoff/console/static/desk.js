// Joins the desk: the queue follows the server, one conversation is open, the address names it.
import { Failure, conversation, get, post } from "./api.js";
import { notifications, onNotified, setSound, soundOn, watch, watchMine, watchSoon } from "./alerts.js";
import { byId, h } from "./dom.js";
import { icon } from "./icons.js";
import { listen } from "./keys.js";
import { focusLine, markOpen, showLines, step, tick } from "./lists.js";
import { recall, remember } from "./memory.js";
import { welcome } from "./newcomer.js";
import { showPalette } from "./palette.js";
import { follow } from "./stream.js";
import { Talk } from "./talk.js";
import { me, start, t } from "./texts.js";

/** @type {Talk | null} */
let talk = null;
let list = recall("list", "waiting", "session");
if (!start.lists.includes(list)) list = "waiting";
/** @type {any[]} */
let waiting = [];
let asked = 0;
let sought = "";
const DAY_MS = 86_400_000;
let nearing = 0;
let pressing = false; // only what is to be answered or solved soon, or is late
const SEARCHED = ["all", "closed"];
/** @type {any[]} what was loaded beyond the first part of a long list */ let further = [];

const openId = () => decodeURIComponent(location.pathname.match(/^\/desk\/([^/]+)/)?.[1] ?? "") || null;

async function refresh() {
  const mine = ++asked;
  try {
    const whole = (/** @type {string} */ name) => (list === name && !pressing ? null : get(`/queue?list=${name}`));
    const [queue, first, second] = await Promise.all([get(`/queue?${words()}`), whole("waiting"), whole("mine")]);
    if (mine !== asked) return; // a later look is on its way
    waiting = (first ?? queue).conversations;
    const own = (second ?? queue).conversations;
    further = further.filter((line) => !queue.conversations.some((/** @type {any} */ one) => one.id === line.id));
    showQueue({ ...queue, conversations: [...queue.conversations, ...further], more: queue.conversations.length === queue.most });
    watch(waiting);
    watchMine(own, openId(), me.id);
    watchSoon(own, me.id);
    lookAgain([...queue.conversations, ...waiting, ...own]);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.code === "offline") banner(t("banner.offline"));
  }
}

/** What is asked of the server. @param {number} [skip] */
const words = (skip = 0) => new URLSearchParams({ list, ...(pressing && { pressing: "true" }), ...(sought && SEARCHED.includes(list) && { search: sought }), ...(skip && { skip: String(skip) }) });

/** The next part of a long list. @param {number} skip */
async function loadFurther(skip) {
  const next = await get(`/queue?${words(skip)}`).catch(() => null);
  if (!next) return;
  further.push(...next.conversations);
  await refresh();
}

/** When the next time comes near; the server says nothing about it. @param {{due_soon_at: string | null}[]} lines */
function lookAgain(lines) {
  clearTimeout(nearing);
  const next = Math.min(...lines.map((line) => Date.parse(line.due_soon_at ?? "") - Date.now()).filter((time) => time > 0));
  if (next < DAY_MS) nearing = window.setTimeout(refresh, next + 500);
}

/** @param {number} count of this list */
function showPressing(count) {
  const choice = byId("pressing");
  choice.hidden = !pressing && count === 0;
  choice.setAttribute("aria-pressed", String(pressing));
  choice.textContent = t("pressing.choice", { count });
}

function turnPressing() {
  pressing = !pressing;
  further = [];
  void refresh();
}

/** @param {any} queue */
function showQueue(queue) {
  const search = byId("search");
  search.hidden = !SEARCHED.includes(list);
  const button = byId("further");
  button.hidden = !queue.more || further.length > 0 && further.length % queue.most !== 0;
  button.onclick = () => void loadFurther(queue.conversations.length);
  showLines(queue.conversations, openId());
  showPressing(queue.pressing);
  for (const tab of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".tabs button"))) {
    const name = tab.dataset.list ?? "";
    tab.setAttribute("aria-pressed", String(name === list));
    /** @type {HTMLElement} */ (tab.querySelector(".count")).textContent = String(queue.counts[name] || "");
  }
  byId("people").textContent = queue.people === 0 ? t("people.none") : queue.people === 1 ? t("people.one") : t("people.many", { count: queue.people });
  const empty = byId("queue-empty");
  empty.hidden = queue.conversations.length > 0;
  if (!empty.hidden && sought && SEARCHED.includes(list)) empty.replaceChildren(h("p", {}, h("strong", {}, t("empty.search"))), h("p", {}, t("empty.search_hint")));
  else if (!empty.hidden && empty.dataset.shows !== (pressing ? "pressing" : list)) empty.replaceChildren(...(pressing ? nothingPresses() : emptyList()));
  empty.dataset.shows = empty.hidden || sought ? "" : pressing ? "pressing" : list;
  showNothingOpen();
}

const nothingPresses = () => [h("p", {}, h("strong", {}, t("pressing.none"))), h("button", { type: "button", class: "button small", on: { click: turnPressing } }, t("pressing.all"))];

function emptyList() {
  const parts = [h("p", {}, h("strong", {}, t(`empty.${list}`))), h("p", {}, t(`empty.${list}_hint`))];
  const other = { waiting: "all", mine: "waiting", team: "waiting" }[list];
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
  further = [];
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
  byId("notify").hidden = !notifications.possible;
  byId("notify").setAttribute("aria-pressed", String(notifications.on));
  for (const [id, picture, key] of /** @type {[string, any, string][]} */ ([["notify", "notify", notifications.on ? "notify.on" : "notify.off"], ["palette-button", "search", "palette.open"], ["sound", on ? "bell" : "mute", on ? "sound.on" : "sound.off"], ["density", dense ? "roomy" : "dense", dense ? "density.dense" : "density.roomy"], ["help", "keys", "keys.title"]])) {
    byId(id).replaceChildren(icon(picture));
    byId(id).setAttribute("aria-label", t(key));
    byId(id).title = t(key);
  }
}

let seeking = 0;

const SWITCHES = { notify: "Shift+T", sound: "Shift+H", density: "Shift+D", help: "?" };
const AVAILABILITY = { available: "Shift+A", busy: "Shift+B", away: "Shift+G" };

/** Everything that can be done here, with its key: the one table of the keyboard and the palette. @returns {import("./palette.js").Act[]} */
function acts() {
  const box = /** @type {HTMLSelectElement} */ (byId("availability"));
  const switches = Object.entries(SWITCHES).filter(([id]) => !byId(id).hidden);
  const options = /** @type {(HTMLOptionElement & {value: keyof typeof AVAILABILITY})[]} */ ([...box.options]);
  return [
    ...(talk?.moves() ?? []).map((move) => ({ text: t(`do.${move.id}`), key: move.key, run: move.run })),
    ...(talk ? [{ text: t("palette.context"), key: "g", run: toContext }] : []),
    ...start.lists.map((name, place) => ({ text: t("palette.list", { name: t(`list.${name}`) }), key: String(place + 1), run: () => show(name) })),
    { text: t(pressing ? "pressing.all" : "pressing.go"), key: "f", run: turnPressing },
    { text: t("palette.search"), key: "Shift+F", run: () => { if (!SEARCHED.includes(list)) show("closed"); byId("search").hidden = false; byId("search").focus(); } },
    ...options.map((option) => ({ text: t("palette.availability", { name: option.text }), key: AVAILABILITY[option.value], run: () => { box.value = option.value; box.dispatchEvent(new Event("change")); } })),
    { text: t("palette.guide"), key: "h", run: () => void window.open("/guide", "_blank", "noopener") },
    ...(talk?.help.switches() ?? []),
    ...switches.map(([id, key]) => ({ text: byId(id).title, key, run: () => byId(id).click() })),
  ];
}

/** Into the column beside the talk; on a narrow screen it takes the talk's place. */
function toContext() {
  const context = byId("context");
  if (!context.offsetParent) view("context");
  context.focus();
}

byId("sound").addEventListener("click", () => (setSound(!soundOn()), showSwitches()));
byId("notify").addEventListener("click", () => void notifications.turn().then(showSwitches));
byId("palette-button").addEventListener("click", () => showPalette(acts()));
byId("pressing").addEventListener("click", turnPressing);
byId("search").addEventListener("input", (event) => {
  clearTimeout(seeking);
  seeking = window.setTimeout(() => {
    sought = /** @type {HTMLInputElement} */ (event.target).value.trim();
    further = [];
    void refresh();
  }, 250);
});
byId("density").addEventListener("click", () => (remember("dense", !recall("dense", false)), showSwitches()));
byId("availability").addEventListener("change", (event) => {
  const { value } = /** @type {HTMLSelectElement} */ (event.target);
  post("/availability", { availability: value }).catch(() => banner(t("failure.error")));
});
for (const tab of document.querySelectorAll(".tabs button")) tab.addEventListener("click", () => show(/** @type {HTMLElement} */ (tab).dataset.list ?? "waiting"));
document.addEventListener("click", (event) => {
  const link = /** @type {HTMLElement | null} */ (/** @type {HTMLElement} */ (event.target).closest("[data-open]"));
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(link.dataset.open ?? null);
});
window.addEventListener("popstate", () => void route(true));
onNotified(go);
listen({
  j: () => step(1, openId()),
  k: () => step(-1, openId()),
  "/": () => talk?.box.field.focus(),
  Escape: () => {
    if (document.activeElement === talk?.box.field) talk?.log.list.focus();
    else if (document.activeElement?.matches("input, select")) /** @type {HTMLElement} */ (document.activeElement).blur();
    else if (document.body.dataset.view === "context") view("talk");
    else if (openId()) go(null);
  },
}, acts, () => showPalette(acts()));
showSwitches();
welcome(() => byId("queue-title").focus());
setInterval(tick, 1000);
void route(false);
function heardNews() {
  void refresh();
  document.dispatchEvent(new Event("abiline-news")); // the bar above counts what waits elsewhere
}
follow(() => "/api/desk/stream", { changed: heardNews }, (connected) => banner(connected ? "" : t("banner.offline")));
