// All that helps to write an answer, around the box of one conversation.
import { Offers } from "./offers.js";
import { Ready } from "./ready.js";

export class Help {
  /** @param {string} id of the conversation @param {import("./box.js").Box} box @param {{complains: () => boolean, insert: (entry: string) => void}} about whether the customer complains; an answer brought into the box after a check */
  constructor(id, box, about) {
    this.box = box;
    this.could = false;
    this.ready = new Ready(id, box.field, () => box.isNote);
    this.offers = new Offers(id, box, this.ready, about);
    box.form.prepend(this.offers.row);
    box.field.after(this.ready.list);
  }

  /** The conversation stands as the page shows now: whoever may answer from now on gets offers. */
  stands() {
    if (this.box.mayAnswer === this.could) return;
    this.could = this.box.mayAnswer;
    if (this.could) this.offers.soon();
    else this.offers.clear();
  }

  /** The customer has written. */
  asked() {
    if (this.could) this.offers.soon();
  }

  leave() {
    this.offers.leave();
  }
}
