// What may be done with the open conversation, by its state: one list for the bar, the keys and the palette.
import { complains } from "./complaint.js";
import { copyLink } from "./matter.js";
import { me, start } from "./texts.js";

/** @typedef {{id: string, key?: string, run: () => void, main?: boolean, elsewhere?: boolean}} Move `id` names its text `do.…`; `main` ones stand in the bar itself, the button of others stands elsewhere */

/** Every key of a move, for the list of keys. */
export const KEYS = { claim: "c", close: "e", pass: "p", snooze: "s", resume: "c", decline: "d", take_over: "o", ask_email: "m", ask_phone: "t", edit_last: "w", give_back: "b", release: "u", note: "n", tag: "l", complaint: "q", remind: "r", stage: "a", verify: "v", send_code: "i", undo: "z", next: "x", draft: "Shift+K", withdraw: "Shift+W", attach: "Shift+P", unverify: "Shift+V", link: "Shift+L", new_link: "Shift+U", reminded: "Shift+R", hold: "Shift+H", let_go: "Shift+H" };

/** @param {any} conversation @param {import("./talk.js").Talk} talk @param {(() => void) | null} next @returns {Move[]} */
export function moves(conversation, talk, next) {
  const { state, holder_id: holder, offered_to: offered } = conversation;
  const isMine = holder === me.id;
  const found = [];
  /** @param {keyof typeof KEYS} id @param {() => void} run @param {boolean} [main] */
  const add = (id, run, main = false) => found.push({ id, key: KEYS[id], run, main });

  if (state === "waiting" || state === "ticket") add("claim", () => void talk.claim(), true);
  if (state === "waiting" && offered === me.id) add("decline", () => void talk.act("decline"), true);
  if (state === "snoozed" && isMine) add("resume", () => void talk.act("resume"), true);
  if (state === "live" && isMine) {
    for (const id of /** @type {const} */ (["close", "pass", "snooze"])) add(id, () => talk.ask(id), true);
    for (const contact of /** @type {const} */ (["email", "phone"])) add(`ask_${contact}`, () => talk.askContact(contact));
    if (conversation.email && start.mail) add("send_code", () => talk.sendCode());
    add("stage", () => talk.ask("stage"));
    add("verify", () => talk.ask("verify"));
    if (talk.log.mayEdit) add("edit_last", () => talk.edit());
    add("give_back", () => void talk.act("give-back"));
    add("release", () => void talk.act("release"));
  }
  if ((state === "live" || state === "snoozed") && !isMine && me.takes_over) add("take_over", () => void talk.act("take-over"));
  if (talk.undoable) add("undo", () => void talk.undo());
  if (next) add("next", () => talk.desk.next()?.(), found.length === 0);
  add("remind", () => talk.ask("remind"));
  if (!complains(conversation)) add("complaint", () => void talk.complain());
  add("tag", () => talk.tag());
  add("note", () => talk.box.note());
  if (me.holds && conversation.outcome !== "erased") conversation.hold ? add("let_go", () => void talk.act("let-go")) : add("hold", () => talk.ask("hold"));
  return [...found, ...besides(conversation, talk, state === "live" && isMine)];
}

/** What has its button beside the talk or in it. @param {any} conversation @param {import("./talk.js").Talk} talk @param {boolean} has whether the agent has it @returns {Move[]} */
function besides({ id, reminder, stage, verification }, talk, has) {
  /** @type {[keyof typeof KEYS, unknown, () => void][]} */
  const all = [
    ["reminded", reminder, () => void talk.forgetReminder()],
    ["draft", talk.canDraft, () => void talk.draft(null)],
    ["withdraw", has && talk.log.mayWithdraw, () => talk.log.askWithdraw()],
    ["attach", has && start.files, () => talk.attach.button.click()],
    ["unverify", has && verification, () => void talk.act("unverify")],
    ["link", has, () => void copyLink(id, talk, false)],
    ["new_link", has && stage, () => void copyLink(id, talk, true)],
  ];
  return all.filter(([, may]) => may).map(([name, , run]) => ({ id: name, key: KEYS[name], run, elsewhere: true }));
}
