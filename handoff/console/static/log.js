// The conversation's messages and what happened between them, in the order of their numbers.
import { attached } from "./attach.js";
import { button, h } from "./dom.js";
import { icon } from "./icons.js";
import { foldedAway, letterHead, letterRest, noteFold, unfold } from "./mail.js";
import { markdown, plain } from "./markdown.js";
import { stageName } from "./matter.js";
import { said } from "./panels.js";
import { reveal } from "./reveal.js";
import { clock, day, me, percent, start, t, tOr, when } from "./texts.js";

const SAME_BREATH = 5 * 60_000; // messages of one person within this need one heading
const NEAR_END = 80;
const NEAR_START = 400;

/** @typedef {{number: number, kind: string, actor: string, at: string, client_id: string | null, agent_id: string | null, body: any, masked?: boolean, before?: {text: string}[]}} DeskEvent */

export class Log {
  /** @param {{id: string, name: string, byLetter: boolean, seen: () => number, gone: () => number, draft: (number: number) => void, older: (before: number) => Promise<DeskEvent[]>, edit: () => void, withdraw: (number: number) => void}} about */
  constructor(about) {
    this.about = about;
    this.last = 0;
    this.first = Infinity; // number of the oldest event that is shown
    this.fetching = false;
    this.mayChange = false;
    /** @type {Map<number, {event: DeskEvent, item: HTMLElement, before: DeskEvent | null}>} */
    this.said = new Map();
    /** @type {DeskEvent | null} */
    this.before = null;
    /** @type {Map<number, boolean>} */
    this.ratings = new Map();
    this.list = h("ol", { class: "log", "aria-live": "polite", tabindex: "0", "aria-label": t("conversation") });
    this.list.addEventListener("toggle", (event) => noteFold(about.id, event.target), true);
    this.jump = button(t("message.jump"), () => this.toEnd(), "jump");
    this.jump.hidden = true;
    this.atEnd = true;
    this.list.addEventListener("scroll", () => {
      this.atEnd = this.nearEnd();
      if (this.atEnd) this.jump.hidden = true;
      if (this.list.scrollTop < NEAR_START) void this.loadOlder();
    });
    new ResizeObserver(() => this.atEnd && this.toEnd()).observe(this.list); // a line above or a growing box must not cover the last words
    /** @type {Map<string, HTMLElement>} */
    this.pending = new Map();
    /** @type {HTMLElement[]} */
    this.answers = [];
  }

  /** The history at once: laid out and marked once. @param {DeskEvent[]} events */
  begin(events) {
    for (const event of events) this.take(event);
    this.showSeen();
    this.toEnd();
  }

  /** Add an event unless it is shown already. @param {DeskEvent} event */
  add(event) {
    if (event.number <= this.last) return;
    const stay = this.nearEnd() || event.agent_id === me.id;
    this.take(event);
    this.showSeen();
    if (stay) this.toEnd();
    else this.jump.hidden = false;
  }

  /** @param {DeskEvent} event */
  take(event) {
    this.last = event.number;
    this.first = Math.min(this.first, event.number);
    if (event.kind === "edited" || event.kind === "withdrawn") return this.amend(event);
    if (event.client_id) this.settle(event.client_id);
    const moment = new Date(event.at);
    if (!this.before || day(new Date(this.before.at)) !== day(moment)) this.put(h("li", { class: "day", "data-day": day(moment) }, when(event.at).replace(clock(moment), "").trim()));
    this.put(event.kind === "message" || event.kind === "note" ? this.bubble(event) : happening(event));
    this.before = event;
  }

  /** The agent put a message right or took it back: it reads so from now on. @param {DeskEvent} event */
  amend(event) {
    const kept = this.said.get(event.body.number);
    if (!kept) return;
    const place = this.answers.indexOf(kept.item);
    this.redraw(kept, { ...kept.event, body: event.kind === "edited" ? { ...kept.event.body, text: event.body.text, edited: true } : { text: "", name: kept.event.body.name, withdrawn: true } });
    this.answers.splice(place, 1, /** @type {HTMLElement} */ (this.answers.pop()));
  }

