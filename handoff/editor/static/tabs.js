// The languages of an entry as tabs: one panel at a time, arrows between them, as in the ARIA practices.
import { byId } from "./element.js";

export class Tabs {
  /** @param {(language: string) => void} chosen */
  constructor(chosen) {
    this.chosen = chosen;
    this.tabs = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-tab]")]);
    for (const [at, tab] of this.tabs.entries()) {
      tab.addEventListener("click", () => this.choose(tab.dataset.tab ?? "et"));
      tab.addEventListener("keydown", (event) => {
        const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: this.tabs.length - 1 }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        const next = this.tabs[(to + this.tabs.length) % this.tabs.length];
        this.choose(next.dataset.tab ?? "et");
        next.focus();
      });
    }
  }

  /** @param {string} language */
  choose(language) {
    for (const tab of this.tabs) {
      const here = tab.dataset.tab === language;
      tab.setAttribute("aria-selected", String(here));
      tab.tabIndex = here ? 0 : -1;
      byId(`panel-${tab.dataset.tab}`).hidden = !here;
    }
    this.chosen(language);
  }

  /** Open whatever hides this element. @param {Element} inside */
  reveal(inside) {
    const panel = /** @type {HTMLElement | null} */ (inside.closest("[data-panel]"));
    if (panel?.hidden) this.choose(panel.dataset.panel ?? "et");
    for (let fold = inside.closest("details"); fold; fold = fold.parentElement?.closest("details") ?? null) fold.open = true;
  }
}
