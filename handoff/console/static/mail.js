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
