// What the customer has said and the log does not show yet. Each under its own key, so tabs don't overwrite one another and
// see each other's (the browser tells them); the id made here makes a retry, even after a reload or from two tabs, the same message.

import { device, random, watch } from "./memory.js";

const TRIES = 4; // then „Saada uuesti“; it also goes out by itself when the connection is back
const KEY = "unsent:";
const ORPHANED = 30_000; // ms after which the tab where it was typed may be gone

/** @typedef {{client_id: string, at: string, text: string, choice?: {number: number, button: number}, human?: boolean, status: "sending" | "kept" | "failed", kept?: number}} Item */

export class Outbox {
  /** @param {{send: (item: Item) => Promise<{number: number}>, changed: () => void, refused: (item: Item, error: any) => void, delayed: (error: any) => void, leads: () => boolean}} door */
  constructor(door) {
    Object.assign(this, { door, items: [], busy: false, arrivals: new Set() });
    watch(KEY, (key) => this.#heard(key.slice(KEY.length), device.read(key)));
  }

  /** As the device has it; what is found is sent from here too, for its tab may be gone. */
  load() {
    /** @type {Item[]} */
    this.items = device.keys(KEY).map((key) => device.read(key)).filter((item) => item && !this.arrivals.has(item.client_id)).sort((one, other) => (one.at < other.at ? -1 : 1));
    this.own = new Set(this.items.map((item) => item.client_id));
    for (const item of this.items) if (item.status === "failed") item.status = "sending";
  }

  /** @param {Partial<Item>} said */
  add(said) {
    const item = { ...said, client_id: random(16), at: new Date().toISOString() };
    this.own.add(item.client_id);
    this.items.push(item);
    this.#keep(item, "sending");
    this.run();
  }

  /** An event has come: the log shows it from now. What was kept before it and has none (a second wish for a person) never will. */
  arrived({ client_id, number }) {
    this.arrivals.add(client_id);
    for (const item of this.items) if (item.client_id === client_id || item.kept <= number) this.#drop(item.client_id);
  }

  /** Try again what waits or failed. @param {boolean} [byHand] what another tab could not send, too */
  retry(byHand = true) {
    for (const item of this.items) {
      if (byHand) this.own.add(item.client_id);
      if (item.status === "failed" && this.#mine(item)) this.#keep(item, "sending");
    }
    this.hurry?.();
    this.run();
  }

  get failed() { return this.items.some((item) => item.status === "failed"); }

  /** Send what a closed tab has left behind. */
  adopt() { if (this.#next()) this.run(); }

  async run() {
    this.door.changed();
    if (this.busy) return;
    this.busy = true;
    for (let item, tries = 0; (item = this.#next()); ) {
      try {
        const { number } = await this.door.send(item);
        tries = 0;
        if (!this.arrivals.has(item.client_id)) this.#keep(Object.assign(item, { kept: number }), "kept");
      } catch (error) {
        const gone = error.status === 404; // the conversation is: the next try begins a new one
        if (!error.passing && !gone) {
          tries = 0;
          this.#drop(item.client_id);
          this.door.refused(item, error);
        } else if (++tries < TRIES) {
          if (gone) continue;
          this.door.delayed(error);
          await new Promise((done) => { this.hurry = done; setTimeout(done, error.wait * 1000 || 500 * 2 ** tries); });
        } else {
          tries = 0;
          for (let one; (one = this.#next()); ) this.#keep(one, "failed");
        }
      }
      this.door.changed();
    }
    this.busy = false;
  }

  empty() { for (const { client_id } of this.items) this.#drop(client_id); }

  #next() { return this.items.find((item) => item.status === "sending" && this.#mine(item)); }

  /** Each tab sends what was typed in it; what a closed one has left, the one that leads. */
  #mine({ client_id, at }) { return this.own.has(client_id) || (this.door.leads() && Date.now() - Date.parse(at) > ORPHANED); }

  #heard(id, item) {
    const known = this.items.find((one) => one.client_id === id);
    if (!item) this.items = this.items.filter((one) => one !== known);
    else if (known) Object.assign(known, item);
    else if (!this.arrivals.has(id)) this.items.push(item);
    this.door.changed();
  }

  #keep(item, status) {
    item.status = status;
    device.write(KEY + item.client_id, item);
  }

  #drop(id) {
    this.items = this.items.filter((one) => one.client_id !== id);
    device.write(KEY + id, null);
  }
}
