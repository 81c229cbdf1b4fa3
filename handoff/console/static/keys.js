// The keyboard: single letters while nobody types, and a panel that lists them. They can be switched off (screen readers, speech input).
import { button, byId, h } from "./dom.js";
import { recall, remember } from "./memory.js";
import { t } from "./texts.js";

const KEYS = [["j / k", "move"], ["Enter", "open"], ["c", "claim"], ["/", "box"], ["Esc", "leave"], ["?", "help"]];

/** @param {Record<string, () => void>} acts by key; `Escape` also works while typing */
export function listen(acts) {
  const panel = byId("keys");
  const opener = byId("help");
  const on = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox", on: { change: () => remember("keys", on.checked) } }));
  on.checked = recall("keys", true);
  panel.append(
    h("h2", {}, t("keys.title")),
    h("dl", {}, ...KEYS.flatMap(([key, name]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, t(`keys.${name}`))])),
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
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.key === "Escape") return panel.hidden ? acts.Escape() : show(false);
    if (target.closest("input, textarea, select, [contenteditable]") || !on.checked) return;
    const act = event.key === "?" ? () => show(panel.hidden) : acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
