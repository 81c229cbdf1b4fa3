// Who is this? By what we know it, or that it is still to be found out.
import { button, h } from "./dom.js";
import { icon } from "./icons.js";
import { me, start, t, tOr, when } from "./texts.js";

/** @typedef {{how: "signed" | "code" | "agent" | "address", what: string | null, by: string | null, at: string}} Verification */

export const CHECKS = ["order_and_name", "called_back", "details"];

/** A mark for a line and a card; an address that was only typed here does not say who somebody is. @param {Verification} known */
export function knownMark({ how }) {
  return how === "address" ? h("span", { class: "tag" }, t("line.address")) : h("span", { class: "tag good" }, t("line.verified"));
}

/** The card: who made sure, how and when, and what can be done about it. @param {any} conversation @param {import("./talk.js").Talk} talk */
export function whoIs({ verification: known, state, holder_id: holder, email }, talk) {
  const isMine = state === "live" && holder === me.id;
  const check = isMine && button(t("do.verify"), () => { talk.desk.view("talk"); talk.ask("verify"); }, "small");
  const code = isMine && email && start.mail && button(t("do.send_code"), () => void talk.sendCode(), "small");
  if (!known) return [h("p", { class: "nothing" }, t("known.none")), h("p", { class: "doing" }, code, check)];
  const how = t(`known.by_${known.how}`, { name: known.by ?? "", what: tOr(`known.${known.what}`, known.what ?? "") });
  const takeBack = isMine && button(t("do.unverify"), () => void talk.act("unverify"), "small");
  const mark = h("span", { class: known.how === "address" ? "tag" : "tag good" }, known.how !== "address" && icon("done"), t(known.how === "address" ? "line.address" : "line.verified"));
  return [h("p", {}, mark), h("p", {}, `${how}, ${when(known.at)}`), known.how === "address" && h("p", { class: "nothing" }, t("known.only_address")), h("p", { class: "doing" }, known.how === "address" && check, takeBack)];
}
