// Server-sent events read with fetch (an EventSource can't send the secret in a header). Comes back by itself.

const SILENCE = 30_000; // ms without even a heartbeat, which comes every 20 s: the connection is dead
const FIRST = 8_000; // ms without the bytes that the service sends at once: a proxy holds them back
const SHORT = 500;
const SLOWEST = 15_000;
const RARELY = 300_000;

/**
 * @typedef {object} Ear
 * @property {(signal: AbortSignal) => Promise<Response>} connect
 * @property {(name: string, data: any) => void} message
 * @property {() => void} up the first bytes have come
 * @property {() => void} down connection lost
 */
export class Stream {
  live = false;
  #ear;
  #turn;
  #line;
  #heard = 0;
  #hurry;

  /** @param {Ear} ear */
  constructor(ear) { this.#ear = ear; }

  start() {
    this.check();
    this.#hurry?.();
    if (!this.#turn) this.#follow(this.#turn = {});
  }

  stop() {
    this.#turn = null;
    this.live = false;
    this.#line?.abort();
    this.#hurry?.();
  }

  /** Let go of a connection that is dead. By the clock and not by a timer: timers stop while a device sleeps (and a clock may be set back). */
  check() { if (Math.abs(Date.now() - this.#heard) > (this.live ? SILENCE : FIRST)) this.#line?.abort(); }

  async #follow(turn) {
    for (let wait = SHORT; this.#turn === turn; ) {
      const { signal } = this.#line = new AbortController();
      const began = this.#heard = Date.now();
      try {
        for await (const messages of frames(await this.#ear.connect(signal))) {
          if (this.#turn !== turn) return;
          this.#heard = Date.now();
          if (!this.live) { this.live = true; this.#ear.up(); }
          for (const [, name, data] of messages) this.#ear.message(name, JSON.parse(data));
        }
      } catch { /* lost, as at the end */ }
      if (this.#turn !== turn) return;
      const eaten = signal.aborted && !this.live;
      this.#line.abort();
      this.live = false;
      this.#ear.down();
      wait = eaten ? RARELY : Date.now() - began > FIRST ? SHORT : Math.min(wait * 2, SLOWEST); // a proxy may also cut each one after its first bytes
      await new Promise((done) => { this.#hurry = done; setTimeout(done, wait * (0.7 + Math.random() * 0.6)); });
    }
  }
}

/** Gives for each bytes that come, a heartbeat too, the messages that they complete: [whole, name, data]. */
async function* frames(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ""; ; ) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    yield blocks.map((block) => /^event: (.+)\ndata: (.+)/m.exec(block)).filter(Boolean);
  }
}