  /** A message that is shown, drawn again in its place. @param {{item: HTMLElement, before: DeskEvent | null}} kept @param {DeskEvent} event */
  redraw(kept, event) {
    const now = this.before;
    this.before = kept.before;
    const item = this.bubble(event);
    this.before = now;
    kept.item.replaceWith(item);
    return item;
  }

  /** The newest message of the agent who looks, if it can be changed. */
  get mine() {
    for (const item of [...this.answers].reverse()) {
      const { event } = /** @type {{event: DeskEvent}} */ (this.said.get(Number(item.dataset.number)));
      if (event.agent_id === me.id) return event.body.withdrawn ? null : event;
    }
    return null;
  }

  /** Whether one's own last message has left for good: by letter with its words, at a messenger it can still be put right. */
  get hasLeft() {
    return Boolean(this.mine) && this.mine?.number === this.about.gone();
  }

  get mayEdit() {
    return Boolean(this.mine) && !(this.hasLeft && this.about.byLetter);
  }

  get mayWithdraw() {
    return Boolean(this.mine) && !this.hasLeft;
  }

  /** Older events come when somebody scrolls up to them; what is read stays where it was. */
  async loadOlder() {
    if (this.fetching || this.first <= 1 || this.first === Infinity) return;
    this.fetching = true;
    const events = await this.about.older(this.first).catch(() => []); // the next scroll tries again
    this.fetching = false;
    if (events.length === 0) return;
    const { before, last, answers } = this;
    const top = /** @type {HTMLElement | null} */ (this.list.firstElementChild);
    const [height, position] = [this.list.scrollHeight, this.list.scrollTop];
    const older = document.createDocumentFragment();
    this.put = (item) => void older.append(item);
    Object.assign(this, { before: null, answers: [] });
    for (const event of events) this.take(event);
    if (this.before && top?.matches(".day") && day(new Date(/** @type {DeskEvent} */ (this.before).at)) === top.dataset.day) top.remove();
    this.put = Log.prototype.put;
    this.answers.push(...answers);
    Object.assign(this, { before, last });
    this.list.setAttribute("aria-live", "off"); // nobody wants a hundred old messages read out
    this.list.prepend(older);
    this.list.scrollTop = position + this.list.scrollHeight - height;
    setTimeout(() => this.list.setAttribute("aria-live", "polite"), 500);
    this.showSeen();
  }

  /** A message on its way; called again whenever its state changes. @param {{client_id: string, text: string, kind: string, at: string, status: string, why: string}} sending
   * @param {() => void} again @param {() => void} discard */
  showPending(sending, again, discard) {
    const failed = sending.status === "failed";
    const state = failed
      ? h("span", { class: "state failed", role: "alert" }, t("message.failed", { why: sending.why }), " ", button(t("message.again"), again, "small"), button(t("message.discard"), discard, "small quiet"))
      : h("span", { class: "state" }, t("message.sending"));
    const item = h("li", { class: `message ${sending.kind === "notes" ? "note" : "agent"} pending` }, h("div", { class: "bubble" }, plain(sending.text)), state);
    this.show(sending.client_id, item);
  }

  /** Something on its way, in the place of how it was shown before. @param {string} clientId @param {HTMLElement} item */
  show(clientId, item) {
    const old = this.pending.get(clientId);
    const stay = !old || this.nearEnd();
    if (old) old.replaceWith(item);
    else this.list.append(item);
    if (stay) this.toEnd();
    this.pending.set(clientId, item);
  }

  /** @param {string} clientId */
  settle(clientId) {
    this.pending.get(clientId)?.remove();
    this.pending.delete(clientId);
  }

  /** What is on its way stays below what has arrived. @param {HTMLElement} item */
  put(item) {
    const firstPending = this.pending.values().next().value;
    this.list.insertBefore(item, firstPending ?? null);
  }

