// A word to who is here for the first time: the guide is there. Once put away, or the guide opened, it stays away for this person.
import { byId } from "./dom.js";
import { recall, remember } from "./memory.js";
import { me } from "./texts.js";

/** @param {() => void} after where the focus goes when the word is put away */
export function welcome(after) {
  const note = document.getElementById("newcomer"); // the page has it for new accounts only
  if (!note) return;
  const kept = `newcomer-${me.id}`;
  note.hidden = !recall(kept, true);
  const away = () => {
    remember(kept, false);
    note.hidden = true;
    after();
  };
  byId("newcomer-done").addEventListener("click", away);
  byId("newcomer-guide").addEventListener("click", away);
}
