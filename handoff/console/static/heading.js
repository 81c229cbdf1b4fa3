// Who the open conversation is with, and how it stands.
import { channelMark, standsAs } from "./channel.js";
import { h } from "./dom.js";
import { dueMark } from "./due.js";
import { icon } from "./icons.js";
import { said } from "./panels.js";
import { me, t } from "./texts.js";

/** @param {any} conversation @param {{back: () => void, view: (name: string) => void}} desk */
export function heading(conversation, desk) {
  const back = h("button", { type: "button", class: "button quiet small only-narrow", "aria-label": t("do.back"), on: { click: () => desk.back() } }, icon("back"));
  const more = h("button", { type: "button", class: "button quiet small only-folded", on: { click: () => desk.view("context") } }, icon("info"), t("do.context"));
  const waits = conversation.state === "waiting" && h("span", { class: "waits", "data-since": conversation.waiting_since });
  const since = news(conversation);
  return h("div", { class: "title" }, back, h("h2", { tabindex: "-1" }, conversation.name), isKnown(conversation), channelMark(conversation), h("span", { class: conversation.state === "live" ? "tag good" : "tag" }, standing(conversation)), since && h("span", { class: "tag warn" }, since), conversation.hold && h("span", { class: "tag warn", title: conversation.hold.why }, t("line.held")), dueMark(conversation), waits, more);
}

/** A sign beside the name of somebody whom we know. @param {any} conversation */
function isKnown({ verification: known }) {
  return known && known.how !== "address" && h("span", { class: "known", title: t("line.verified") }, icon("done"), h("span", { class: "visually-hidden" }, t("line.verified")));
}

/** @param {any} conversation */
function standing(conversation) {
  const { state, holder, holder_id: id } = conversation;
  if (state !== "live") return standsAs(conversation);
  return id === me.id ? t("line.mine") : t("line.holder", { name: holder });
}

/** Until when it is put off, or whose turn it is. @param {any} conversation */
function news({ state, snoozed_until: until, offered, offered_to: id }) {
  if (state === "snoozed" && until) return said(new Date(until));
  if (state !== "waiting" || !offered) return null;
  return id === me.id ? t("line.offered_you") : t("line.offered", { name: offered });
}
