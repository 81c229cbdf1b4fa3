// By which way a conversation came: the chat of the site, as nearly all do, has no mark.
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { t, tOr } from "./texts.js";

/** @param {{channel: string}} conversation */
export function channelMark({ channel }) {
  if (channel === "web") return null;
  const sign = icon(channel === "email" ? "letter" : "messenger");
  return h("span", { class: "tag channel" }, sign, h("span", { class: "visually-hidden" }, `${t("context.channel")}: `), tOr(`channel.${channel}`, channel));
}
