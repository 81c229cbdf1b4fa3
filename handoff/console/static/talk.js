// The open conversation: loads it, follows it, and lets the agent act on it.
import { Failure, conversation as path, change, get, newId, post } from "./api.js";
import { Attach } from "./attach.js";
import { bar, renew } from "./bar.js";
import { Box } from "./box.js";
import { readsLetters } from "./channel.js";
import { context } from "./context.js";
import { button, byId, h } from "./dom.js";
import { heading } from "./heading.js";
import { Help } from "./help.js";
import { complains } from "./complaint.js";
import { keepTyping } from "./product.js";
import { icon } from "./icons.js";
import { tick } from "./lists.js";
import { Log } from "./log.js";
import { moves } from "./moves.js";
import { said } from "./panels.js";
import { again, arrived, discard, onSending, send, underWay } from "./sending.js";
import { follow } from "./stream.js";
import { me, t, tOr } from "./texts.js";
import { Typing } from "./typing.js";

const UNDO_MS = 15_000; // how long „Võta tagasi“ is offered; the server allows a bit more
const DONE = { claim: "claimed", "give-back": "given_back", release: "released", close: "closed", pass: "passed", snooze: "snoozed", resume: "resumed", "take-over": "taken_over", decline: "declined", undo: "undone", verify: "verified", unverify: "unverified", stage: "staged", hold: "held", "let-go": "let_go" };
const UNDOABLE = ["close", "pass", "snooze", "release"];

export class Talk {
  /** @param {string} id @param {any} opened @param {{back: () => void, view: (name: string) => void, next: () => (() => void) | null, claimed: () => void}} desk */
  constructor(id, opened, desk) {
    /** @type {string} */ this.id = id;
    /** @type {any} */ this.opened = opened;
    this.desk = desk;
    /** @type {"close" | "pass" | "snooze" | "remind" | "verify" | "stage" | "hold" | null} what a move still asks */ this.asks = null;
    this.undoable = false;
    this.undoTimer = 0;
    this.barred = "";
    /** @type {Node | null} */ this.drafted = null;
    this.log = new Log({ id, name: opened.conversation.name, byLetter: readsLetters(opened.conversation), seen: () => this.opened.conversation.seen_by_customer, gone: () => this.opened.conversation.gone, draft: (number) => void this.draft(number), older: (number) => get(path(id, `events?before=${number}`)).then((found) => found.events), edit: () => this.edit(), withdraw: (number) => void this.withdraw(number) });
    this.typing = new Typing(id, opened.conversation.name);
    const go = (/** @type {"messages" | "notes"} */ kind, /** @type {string} */ text, /** @type {string | null} */ picked, /** @type {string[]} */ calls) => {
      this.noticeLine.hidden = true;
      this.typing.sent();
      if (kind === "messages") this.help.answered(text);
      send(id, kind, text, picked, calls);
    };
    this.box = new Box(id, go, () => this.typing.tell(), (number, text) => void this.putRight(number, text), () => this.edit(), (open) => this.attach.show(open));
    this.help = new Help(id, this.box, { complains: () => complains(this.opened.conversation), insert: (entry) => void this.insert(entry), language: () => this.opened.conversation.language });
    this.attach = new Attach(id, this.log, (text) => this.say(text));
    this.left = new AbortController();
    this.attach.listen(this.box.field, byId("talk"), this.left.signal);
    this.box.foot.prepend(this.attach.button);
    this.head = h("div", { class: "talk-head" });
    this.noticeLine = h("p", { class: "notice", role: "status" });
    this.noticeLine.hidden = true;
    for (const rating of opened.ratings) if (rating.helpful !== null) this.log.ratings.set(rating.number, rating.helpful);
    byId("talk").replaceChildren(this.head, this.noticeLine, h("div", { class: "log-frame" }, this.log.list, this.log.jump), this.typing.line, this.box.form);
    this.log.begin(opened.events);
    onSending((sending, gone) => sending.conversation === this.id && (gone ? this.log.settle(sending.client_id) : this.pending(sending)));
    for (const sending of underWay(id)) this.pending(sending);
    this.draw();
    this.log.toEnd();
    this.stop = follow(() => `/api/desk${path(id, "stream")}?after=${this.log.last}`, { event: (event) => this.happened(event), standing: (standing) => this.stands(standing), typing: (typists) => this.typing.hear(typists) });
    this.onVisible = () => this.markSeen();
    document.addEventListener("visibilitychange", this.onVisible);
  }

  leave() {
    this.stop();
    this.help.leave();
    clearTimeout(this.undoTimer);
    this.left.abort();
    document.removeEventListener("visibilitychange", this.onVisible);
  }

