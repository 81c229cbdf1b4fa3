// Everything around the conversation: why it came, what was asked, what the bot considered, what is known.
import { complaint } from "./complaint.js";
import { announce, button, copy, h } from "./dom.js";
import { icon } from "./icons.js";
import { waitMarks } from "./lists.js";
import { standsAt } from "./matter.js";
import { said } from "./panels.js";
import { tagging } from "./tags.js";
import { ago, me, percent, t, tOr, when } from "./texts.js";
import { whoIs } from "./verification.js";

/**
 * @param {any} opened the answer of `GET /conversations/{id}` @param {{canDraft: boolean, draft: () => void, drafted: Node | null}} drafting
 * @param {((entry: string) => void) | null} insert brings an entry's answer into the box, for who may answer
 * @param {import("./talk.js").Talk} talk
 */
export function context(opened, drafting, insert, talk) {
  return [reminder(opened, talk), complaint(opened, talk), part(t("known.title"), ...whoIs(opened.conversation, talk)), part(t("matter.title"), ...standsAt(opened.conversation, talk)), why(opened), asked(opened), tags(opened, talk), candidates(opened, insert), found(opened), earlier(opened), intents(opened), facts(opened), draft(drafting, opened)];
}

/** @param {any} opened @param {import("./talk.js").Talk} talk */
function reminder({ conversation }, talk) {
  if (!conversation.reminder) return "";
  const { due_at: due, about } = conversation.reminder;
  return part(t("remind.yours"), h("p", {}, h("strong", {}, said(new Date(due))), about ? ` · ${about}` : ""), button(t("remind.done"), () => void talk.forgetReminder(), "small"));
}

/** @param {any} opened @param {import("./talk.js").Talk} talk */
function tags({ conversation }, talk) {
  return part(t("context.tags"), tagging(conversation.id, conversation.tags, (words) => talk.say(words)));
}

/** @param {any} opened */
function earlier({ earlier: before }) {
  if (before.length === 0) return part(t("context.earlier"), nothing(t("context.earlier_none")));
  const lines = before.map((/** @type {any} */ one) => h("li", {}, h("a", { href: `/desk/${encodeURIComponent(one.id)}`, "data-open": one.id }, when(one.began)), " ", h("span", { class: "tag" }, one.outcome && one.state === "closed" ? tOr(`outcome.${one.outcome}`, one.outcome) : t(`state.${one.state}`)), one.last && h("span", { class: "clip" }, one.last.text)));
  return part(t("context.earlier"), h("ul", { class: "before" }, ...lines));
}

/** @param {string} title @param {...(Node | string | null)} children */
function part(title, ...children) {
  return h("section", { class: "part" }, h("h3", {}, title), ...children);
}

/** @param {string} text */
const nothing = (text) => h("p", { class: "nothing" }, text);

/** Who came for a person by themselves. @type {Record<string, string>} */
const WHY = { email: "context.why_mail", callback: "context.why_callback" };

/** @param {any} opened */
function why({ conversation, handoff, decisions }) {
  if (!handoff) return part(t("context.why"), nothing(t(WHY[conversation.channel] ?? "context.why_none")));
  const reason = h("p", { class: "reason" }, h("span", { class: handoff.reason === "complaint" ? "tag bad" : "tag warn" }, tOr(`reason.${handoff.reason}`, handoff.reason)));
  const rows = [row(t("context.requested"), when(handoff.requested_at))];
  if (conversation.state === "waiting" && conversation.waiting_since) rows.push(row(t("context.since"), h("span", {}, when(conversation.waiting_since), " · ", h("span", { class: "waits", "data-since": conversation.waiting_since }))));
  const marks = waitMarks(conversation);
  if (marks.length > 0) rows.push(row(t("context.told"), h("span", { class: "tags" }, ...marks)));
  const reasoning = decisions[0]?.why && h("p", { class: "nothing" }, `${t("context.why_bot")}: ${decisions[0].why}`);
  return part(t("context.why"), reason, h("dl", {}, ...rows.flat()), reasoning || null);
}

/** @param {any} opened */
function asked({ events, decisions, conversation }) {
  const said = events.filter((/** @type {any} */ event) => event.kind === "message" && event.actor === "customer" && event.body.text);
  const questions = new Set(decisions.filter((/** @type {any} */ one) => one.candidates.length > 0 || one.intent === "ask_question").map((/** @type {any} */ one) => one.number));
  const meant = said.filter((/** @type {any} */ event) => questions.has(event.number));
  const last = [...(meant.length > 0 ? meant : said)].slice(-2);
  if (last.length === 0) return part(t("context.asked"), nothing(t("context.asked_none")));
  return part(t("context.asked"), ...last.map((event) => h("blockquote", { lang: conversation.language }, event.body.text)));
}

/** @param {any} opened @param {((entry: string) => void) | null} insert */
function candidates({ handoff, decisions, events }, insert) {
  const read = new Set(events.map((/** @type {any} */ event) => event.body.entry_id).filter(Boolean));
  const asked = handoff?.request.candidates ?? [];
  const considered = asked.length > 0 ? asked : (decisions.find((/** @type {any} */ one) => one.candidates.length > 0)?.candidates ?? []);
  if (considered.length === 0) return part(t("context.candidates"), nothing(t("context.candidates_none")));
  const take = (/** @type {any} */ one) => insert && h("button", { type: "button", class: "button quiet small", "aria-label": t("context.insert_what", { question: one.question }), on: { click: () => insert(one.entry_id) } }, t("context.insert"));
  const lines = considered.slice(0, 5).map((/** @type {any} */ one) => {
    const fill = h("span", { class: "fill" });
    fill.style.width = percent(one.probability);
    const shown = (one.shown || read.has(one.entry_id)) && h("span", { class: "tag" }, t("context.shown"));
    return h("li", {}, h("div", { class: "candidate" }, h("span", {}, one.question), h("span", { class: "number" }, percent(one.probability))), h("div", { class: "track", "aria-hidden": "true" }, fill), h("div", { class: "candidate-foot" }, shown || h("span"), take(one)));
  });
  return part(t("context.candidates"), h("ul", { class: "candidates" }, ...lines));
}

