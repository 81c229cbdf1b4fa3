// Files: on their way to the service, each a message of its own, and how they look in the log.

import { el, icon, tap } from "./dom.js";
import { random, tab } from "./memory.js";

const PREVIEW = 480; // px, the longer side of what the service gives

export class Attach {
  /** @param {import("./chat.js").Chat} chat */
  constructor(chat) {
    this.chat = chat;
    this.allowed = chat.config.files; // null where no files are taken
    /** After a reload only names are left, the bytes are chosen again. @type {{client_id: string, at: string, status: string, files: {name: string, size: number}[], file: File | null, call?: XMLHttpRequest | null, bar?: any}[]} */
    this.items = (tab.read("files") ?? []).map((item) => ({ ...item, status: "failed", file: null, call: null }));
    addEventListener("online", () => this.again());
  }

  choose() {
    const picker = el("input", { type: "file", multiple: true, accept: this.allowed.accept, onchange: () => this.add(picker.files) });
    picker.click();
  }

  /** What is pasted or dropped. What a text program copies brings a picture of its text: then the text is meant. */
  take(event) {
    const { types, files } = event.clipboardData ?? event.dataTransfer;
    if (!this.allowed || !types.includes("Files") || types.includes("text/plain")) return;
    event.preventDefault();
    event.currentTarget.classList.toggle("dropping", event.type === "dragover");
    if (files.length) this.add(files);
  }

  /** @param {Iterable<File>} files */
  add(files) {
    for (const file of files) {
      const { name, size } = file;
      if (size > this.allowed.most) this.chat.refuse("file_too_large", { name });
      else this.items.push({ client_id: random(16), at: new Date().toISOString(), status: "failed", files: [{ name, size }], file });
    }
    this.again();
  }

  /** Send what waits or failed. @param {string} [id] the one that was meant */
  async again(id) {
    for (const item of this.items) {
      if (item.status === "failed" && item.file) item.status = "sending";
      else if (item.client_id === id) { this.drop(id); this.choose(); }
    }
    this.#changed();
    if (this.busy) return;
    this.busy = true;
    for (let item; (item = this.items.find(({ status }) => status === "sending")); this.#changed()) {
      const answer = await this.chat.ready().then(() => this.#send(item), () => null);
      item.status = answer?.number ? "kept" : "failed";
      if (answer?.field) { this.drop(item.client_id); this.chat.refuse(answer.code, item.files[0]); }
    }
    this.busy = false;
  }

  /** It is in the log, or no longer wanted. @param {string} id */
  drop(id) {
    const item = this.items.find((one) => one.client_id === id);
    if (!item) return;
    this.items = this.items.filter((one) => one !== item);
    item.call?.abort();
    this.#changed();
  }

  /** One file in the log: a picture, or a card with its name. @param {{actor: string, file: any, id: string, status?: string}} row */
  show({ actor, file, id, status }) {
    const { chat } = this;
    const size = sized(file.size, chat.config.language);
    const parts = [icon("file"), el("span", {}, file.name, el("small", {}, size))];
    const kind = { class: `said ${actor} file` };
    const item = this.items.find((one) => one.client_id === id);
    if (item) {
      item.bar = status === "sending" && el("progress", { max: file.size, value: 0, "aria-label": file.name });
      return el("div", kind, ...parts, item.bar, status !== "kept" && tap("thumb", `${chat.t("cancel")}: ${file.name}`, () => this.drop(id), "close"));
    }
    const path = `conversations/${chat.talk.id}/files/${file.id}`;
    const scale = Math.min(1, PREVIEW / Math.max(file.width, file.height));
    const canvas = el("canvas", { width: file.width * scale, height: file.height * scale }); // no site's content security policy forbids one
    if (file.width) this.#draw(canvas, `${path}/preview`).catch(() => canvas.replaceWith(...parts));
    return el("button", { ...kind, type: "button", "aria-label": `${chat.t(file.width ? "enlarge" : "save")}: ${file.name}, ${size}`, onclick: () => chat.api.visit(`${path}/open`) }, ...(file.width ? [canvas] : parts));
  }

  async #draw(canvas, path) {
    canvas.getContext("2d").drawImage(await createImageBitmap(await this.chat.api.blob(path)), 0, 0, canvas.width, canvas.height);
  }

  /** Gives the service's answer; null when none came. */
  #send(item) {
    const { api, talk } = this.chat;
    const call = item.call = new XMLHttpRequest(); // fetch does not tell how far it has got
    call.open("POST", `${api.base}conversations/${talk.id}/files/${item.client_id}`);
    call.setRequestHeader("Authorization", `Bearer ${api.secret}`);
    call.setRequestHeader("Abiline-File-Name", encodeURIComponent(item.file.name));
    call.responseType = "json";
    call.upload.onprogress = ({ loaded }) => { if (item.bar) item.bar.value = loaded; };
    return new Promise((done) => {
      call.onloadend = () => done(call.response);
      call.send(item.file);
    });
  }

  #changed() {
    tab.write("files", this.items[0] ? this.items : null);
    this.chat.changed();
  }
}

/** „1,2 MB“ @param {number} bytes @param {string} language */
const sized = (bytes, language) => `${Math.max(0.1, bytes / 1e6).toLocaleString(language, { maximumFractionDigits: 1 })}\u00a0MB`;