  /** @param {any} sending */
  pending(sending) {
    this.log.showPending(sending, () => again(sending), () => discard(sending));
  }

  /** @param {any} event */
  happened(event) {
    if (event.client_id) arrived(event.client_id);
    const isNew = event.number > this.log.last;
    this.log.add(event);
    this.markSeen();
    if (!isNew) return;
    if (event.kind === "note" && event.body.calls?.includes(me.id)) this.opened.conversation.called = true;
    if (event.kind === "message" || event.kind === "note") {
      this.opened.events.push(event);
      if (event.actor === "customer") this.help.asked();
      if (event.actor !== "bot") return this.drawContext();
    }
    void this.refresh();
  }

  /** @param {any} standing */
  stands(standing) {
    Object.assign(this.opened.conversation, standing);
    this.draw();
    this.markSeen();
  }

  async refresh() {
    try {
      this.opened = await get(path(this.id));
      this.draw();
    } catch (error) {
      if (!(error instanceof Failure)) throw error; // the stream says what is wrong with the connection
    }
  }

  draw() {
    const { conversation } = this.opened;
    const focused = this.head.contains(document.activeElement);
    const title = heading(conversation, this.desk);
    if (this.head.firstChild) this.head.firstChild.replaceWith(title);
    else this.head.append(title);
    this.drawBar();
    if (focused && !this.head.contains(document.activeElement)) /** @type {HTMLElement} */ (this.head.querySelector(".bar button") ?? this.head.querySelector("h2")).focus();
    this.box.show(conversation);
    this.help.stands();
    this.log.mayChange = this.box.mayAnswer;
    this.log.showSeen();
    this.drawContext();
  }

  drawContext() {
    const aside = byId("context");
    const within = aside !== document.activeElement && aside.contains(document.activeElement);
    const back = button(t("do.back_to_talk"), () => this.desk.view("talk"), "quiet small only-folded");
    back.prepend(icon("back"));
    const position = aside.scrollTop;
    const tag = /** @type {HTMLInputElement | null} */ (document.getElementById("new-tag"));
    const goOn = keepTyping();
    const wasTagging = document.activeElement === tag && tag ? tag.value : null;
    aside.replaceChildren(back, h("h2", {}, t("context.title")), ...context(this.opened, { canDraft: this.canDraft, draft: () => void this.draft(null), drafted: this.drafted }, this.box.mayAnswer ? (entry) => void this.insert(entry) : null, this));
    aside.scrollTop = position;
    if (wasTagging !== null) this.tag(wasTagging);
    else if (goOn) goOn();
    else if (within) /** @type {HTMLElement | null} */ (aside.querySelector("button:not(.only-folded)"))?.focus();
    tick();
  }

  async claim() {
    await this.act("claim");
    const { state, holder_id: holder } = this.opened.conversation;
    if (state !== "live" || holder !== me.id) return;
    this.desk.claimed();
    this.box.field.focus();
  }

  /** A move: told to the server, and said here. @param {string} what @param {object} [body] @param {Record<string, string>} [values] for the words */
  async act(what, body = {}, values = {}) {
    this.asks = null;
    this.mayUndo(false);
    try {
      Object.assign(this.opened.conversation, await post(path(this.id, what), body));
      const ended = what === "stage" && this.opened.conversation.state === "closed";
      this.mayUndo(ended || UNDOABLE.includes(what));
      this.say(t(`done.${ended ? "staged_end" : DONE[what]}`, values));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.say(error.holder ? t("done.taken", { name: error.holder }) : tOr(`failure.${error.code}`, t("failure.error")));
      await this.refresh();
    }
    this.draw();
  }

  /** Ask in place what a move still needs. @param {"close" | "pass" | "snooze" | "remind" | "verify" | "stage" | "hold" | null} what */
  ask(what) {
    this.asks = this.asks === what ? null : what;
    this.drawBar();
    /** @type {HTMLElement | null} */ (this.head.querySelector(this.asks ? ".asks input, .asks select, .asks button" : ".bar button"))?.focus();
  }

  /** There is an answer of a person's that an entry can be made of. */
  get canDraft() {
    return this.opened.events.some((/** @type {any} */ event) => event.kind === "message" && event.actor === "agent");
  }

  moves() {
    return moves(this.opened.conversation, this, this.desk.next());
  }

  drawBar() {
    const moves = this.moves();
    if (!moves.some((move) => move.id === this.asks)) this.asks = null;
    const sign = this.asks ?? moves.map((move) => move.id).join();
    if (sign === this.barred) return; // somebody may be choosing: news must not take it away
    this.barred = sign;
    renew(this.head, bar(moves, this));
  }

