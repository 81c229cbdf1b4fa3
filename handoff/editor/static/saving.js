// Saving, publishing, archiving: what was typed stays in the form whatever the server says.
import { ApiError, call } from "./api.js";
import { byId, element } from "./element.js";
import { Gate } from "./gate.js";
import { known, moment, say } from "./words.js";

/** @typedef {import("./list.js").Entry} Entry */

export class Saving {
  /** @param {import("./form.js").Form} form @param {(entry: Entry, published: boolean) => void} saved */
  constructor(form, saved) {
    this.form = form;
    this.saved = saved;
    this.busy = false;
    this.gate = new Gate();
    byId("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.save(true);
    });
    byId("save").addEventListener("click", () => this.save(false));
    byId("archive").addEventListener("click", () => this.archive());
    byId("history").addEventListener("toggle", () => this.history());
  }

  /** @param {boolean} publish @returns {Promise<boolean>} */
  async save(publish) {
    const { entry } = this.form;
    if (publish && !(await this.gate.passes({ ...this.form.read(), id: entry?.id ?? "" }))) return false;
    if (this.form.entry !== entry) return false; // another one has been opened meanwhile
    const words = this.form.read();
    return this.run(async () => {
      const kept = entry
        ? await call(publish ? "POST" : "PUT", `/entries/${encodeURIComponent(entry.id)}${publish ? "/publish" : ""}`, { ...words, revision: entry.revision })
        : await call("POST", "/entries", { ...words, publish });
      this.form.kept(kept, JSON.stringify(words));
      this.saved(kept, publish);
      const better = publish && this.gate.better;
      byId("said").textContent = better ? say("said.better", { count: better }) : say(publish ? "said.published" : "said.saved");
    });
  }

  async archive() {
    const { entry } = this.form;
    if (!entry) return;
    await this.run(async () => {
      const kept = await call("POST", `/entries/${encodeURIComponent(entry.id)}/archive`);
      this.form.standing(kept);
      this.saved(kept, true);
      byId("said").textContent = say("said.archived");
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
      this.refused(error);
      return false;
    } finally {
      this.busy = false;
    }
  }

  /** @param {ApiError} error */
  refused(error) {
    if (error.status === 409) return this.conflict();
    const told = this.form.refuse(error.field, error.code);
    this.note(say(told ? "error.see_field" : known(`error.${error.code}`) ? `error.${error.code}` : "error.unknown"));
  }

  /** Somebody saved meanwhile: both versions stay until the editor chooses. */
  async conflict() {
    const theirs = /** @type {Entry} */ (await call("GET", `/entries/${encodeURIComponent(this.form.entry?.id ?? "")}`));
    const take = () => {
      this.form.fill(theirs);
      this.saved(theirs, false);
      this.note();
    };
    const mine = () => {
      this.form.entry = theirs; // the next save begins from their revision
      this.note(say("conflict.mine"));
    };
    this.note(say("conflict.text", { who: theirs.changed_by ?? "–", when: theirs.changed_at ? moment(theirs.changed_at) : "" }),
      element("button.button", { type: "button", onclick: take }, say("conflict.take")), element("button.button", { type: "button", onclick: mine }, say("conflict.keep")));
  }

  async history() {
    const { entry } = this.form;
    if (!entry || !(/** @type {HTMLDetailsElement} */ (byId("history")).open)) return;
    const { revisions } = await call("GET", `/entries/${encodeURIComponent(entry.id)}/revisions`);
    byId("revisions").replaceChildren(element("ul.revisions", null, ...revisions.map((/** @type {any} */ one) => element("li", null,
      element("span", null, `${moment(one.at)}${one.by ? ` · ${one.by}` : ""} · ${say(`mark.${one.status}`)}`), element("span.hint", null, one.content.question),
      one.revision !== entry.revision && element("button.button.quiet", { type: "button", onclick: () => this.restore(one.content) }, say("history.take"))))));
  }

  /** @param {Partial<Entry>} words */
  restore(words) {
    this.form.show(words);
    byId("form").dispatchEvent(new Event("input"));
    this.note(say("history.taken"));
  }

  /** @param {string} [text] @param {...HTMLElement} buttons */
  note(text = "", ...buttons) {
    const notice = byId("notice");
    notice.hidden = !text;
    notice.replaceChildren(element("p", null, text), ...(buttons.length ? [element("div.row", null, ...buttons)] : []));
  }
}
