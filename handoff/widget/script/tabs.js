// One tab of the browser listens to the service and tells the others: browsers allow six connections to one server. Which
// one is a lock of the browser's, so when the tab closes the next has it at once. Where there are no locks (plain http),
// every tab listens for itself.

/**
 * @typedef {object} News
 * @property {number} from the last number that whoever hears this must have
 * @property {boolean} linked
 * @property {[string, any][]} told names and data, as the stream has them
 *
 * @typedef {object} Ear
 * @property {(leads: boolean) => void} lead this tab listens to the service from now on, or no longer
 * @property {number} last
 * @property {(after: number) => News} answer what another tab has missed
 * @property {(news: News) => void} hear
 */
export class Tabs {
  leads = false;
  #ear;
  #silent = false;
  #channel;
  #turn;
  #name;

  /** @param {Ear} ear */
  constructor(ear) { this.#ear = ear; }

  /** Hear from now on what other tabs know. @param {string} name of the conversation */
  enter(name) {
    if (this.#channel || !self.BroadcastChannel || !navigator.locks) return;
    this.#name = name;
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }) => {
      if (data.told) { this.#silent = false; if (!this.leads) this.#ear.hear(data); }
      else if (this.leads) this.tell(this.#ear.answer(data.after));
    };
    this.ask();
  }

  exit() { this.leave(); this.#channel?.close(); this.#channel = null; }

  ask() { this.#channel?.postMessage({ after: this.#ear.last }); }

  /** @param {News} news */
  tell(news) { if (this.leads) this.#channel?.postMessage(news); }

  /** Listen to the service as soon as no other tab does. */
  want() { if (!this.#turn) this.#queue(); }

  leave() { this.#turn?.abort(); this.#turn = null; this.#lead(false); }

  /** Called every few seconds: a tab that has the lock and is silent has been put to sleep, and this one takes over. */
  check() {
    if (!this.#turn || this.leads) return;
    if (!this.#silent) { this.#silent = true; return this.ask(); }
    this.#turn.abort();
    this.#queue(true);
  }

  #queue(steal) {
    const { signal } = this.#turn = new AbortController();
    const hold = () => new Promise((done) => {
      if (signal.aborted) return done();
      signal.onabort = done;
      this.#lead(true);
    });
    if (!this.#channel) return hold();
    navigator.locks.request(this.#name, steal ? { steal } : { signal }, hold).catch(() => {
      if (signal.aborted) return;
      if (!this.leads) return hold(); // locks are forbidden here
      this.leave(); // we slept, and another tab has taken over
      this.want();
    });
  }

  #lead(leads) {
    if (this.leads === leads) return;
    this.leads = leads;
    this.#silent = false;
    this.#ear.lead(leads);
  }
}
