// What a message that came by letter has beside its words: its subject and sender above, what was folded and left out below.
import { h } from "./dom.js";
import { t, tOr } from "./texts.js";

/** Above the words. @param {any} body */
export function letterHead({ subject, from }) {
  return [
    subject && h("p", { class: "subject" }, h("span", { class: "visually-hidden" }, t("mail.subject"), " "), subject),
    from && h("p", { class: "tag warn other-address" }, t("mail.from", { address: from })),
  ].filter(Boolean);
}

/** Below them. @param {any} body */
export function letterRest({ folded = [], left_out: leftOut = [], cut }) {
  const rest = folded.map((/** @type {any} */ one) => foldedAway(t(`mail.${one.kind}`), one.text));
  if (leftOut.length > 0) rest.push(h("div", { class: "left-out" }, h("span", {}, t("mail.left_out")), h("ul", {}, ...leftOut.map((/** @type {any} */ one) => h("li", {}, h("strong", {}, one.name), " ", tOr(`mail.why.${one.why}`, ""))))));
  if (cut) rest.push(h("p", { class: "left-out" }, t("mail.cut")));
  return rest;
}

/** Shown when it is asked for. @param {string} title @param {string} text */
export function foldedAway(title, text) {
  return h("details", { class: "folded" }, h("summary", {}, title), h("p", {}, text));
}

/** What somebody has unfolded, in all talks of this page: it stays so when its talk is drawn again. @type {Set<string>} */
const unfolded = new Set();

/** A fold was opened or closed. @param {string} talk @param {EventTarget | null} fold */
export function noteFold(talk, fold) {
  const item = fold instanceof HTMLDetailsElement && /** @type {HTMLElement | null} */ (fold.closest("[data-number]"));
  if (!item) return;
  if (fold.open) unfolded.add(keyOf(talk, item, fold));
  else if (fold.isConnected) unfolded.delete(keyOf(talk, item, fold));
}

/** Open what was open in this message. @param {string} talk @param {HTMLElement} item */
export function unfold(talk, item) {
  for (const fold of item.querySelectorAll("details")) fold.open = unfolded.has(keyOf(talk, item, fold));
}

/** @param {string} talk @param {HTMLElement} item @param {HTMLDetailsElement} fold */
function keyOf(talk, item, fold) {
  return `${talk} ${item.dataset.number} ${[...item.querySelectorAll("details")].indexOf(fold)}`;
}