  /** @param {DeskEvent} event */
  bubble(event) {
    const who = event.kind === "note" ? "note" : event.actor;
    const before = this.before;
    const goesOn = before && sameSpeaker(before, event) && new Date(event.at).getTime() - new Date(before.at).getTime() < SAME_BREATH;
    const head = h("div", { class: goesOn ? "head visually-hidden" : "head" }, who === "bot" && icon("bot"), who === "note" && icon("note"), h("span", {}, this.speaker(event)), h("time", { datetime: event.at }, clock(new Date(event.at))));
    const item = h("li", { class: `message ${who}${goesOn ? " goes-on" : ""}`, "data-number": event.number }, head, ...letterHead(event.body), (event.body.text || !event.body.files) && h("div", { class: "bubble" }, event.actor === "bot" ? markdown(event.body.text) : plain(event.body.text), who === "agent" && tick()), ...(event.body.files ?? []).map((/** @type {any} */ file) => attached(this.about.id, file)), ...letterRest(event.body));
    if (event.body.buttons) item.append(h("ul", { class: "choices", "aria-label": t("message.choices") }, ...event.body.buttons.map((/** @type {string} */ title) => h("li", {}, title))));
    const under = [];
    if (typeof event.body.probability === "number" && event.body.probability < 1) under.push(h("span", {}, t("message.sure", { percent: percent(event.body.probability) })));
    const helpful = this.ratings.get(event.number);
    if (helpful !== undefined) under.push(h("span", { class: helpful ? "tag good" : "tag bad" }, t(helpful ? "message.helpful" : "message.not_helpful")));
    if (who === "agent" && event.body.text) item.append(button(t("message.save_entry"), () => this.about.draft(event.number), "small quiet on-hover"));
    if (who === "agent") {
      under.push(h("span", { class: "state" }));
      this.answers.push(item);
    }
    const kept = { event, item, before };
    this.said.set(event.number, kept);
    if (event.masked) under.push(reveal(this.about.id, event, (whole) => this.redraw(kept, whole)));
    if (event.body.edited) under.unshift(h("span", {}, t("message.edited")));
    if (event.body.withdrawn) {
      item.classList.add("withdrawn");
      /** @type {HTMLElement} */ (item.querySelector(".bubble")).replaceChildren(t("message.withdrawn"));
    }
    if (event.before) item.append(h("details", { class: "earlier" }, h("summary", {}, t("message.before")), ...event.before.map((/** @type {any} */ one) => h("p", {}, one.text))));
    if (under.length > 0) item.append(h("div", { class: "under" }, ...under));
    unfold(this.about.id, item);
    return item;
  }

  /** @param {DeskEvent} event */
  speaker(event) {
    if (event.kind === "note") return t("who.note", { name: event.agent_id === me.id ? t("who.you") : event.body.name });
    if (event.actor === "customer") return this.about.name;
    if (event.actor === "bot") return t("who.bot", { name: start.bot });
    return event.agent_id === me.id ? t("who.you") : event.body.name;
  }

  /** How far the customer has read: a tick in each message, the words under the last only. */
  showSeen() {
    const seen = this.about.seen();
    const last = this.answers[this.answers.length - 1];
    for (const item of this.answers) {
      const isSeen = Number(item.dataset.number) <= seen;
      item.classList.toggle("seen", isSeen && item !== last);
      const words = item === last ? t(isSeen ? "message.seen" : this.about.byLetter ? (Number(item.dataset.number) === this.about.gone() ? "message.sent_by_letter" : "message.by_letter") : "message.sent") : "";
      const state = /** @type {HTMLElement} */ (item.querySelector(".state"));
      if (state.textContent !== words) state.textContent = words;
    }
    this.showChange();
  }

