// By which way a conversation came: the chat of the site, as nearly all do, has no mark.
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { t, tOr } from "./texts.js";

/** @type {Record<string, Parameters<typeof icon>[0]>} */
const SIGNS = { email: "letter", callback: "phone" };

/** @param {{channel: string}} conversation */
export function channelMark({ channel }) {
  if (channel === "web") return null;
  const sign = icon(SIGNS[channel] ?? "messenger");
  return h("span", { class: "tag channel" }, sign, h("span", { class: "visually-hidden" }, `${t("context.channel")}: `), tOr(`channel.${channel}`, channel));
}

/** What a conversation waits for: who asked to be called waits for no letter. @param {{state: string, channel: string}} conversation */
export function standsAs({ state, channel }) {
  return t(state === "ticket" && channel === "callback" ? "state.ticket_callback" : `state.${state}`);
}

/** Whether what an agent says leaves by letter. @param {{channel: string, email: string | null}} conversation */
export function readsLetters({ channel, email }) {
  return channel === "email" || (channel === "callback" && Boolean(email));
}
