// „Näita“: a message whose personal data is masked, as it was written. Each time is written down.
import { conversation, Failure, post } from "./api.js";
import { announce, button } from "./dom.js";
import { t, tOr } from "./texts.js";

/** @typedef {import("./log.js").DeskEvent} DeskEvent */

/** The button under a masked message. @param {string} id of the conversation @param {DeskEvent} event @param {(event: DeskEvent) => HTMLElement} show */
export function reveal(id, event, show) {
  const ask = button(t("message.reveal"), () => void open(), "small quiet");
  return ask;

  async function open() {
    try {
      const { event: whole } = await post(conversation(id, `events/${event.number}/reveal`));
      const bubble = /** @type {HTMLElement} */ (show(whole).querySelector(".bubble, .file"));
      bubble.tabIndex = -1;
      bubble.focus(); // the button is gone, and what it was for is read next
      announce(t("message.revealed"));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      announce(tOr(`failure.${error.code}`, t("failure.error")));
    }
  }
}