  /** One's own last message can be put right or taken back, while one has the conversation. @param {boolean} [may] */
  showChange(may = this.mayChange) {
    this.mayChange = may;
    const mine = may && (this.mayEdit || this.mayWithdraw) ? this.mine : null;
    const kept = mine && this.said.get(mine.number)?.item;
    for (const old of this.list.querySelectorAll(".change")) if (!kept?.contains(old)) old.remove();
    const sign = `${this.mayEdit} ${this.mayWithdraw}`;
    const shown = /** @type {HTMLElement | null | undefined} */ (kept?.querySelector(".change"));
    if (!mine || !kept || shown?.dataset.may === sign) return;
    shown?.remove();
    const sure = button(t("do.withdraw"), () => {
      if (sure.dataset.sure) return this.about.withdraw(mine.number);
      sure.dataset.sure = "yes";
      sure.textContent = t("do.withdraw_sure");
    }, "small quiet");
    sure.addEventListener("blur", () => { delete sure.dataset.sure; sure.textContent = t("do.withdraw"); });
    kept.querySelector(".under")?.prepend(h("span", { class: "change", "data-may": sign }, this.mayEdit && Boolean(mine.body.text) && button(t("do.edit"), () => this.about.edit(), "small quiet"), this.mayWithdraw && sure));
  }

  /** Ask, where one's own last message stands, whether it shall be taken back. */
  askWithdraw() {
    const sure = /** @type {HTMLElement | null} */ (this.mayWithdraw ? this.list.querySelector(".change button:last-child") : null);
    sure?.focus();
    sure?.click();
  }

  nearEnd() {
    return this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < NEAR_END;
  }

  toEnd() {
    this.list.scrollTop = this.list.scrollHeight;
    this.jump.hidden = true;
  }
}

/** The customer has seen it; shown when the message is marked so. */
function tick() {
  return h("span", { class: "tick", title: t("message.seen") }, icon("done"), h("span", { class: "visually-hidden" }, t("message.seen")));
}

/** @param {DeskEvent} one @param {DeskEvent} other */
function sameSpeaker(one, other) {
  return one.kind === other.kind && one.actor === other.actor && one.agent_id === other.agent_id;
}

/** What tells happenings of one kind apart. @type {Record<string, (event: DeskEvent) => string | false>} */
const APART = {
  bounced: ({ body }) => body.why,
  callback_moved: ({ actor }) => actor,
  callback_unreached: ({ body }) => body.why,
  closed: ({ actor, body }) => (body.outcome === "answered_by_bot" ? body.outcome : actor),
  contact_left: ({ body }) => body.contact,
  declined: ({ actor }) => actor,
  overdue: ({ body }) => body.goal,
  product_named: ({ body }) => !body.product && "none",
  reopened: ({ actor }) => actor === "system" && actor,
  released: ({ actor }) => actor === "system" && actor,
  unverified: ({ body }) => body.why,
  verified: ({ body }) => body.how,
  woken: ({ actor }) => actor,
};

/** A line between the bubbles. @param {DeskEvent} event */
function happening(event) {
  const { body } = event;
  const apart = APART[event.kind]?.(event);
  const key = apart ? `${event.kind}_${apart}` : event.kind;
  const values = { name: body.name ?? "", by: body.by ?? "", from: body.from ?? "", tag: body.tag ?? "", product: body.product ?? "", left: body.left ?? "", score: body.score ?? "", most: body.most ?? "", reason_given: body.reason_given ?? "", stage: body.stage ? stageName(body.stage) : "", what: tOr(`known.${body.what}`, body.what ?? ""), time: body.until || body.starts ? said(new Date(body.until || body.starts)) : "", reason: tOr(`reason.${body.reason}`, body.reason ?? ""), outcome: tOr(`outcome.${body.outcome}`, body.outcome ?? "").toLowerCase() };
  return h("li", { class: event.kind === "bounced" ? "happening trouble" : "happening" }, event.kind === "bounced" && icon("info"), h("span", {}, tOr(`event.${key}`, event.kind) === event.kind ? event.kind : t(`event.${key}`, values)), " ", h("time", { datetime: event.at }, clock(new Date(event.at))), event.kind === "auto_replied" && Boolean(body.text) && foldedAway(t("mail.read"), body.text));
}
