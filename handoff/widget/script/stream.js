// Server-sent events read with fetch (an EventSource can't send the secret in a header). Comes back by itself.

const SILENCE = 45_000; // ms without even a heartbeat: the connection is dead
const SLOWEST = 15_000;

/**
 * @typedef {object} Ear
 * @property {(signal: AbortSignal) => Promise<Response>} connect
 * @property {(name: string, data: any) => void} message
 * @property {() => void} up the first bytes have come
 * @property {(error: any) => boolean} down connection lost; false stops for good
 */
export class Stream {
  /** @param {Ear} ear */
  constructor(ear) { this.ear = ear; this.stopper = null; this.hurry = () => {}; }

  start() {
    if (this.stopper) return this.hurry();
    this.stopper = new AbortController();
    this.#follow(this.stopper.signal);
  }

  stop() { this.stopper?.abort(); this.stopper = null; this.hurry(); }

  async #follow(stopped) {
    let wait = 500;
    while (!stopped.aborted) {
      let problem = null;
      const line = new AbortController();
      const cut = () => line.abort();
      stopped.addEventListener("abort", cut);
      try {
        for await (const told of frames(await this.ear.connect(line.signal), cut)) {
          wait = 500;
          if (stopped.aborted) return;
          if (told) this.ear.message(told.name, told.data);
          else this.ear.up();
        }
      } catch (error) { problem = error; } finally { stopped.removeEventListener("abort", cut); cut(); }
      if (stopped.aborted || !this.ear.down(problem)) break;
      await new Promise((done) => { this.hurry = done; setTimeout(done, wait * (0.7 + Math.random() * 0.6)); });
      wait = Math.min(wait * 2, SLOWEST);
    }
    if (this.stopper?.signal === stopped) this.stopper = null;
  }
}

/** Gives `null` at the first bytes, then each message. `cut` is called after too long a silence. */
async function* frames(response, cut) {
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (let first = true; ; first = false) {
    const alarm = setTimeout(cut, SILENCE);
    const { value, done } = await reader.read().finally(() => clearTimeout(alarm));
    if (done) return;
    if (first) yield null;
    const blocks = (rest + decoder.decode(value, { stream: true })).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const field = (name) => block.split("\n").find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      if (field("data")) yield { name: field("event"), data: JSON.parse(field("data")) };
    }
  }
}
