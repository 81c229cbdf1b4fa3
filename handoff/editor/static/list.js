// The list on the left: found as you type in all words of an entry, whatever the diacritics, grouped by topic.
import { byId, element } from "./element.js";
import { day, known, say } from "./words.js";

/** @typedef {{id: string, topic: string, status: string, revision: number, published: boolean, published_answer: string | null, unpublished_change: boolean,
 *   conversation_id: string | null, changed_at: string | null, changed_by: string | null, question: string, answer: string,
 *   season: "scheduled" | "expired" | null, review_at: string | null, review_note: string | null, merged_into: string | null, own: boolean,
 *   examples: string[], tags: string[], needs_identity?: boolean, steps?: import("./steps.js").Step[], buttons?: import("./buttons.js").EntryButton[],
 *   video?: string, valid_from?: string, valid_until?: string,
 *   translations: Record<string, {question: string, answer: string, steps?: Record<string, string>, buttons?: string[]}>}} Entry */

/** Lower case without diacritics: „Järelmaks“ → "jarelmaks". @param {string} text */
export function plain(text) {
  return text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
}

/** A topic is named by its file; the starter ones have titles. @param {string} topic */
export function topicTitle(topic) {
  return topic ? (known(`topics.${topic}`) ? say(`topics.${topic}`) : topic) : say("no_topic");
}

/** @param {Entry} entry */
function haystack(entry) {
  const translated = Object.values(entry.translations).flatMap((texts) => [texts.question, texts.answer]);
  const steps = (entry.steps ?? []).map(({ text }) => text);
  return plain([...steps, entry.id, entry.topic, entry.question, entry.answer, ...entry.examples, ...entry.tags, ...translated].join("\n"));
}

/** @type {Record<string, (entry: Entry) => boolean>} */
const SHOWS = {
  all: (entry) => entry.status !== "archived",
  draft: (entry) => entry.status === "draft",
  review: (entry) => entry.review_at !== null,
  scheduled: (entry) => entry.season !== null,
  change: (entry) => entry.unpublished_change,
  talk: (entry) => entry.conversation_id !== null && entry.status === "draft",
  archived: (entry) => entry.status === "archived",
};

/** How an entry stands, as small tags; an ordinary published one needs none. @param {Entry} entry @returns {HTMLElement[]} */
export function marks(entry) {
  const made = [];
  if (entry.review_at) made.push(element("span.tag.talk", null, say("mark.review")));
  if (entry.review_note) made.push(element("span.tag.bad", null, say("mark.returned")));
  if (entry.season) made.push(element(`span.tag${entry.season === "expired" ? ".warn" : ""}`, null, say(`mark.${entry.season}`, { from: day(entry.valid_from), until: day(entry.valid_until) })));
  if (entry.status === "draft") made.push(element("span.tag.warn", null, say("mark.draft")));
  if (entry.status === "archived") made.push(element("span.tag", null, say("mark.archived")));
  if (entry.unpublished_change) made.push(element("span.tag.warn", null, say("mark.change")));
  if (entry.needs_identity) made.push(element("span.tag", null, say("mark.needs_identity")));
  if (entry.conversation_id && entry.status === "draft") made.push(element("span.tag.talk", null, say("mark.talk")));
  return made;
}

export class List {
  /** @param {(id: string) => void} open */
  constructor(open) {
    this.open = open;
    /** @type {{entry: Entry, words: string}[]} */
    this.rows = [];
    /** @type {string | null} */
    this.current = null;
    this.search = /** @type {HTMLInputElement} */ (byId("search"));
    this.show = /** @type {HTMLSelectElement} */ (byId("show"));
    this.search.addEventListener("input", () => this.draw());
    this.show.addEventListener("change", () => this.draw());
  }

  /** @param {Entry[]} entries */
  fill(entries) {
    this.rows = entries.map((entry) => ({ entry, words: haystack(entry) }));
    const waiting = entries.filter(SHOWS.review).length;
    const option = /** @type {HTMLOptionElement} */ (this.show.querySelector("[value=review]"));
    option.textContent = waiting ? `${say("show.review")} (${waiting})` : say("show.review");
    this.draw();
  }

  /** @param {string | null} id */
  select(id) {
    this.current = id;
    for (const button of byId("list").querySelectorAll("button")) {
      if (button.dataset.id === id) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  }

  draw() {
    const asked = plain(this.search.value).split(/\s+/).filter(Boolean);
    const found = this.rows.filter((row) => SHOWS[this.show.value](row.entry) && asked.every((word) => row.words.includes(word))).map((row) => row.entry);
    /** @type {Map<string, Entry[]>} */
    const topics = new Map();
    for (const entry of found) topics.set(entry.topic, [...(topics.get(entry.topic) ?? []), entry]);
    const groups = [...topics].map(([topic, entries]) =>
      element("section", null, element("h2", null, topicTitle(topic), " ", element("span.count", null, String(entries.length))), element("ul", null, ...entries.map((entry) => this.row(entry)))));
    byId("list").replaceChildren(...(groups.length ? groups : [element("p.nothing", null, say(this.search.value ? "nothing_found" : `nothing.${this.show.value}`))]));
    byId("found").textContent = say("found", { count: found.length });
  }

  /** @param {Entry} entry */
  row(entry) {
    const props = { type: "button", "data-id": entry.id, "aria-current": entry.id === this.current && "true", onclick: () => this.open(entry.id) };
    return element("li", null, element("button", props, element("span.question", null, entry.question), ...marks(entry)));
  }
}
