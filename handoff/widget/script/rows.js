// What the log shows, as plain rows with keys. A row that stays the same keeps its element, so a screen reader hears news only.

import { fits } from "./pages.js";
import { day, when } from "./times.js";

const GAP = 10 * 60_000; // ms of silence after which a speaker is named again

/** @param {import("./chat.js").Chat} chat @returns {{key: string, type: string}[]} */
export function rows(chat) {
  const { t, config } = chat;
  const events = amended([...chat.events.values()].sort((one, other) => one.number - other.number), t);
  const unsent = chat.outbox.items.map((item) => ({ ...item, kind: "message", actor: "customer", body: { text: item.text }, number: Infinity }));
  const all = [...events, ...unsent];
  if (!events.length && !chat.talk) all.unshift({ number: 1, kind: "message", actor: "bot", at: new Date().toISOString(), body: { text: config.greetings.find(([page]) => fits(page))[1] } });
  const lastAsked = all.findLastIndex((event) => event.kind === "message" && event.actor === "customer");
  const shown = [];
  let today = "";
  let before = null;
  all.forEach((event, place) => {
    const at = new Date(event.at);
    const date = at.toDateString();
    if (date !== today) shown.push({ key: `day:${date}`, type: "system", text: day(config.language, at, t) });
    today = date;
    if (event.kind === "handoff_requested") return; // the bot has just said so, and the bar goes on saying it
    if (event.kind !== "message") {
      before = null;
      return shown.push({ key: `event:${event.number}`, type: "system", text: t(event.kind, { ...event.body, time: event.body.until && when(config.language, new Date(event.body.until), t) }), icon: event.kind === "claimed" ? "person" : undefined });
    }
    const key = event.client_id ?? event.number;
    const speaker = event.actor + (event.body.name ?? "");
    if (before?.speaker !== speaker || at - before.at > GAP) shown.push({ key: `who:${key}`, type: "who", actor: event.actor, name: event.body.name, at: event.at });
    before = { speaker, at };
    shown.push({ key: `said:${key}`, type: "said", actor: event.actor, text: event.body.text, language: event.body.language });
    if (event.number === 1 && !chat.due) shown.push({ key: "notice", type: "notice" });
    shown.push(...below(chat, event, key, all, place, lastAsked));
  });
  if (chat.renewed) shown.unshift({ key: "renewed", type: "system", text: t("renewed") });
  if (chat.due) shown.push({ key: "consent", type: "consent" });
  if (chat.typing.name) shown.push({ key: "typing", type: "typing", actor: "agent", name: chat.typing.name });
  else if (chat.thinking) shown.push({ key: "typing", type: "typing", actor: "bot", name: config.bot_name });
  return shown;
}

/** What an agent put right or took back reads so; the events that tell it are no rows. */
function amended(events, t) {
  const isChange = ({ kind }) => kind === "edited" || kind === "withdrawn";
  const changes = new Map(events.filter(isChange).map((event) => [event.body.number, event]));
  return events.filter((event) => !isChange(event)).map((event) => {
    const { kind, body } = changes.get(event.number) ?? event;
    return kind === "edited" ? { ...event, body: { ...event.body, text: `${body.text} (${t(kind)})` } } : { ...event, kind };
  });
}

/** What hangs under a message: its buttons, the question whether it helped, how far it has got. */
function below(chat, event, key, all, place, lastAsked) {
  if (event.actor === "customer") return event.status === "failed" || place === lastAsked ? [{ key: `status:${key}`, type: "status", status: status(chat, event) }] : [];
  const found = [];
  if (event.body.buttons) {
    const next = all.slice(place + 1).find((later) => later.kind === "message" && later.actor === "customer");
    found.push({ key: `chips:${key}`, type: "chips", number: event.number, titles: event.body.buttons, chosen: next ? event.body.buttons.indexOf(next.body.text) : null });
  }
  if (event.body.entry_id) {
    const rated = chat.talk?.rated?.[event.number] ?? null;
    const next = rated === false && place > lastAsked && chat.botHasIt; // a thumb down asks one thing: to try again, or a person
    found.push({ key: `rating:${key}`, type: "rating", number: event.number, rated, asks: next ? "not_enough" : rated === null ? "helpful" : "thanks" });
    if (next) found.push({ key: `next:${key}`, type: "chips", titles: [chat.t("rephrase"), chat.t(chat.standing.people_available ? "human" : "contact")], chosen: null });
  }
  return found;
}

function status(chat, event) {
  if (event.status) return event.status;
  return event.number <= chat.standing.seen_by_agent ? "seen" : "kept";
}
