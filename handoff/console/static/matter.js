// Where the matter stands for its customer: said by the agent, seen by both.
import { Failure, conversation as path, newId, post } from "./api.js";
import { announce, button, copy, h } from "./dom.js";
import { me, start, t, tOr, when } from "./texts.js";

/** What a stage is called; one that is no longer in the list keeps its id. @param {string} id */
export const stageName = (id) => start.stages.find((stage) => stage.id === id)?.name ?? id;

/** A mark for a line and the card; what is done and yet open was opened again. @param {string} id @param {string} state */
export function stageMark(id, state) {
  const again = state !== "closed" && start.stages.some((stage) => stage.id === id && stage.ends);
  return h("span", { class: again ? "tag warn" : "tag" }, again ? t("line.again") : stageName(id));
}

/** The card: where it stands, since when, the customer's link. @param {any} conversation @param {import("./talk.js").Talk} talk */
export function standsAt({ id, stage, stage_at: since, state, holder_id: holder }, talk) {
  const now = stage ? [h("p", {}, stageMark(stage, state), " ", h("span", { class: "nothing" }, t("matter.since", { when: when(since) })))] : [h("p", { class: "nothing" }, t("matter.none"))];
  if (state !== "live" || holder !== me.id) return now;
  const tell = button(t("do.stage"), () => { talk.desk.view("talk"); talk.ask("stage"); }, "small");
  const link = button(t("do.link"), () => void copyLink(id, talk, false), "quiet small");
  const renew = stage && button(t("do.new_link"), () => void copyLink(id, talk, true), "quiet small");
  return [...now, h("p", { class: "doing" }, tell, link, renew)];
}

/** @param {string} id @param {import("./talk.js").Talk} talk @param {boolean} isNew */
export async function copyLink(id, talk, isNew) {
  try {
    const { url } = await post(path(id, `link${isNew ? "?new=true" : ""}`));
    await copy(url);
    announce(t(isNew ? "done.new_link" : "done.link"));
    talk.say(t(isNew ? "done.new_link" : "done.link"));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    talk.say(tOr(`failure.${error.code}`, t("failure.error")));
  }
}

/** The question in place of the bar. @param {import("./talk.js").Talk} talk @returns {HTMLElement[]} */
export function stageChoices(talk) {
  const { stage: present, email, phone, channel } = talk.opened.conversation;
  const choices = start.stages.filter((stage) => stage.id !== present).map((stage) => button(stage.name, () => void talk.act("stage", { stage: stage.id, client_id: newId() }, { stage: stage.name }), stage.ends ? "primary small" : "small"));
  const heard = email && start.mail ? "matter.tells" : phone && channel !== "web" ? "matter.phone" : "matter.tells_chat";
  return [...choices, h("span", { class: "hears" }, t(heard))];
}
