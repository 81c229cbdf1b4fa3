// The conversation as this page knows it: numbered events, who has it, what is still on its way. Knows nothing of elements.

import { Attach } from "./attach.js";
import { Outbox } from "./outbox.js";
import { Line } from "./line.js";
import { device, random, tab, watch } from "./memory.js";
import { Typing } from "./typing.js";

const LONGEST = 4000; // characters, as the service has it
const HIDDEN = 30_000; // ms after which a tab in the background lets its connection go: browsers allow six to one server
const LOOK = 4_000; // ms

export class Chat {
  /** @type {{id: string, secret: string, seen: number, rated: Record<number, boolean>, person?: string} | null} */
  talk = null;
  /** @type {Map<number, any>} */
  events = new Map();
  last = 0;
  problem = null;
  isOpen = false;
  renewed = false;
  #live;
  #soon;
  #reading;
  #token;
  #agreed;
  #leaving;

  /** @param {import("./api.js").Api} api @param {any} config */
  constructor(api, config) {
    this.api = api;
    this.config = config;
    this.standing = config.standing;
    this.typing = new Typing(this);
    this.attach = new Attach(this);
    this.outbox = new Outbox(this);
    this.line = new Line(this);
  }

  t = (key, values = {}) => (this.config.texts[key] ?? `[?${key}]`).replace(/\$(\w+)/g, (whole, name) => ({ bot: this.config.bot_name, company: this.config.company, ...values })[name] ?? whole);