/** @param {any} opened */
function intents({ handoff, decisions, events }) {
  const texts = new Map(events.map((/** @type {any} */ event) => [event.number, event.body.text]));
  const own = decisions.filter((/** @type {any} */ one) => one.intent).map((/** @type {any} */ one) => ({ text: texts.get(one.number) ?? "", intent: one.intent, confidence: one.confidence }));
  const guesses = own.length > 0 ? own : [...(handoff?.request.intents ?? [])].reverse();
  if (guesses.length === 0) return part(t("context.intents"), nothing(t("context.intents_none")));
  const lines = guesses.slice(0, 3).map((/** @type {any} */ one) => h("li", {}, h("span", { class: "clip" }, `„${one.text}“`), h("span", {}, `${intentName(one.intent)} · ${percent(one.confidence)}`)));
  return part(t("context.intents"), h("ul", { class: "intents" }, ...lines));
}

/** @param {string} intent */
function intentName(intent) {
  return tOr(`intent.${intent}`, tOr(`intent.${intent.split("_")[0]}`, intent.replaceAll("_", " ")));
}

/** @param {any} opened */
function found({ conversation, handoff, decisions }) {
  const open = new Set([...conversation.orders, ...(handoff?.request.orders ?? [])]);
  const all = [
    ...[...open].map((value) => ["open_order", value]),
    ...(handoff?.request.entities ?? []).map((/** @type {any} */ one) => [one.kind, one.value]),
    ...decisions.flatMap((/** @type {any} */ one) => one.entities.map((/** @type {any} */ entity) => [entity.entity, entity.value])),
    ["email", conversation.email],
    ["phone", conversation.phone],
  ];
  const useful = new Map(all.filter(([kind, value]) => value && ["open_order", "order_number", "email", "phone"].includes(kind) && !(kind === "order_number" && open.has(value))).map(([kind, value]) => [`${kind} ${value}`, [kind, value]]));
  if (useful.size === 0) return part(t("context.entities"), nothing(t("context.entities_none")));
  const lines = [...useful.values()].map(([kind, value]) => {
    const copier = h("button", { type: "button", class: "button quiet icon", "aria-label": t("context.copy", { what: value }), on: { click: () => void copied(copier, value) } }, icon("copy"));
    return h("li", {}, h("span", { class: "kind" }, t(`context.${kind}`)), h("span", { class: "value" }, value), copier);
  });
  return part(t("context.entities"), h("ul", { class: "found" }, ...lines));
}

/** @param {HTMLElement} copier @param {string} value */
async function copied(copier, value) {
  await copy(value);
  announce(t("done.copied", { what: value }));
  copier.replaceChildren(icon("done"));
  setTimeout(() => copier.replaceChildren(icon("copy")), 1500);
}

/** @param {any} opened */
function facts({ conversation }) {
  const rows = [];
  if (conversation.identified_at) rows.push(row(t("context.identified"), h("span", { class: "tag good" }, icon("done"), " ", t("context.logged_in"))), row(t("context.name"), conversation.name));
  if (conversation.page) rows.push(row(t("context.page"), pageLink(conversation.page)));
  rows.push(row(t("context.language"), t(`language.${conversation.language}`)));
  if (conversation.device) rows.push(row(t("context.device"), conversation.device));
  if (conversation.channel !== "web") rows.push(row(t("context.channel"), tOr(`channel.${conversation.channel}`, conversation.channel)));
  rows.push(row(t("context.began"), ago(conversation.created_at)));
  if (conversation.hold) rows.push(row(t("hold.held"), `${conversation.hold.by}, ${when(conversation.hold.at)}: ${conversation.hold.why}`));
  if (conversation.hold?.wished) rows.push(row(t("hold.wish"), t("hold.wished")));
  return part(t("context.facts"), h("dl", {}, ...rows.flat()));
}

/** @param {string} name @param {Node | string} value */
function row(name, value) {
  return [h("dt", {}, name), h("dd", {}, value)];
}

/** A link only to what is a web page: the address came from a visitor. @param {string} address */
function pageLink(address) {
  const url = URL.canParse(address, location.origin) ? new URL(address, location.origin) : null;
  if (!url || !["http:", "https:"].includes(url.protocol)) return address;
  return h("a", { href: url.href, target: "_blank", rel: "noopener noreferrer", title: url.href }, url.pathname === "/" ? url.host : url.pathname + url.search);
}

/** What became of it so far, and a way to make an entry of the reply. @param {{canDraft: boolean, draft: () => void, drafted: Node | null}} drafting @param {any} opened */
function draft({ canDraft, draft: save, drafted }, { made }) {
  const before = made.map((/** @type {any} */ one) => h("li", {}, me.edits ? h("a", { href: `/editor#${encodeURIComponent(one.entry_id)}` }, one.question) : one.question, " ", h("span", { class: one.status === "published" ? "tag good" : "tag" }, tOr(`draft.${one.status}`, one.status))));
  const list = before.length > 0 ? h("ul", { class: "made" }, ...before) : null;
  if (drafted) return part(t("draft.title"), h("p", { class: "drafted", role: "status" }, drafted), list);
  if (!canDraft) return part(t("draft.title"), list ?? nothing(t("draft.not_yet")));
  return part(t("draft.title"), nothing(t("draft.text")), button(t("draft.go"), save, "small"), list);
}
