// How news of the conversation comes to this tab: from the service by a stream, by asking where a proxy holds streams back,
// or from the tab that listens for all.

import { Stream } from "./stream.js";
import { Tabs } from "./tabs.js";

const WAIT = 10; // seconds that an answer may wait for news; less than the patience of api.js

/**
 * @typedef {object} Listener
 * @property {() => number} last number of the newest event it has
 * @property {(after: number) => [string, any][]} known what it could tell another tab
 * @property {(name: string, data: any) => void} hear
 * @property {() => void} linked news comes
 * @property {(error: any) => void} lost it does not
 */
export class Line {
  /** @param {import("./api.js").Api} api @param {Listener} listener */
  constructor(api, listener) {
    Object.assign(this, { api, listener, linked: false });
    this.tabs = new Tabs({
      lead: (leads) => {
        this.linked = false;
        if (leads) this.stream.start();
        else this.stream.stop();
      },
      last: listener.last,
      answer: (from) => ({ from, linked: this.linked, told: listener.known(from) }),
      hear: ({ from, linked, told }) => {
        if (from > listener.last()) return this.tabs.ask(); // something was said before we began to hear
        for (const [name, data] of told) listener.hear(name, data);
        this.#link(linked);
      },
    });
    this.stream = new Stream({
      connect: (signal) => api.stream(this.id, listener.last(), signal),
      message: (name, data) => this.#tell([[name, data]]),
      up: () => this.#link(true),
      down: () => this.#poll(),
    });
  }

  /** @param {string} id of the conversation */
  open(id) { this.id = id; this.tabs.enter(`abiline:${id}`); }

  close() { this.tabs.exit(); }

  /** Whether this tab would listen to the service itself, when its turn comes. */
  want(wanted) {
    if (!wanted) return this.tabs.leave();
    this.tabs.want();
    if (this.tabs.leads) this.stream.start();
  }

  /** Called every few seconds. */
  check() {
    this.tabs.check();
    if (!this.tabs.leads) return;
    this.stream.check();
    this.#poll();
  }

  /** While no stream brings news, ask, and let the answer wait for them. The first one does not: it tells whether they come at all. */
  async #poll() {
    const { id } = this;
    const needed = () => this.tabs.leads && !this.stream.live && this.id === id;
    if (this.asking) return;
    this.asking = true;
    try {
      for (let known = ""; needed(); ) {
        const log = await this.api.get(`conversations/${id}/events?after=${this.listener.last()}&wait=${WAIT}&known=${known}`);
        if (!needed()) break;
        known = log.version;
        this.#tell([...log.events.map((event) => ["event", event]), ["state", log.state], ["typing", { name: log.typing }]]);
        this.#link(true);
      }
    } catch (error) { if (needed()) this.#link(false, error); }
    this.asking = false;
  }

  #tell(told) {
    const from = this.listener.last();
    for (const [name, data] of told) this.listener.hear(name, data);
    this.tabs.tell({ from, linked: this.linked, told });
  }

  #link(linked, error) {
    const news = linked !== this.linked;
    this.linked = linked;
    if (linked) this.listener.linked();
    else if (news || error) this.listener.lost(error);
    if (news) this.tabs.tell({ from: 0, linked, told: [] });
  }
}
