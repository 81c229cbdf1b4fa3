// What the log shows, as plain rows with keys. A row that stays the same keeps its element, so a screen reader hears news only.

import { fits } from "./pages.js";
import { day, when } from "./times.js";

const GAP = 600_000; // ms of silence after which a speaker is named again

/** @param {import("./chat.js").Chat} chat @returns {{key: string, type: string}[]} */
export function rows(chat) {
  const { t, config, talk } = chat;
  const events = amended([...chat.events.values()].sort((one, other) => one.number - other.number), t);
  const unsent = chat.outbox.items.map((item) => ({ ...item, kind: "message", actor: "customer", body: item, number: Infinity }));
  const all = [...events, ...unsent];
  if (!events.length && !talk) all.unshift({ number: 1, kind: "message", actor: "bot", at: new Date().toISOString(), body: {}, shown: config.greetings.find(([page]) => fits(page))[2] });
  const lastAsked = all.findLastIndex(asked);
  const shown = [];
  let today = "";
  let before = null;
  all.forEach((event, place) => {
    const { kind, actor, body, number, status } = event;
    const at = new Date(event.at);
    const date = at.toDateString();
    if (date !== today) shown.push({ key: `day:${date}`, type: "system", text: day(config.language, at) });
    today = date;
    if (kind === "handoff_requested") return; // the bot has just said so, and the bar goes on saying it
    if (kind !== "message") {
      before = null;
      return shown.push({ key: `event:${number}`, type: "system", text: t(kind, { ...body, time: body.until && when(config.language, new Date(body.until)) }), icon: kind });
    }
    const key = event.client_id ?? number;
    const speaker = actor + (body.name ?? "");
    if (before?.speaker !== speaker || at - before.at > GAP) shown.push({ key: `who:${key}`, type: "who", actor, name: body.name, at: event.at });
    before = { speaker, at };
    if (body.text || event.shown) shown.push({ key: `said:${key}`, type: "said", actor, shown: event.shown ?? [body.text], language: body.language });
    for (const file of body.files ?? []) shown.push({ key: `file:${key}`, type: "file", actor, file, id: key, status });
    if (number === 1 && !chat.due) shown.push({ key: "notice", type: "notice", talk: Boolean(talk) });
    shown.push(...below(chat, event, key, all, place, lastAsked));
  });
  if (chat.renewed) shown.unshift({ key: "renewed", type: "system", text: t("renewed") });
  if (chat.due) shown.push({ key: "consent", type: "consent" });
  const { name } = chat.typing;
  if (name || chat.thinking) shown.push({ key: "typing", type: "typing", actor: name ? "agent" : "bot", name: name ?? config.bot_name });
  return shown;
}

/** Whether the customer says something in it. */
const asked = ({ kind, actor }) => kind === "message" && actor === "customer";

/** What an agent put right or took back reads so; the events that tell it are no rows. */
function amended(events, t) {
  const isChange = ({ kind }) => kind === "edited" || kind === "withdrawn";
  const changes = new Map(events.filter(isChange).map((event) => [event.body.number, event]));
  return events.filter((event) => !isChange(event)).map((event) => {
    const { kind, body, shown } = changes.get(event.number) ?? event;
    return kind === "edited" ? { ...event, shown: [...shown ?? [body.text], ` (${t(kind)})`] } : { ...event, kind };
  });
}

/** What hangs under a message: its buttons, the question whether it helped, how far it has got. */
function below(chat, { actor, body, number, status, files }, key, all, place, lastAsked) {
  const { t, talk, standing, people, attach } = chat;
  if (actor === "customer") {
    const reached = status ?? (number <= standing.seen_by_agent ? "seen" : "kept");
    return reached === "failed" || place === lastAsked ? [{ key: `status:${key}`, type: "status", id: key, status: reached, lost: files && !attach.holds(key) }] : [];
  }
  const found = [];
  if (body.buttons) {
    const next = all.slice(place + 1).find(asked);
    found.push({ key: `chips:${key}`, type: "chips", number, titles: body.buttons, chosen: next ? body.buttons.indexOf(next.body.text) : null });
  }
  if (body.entry_id) {
    const rated = talk?.rated?.[number] ?? null;
    const next = rated === false && place > lastAsked && chat.botHasIt; // a thumb down asks one thing: to try again, or a person
    found.push({ key: `rating:${key}`, type: "rating", number, rated, asks: next ? "not_enough" : rated === null ? "helpful" : "thanks" });
    if (next) found.push({ key: `next:${key}`, type: "chips", titles: [t("rephrase"), t(people)], chosen: null });
  }
  return found;
}
