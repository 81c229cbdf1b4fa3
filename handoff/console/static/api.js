// Talking to the server: JSON in, JSON out, errors by their code.
import { start } from "./texts.js";

const ROOT = "/api/desk";

/** `code` is the server's, or `offline` when it was not reached. */
export class Failure extends Error {
  /** @param {string} code @param {number} status @param {string | null} [holder] */
  constructor(code, status, holder = null) {
    super(code);
    this.code = code;
    this.status = status;
    this.holder = holder;
  }

  /** Trying the same again may help. */
  get passing() {
    return this.code === "offline" || this.status >= 500 || this.status === 429;
  }
}

/** @param {string} path @returns {Promise<any>} */
export const get = (path) => send("GET", path);

/** @param {string} path @param {object} [body] @param {AbortSignal} [signal] gives it up: its answer is of no use any more @returns {Promise<any>} */
export const post = (path, body = {}, signal) => send("POST", path, body, signal);

/** @param {"PUT" | "DELETE"} method @param {string} path @param {object} [body] @returns {Promise<any>} */
export const change = (method, path, body = {}) => send(method, path, body);

/** @param {string} id @param {string} [what] */
export const conversation = (id, what = "") => `/conversations/${encodeURIComponent(id)}${what && `/${what}`}`;

/** @param {string} method @param {string} path @param {object} [body] @param {AbortSignal} [given] */
async function send(method, path, body, given) {
  let response;
  try {
    response = await fetch(ROOT + path, {
      method,
      headers: body ? { "Content-Type": "application/json", "X-CSRF-Token": start.csrf } : {},
      body: body && JSON.stringify(body),
      signal: given ? AbortSignal.any([given, AbortSignal.timeout(15_000)]) : AbortSignal.timeout(15_000),
    });
  } catch {
    throw new Failure("offline", 0);
  }
  if (response.status === 401) logIn();
  const answer = response.status === 204 ? null : await response.json().catch(() => null);
  if (!response.ok) throw new Failure(answer?.code ?? "error", response.status, answer?.holder ?? null);
  return answer;
}

/** The log-in is over: ask for it again and come back here. */
export function logIn() {
  location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
}

/** An id that nobody else makes; `crypto.randomUUID` is missing on plain http. */
export function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
