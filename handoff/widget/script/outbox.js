// What the customer has said and the service has not yet acknowledged. Each under its own key, so tabs don't overwrite one
// another; the id made here makes a retry, even after a reload or from two tabs, the same message.

import { device, newId } from "./memory.js";

const TRIES = 4; // then „Saada uuesti“; it also goes out by itself when the connection is back
const KEY = "unsent:";

/** @typedef {{client_id: string, at: string, text: string, choice?: {number: number, button: number}, human?: boolean, status: string}} Item */

export class Outbox {
  /** @param {{send: (item: Item) => Promise<void>, changed: () => void, refused: (item: Item, error: any) => void, delayed: (error: any) => void}} door */
  constructor(door) {
    this.door = door;
    /** @type {Item[]} */
    this.items = device.keys(KEY).map((key) => device.read(key)).filter(Boolean).sort((one, other) => (one.at < other.at ? -1 : 1));
    this.busy = false;
  }

  /** @param {Partial<Item>} said */
  add(said) {
    const item = { ...said, client_id: newId(), at: new Date().toISOString(), status: "sending" };
    this.items.push(item);
    device.write(KEY + item.client_id, item);
    this.run();
  }

  /** Its event has come: the log shows it from now. */
  arrived(id) { this.#drop(id); }

  /** Try again what waits or failed. */
  retry() {
    for (const item of this.items) if (item.status === "failed") item.status = "sending";
    this.hurry?.();
    this.run();
  }

  async run() {
    this.door.changed();
    if (this.busy) return;
    this.busy = true;
    for (let item, tries = 0; (item = this.items.find((one) => one.status === "sending")); ) {
      try {
        await this.door.send(item);
        tries = 0;
        item.status = "kept";
        device.write(KEY + item.client_id, null);
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
          for (const one of this.items) if (one.status === "sending") one.status = "failed";
        }
      }
      this.door.changed();
    }
    this.busy = false;
  }

  #drop(id) {
    this.items = this.items.filter((one) => one.client_id !== id);
    device.write(KEY + id, null);
  }
}
