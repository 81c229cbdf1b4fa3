// Telling the agent that somebody new waits: the tab's title, two soft notes, a word for screen readers.
import { announce } from "./dom.js";
import { recall, remember } from "./memory.js";
import { t } from "./texts.js";

const base = document.title;
/** @type {Set<string> | null} */
let known = null; // who waited at the last look; with a sign where a promise was broken
let count = 0;
let calling = "";
/** @type {AudioContext | null} */
let audio = null;

export const soundOn = () => recall("sound", true);
/** @param {boolean} on */
export function setSound(on) {
  remember("sound", on);
  if (on) play();
}

document.addEventListener("pointerdown", wakeAudio, { once: true }); // browsers allow sound only after a touch of the page
document.addEventListener("keydown", wakeAudio, { once: true });
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) calling = "";
  showTitle();
});
setInterval(() => calling && showTitle(), 1500);

/** @param {{id: string, name: string, state: string, late_at: string | null, overdue_at: string | null, last: {text: string} | null}[]} waiting those in the waiting list now */
export function watch(waiting) {
  const inChat = waiting.filter((line) => line.state === "waiting");
  const named = (/** @type {{id: string, late_at: string | null, overdue_at: string | null}} */ line) => line.id + (line.late_at ?? "") + (line.overdue_at ?? "");
  const fresh = known ? inChat.filter((line) => !known?.has(named(line))) : [];
  known = new Set(inChat.map(named));
  count = inChat.length;
  if (fresh.length > 0) {
    const [first] = fresh;
    const words = t(first.late_at ? "news.late" : first.overdue_at ? "news.overdue" : "news.waiting", { name: first.name, text: first.last?.text ?? "" });
    announce(words);
    notify(first.id, words);
    if (document.hidden && soundOn()) calling = first.name;
    if (soundOn()) play();
  }
  if (count === 0) calling = "";
  showTitle();
}

const LATE = 100_000; // more than any count of words
/** @type {Map<string, number> | null} of each of mine, how much in it is new; one that is offered, passed on, called or late counts as new */
let mineBefore = null;

/** @param {{id: string, name: string, unread: number, called: boolean, offered_to: string | null, holder_id: string | null, overdue_at: string | null, reminder: {due_at: string} | null, last: {text: string} | null}[]} mine @param {string | null} openId @param {string} me */
export function watchMine(mine, openId, me) {
  const now = new Map(mine.map((line) => [line.id, line.unread + (line.called ? 1000 : 0) + (line.overdue_at ? LATE : 0) + (line.offered_to === me ? 2000 : 0) + (line.holder_id === me ? 0.5 : 0) + (line.reminder ? 0.25 : 0)]));
  const before = mineBefore;
  mineBefore = now;
  const gotLate = (/** @type {{id: string}} */ line) => (now.get(line.id) ?? 0) - (before?.get(line.id) ?? 0) >= LATE;
  const fresh = before ? mine.filter((line) => (now.get(line.id) ?? 0) > (before.get(line.id) ?? 0) && (document.hidden || line.id !== openId || gotLate(line))) : [];
  if (fresh.length === 0) return;
  const [first] = fresh;
  const why = gotLate(first) ? "overdue" : first.offered_to === me ? "offered" : first.called ? "called" : first.unread > 0 ? "wrote" : "yours";
  const words = t(`news.${why}`, { name: first.name, text: first.last?.text ?? "" });
  announce(words);
  if (soundOn()) play();
  notify(first.id, words);
}

/** @type {Set<string> | null} */
let soonBefore = null;

/** What one holds comes near its time: said and not rung, there is still time. @param {{id: string, name: string, holder_id: string | null, due_at: string | null, due_soon_at: string | null, overdue_at: string | null, last: {text: string} | null}[]} mine @param {string} me */
export function watchSoon(mine, me) {
  const soon = mine.filter((line) => line.holder_id === me && !line.overdue_at && line.due_soon_at && Date.parse(line.due_soon_at) <= Date.now());
  const before = soonBefore;
  const named = (/** @type {{id: string, due_at: string | null}} */ line) => `${line.id} ${line.due_at}`;
  soonBefore = new Set(soon.map(named));
  const first = before && soon.find((line) => !before.has(named(line)));
  if (first) announce(t("news.soon", { name: first.name, text: first.last?.text ?? "" }));
}

/** Notifications of the browser: only after the agent has asked for them by a click. */
export const notifications = {
  get possible() { return "Notification" in window && Notification.permission !== "denied"; },
  get on() { return this.possible && Notification.permission === "granted" && recall("notify", false); },
  async turn() {
    const wants = !this.on;
    if (wants && Notification.permission !== "granted") await Notification.requestPermission();
    remember("notify", wants);
  },
};

/** @type {(id: string) => void} */
let openIt = () => {};
/** @param {(id: string) => void} open what a click on a notification opens */
export function onNotified(open) {
  openIt = open;
}

/** @param {string} id @param {string} words */
function notify(id, words) {
  if (!document.hidden || !notifications.on) return;
  try {
    const shown = new Notification(t("news.notification"), { body: words, tag: id, silent: true });
    shown.onclick = () => { window.focus(); openIt(id); shown.close(); };
  } catch { /* some phones allow them from workers only */ }
}

let turn = false;
function showTitle() {
  turn = !turn;
  const counted = count > 0 ? `(${count}) ${base}` : base;
  document.title = calling && turn ? `● ${t("news.title", { name: calling })}` : counted;
}

function wakeAudio() {
  try {
    audio ??= new AudioContext();
  } catch { /* no sound here */ }
}

function play() {
  if (!audio || audio.state === "suspended") return;
  for (const [tone, at] of [[660, 0], [880, 0.16]]) {
    const oscillator = audio.createOscillator();
    const loudness = audio.createGain();
    const from = audio.currentTime + at;
    oscillator.frequency.value = tone;
    loudness.gain.setValueAtTime(0.0001, from);
    loudness.gain.exponentialRampToValueAtTime(0.12, from + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, from + 0.3);
    oscillator.connect(loudness).connect(audio.destination);
    oscillator.start(from);
    oscillator.stop(from + 0.32);
  }
}
