// Saving, sending for review, publishing, archiving: what was typed stays in the form whatever the server says.
import { ApiError, call } from "./api.js";
import { byId, element } from "./element.js";
import { Gate } from "./gate.js";
import { Merging } from "./merging.js";
import { known, say } from "./words.js";

/** @typedef {import("./list.js").Entry} Entry */

export class Saving {
  /** @param {import("./form.js").Form} form @param {(entry: Entry, published: boolean) => void} saved @param {(entry: Entry) => void} became an act on the whole entry gave this one */
  constructor(form, saved, became) {
    this.form = form;
    this.saved = saved;
    this.became = became;
    this.busy = false;
    this.gate = new Gate();
    this.merging = new Merging(form, (theirs) => saved(theirs, false));
    byId("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.publish();
    });
    byId("save").addEventListener("click", () => this.save(false));
    byId("send").addEventListener("click", () => this.send());
    byId("archive").addEventListener("click", async () => {
      if (await this.gate.passes({}, `${this.path}/check-archive`, "archive")) this.act(`${this.path}/archive`, {}, say("said.archived"), true);
    });
  }

  get path() { return `/entries/${encodeURIComponent(this.form.key)}`; }

  /** Publish; where another person has to, ask one to. */
  publish() { return byId("publish").hidden ? this.send() : this.save(true); }

  /** @param {boolean} publish @returns {Promise<boolean>} */
  async save(publish) {
    const { entry } = this.form;
    if (publish && !(await this.gate.passes({ ...this.form.read(), id: entry?.id ?? "" }))) return false;
    if (this.form.entry !== entry) return false; // another one has been opened meanwhile
    const words = this.form.read();
    return this.run(async () => {
      const kept = entry
        ? await call(publish ? "POST" : "PUT", `${this.path}${publish ? "/publish" : ""}`, { ...words, revision: this.form.base })
        : await call("POST", "/entries", { ...words, publish });
      this.form.kept(kept, JSON.stringify(words));
      this.saved(kept, publish);
      const better = publish && this.gate.better;
      byId("said").textContent = better ? say("said.better", { count: better }) : say(publish ? (kept.season === "scheduled" ? "said.scheduled" : "said.published") : "said.saved");
    });
  }

  /** Keep the words, then ask somebody else to look at them. */
  async send() {
    if ((this.form.dirty || !this.form.entry) && !(await this.save(false))) return;
    await this.act(`${this.path}/send`, { revision: this.form.base }, say("said.sent"), false);
  }

  /** Do something with the entry as it is saved. @param {string} path @param {object} body @param {string} said @param {boolean} published */
  async act(path, body, said, published) {
    if (!this.form.entry) return;
    await this.run(async () => {
      const entry = await call("POST", path, body);
      this.became(entry);
      this.saved(entry, published);
      byId("said").textContent = said;
    });
  }

  /** @param {() => Promise<void>} act @returns {Promise<boolean>} true when it went well */
  async run(act) {
    if (this.busy) return false;
    this.busy = true;
    byId("said").textContent = "";
    this.note();
    try {
      await act();
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      await this.refused(error);
      return false;
    } finally {
      this.busy = false;
    }
  }

  /** @param {ApiError} error */
  async refused(error) {
    if (error.status === 409 && this.form.entry) return this.merging.open();
    const told = this.form.refuse(error.field, error.code);
    this.note(say(told ? "error.see_field" : known(`error.${error.code}`) ? `error.${error.code}` : "error.unknown"));
  }

  /** @param {string} [text] @param {...HTMLElement} buttons */
  note(text = "", ...buttons) {
    const notice = byId("notice");
    notice.hidden = !text;
    notice.replaceChildren(element("p", null, text), ...(buttons.length ? [element("div.row", null, ...buttons)] : []));
    if (!text) this.merging.close();
  }
}
