// Files: chosen, pasted or dropped, sent with a sign of how far they have got, and how they look in the log.

import { Refused } from "./api.js";
import { el, icon, tool } from "./dom.js";
import { random } from "./memory.js";

const PREVIEW = 480; // px, the longer side of what the service gives

export class Attach {
  #chat;
  /** What this page has of the files on their way, by the id of their message; after a reload nothing. @type {Map<string, {file: File, call?: XMLHttpRequest, bar?: any}>} */
  #held = new Map();

  /** @param {import("./chat.js").Chat} chat */
  constructor(chat) {
    this.#chat = chat;
    this.allowed = chat.config.files; // null where no files are taken
  }

  choose() {
    const picker = el("input", { type: "file", multiple: true, accept: this.allowed.accept, onchange: () => this.#add(picker.files) });
    picker.click();
  }

  /** What is pasted or dropped. What a text program copies brings a picture of its text: then the text is meant. */
  take(event) {
    const { types, files } = event.clipboardData ?? event.dataTransfer;
    if (!this.allowed || this.#chat.due || !types.includes("Files") || types.includes("text/plain")) return;
    event.preventDefault();
    event.currentTarget.classList.toggle("dropping", event.type === "dragover");
    this.#add(files);
  }

  /** @param {Iterable<File>} files */
  #add(files) {
    for (const file of files) {
      const { name, size } = file;
      const client_id = random(16);
      if (size > this.allowed.most) this.#chat.trouble("file_too_large", { name });
      else {
        this.#held.set(client_id, { file });
        this.#chat.outbox.add({ client_id, files: [{ name, size }] });
      }
    }
  }

  /** Whether its bytes are here. @param {string} id */
  holds(id) { return this.#held.has(id); }

  /** It is in the log, or no longer wanted. @param {string} id */
  drop(id) {
    this.#held.get(id)?.call?.abort();
    this.#held.delete(id);
  }

  /** Gives the service's answer. Raises `Refused`. @param {import("./outbox.js").Item} item */
  send({ client_id, files: [{ name }] }) {
    const { api } = this.#chat;
    const held = this.#held.get(client_id);
    const call = held.call = new XMLHttpRequest(); // fetch does not tell how far it has got
    call.open("POST", api.address(`/files/${client_id}`));
    call.setRequestHeader("Authorization", api.bearer);
    call.setRequestHeader("Abiline-File-Name", encodeURIComponent(name));
    call.responseType = "json";
    call.upload.onprogress = ({ loaded }) => { if (held.bar) held.bar.value = loaded; };
    return new Promise((done, failed) => {
      call.onloadend = () => {
        const { number, code } = call.response ?? {};
        if (number) done({ number });
        else failed(new Refused(code, code ? call.status : 0)); // what has no code is not the service's own answer
      };
      call.send(held.file);
    });
  }

  /** One file in the log: a picture, or a card with its name. @param {{actor: string, file: any, id: string, status?: string}} row */
  show({ actor, file, id, status }) {
    const { t, config, api, outbox } = this.#chat;
    const size = sized(file.size, config.language);
    const parts = [icon("file"), el("span", file.name, el("small", size))];
    const kind = `said.${actor}.file`;
    if (status) {
      const bar = status === "sending" && el("progress", { max: file.size, "aria-label": file.name });
      if (this.holds(id)) this.#held.get(id).bar = bar;
      return el(`div.${kind}`, parts, bar, status !== "kept" && tool("thumb", "close", `${t("cancel")}: ${file.name}`, { onclick: () => outbox.drop(id) }));
    }
    const path = `/files/${file.id}`;
    const scale = Math.min(1, PREVIEW / Math.max(file.width, file.height));
    const canvas = file.width && el("canvas", { width: file.width * scale, height: file.height * scale }); // no site's content security policy forbids one
    if (canvas) this.#draw(canvas, `${path}/preview`).catch(() => canvas.replaceWith(...parts));
    return el(`button.${kind}`, { "aria-label": `${t(canvas ? "enlarge" : "save")}: ${file.name}, ${size}`, onclick: () => api.visit(`${path}/open`) }, canvas || parts);
  }

  async #draw(canvas, path) {
    const response = await this.#chat.api.fetch(path);
    canvas.getContext("2d").drawImage(await createImageBitmap(await response.blob()), 0, 0, canvas.width, canvas.height);
  }
}

/** „1,2 MB“ @param {number} bytes @param {string} language */
const sized = (bytes, language) => `${Math.max(0.1, bytes / 1e6).toLocaleString(language, { maximumFractionDigits: 1 })}\u00a0MB`;