  undo() {
    return this.act("undo");
  }

  /** For a while the last move can be taken back. @param {boolean} may */
  mayUndo(may) {
    clearTimeout(this.undoTimer);
    this.undoable = may;
    if (may) this.undoTimer = window.setTimeout(() => { this.mayUndo(false); this.noticeLine.querySelector("button")?.remove(); this.drawBar(); }, UNDO_MS);
  }

  /** Try something on the server that the stream will show; says so when it does not work. @param {Promise<unknown>} done @param {string} [words] */
  async try(done, words) {
    try {
      await done;
      if (words) this.say(words);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.say(tOr(`failure.${error.code}`, t("failure.error")));
    }
  }

  /** @param {"email" | "phone"} contact */
  askContact(contact) {
    void this.try(post(path(this.id, "ask-contact"), { contact, client_id: newId(), text: t(`ask.${contact}_${this.opened.conversation.language}`) }), t("done.asked"));
  }

  /** A code to the customer's address: they type it into the chat. */
  sendCode() {
    return this.try(post(path(this.id, "send-code"), { client_id: newId() }), t("done.code_sent"));
  }

  /** @param {Date} until @param {string} about */
  async remind(until, about) {
    this.asks = null;
    await this.try(post(path(this.id, "reminder"), { until: until.toISOString(), about }), t("done.reminded", { time: said(until) }));
    await this.refresh();
  }

  async forgetReminder() {
    await this.try(change("DELETE", path(this.id, "reminder")));
    await this.refresh();
  }

  /** What the customer writes is a complaint: it gets the tag, and with it the card and the day to answer by. */
  complain() {
    return this.try(post(path(this.id, "tags"), { tag: "kaebus" }), t("complaint.marked"));
  }

  /** @param {string} [typed] */
  tag(typed = "") {
    if (!byId("context").offsetParent) this.desk.view("context");
    const field = /** @type {HTMLInputElement | null} */ (document.getElementById("new-tag"));
    if (!field) return;
    field.value = typed;
    field.focus();
  }

  /** Bring one's own last message into the box, to put it right. */
  edit() {
    const { mine } = this.log;
    if (mine?.body.text && this.log.mayEdit && this.box.mayAnswer) this.box.edit(mine.number, mine.body.text);
  }

  /** @param {number} number @param {string} text */
  putRight(number, text) {
    return this.try(change("PUT", path(this.id, `messages/${number}`), { text }), t("done.edited"));
  }

  /** @param {number} number */
  withdraw(number) {
    return this.try(change("DELETE", path(this.id, `messages/${number}`)), t("done.withdrawn"));
  }

  /** Bring an entry's answer into the box. @param {string} entry */
  async insert(entry) {
    try {
      const { text } = await get(path(this.id, `answers/${encodeURIComponent(entry)}`));
      this.desk.view("talk");
      this.box.insert(entry, text);
      this.say(t("done.inserted"));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.say(error.code === "not_found" ? t("done.answer_gone") : tOr(`failure.${error.code}`, t("failure.error")));
    }
  }

  /** @param {number | null} answer */
  async draft(answer) {
    try {
      const made = await post(path(this.id, "draft"), { answer });
      const link = me.edits && h("a", { href: `/editor#${encodeURIComponent(made.entry_id)}` }, t("done.draft_link"));
      this.opened.made = [{ entry_id: made.entry_id, question: made.question, status: "draft" }, ...this.opened.made.filter((/** @type {any} */ one) => one.entry_id !== made.entry_id)];
      this.drafted = h("span", {}, t("done.draft", { question: made.question }), " ", link || "");
      this.drawContext();
      if (!byId("context").offsetParent) this.say(t("done.draft", { question: made.question }));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.say(tOr(`failure.${error.code}`, t("failure.error")));
    }
  }

  markSeen() {
    const { conversation } = this.opened;
    const news = conversation.called || (conversation.holder_id === me.id && conversation.seen_by_agent < this.log.last);
    if (document.hidden || !news) return;
    conversation.called = false;
    if (conversation.holder_id === me.id) conversation.seen_by_agent = this.log.last;
    post(path(this.id, "seen"), { number: this.log.last }).catch(() => { conversation.seen_by_agent = 0; }); // the next event tries again
  }

  /** @param {string} text */
  say(text) {
    this.noticeLine.replaceChildren(text, this.undoable ? " " : "", this.undoable ? button(t("do.undo"), () => void this.undo(), "small") : "");
    this.noticeLine.hidden = false;
  }
}
