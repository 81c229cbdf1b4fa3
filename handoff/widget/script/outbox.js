// What the customer has said and the log does not show yet. Each under its own key, so tabs don't overwrite one another and
// see each other's (the browser tells them); the id made here makes a retry, even after a reload or from two tabs, the same message.
// Files go beside the words, which don't wait for them, and stay in the tab that has their bytes.

import { device, random, tab, watch } from "./memory.js";

const TRIES = 4; // of words, 2 of files; then „Saada uuesti“; it also goes out by itself when the connection is back
const KEY = "unsent:";
const ORPHANED = 30_000; // ms after which the tab where it was typed may be gone

/**
 * @typedef {{client_id: string, at: string, text: string, files?: {name: string, size: number}[], choice?: {number: number, button: number},
 *   human?: boolean, status: "sending" | "kept" | "failed", kept?: number}} Item
 *
 * @typedef {object} Sender
 * @property {(item: Item) => Promise<{number: number}>} send
 * @property {() => void} changed
 * @property {(item: Item, error: any) => void} refused
 * @property {(error: any) => void} delayed
 * @property {import("./line.js").Line} line
 * @property {import("./attach.js").Attach} attach
 */
export class Outbox {
  /** @type {Item[]} */
  items = [];
  #arrivals = new Set();
  #own = new Set();
  #ways = [{ files: false }, { files: true }];
  #sender;

  /** @param {Sender} sender */
  constructor(sender) {
    this.#sender = sender;
    watch(KEY, (key) => this.#heard(key.slice(KEY.length), device.read(key)));
  }

  /** As the browser has it; what is found is sent from here too, for its tab may be gone. */
  load() {
    this.items = [device, tab].flatMap(({ keys, read }) => keys(KEY).map(read)).filter((item) => item && !this.#arrivals.has(item.client_id)).sort((one, other) => (one.at < other.at ? -1 : 1));
    this.#own = new Set(this.items.map((item) => item.client_id));
    for (const item of this.items) if (item.status !== "kept") item.status = this.#mine(item) ? "sending" : "failed";
  }

  /** @param {Partial<Item>} said */
  add(said) {
    const item = { client_id: random(16), at: new Date().toISOString(), ...said };
    this.#own.add(item.client_id);
    this.items.push(item);
    this.#keep(item, "sending");
    this.run();
  }

  /** An event has come: the log shows it from now. What was kept before it and has none (a second wish for a person) never will. */
  arrived({ client_id, number }) {
    this.#arrivals.add(client_id);
    for (const item of this.items) if (item.client_id === client_id || item.kept <= number) this.drop(item.client_id);
  }

  /** Try again what waits or failed. @param {boolean} [byHand] what another tab could not send, too */
  retry(byHand = true) {
    for (const item of this.items) {
      if (byHand) this.#own.add(item.client_id);
      if (item.status === "failed" && this.#mine(item)) this.#keep(item, "sending");
    }
    for (const way of this.#ways) way.hurry?.();
    this.run();
  }

  get failed() { return this.items.some((item) => item.status === "failed"); }

  /** Send what waits here, and what a closed tab has left behind. */
  run() { for (const way of this.#ways) this.#send(way); }

  async #send(way) {
    if (way.busy) return;
    way.busy = true;
    for (let item, tries = 0; (item = this.#next(way)); ) {
      try {
        const { number } = await this.#sender.send(item);
        tries = 0;
        item.kept = number;
        this.#keep(item, "kept");
      } catch (error) {
        const gone = error.status === 404; // the conversation is: the next try begins a new one
        if (!error.passing && !gone) {
          tries = 0;
          this.drop(item.client_id);
          this.#sender.refused(item, error);
        } else if (++tries < (way.files ? 2 : TRIES)) {
          if (gone || !this.items.includes(item)) continue;
          this.#sender.delayed(error);
          await new Promise((done) => { way.hurry = done; setTimeout(done, error.wait * 1000 || 500 * 2 ** tries); });
        } else {
          tries = 0;
          do this.#keep(item, "failed"); while (!way.files && (item = this.#next(way))); // words keep their order
        }
      }
    }
    way.busy = false;
  }

  empty() { for (const { client_id } of this.items) this.drop(client_id); }

  #next({ files }) { return this.items.find((item) => item.status === "sending" && Boolean(item.files) === files && this.#mine(item)); }

  /** Each tab sends what was typed in it; what a closed one has left, the one that leads. */
  #mine({ client_id, at, files }) {
    const { attach, line } = this.#sender;
    return files ? attach.holds(client_id) : this.#own.has(client_id) || (line.tabs.leads && Date.now() - Date.parse(at) > ORPHANED);
  }

  #heard(id, item) {
    const known = this.items.find((one) => one.client_id === id);
    if (!item) this.items = this.items.filter((one) => one !== known);
    else if (known) Object.assign(known, item);
    else if (!this.#arrivals.has(id)) this.items.push(item);
    this.#sender.changed();
  }

  #keep(item, status) {
    if (!this.items.includes(item)) return; // it has arrived, or is no longer wanted
    item.status = status;
    (item.files ? tab : device).write(KEY + item.client_id, item);
    this.#sender.changed();
  }

  /** It is in the log, or no longer wanted. @param {string} id */
  drop(id) {
    this.items = this.items.filter((one) => one.client_id !== id);
    for (const { write } of [device, tab]) write(KEY + id, null);
    this.#sender.attach.drop(id);
    this.#sender.changed();
  }
}
