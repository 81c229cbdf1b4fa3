// All that helps to write an answer, around the box of one conversation.
import { Ready } from "./ready.js";

export class Help {
  /** @param {string} id of the conversation @param {import("./box.js").Box} box */
  constructor(id, box) {
    this.ready = new Ready(id, box.field, () => box.isNote);
    box.field.after(this.ready.list);
  }
}
