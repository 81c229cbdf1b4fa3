// How many wait for this reader at „Tagasiside“ and „Kõned“, in the bar of every page: at once where the desk hears news, else every few seconds while somebody is at it.
const EVERY = 15_000; // ms
const AWAY = 600_000; // ms without a touch after which nobody is taken to look: asking on would keep a forgotten log-in alive
const SETTLE = 1_000; // ms in which news that come together are asked about once

const places = [...document.querySelectorAll("[data-waits]")];
let touched = Date.now();
let asking = 0;

function ask() {
  asking = 0;
  if (!document.hidden) for (const place of places) void look(place);
}

async function look(place) {
  try {
    const answer = await fetch(`${place.dataset.waits}?lang=${document.documentElement.lang}`);
    if (!answer.ok) return;
    const { count, text } = await answer.json();
    const [shown, said] = place.children;
    if (shown.textContent !== String(count)) shown.textContent = String(count);
    said.textContent = text;
    place.hidden = count === 0;
  } catch { /* the next look tells */ }
}

const soon = () => { asking ||= setTimeout(ask, SETTLE); };

document.querySelector(".topbar [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" }); // on a phone the row of rooms is longer than the page

if (places.length) {
  for (const kind of ["pointerdown", "keydown", "focus"]) addEventListener(kind, () => { touched = Date.now(); }, { passive: true });
  document.addEventListener("visibilitychange", soon);
  document.addEventListener("abiline-news", soon);
  setInterval(() => { if (Date.now() - touched < AWAY) ask(); }, EVERY);
  ask();
}
