// The open conversation: loads it, follows it, and lets the agent act on it.
import { Failure, conversation as path, get, post } from "./api.js";
import { bar } from "./bar.js";
import { Box } from "./box.js";
import { context } from "./context.js";
import { button, byId, h } from "./dom.js";
import { icon } from "./icons.js";
import { tick } from "./lists.js";
import { Log } from "./log.js";
import { again, arrived, discard, onSending, send, underWay } from "./sending.js";
import { follow } from "./stream.js";
import { me, t, tOr } from "./texts.js";
import { Typing } from "./typing.js";

export class Talk {
  /** @param {string} id @param {any} opened @param {{back: () => void, view: (name: string) => void, next: () => (() => void) | null, claimed: () => void}} desk */
  constructor(id, opened, desk) {
    /** @type {string} */ this.id = id;
    /** @type {any} */ this.opened = opened;
    this.desk = desk;
    this.asksOutcome = false;
    /** @type {Node | null} */ this.drafted = null;
    this.log = new Log({ name: opened.conversation.name, seen: () => this.opened.conversation.seen_by_customer, draft: (number) => void this.draft(number) });
    this.typing = new Typing(id, opened.conversation.name);
    const go = (/** @type {"messages" | "notes"} */ kind, /** @type {string} */ text, /** @type {string | null} */ picked) => {
      this.noticeLine.hidden = true;
      this.typing.sent();
      send(id, kind, text, picked);
    };
    this.box = new Box(id, go, () => this.typing.tell());
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
    if (event.kind === "message" || event.kind === "note") {
      this.opened.events.push(event);
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
    const acts = { claim: () => void this.claim(), giveBack: () => void this.act("give-back", {}, t("done.given_back")), release: () => void this.act("release", {}, t("done.released")),
      close: (/** @type {string} */ outcome) => void this.act("close", { outcome }, t("done.closed", { outcome: t(`outcome.${outcome}`).toLowerCase() })), next: this.desk.next() };
    const ask = (/** @type {boolean} */ asks) => { this.asksOutcome = asks; this.draw(); };
    const standing = conversation.holder_id === me.id && conversation.state === "live" ? t("line.mine") : conversation.holder ? t("line.holder", { name: conversation.holder }) : t(`state.${conversation.state}`);
    const back = h("button", { type: "button", class: "button quiet small only-narrow", "aria-label": t("do.back"), on: { click: () => this.desk.back() } }, icon("back"));
    const more = h("button", { type: "button", class: "button quiet small only-folded", on: { click: () => this.desk.view("context") } }, icon("info"), t("do.context"));
    const waits = conversation.state === "waiting" && h("span", { class: "waits", "data-since": conversation.waiting_since });
    this.head.replaceChildren(
      h("div", { class: "title" }, back, h("h2", { tabindex: "-1" }, conversation.name), h("span", { class: conversation.state === "live" ? "tag good" : "tag" }, standing), waits || "", more),
      bar(conversation, acts, this.asksOutcome, ask),
    );
    if (focused) /** @type {HTMLElement} */ (this.head.querySelector(".bar button") ?? this.head.querySelector("h2")).focus();
    this.box.show(conversation);
    this.log.showSeen();
    this.drawContext();
  }

  drawContext() {
    const aside = byId("context");
    const within = aside.contains(document.activeElement);
    const canDraft = this.opened.events.some((/** @type {any} */ event) => event.kind === "message" && event.actor === "agent");
    const back = button(t("do.back_to_talk"), () => this.desk.view("talk"), "quiet small only-folded");
    back.prepend(icon("back"));
    const position = aside.scrollTop;
    aside.replaceChildren(back, h("h2", {}, t("context.title")), ...context(this.opened, { canDraft, draft: () => void this.draft(null), drafted: this.drafted }, this.box.mayAnswer ? (entry) => void this.insert(entry) : null));
    aside.scrollTop = position;
    if (within) /** @type {HTMLElement | null} */ (aside.querySelector("button:not(.only-folded)"))?.focus();
    tick();
  }

  async claim() {
    await this.act("claim", {}, t("done.claimed"));
    const { state, holder_id: holder } = this.opened.conversation;
    if (state !== "live" || holder !== me.id) return;
    this.desk.claimed();
    this.box.field.focus();
  }

  /** @param {string} what @param {object} body @param {string} done */
  async act(what, body, done) {
    this.asksOutcome = false;
    try {
      Object.assign(this.opened.conversation, await post(path(this.id, what), body));
      this.say(done);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.say(error.holder ? t("done.taken", { name: error.holder }) : tOr(`failure.${error.code}`, t("failure.error")));
      await this.refresh();
    }
    this.draw();
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
    if (document.hidden || conversation.holder_id !== me.id || conversation.seen_by_agent >= this.log.last) return;
    conversation.seen_by_agent = this.log.last;
    post(path(this.id, "seen"), { number: this.log.last }).catch(() => { conversation.seen_by_agent = 0; }); // the next event tries again
  }

  /** @param {string} text */
  say(text) {
    this.noticeLine.textContent = text;
    this.noticeLine.hidden = false;
  }
}