  begin() {
    watch("talk", () => this.#adopt(device.read("talk")));
    addEventListener("online", () => { this.outbox.retry(false); this.#listen(); });
    document.addEventListener("visibilitychange", () => this.#listen());
    setInterval(() => this.#look(), LOOK);
    const sleep = () => this.line.close(); // a page that is put away keeps no connection and no lock: other tabs go on, and „back“ may show it at once
    addEventListener("pagehide", sleep);
    document.addEventListener("freeze", sleep);
    addEventListener("pageshow", ({ persisted }) => persisted && this.#wake());
    document.addEventListener("resume", () => this.#wake());
    this.#wake();
  }

  /** What the browser remembers is newer than what this page does. */
  #wake() {
    this.isOpen = Boolean(tab.read("open"));
    this.outbox.load();
    this.#adopt(device.read("talk"));
    this.outbox.run();
  }

  open(isOpen) {
    this.isOpen = isOpen;
    tab.write("open", isOpen || null);
    this.#listen();
    this.changed();
  }

  /** Send what was typed; false when it can't go as it is (then `problem` says why). */
  say(text) {
    const length = [...text].length;
    const written = (number) => number.toLocaleString(this.config.language);
    if (!text.trim()) return this.trouble("empty");
    if (length > LONGEST) return this.trouble("too_long", { most: written(LONGEST), now: written(length) });
    this.problem = null;
    this.outbox.add({ text: text.trim() });
    this.typing.sent();
    return true;
  }

  choose(number, button, text) { this.outbox.add({ text, choice: { number, button } }); }

  /** What a way to people is called now: a person who is here, or leaving a contact. */
  get people() { return this.standing.people_available ? "human" : "contact"; }

  human() { this.outbox.add({ text: this.t(this.people), human: true }); }

  /** Go on in another language. The choice is the customer's own, so it is kept. */
  async speak(language) {
    const config = await this.api.get(`config?language=${language}`).catch((error) => this.trouble(error.code));
    if (!config) return;
    this.config = config;
    if (!this.talk) this.standing = config.standing;
    device.write("language", language);
    this.change("language", { language });
    this.retold();
  }

  rate(number, helpful) {
    this.talk.rated = { ...this.talk.rated, [number]: helpful };
    this.#remember();
    this.changed();
    this.change("rating", { number, helpful });
  }

  /** The page shows everything up to now. */
  seen() {
    if (!this.talk || this.last <= this.talk.seen || document.hidden) return;
    this.talk.seen = this.last;
    this.#remember();
    this.api.post("/seen", { number: this.last }).catch(() => {});
  }

  /** The number of the first event that this page has. */
  get first() { return Math.min(...this.events.keys()); }

  /** Bring what was said before it. */
  async older() {
    const { first, talk } = this;
    if (this.#reading || !talk || first < 2) return;
    this.#reading = true;
    const log = await this.api.get(`/earlier?before=${first}`).catch(() => null);
    this.#reading = false;
    if (!log || talk !== this.talk) return;
    for (const event of log.events) this.events.set(event.number, event);
    this.changed();
  }

  /** What the bot and people have said and this customer has not seen. */
  get unread() { return [...this.events.values()].filter((event) => event.kind === "message" && event.actor !== "customer" && event.number > (this.talk?.seen ?? 0)); }

  get botHasIt() { return /bot|closed|ticket/.test(this.standing.state); }

  get thinking() {
    return this.standing.owed || (this.botHasIt && this.problem?.code !== "offline" && this.outbox.items.some((item) => item.text && (item.status === "sending" || (item.status === "kept" && !this.line.linked))));
  }

  /** For the outbox. @param {import("./outbox.js").Item} item */
  async send(item) {
    const { client_id, text, choice, human, files } = item;
    try {
      await this.#ready();
      const said = human ? { client_id } : { client_id, choice, text: choice ? undefined : text, page: location.href };
      const kept = await (files ? this.attach.send(item) : this.api.post(human ? "/human" : "/messages", said));
      if (this.problem?.code !== "not_text") this.#calm();
      return kept;
    } catch (error) {
      if (error.status === 404) {
        this.#gone();
        device.write("secret", null); // of one that was begun and erased since
        delete item.choice; // its number meant something in the old conversation only
      }
      throw error;
    }
  }

  /** For the outbox: it will be tried again. */
  delayed({ code }) { this.trouble(code === "too_many" ? code : "offline"); }

  /** For the outbox: it can't go as it is. What was typed comes back to the box. */
  refused({ text, human, choice, files }, { code }) { this.trouble(code, files?.[0], human || choice ? "" : text); }

  /** There is a conversation to send to, from now at the latest. The secret is made here and kept before it is sent: after a lost answer the next try, from any tab, begins the same one. */
  async #ready() {
    if (this.talk) return;
    const secret = device.read("secret") ?? random(32);
    device.write("secret", secret);
    const begun = await this.api.post("conversations", { secret, language: this.config.language, page: location.href, device: `${innerWidth} × ${innerHeight}`, consent: this.#agreed });
    if (!this.talk) { // else another tab was first
      this.#adopt({ id: begun.id, secret, seen: 1, rated: {} });
      for (const event of begun.events) this.#take(event);
      this.#live = true;
      this.#remember();
      tab.write("open", this.isOpen || null);
      await this.#introduce();
    }
    device.write("secret", null);
  }

  /** Show the conversation on a page of its own, to print, save or send by e-mail. */
  keep() { this.api.visit("/transcript"); }

  /** Ask the service for a change of the conversation: „end“, „back-to-bot“ and the like. */
  change(what, body) {
    if (this.talk) this.api.post(`/${what}`, body).catch(({ code, status }) => status !== 409 && this.trouble(code === "offline" ? code : "other"));
  }

  /** The site says by a signed token who is logged in there, or null. Another person never meets this conversation. */
  async identify(token) {
    this.#token = token;
    if (this.talk?.person && this.talk.person !== person(token)) this.#leave();
    if (this.talk) await this.#introduce();
  }

  async #introduce() {
    if (!this.#token) return;
    try {
      await this.api.post("/identity", { token: this.#token });
      this.talk.person = person(this.#token);
      this.#remember();
    } catch (error) {
      this.tell?.("identity", { code: error.code });
      if (error.code === "already_taken") this.#leave();
      else if (!error.passing) this.#token = null;
    }
  }

  /** Nothing of the person before stays, not even what was only typed. */
  #leave() {
    this.outbox.empty();
    this.left();
    this.#gone();
  }

  /** Whether the visitor agrees to the notice before saying anything. */
  get due() { return this.talk ? this.standing.consent_due : this.config.consent_due && !this.#agreed; }

  agree() {
    this.#agreed = this.config.notice;
    this.change("consent", { version: this.#agreed });
    this.standing.consent_due = false;
    this.changed();
  }

  #adopt(talk) {
    if (this.talk && !talk) this.renewed = true; // the service no longer has it: begin anew, and lose nothing that was typed
    if (talk?.id !== this.talk?.id) this.#forget(); // else another tab has only seen or rated something
    this.talk = talk;
    if (!talk) return this.changed();
    this.api.talk = talk;
    this.line.open(talk.id);
    this.#listen();
  }

  #gone() {
    device.write("talk", null);
    this.#adopt(null);
  }

  #forget() {
    this.line.close();
    this.events.clear();
    if (this.talk) this.outbox.arrived({ number: Infinity }); // nothing of it comes any more
    Object.assign(this, { talk: null, last: 0, standing: this.config.standing });
    this.#live = false;
    this.api.talk = null;
  }

  #remember() { device.write("talk", this.talk); }

  #listen() {
    clearTimeout(this.#leaving);
    if (!this.talk) return;
    if (document.hidden) this.#leaving = setTimeout(() => this.#patient || this.line.want(false), HIDDEN);
    else this.line.want(true);
    this.changed();
  }

  /** A person is awaited or here: their words must come to a tab in the background, too. */
  get #patient() { return /waiting|live/.test(this.standing.state); }

  /** For the line: what it could tell another tab. */
  known(after) { return [...[...this.events.values()].filter(({ number }) => number > after).map((event) => ["event", event]), ["state", this.standing]]; }

  /** For the line: what it brings. */
  hear(name, data) {
    if (name === "event") return this.#take(data);
    if (name === "typing") return this.typing.hear(data.name);
    this.standing = data;
    this.#live = true; // what came before the first state had been said before
    this.changed();
  }

  /** For the line: news comes. */
  linked() {
    this.#calm();
    if (this.outbox.failed) this.outbox.retry(false);
  }

  /** For the line: no news comes. */
  lost(error) {
    if (error?.status === 404) return this.#gone();
    if (navigator.onLine === false) this.trouble("offline");
    else setTimeout(() => this.talk && !this.line.linked && !this.problem && this.trouble("reconnecting"), 3000);
  }

  #look() {
    if (this.talk) this.line.check();
    else if (this.outbox.failed) this.api.get("config").then(() => this.outbox.retry(false), () => {}); // no line yet that would tell when the service is back
    this.outbox.run();
  }

  #take(event) {
    if (this.events.has(event.number)) return;
    this.events.set(event.number, event);
    this.last = Math.max(this.last, event.number);
    this.outbox.arrived(event);
    if (this.#live) this.tell?.(event.kind.replace("_requested", ""), { actor: event.actor, number: event.number }); // that, never what
    if (event.actor === "agent") this.typing.hear(null);
    if (this.#soon) return;
    this.#soon = true; // a page of history arrives at once and is shown once
    setTimeout(() => { this.#soon = false; this.changed(); });
  }

  /** Something can't go as it is; the box says why. @param {string} code @param {Record<string, any>} [values] for the words @param {string} [text] what comes back to the box */
  trouble(code, values, text) {
    this.problem = { code: `error.${code}` in this.config.texts ? code : "other", values, text };
    this.changed();
    return false;
  }

  #calm() {
    if (!/^(offline|reconnecting|too_many|other)$/.test(this.problem?.code)) return;
    this.problem = null;
    this.changed();
  }
}

/** The site's id of the person, as its token says; whether that is true, the service finds out. */
function person(token) {
  try { return JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"))).sub; } catch { return undefined; }
}
