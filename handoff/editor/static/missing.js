// „Puudu“: what the buttons beside a group of questions do. The page itself is drawn on the server.
import { Adding } from "./adding.js";
import { ApiError, call } from "./api.js";
import { byId, element } from "./element.js";
import { known, say } from "./words.js";

const LOOK = "look"; // the button's id
const LOOK_EVERY = 1000;
const KEYS = /** @type {Record<string, string>} */ ({ k: "write", l: "add", j: "dismiss" });

/** Say what went well or not where everybody hears it. @param {string} text @param {...HTMLElement} buttons */
export function tell(text, ...buttons) { byId("said").replaceChildren(text, ...buttons.flatMap((button) => [" ", button])); }

/** @param {() => Promise<void>} act */
export async function tried(act) {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    tell(say(known(`error.${error.code}`) ? `error.${error.code}` : "error.unknown"));
  }
}

/** @param {HTMLElement} gap */
const path = (gap) => `/missing/${encodeURIComponent(gap.dataset.gap ?? "")}`;

/** @type {Record<string, (gap: HTMLElement, button: HTMLElement) => Promise<void>>} */
const ACTS = {
  async write(gap) { location.assign(`/editor#gap-${gap.dataset.gap}`); },

  async add(gap, button) {
    const box = /** @type {HTMLElement} */ (gap.querySelector("[data-adding]"));
    box.hidden = !box.hidden;
    button.setAttribute("aria-expanded", String(!box.hidden));
    if (!box.hidden) await new Adding(box, path(gap), examples(gap)).open();
  },

  async more(gap, button) {
    const { questions } = await call("GET", `${path(gap)}/questions`);
    const list = /** @type {HTMLElement} */ (gap.querySelector("[data-examples]"));
    const there = new Set(examples(gap));
    const fresh = questions.filter((/** @type {{text: string}} */ one) => !there.has(one.text) && there.add(one.text));
    list.append(...fresh.map((/** @type {any} */ one) => element("li", { lang: one.language }, `„${one.text}“`)));
    button.remove();
    list.tabIndex = -1;
    list.focus();
  },

  async dismiss(gap) {
    await call("POST", `${path(gap)}/dismiss`, {});
    const item = /** @type {HTMLElement} */ (gap.parentElement);
    const title = gap.querySelector("h2")?.textContent ?? "";
    const reason = element("select", { "aria-label": say("why"), onchange: (/** @type {Event} */ event) => tried(async () => {
      await call("POST", `${path(gap)}/dismiss`, { reason: /** @type {HTMLSelectElement} */ (event.target).value || null });
      tell(say("reason_kept"));
    }) }, element("option", { value: "" }, say("why")), ...["elsewhere", "not_ours", "once", "person"].map((one) => element("option", { value: one }, say(`reason.${one}`))));
    const back = element("button.button", { type: "button", onclick: () => tried(async () => {
      await call("POST", `${path(gap)}/reopen`);
      item.replaceChildren(gap);
      gap.focus();
      count(1);
      tell(say("back_again"));
    }) }, say("undo"));
    item.replaceChildren(element("div.card.gone", null, element("p", null, say("dismissed", { title })), element("div.row", null, back, reason)));
    back.focus();
    count(-1);
    tell(say("dismissed_said"));
  },

  async reopen(gap) {
    await call("POST", `${path(gap)}/reopen`);
    const item = /** @type {HTMLElement} */ (gap.parentElement);
    const link = element("a", { href: "/editor/missing" }, say("state.open"));
    item.replaceChildren(element("div.card.gone", null, element("p", null, say("reopened"), " ", link)));
    link.focus();
    count(-1);
  },
};

/** What stands in the list, without its quotes. @param {HTMLElement} gap */
function examples(gap) { return [...gap.querySelectorAll("[data-examples] li")].map((line) => (line.textContent ?? "").slice(1, -1)); }

/** @param {number} more */
function count(more) { byId("whole").textContent = String(Number(byId("whole").textContent) + more); }

/** Ask again and again how far the look is, and draw the page anew when it is done. */
async function follow() {
  const state = byId("looked");
  for (;;) {
    const look = await call("GET", "/missing/look");
    if (!look.going_on) break;
    state.textContent = look.total ? say("progress", { done: look.done, total: look.total }) : say("looking");
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
  history.replaceState(null, "", `#${LOOK}`);
  location.reload();
}

document.addEventListener("click", (event) => {
  const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-act]"));
  const gap = /** @type {HTMLElement | null} */ (button?.closest("[data-gap]") ?? null);
  if (!button || !gap || button.dataset.act === "write") return;
  tried(() => ACTS[button.dataset.act ?? ""](gap, button));
});

// One letter, where a group or a button of it has the focus; never while somebody types.
document.addEventListener("keydown", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  const gap = /** @type {HTMLElement | null} */ (target.closest("[data-gap][data-state=open]"));
  const act = KEYS[event.key.toLowerCase()];
  if (!gap || !act || event.ctrlKey || event.metaKey || event.altKey || target.matches("input, textarea, select")) return;
  event.preventDefault();
  tried(() => ACTS[act](gap, /** @type {HTMLElement} */ (gap.querySelector(`[data-act=${act}]`))));
});

byId(LOOK).addEventListener("click", () => {
  byId("looked").dataset.goingOn = "";
  byId("looked").textContent = say("looking");
  tried(async () => { await call("POST", "/missing/look"); await follow(); });
});
if (location.hash === `#${LOOK}`) { // drawn anew: whoever asked for it goes on where they were
  history.replaceState(null, "", location.pathname + location.search);
  byId(LOOK).focus();
}
if ("goingOn" in byId("looked").dataset && !document.querySelector("[data-gap]")) tried(follow); // the first overview; nothing is taken from under anybody's hands
