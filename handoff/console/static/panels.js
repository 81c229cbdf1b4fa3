// What a move still needs to know, asked in place of the bar: how it ended, who goes on, until when, what was checked. Never a window over the page.
import { get } from "./api.js";
import { button, h } from "./dom.js";
import { stageChoices } from "./matter.js";
import { CHECKS } from "./verification.js";
import { clock, day, start, t } from "./texts.js";

const OUTCOMES = ["solved", "not_solved", "spam"];
const MORNING = 9;

/** @param {"close" | "pass" | "snooze" | "remind" | "verify" | "stage" | "hold"} name @param {import("./talk.js").Talk} talk */
export function panel(name, talk) {
  return { close: ending, pass: passing, snooze: putOff, remind: reminding, verify: verifying, stage: staging, hold: holding }[name](talk);
}

/** @param {import("./talk.js").Talk} talk @param {string} question @param {...(Node | string)} parts */
function frame(talk, question, ...parts) {
  return h("div", { class: "asks", role: "group", "aria-label": question }, h("span", { class: "how" }, question), ...parts, button(t("do.cancel"), () => talk.ask(null), "quiet small"));
}

/** @param {import("./talk.js").Talk} talk */
function ending(talk) {
  const choices = OUTCOMES.map((outcome) => button(t(`outcome.${outcome}`), () => void talk.act("close", { outcome }, { outcome: t(`outcome.${outcome}`).toLowerCase() }), outcome === "solved" ? "primary small" : "small"));
  return frame(talk, t("do.how"), ...choices);
}

/** @param {import("./talk.js").Talk} talk */
function passing(talk) {
  const to = /** @type {HTMLSelectElement} */ (h("select", { "aria-label": t("pass.to"), required: true }, h("option", { value: "" }, t("pass.to"))));
  const note = /** @type {HTMLInputElement} */ (h("input", { type: "text", "aria-label": t("pass.note"), placeholder: t("pass.note"), maxlength: "1000" }));
  const go = () => {
    if (!to.value) return to.focus();
    const [kind, id] = to.value.split(" ");
    void talk.act("pass", { [kind]: id, note: note.value }, { name: to.selectedOptions[0].text });
  };
  void Promise.all([get("/colleagues"), get("/teams")]).then(([people, teams]) => {
    const away = (/** @type {any} */ one) => !one.here && talk.opened.conversation.channel === "web";
    const person = (/** @type {any} */ one) => h("option", { value: `agent_id ${one.id}`, disabled: away(one) }, away(one) ? t("pass.away", { name: one.name }) : one.availability === "busy" ? t("pass.busy", { name: one.name }) : one.name);
    if (teams.length > 0) to.append(h("optgroup", { label: t("pass.teams") }, ...teams.map((/** @type {any} */ team) => h("option", { value: `team_id ${team.id}` }, team.name))));
    to.append(h("optgroup", { label: t("pass.people") }, ...people.map(person)));
  }, () => talk.say(t("failure.offline")));
  const form = frame(talk, t("pass.title"), to, note, button(t("do.pass"), go, "primary small"));
  note.addEventListener("keydown", (event) => event.key === "Enter" && go());
  return form;
}

/** @param {import("./talk.js").Talk} talk */
function putOff(talk) {
  return times(talk, t("snooze.title"), t("do.snooze"), (until) => void talk.act("snooze", { until: until.toISOString() }, { time: said(until) }));
}

/** @param {import("./talk.js").Talk} talk */
function reminding(talk) {
  const about = /** @type {HTMLInputElement} */ (h("input", { type: "text", "aria-label": t("remind.about"), placeholder: t("remind.about"), maxlength: "200" }));
  return times(talk, t("remind.title"), t("do.remind"), (until) => void talk.remind(until, about.value), about);
}

/** @param {import("./talk.js").Talk} talk */
function verifying(talk) {
  const own = /** @type {HTMLInputElement} */ (h("input", { type: "text", "aria-label": t("known.own"), placeholder: t("known.own"), maxlength: "100" }));
  const go = () => (own.value.trim() ? void talk.act("verify", { what: own.value }) : own.focus());
  own.addEventListener("keydown", (event) => event.key === "Enter" && go());
  const usual = CHECKS.map((check) => button(t(`known.${check}`), () => void talk.act("verify", { what: check }), "small"));
  return frame(talk, t("known.what"), ...usual, h("span", { class: "own" }, own, button(t("do.verify"), go, "small")));
}

/** @param {import("./talk.js").Talk} talk */
function staging(talk) {
  return frame(talk, t("matter.which"), ...stageChoices(talk));
}

/** @param {import("./talk.js").Talk} talk */
function holding(talk) {
  const why = /** @type {HTMLInputElement} */ (h("input", { type: "text", "aria-label": t("hold.why"), placeholder: t("hold.why"), maxlength: "300" }));
  const go = () => (why.value.trim() ? void talk.act("hold", { why: why.value }) : why.focus());
  why.addEventListener("keydown", (event) => event.key === "Enter" && go());
  return frame(talk, t("hold.title"), h("span", { class: "own" }, why, button(t("do.hold"), go, "primary small")));
}

/** Three usual times and one's own. @param {import("./talk.js").Talk} talk @param {string} question @param {string} verb @param {(until: Date) => void} choose @param {...Node} more */
function times(talk, question, verb, choose, ...more) {
  const own = /** @type {HTMLInputElement} */ (h("input", { type: "datetime-local", "aria-label": t("snooze.own") }));
  const go = () => (own.value ? choose(ours(new Date(own.value))) : own.focus());
  const usual = [["hour", hours(1)], ["tomorrow", morning(1)], ["monday", morning((8 - new Date().getDay()) % 7 || 7)]];
  const chosen = usual.map(([name, at]) => button(t(`snooze.${name}`), () => choose(/** @type {Date} */ (at)), "small"));
  return frame(talk, question, ...more, ...chosen, h("span", { class: "own" }, own, button(verb, go, "small")));
}

/** @param {number} count */
const hours = (count) => new Date(Date.now() + count * 3_600_000);

/** @param {number} days from today */
function morning(days) {
  const at = new Date();
  at.setDate(at.getDate() + days);
  at.setHours(MORNING, 0, 0, 0);
  return ours(at);
}

/** The same clock in the zone of the company, where an agent's own computer is set to another. @param {Date} moment */
function ours(moment) {
  const there = new Date(moment.toLocaleString("sv", { timeZone: start.zone }).replace(" ", "T"));
  return new Date(2 * moment.getTime() - there.getTime());
}

/** „täna 15.20“, „homme 9.00“, „30. november 9.00“. @param {Date} moment */
export function said(moment) {
  const today = new Date();
  const at = clock(moment).replace(/^0/, "");
  const tomorrow = new Date(Date.now() + 86_400_000);
  if (day(moment) === day(today)) return t("time.today", { clock: at });
  if (day(moment) === day(tomorrow)) return t("time.tomorrow", { clock: at });
  return t("time.on", { date: moment.toLocaleDateString(document.documentElement.lang, { day: "numeric", month: "long" }), clock: at });
}
