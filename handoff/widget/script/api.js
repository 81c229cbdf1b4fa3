// Requests to the service. Every failure is a `Refused` with a code, never a sentence to be parsed.

import { el } from "./dom.js";

export class Refused extends Error {
  /** @param {string} code @param {number} status 0 when nothing came back @param {number} wait seconds to wait, when told */
  constructor(code, status, wait) {
    super(code);
    Object.assign(this, { code, status, wait, passing: !status || status === 429 || status >= 500 }); // whether the same request may go through later
  }
}

const PATIENCE = 15_000; // ms

export class Api {
  #base;
  /** The conversation that addresses with a slash at their beginning are of. @type {{id: string, secret: string} | null} */
  talk = null;

  /** @param {string} base address of the service, with a slash at its end */
  constructor(base) { this.#base = `${base}api/widget/`; }

  /** @param {string} path */
  address(path) { return this.#base + (path[0] === "/" ? `conversations/${this.talk.id}` : "") + path; }

  /** What lets in to the conversation. */
  get bearer() { return `Bearer ${this.talk.secret}`; }

  get(path) { return this.#json(path); }

  post(path, body = {}) { return this.#json(path, { method: "POST", body: JSON.stringify(body), keepalive: true }); }

  /** Open something of the conversation on a page of its own. The secret goes with a form, for an address is kept and passed on. */
  visit(path) {
    const form = el("form", { method: "post", action: this.address(path), target: "_blank", rel: "noopener" }, el("input", { type: "hidden", name: "secret", value: this.talk.secret }));
    document.documentElement.append(form);
    form.submit();
    form.remove();
  }

  async #json(path, options) {
    const response = await this.fetch(path, { signal: AbortSignal.timeout?.(PATIENCE), ...options });
    return response.status === 204 ? null : response.json();
  }

  /** The response, its body unread. @param {string} path @param {RequestInit & {headers?: Record<string, any>}} [options] */
  async fetch(path, { headers = {}, ...options } = {}) {
    if (this.talk) headers.Authorization = this.bearer;
    if (options.body) headers["Content-Type"] = "application/json";
    const response = await fetch(this.address(path), { credentials: "omit", ...options, headers }).catch(() => { throw new Refused("offline", 0); });
    if (response.ok) return response;
    const { code } = await response.json().catch(() => ({}));
    throw new Refused(code ?? "other", response.status, Number(response.headers.get("Retry-After")));
  }
}
