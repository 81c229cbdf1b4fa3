// News while the customer looks elsewhere: a count in the page's title and a soft sound.

import { icon, tool } from "./dom.js";
import { device } from "./memory.js";

const TURN = 2500; // ms each of the two titles is shown
const SETTLE = 400; // ms in which another tab may show the words, and then nothing need sound

/** @param {import("./chat.js").Chat} chat @param {boolean} wanted whether the site wants any sound */
export function attention(chat, wanted) {
  let count, heard, own, shown, timer, audio;
  const muted = () => device.read("mute");

  /** A switch for the sound; what the customer chose is kept on the device. */
  function bell() {
    const button = tool("close", "bell", chat.t("sound"), { onclick: () => { device.write("mute", muted() ? null : 1); show(); } });
    const show = () => { button.replaceChildren(icon(muted() ? "mute" : "bell")); button.ariaPressed = !muted(); };
    show();
    return button;
  }

  /** „(2) Kodukaup“, in the background by turns with „(2) Teile vastati“. What the page itself is called is kept and comes back. */
  function title(turned) {
    if (document.title !== shown) own = document.title; // the page's own, or what it has made of it since
    shown = count ? `(${count}) ${turned ? chat.t("news") : own}` : own;
    if (document.title !== shown) document.title = shown;
    clearTimeout(timer);
    if (count && document.hidden) timer = setTimeout(() => title(!turned), TURN);
  }

  addEventListener("click", () => { // browsers allow sound only after one
    if (wanted && chat.talk && !muted()) (audio ??= new AudioContext()).resume();
  });
  return { bell: () => wanted && bell(), look() {
    const { unread, isOpen, line } = chat;
    count = document.hidden || !isOpen ? unread.length : 0;
    title();
    if (heard === unread.at(-1)) return;
    heard = unread.at(-1);
    setTimeout(() => count && line.tabs.leads && audio?.state === "running" && !muted() && play(audio), SETTLE); // of several tabs one
  } };
}

/** Two soft notes. @param {AudioContext} audio */
function play(audio) {
  const [note, loudness, from] = [audio.createOscillator(), audio.createGain(), audio.currentTime];
  note.frequency.setValueAtTime(587, from + 0.15);
  loudness.gain.value = 0.06;
  loudness.gain.setTargetAtTime(0, from + 0.15, 0.1);
  note.connect(loudness).connect(audio.destination);
  note.start();
  note.stop(from + 0.8);
}
