// Messages on their way: kept until the server has them, sent in order, tried again with the same id.
import { Failure, conversation, newId, post } from "./api.js";
import { recall, remember } from "./memory.js";
import { t, tOr } from "./texts.js";

const WAITS = [1000, 3000, 6000]; // between tries; after them the agent decides

/** @typedef {{client_id: string, conversation: string, text: string, kind: "messages" | "notes", at: string, status: "sending" | "failed", why: string, picked: string | null, calls: string[]}} Sending */

/** @type {Sending[]} */
const queue = recall("sending", [], "session").map((/** @type {Sending} */ one) => ({ ...one, status: "failed", why: t("failure.offline") }));
/** @type {Set<string>} */
const running = new Set();
/** @type {(sending: Sending, gone: boolean) => void} */
let tell = () => {};

/** @param {(sending: Sending, gone: boolean) => void} listener hears every change of a message on its way */
export function onSending(listener) {
  tell = listener;
}

/** What is on its way in a conversation. @param {string} id */
export const underWay = (id) => queue.filter((one) => one.conversation === id);

/** @param {string} id @param {"messages" | "notes"} kind @param {string} text @param {string | null} picked the entry whose answer it is @param {string[]} calls colleagues whom a note calls */
export function send(id, kind, text, picked = null, calls = []) {
  const sending = /** @type {Sending} */ ({ client_id: newId(), conversation: id, text, kind, at: new Date().toISOString(), status: "sending", why: "", picked, calls });
  queue.push(sending);
  keep();
  tell(sending, false);
  void run(id);
}

/** @param {Sending} sending */
export function again(sending) {
  sending.status = "sending";
  tell(sending, false);
  void run(sending.conversation);
}

/** @param {Sending} sending */
export function discard(sending) {
  queue.splice(queue.indexOf(sending), 1);
  keep();
  tell(sending, true);
}

/** The log has shown it: it has arrived, whatever became of our request. @param {string} clientId */
export function arrived(clientId) {
  const sending = queue.find((one) => one.client_id === clientId);
  if (sending) discard(sending);
}

/** @param {string} id */
async function run(id) {
  if (running.has(id)) return;
  running.add(id);
  for (let next = first(id); next; next = first(id)) await deliver(next);
  running.delete(id);
}

/** @param {string} id */
const first = (id) => queue.find((one) => one.conversation === id && one.status === "sending");

/** @param {Sending} sending */
async function deliver(sending) {
  for (let tries = 0; queue.includes(sending); tries += 1) {
    try {
      await post(conversation(sending.conversation, sending.kind), { client_id: sending.client_id, text: sending.text, ...(sending.picked && { picked: sending.picked }), ...(sending.calls?.length > 0 && { calls: sending.calls }) });
      return void arrivedSoon(sending);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.passing && tries < WAITS.length) {
        await new Promise((resume) => setTimeout(resume, WAITS[tries]));
        continue;
      }
      sending.status = "failed";
      sending.why = tOr(`failure.${error.code}`, t("failure.error"));
      return tell(sending, false);
    }
  }
}

/** The server has it; the stream will bring it. It leaves the list of what must be sent. @param {Sending} sending */
function arrivedSoon(sending) {
  const place = queue.indexOf(sending);
  if (place >= 0) queue.splice(place, 1);
  keep();
}

function keep() {
  remember("sending", queue, "session");
}
