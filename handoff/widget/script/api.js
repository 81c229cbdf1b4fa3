// Requests to the service. Every failure is a `Refused` with a code, never a sentence to be parsed.

export class Refused extends Error {
  /** @param {string} code @param {number} status 0 when nothing came back @param {number} wait seconds to wait, when told */
  constructor(code, status, wait = 0) {
    super(code);
    Object.assign(this, { code, status, wait });
  }

  /** Whether the same request may go through later. */
  get passing() { return this.status === 0 || this.status === 429 || this.status >= 500; }
}

const PATIENCE = 15_000; // ms

export class Api {
  /** @param {string} base address of the service, with a slash at its end */
  constructor(base) { this.base = `${base}api/widget/`; this.secret = ""; }

  get(path) { return this.#send(path, {}); }

  post(path, body) { return this.#send(path, { method: "POST", body: JSON.stringify(body ?? {}), keepalive: true }); }

  /** The stream of a conversation after event `last`; gives the response, its body unread. */
  async stream(id, last, signal) {
    const response = await this.#fetch(`conversations/${id}/stream`, { signal, cache: "no-store", headers: { "Last-Event-ID": String(last) } });
    return response;
  }

  async #send(path, options) {
    const response = await this.#fetch(path, { signal: AbortSignal.timeout?.(PATIENCE), ...options });
    return response.status === 204 ? null : response.json();
  }

  async #fetch(path, { headers = {}, ...options }) {
    if (this.secret) headers.Authorization = `Bearer ${this.secret}`;
    if (options.body) headers["Content-Type"] = "application/json";
    let response;
    try {
      response = await fetch(this.base + path, { credentials: "omit", ...options, headers });
    } catch {
      throw new Refused("offline", 0);
    }
    if (response.ok) return response;
    const { code } = await response.json().catch(() => ({}));
    throw new Refused(code ?? "other", response.status, Number(response.headers.get("Retry-After")) || 0);
  }
}
