// The keyboard: single letters while nobody types, and a panel that lists them. They can be switched off (screen readers, speech input).
import { button, byId, h } from "./dom.js";
import { KEYS as MOVES } from "./moves.js";
import { recall, remember } from "./memory.js";
import { t } from "./texts.js";

const HERE = [["Ctrl+K", "keys.palette"], ["j / k", "keys.move"], ["Enter", "keys.open"], ["/", "keys.box"], ["/ …", "keys.ready"], ["Alt+1–3", "keys.offers"], ["Alt+.", "keys.advice"], ["Alt+,", "keys.swap"], ["↑", "keys.edit"], ["Esc", "keys.leave"], ["?", "keys.help"], ["1–5", "keys.lists"], ["f", "pressing.go"], ["g", "palette.context"], ["h", "palette.guide"]];
const SWITCHES = [["Shift+F", "palette.search"], ["Shift+A", "palette.availability", "availability.available"], ["Shift+B", "palette.availability", "availability.busy"], ["Shift+G", "palette.availability", "availability.away"], ["Shift+T", "keys.notify"], ["Shift+H", "keys.sound"], ["Shift+D", "keys.density"], ["Shift+O", "keys.spelling"], ["Shift+S", "keys.wording"]];
const KEYS = [...HERE, ...Object.entries(MOVES).map(([name, key]) => [key, `do.${name}`]), ...SWITCHES];

/**
 * @param {Record<string, () => void>} acts by key; `Escape` also works while typing
 * @param {() => import("./palette.js").Act[]} all what can be done now, with its keys @param {() => void} palette
 */
export function listen(acts, all, palette) {
  const panel = byId("keys");
  const opener = byId("help");
  const on = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox", on: { change: () => remember("keys", on.checked) } }));
  on.checked = recall("keys", true);
  panel.append(
    h("h2", {}, t("keys.title")),
    h("dl", {}, ...KEYS.flatMap(([key, name, what]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, t(name, what ? { name: t(what) } : {}))])),
    h("p", {}, h("a", { href: "/guide", target: "_blank" }, t("keys.guide"))),
    h("label", { class: "check" }, on, t("keys.enabled")),
    button(t("keys.close"), () => show(false), "small"),
  );

  /** @param {boolean} open */
  function show(open) {
    panel.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
    if (!open) opener.focus();
  }

  opener.addEventListener("click", () => show(panel.hidden));
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      return palette();
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.key === "Escape" && target.closest("dialog")) return;
    if (event.key === "Escape") return panel.hidden ? acts.Escape() : show(false);
    if (target.closest("input, textarea, select, [contenteditable], dialog") || !on.checked) return;
    const key = pressed(event);
    const act = acts[key] ?? all().find((one) => one.key === key)?.run;
    if (!act) return;
    event.preventDefault();
    act();
  });
}

/** A letter is small without Shift, whatever Caps Lock says. @param {KeyboardEvent} event */
function pressed({ key, shiftKey }) {
  if (!/^\p{L}$/u.test(key)) return key;
  return shiftKey ? `Shift+${key.toUpperCase()}` : key.toLowerCase();
}
