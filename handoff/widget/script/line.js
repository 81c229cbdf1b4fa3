// How news of the conversation comes to this tab: from the service by a stream, by asking where a proxy holds streams back,
// or from the tab that listens for all.

import { Stream } from "./stream.js";
import { Tabs } from "./tabs.js";

const WAIT = 10; // seconds that an answer may wait for news; less than the patience of api.js

/**
 * @typedef {object} Listener
 * @property {import("./api.js").Api} api
 * @property {number} last number of the newest event it has
 * @property {(after: number) => [string, any][]} known what it could tell another tab
 * @property {(name: string, data: any) => void} hear
 * @property {() => void} linked news comes
 * @property {(error: any) => void} lost it does not
 */
export class Line {
  linked = false;
  tabs = new Tabs(this);
  #stream = new Stream(this);
  #listener;
  #id;
  #asking;

  /** @param {Listener} listener */
  constructor(listener) { this.#listener = listener; }

  get last() { return this.#listener.last; }

  /** @param {string} id of the conversation */
  open(id) { this.#id = id; this.tabs.enter(`abiline:${id}`); }

  close() { this.tabs.exit(); }

  /** Whether this tab would listen to the service itself, when its turn comes. */
  want(wanted) {
    if (!wanted) return this.tabs.leave();
    this.tabs.want();
    if (this.tabs.leads) this.#stream.start();
  }

  /** Called every few seconds. */
  check() {
    this.tabs.check();
    if (!this.tabs.leads) return;
    this.#stream.check();
    this.down();
  }

  lead(leads) {
    this.linked = false;
    if (leads) this.#stream.start();
    else this.#stream.stop();
  }

  answer(from) { return { from, linked: this.linked, told: this.#listener.known(from) }; }

  hear({ from, linked, told }) {
    if (from > this.last) return this.tabs.ask(); // something was said before we began to hear
    this.#take(told);
    this.#link(linked);
  }

  connect(signal) { return this.#listener.api.fetch("/stream", { signal, cache: "no-store", headers: { "Last-Event-ID": this.last } }); }

  message(name, data) { this.#tell([[name, data]]); }

  up() { this.#link(true); }

  /** While no stream brings news, ask, and let the answer wait for them. The first one does not: it tells whether they come at all. */
  async down() {
    const id = this.#id;
    const needed = () => this.tabs.leads && !this.#stream.live && this.#id === id;
    if (this.#asking) return;
    this.#asking = true;
    try {
      for (let known = ""; needed(); ) {
        const log = await this.#listener.api.get(`/events?after=${this.last}&wait=${WAIT}&known=${known}`);
        if (!needed()) break;
        known = log.version;
        this.#tell([...log.events.map((event) => ["event", event]), ["state", log.state], ["typing", { name: log.typing }]]);
        this.#link(true);
      }
    } catch (error) { if (needed()) this.#link(false, error); }
    this.#asking = false;
  }

  #take(told) { for (const [name, data] of told) this.#listener.hear(name, data); }

  #tell(told) {
    const from = this.last;
    this.#take(told);
    this.tabs.tell({ from, linked: this.linked, told });
  }

  #link(linked, error) {
    const news = linked !== this.linked;
    this.linked = linked;
    if (linked) this.#listener.linked();
    else if (news || error) this.#listener.lost(error);
    if (news) this.tabs.tell({ from: 0, linked, told: [] });
  }
}
