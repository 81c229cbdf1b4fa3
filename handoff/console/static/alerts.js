// Telling the agent that somebody new waits: the tab's title, two soft notes, a word for screen readers.
import { announce } from "./dom.js";
import { recall, remember } from "./memory.js";
import { t } from "./texts.js";

const base = document.title;
/** @type {Set<string> | null} */
let known = null; // who waited at the last look; with a sign where a promise to them was broken
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

/** @param {{id: string, name: string, state: string, late_at: string | null, last: {text: string} | null}[]} waiting those in the waiting list now */
export function watch(waiting) {
  const inChat = waiting.filter((line) => line.state === "waiting");
  const named = (/** @type {{id: string, late_at: string | null}} */ line) => line.id + (line.late_at ?? "");
  const fresh = known ? inChat.filter((line) => !known?.has(named(line))) : [];
  known = new Set(inChat.map(named));
  count = inChat.length;
  if (fresh.length > 0) {
    const [first] = fresh;
    announce(t(first.late_at ? "news.late" : "news.waiting", { name: first.name, text: first.last?.text ?? "" }));
    if (document.hidden && soundOn()) calling = first.name;
    if (soundOn()) play();
  }
  if (count === 0) calling = "";
  showTitle();
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
