// What may be done with the open conversation, by its state. Ending asks for the outcome in place, without a window over the page.
import { button, h } from "./dom.js";
import { me, t } from "./texts.js";

/** @typedef {{claim: () => void, giveBack: () => void, release: () => void, close: (outcome: string) => void, next: (() => void) | null}} Acts */

/** @param {{state: string, holder_id: string | null}} standing @param {Acts} acts @param {boolean} asksOutcome @param {(asks: boolean) => void} ask */
export function bar(standing, acts, asksOutcome, ask) {
  const root = h("div", { class: "bar", role: "group", "aria-label": t("conversation") });
  const mine = standing.state === "live" && standing.holder_id === me.id;
  if (mine && asksOutcome) {
    root.append(h("span", { class: "how", id: "how" }, t("do.how")));
    for (const outcome of ["solved", "not_solved", "spam"]) root.append(button(t(`outcome.${outcome}`), () => acts.close(outcome), outcome === "solved" ? "primary small" : "small"));
    root.append(button(t("do.cancel"), () => ask(false), "quiet small"));
  } else if (mine) {
    root.append(button(t("do.close"), () => ask(true), "small"), button(t("do.give_back"), acts.giveBack, "small"), button(t("do.release"), acts.release, "quiet small"));
  } else if (standing.state === "waiting" || standing.state === "ticket") {
    root.append(button(t("do.claim"), acts.claim, "primary small claim"));
  } else if (acts.next) {
    root.append(button(t("do.next"), acts.next, "small"));
  }
  return root;
}
