// The conversation as this page knows it: numbered events, who has it, what is still on its way. Knows nothing of elements.

import { Outbox } from "./outbox.js";
import { Stream } from "./stream.js";
import { device, tab } from "./memory.js";
import { Typing } from "./typing.js";

const LONGEST = 4000; // characters, as the service has it
const HIDDEN = 30_000; // ms after which a tab in the background lets its connection go: browsers allow six to one server
const POLL = 4_000;

export class Chat {
  /** @param {import("./api.js").Api} api @param {any} config */
  constructor(api, config) {
    Object.assign(this, { api, config, changed: () => {}, events: new Map(), last: 0, linked: false, problem: null, renewed: false });
    this.standing = { state: "bot", agent: null, people_available: config.people_available, back: config.back, seen_by_agent: 0, owed: false };
    /** @type {{id: string, secret: string, seen: number, rated: Record<number, boolean>} | null} */
    this.talk = null;
    this.isOpen = Boolean(tab.read("open"));
    this.typing = new Typing(this);
    this.outbox = new Outbox({
      send: (item) => this.#send(item),
      changed: () => this.changed(),
      delayed: (error) => this.#trouble(error.code === "too_many" ? "too_many" : "offline"),
      refused: (item, error) => { this.#trouble(error.code, item.human || item.choice ? "" : item.text); },
    });
    this.stream = new Stream({
      connect: (signal) => this.api.stream(this.talk.id, this.last, signal),
      message: (name, data) => (name === "event" ? this.#take(data) : name === "typing" ? this.typing.hear(data.name) : this.#stand(data)),
      up: () => { this.linked = true; this.#calm(); if (this.outbox.items.some((item) => item.status === "failed")) this.outbox.retry(); },
      down: (error) => this.#lost(error),
    });
  }

  t = (key, values = {}) => (this.config.texts[key] ?? `[?${key}]`).replace(/\$(\w+)/g, (whole, name) => ({ bot: this.config.bot_name, company: this.config.company, ...values })[name] ?? whole);

  begin() {
    this.#adopt(device.read("talk"));
    addEventListener("storage", ({ key }) => key === "abiline:talk" && this.#adopt(device.read("talk")));
    addEventListener("online", () => { this.outbox.retry(); this.#listen(); });
    document.addEventListener("visibilitychange", () => this.#listen());
    setInterval(() => this.#poll(), POLL);
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
    if (!text.trim()) return this.#trouble("empty");
    if (length > LONGEST) return this.#trouble("too_long", "", { most: LONGEST.toLocaleString(this.config.language), now: length.toLocaleString(this.config.language) });
    this.problem = null;
    this.outbox.add({ text: text.trim() });
    this.typing.told = 0;
    return true;
  }

  choose(number, button, text) { this.outbox.add({ text, choice: { number, button } }); }

  human() { this.outbox.add({ text: this.t(this.standing.people_available ? "human" : "contact"), human: true }); }

  backToBot() { return this.#change("back-to-bot"); }

  /** Go on in another language. The choice is the customer's own, so it is kept. */
  async speak(language) {
    const config = await this.api.get(`config?language=${language}`).catch((error) => this.#trouble(error.code));
    if (!config) return;
    this.config = config;
    this.standing.back = config.back;
    device.write("language", language);
    this.#change("language", { language });
    this.retold();
  }

  end() { return this.#change("end"); }

  rate(number, helpful) {
    this.talk.rated = { ...this.talk.rated, [number]: helpful };
    this.#remember();
    this.changed();
    return this.#change("rating", { number, helpful });
  }

  /** The page shows everything up to now. */
  seen() {
    if (!this.talk || this.last <= this.talk.seen || document.hidden) return;
    this.talk.seen = this.last;
    this.#remember();
    this.api.post(`conversations/${this.talk.id}/seen`, { number: this.last }).catch(() => {});
  }

  get unread() { return [...this.events.values()].some((event) => event.kind === "message" && event.actor !== "customer" && event.number > (this.talk?.seen ?? 0)); }

  get thinking() {
    const botHasIt = this.standing.state === "bot" || this.standing.state === "closed" || this.standing.state === "ticket";
    return this.standing.owed || (botHasIt && this.outbox.items.some((item) => item.status === "sending" || (item.status === "kept" && !this.linked)));
  }

  async #send(item) {
    if (!this.talk) {
      const begun = await this.api.post("conversations", { language: this.config.language, page: location.href, device: kindOfDevice() });
      this.#adopt({ id: begun.id, secret: begun.secret, seen: 1, rated: {} });
      begun.events.forEach((event) => this.#take(event));
      this.#remember();
    }
    const { client_id, text, choice } = item;
    const path = `conversations/${this.talk.id}/`;
    try {
      if (item.human) await this.api.post(`${path}human`, { client_id });
      else await this.api.post(`${path}messages`, choice ? { client_id, choice, page: location.href } : { client_id, text, page: location.href });
    } catch (error) {
      if (error.status === 404) { this.#gone(); delete item.choice; } // its number meant something in the old conversation only
      throw error;
    }
    if (this.problem?.code !== "not_text") this.#calm();
  }

  #change(what, body) {
    return this.talk && this.api.post(`conversations/${this.talk.id}/${what}`, body).catch((error) => error.status !== 409 && this.#trouble(error.code === "offline" ? "offline" : "other"));
  }

  #adopt(talk) {
    if (!talk) return;
    const same = talk.id === this.talk?.id; // then another tab has only seen or rated something
    if (!same) this.#forget();
    this.talk = talk;
    if (same) return this.changed();
    this.api.secret = talk.secret;
    this.#listen();
  }

  /** The service no longer has the conversation: begin anew, and lose nothing that was typed. */
  #gone() {
    device.write("talk", null);
    this.#forget();
    this.renewed = true;
    this.changed();
  }

  #forget() {
    this.stream.stop();
    this.events.clear();
    Object.assign(this, { talk: null, last: 0, linked: false, standing: { ...this.standing, state: "bot", agent: null, owed: false } });
    this.api.secret = "";
  }

  #remember() { device.write("talk", this.talk); }

  #listen() {
    clearTimeout(this.leaving);
    if (!this.talk) return;
    const patient = this.isOpen && (this.standing.state === "waiting" || this.standing.state === "live");
    if (!document.hidden) this.stream.start();
    else if (!patient) this.leaving = setTimeout(() => { this.stream.stop(); this.linked = false; }, HIDDEN);
    if (!document.hidden) this.changed();
  }

  #lost(error) {
    this.linked = false;
    if (error?.status === 404) { this.#gone(); return false; }
    if (navigator.onLine === false) this.#trouble("offline");
    else if (error) setTimeout(() => this.talk && !this.linked && this.stream.stopper && !this.problem && this.#trouble("reconnecting"), 3000);
    return true;
  }

  /** While the stream is not there (or a proxy holds it back), ask. */
  async #poll() {
    if (!this.talk || this.linked || document.hidden) return;
    const { id } = this.talk;
    const log = await this.api.get(`conversations/${id}/events?after=${this.last}`).catch((error) => void (error.status === 404 && this.#gone()));
    if (!log || id !== this.talk?.id) return;
    log.events.forEach((event) => this.#take(event));
    this.#stand(log.state);
    this.#calm();
  }

  #take(event) {
    if (this.events.has(event.number)) return;
    this.events.set(event.number, event);
    this.last = Math.max(this.last, event.number);
    if (event.client_id) this.outbox.arrived(event.client_id);
    if (event.actor === "agent") this.typing.hear(null);
    if (this.soon) return;
    this.soon = true; // a page of history arrives at once and is shown once
    setTimeout(() => { this.soon = false; this.changed(); });
  }

  #stand(standing) {
    this.standing = standing;
    this.changed();
  }

  #trouble(code, text = "", values = {}) {
    const known = `error.${code}` in this.config.texts ? code : "other";
    this.problem = { code: known, text, values };
    this.changed();
    return false;
  }

  #calm() {
    if (!["offline", "reconnecting", "too_many", "other"].includes(this.problem?.code)) return;
    this.problem = null;
    this.changed();
  }
}

/** A few words about what the visitor uses, for the agent. */
function kindOfDevice() {
  const system = navigator.userAgentData?.platform || /Android|iPhone|iPad|Windows|Mac OS|Linux/.exec(navigator.userAgent)?.[0] || "";
  return `${system} · ${innerWidth} × ${innerHeight}`;
}
