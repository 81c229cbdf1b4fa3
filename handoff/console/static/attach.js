// Files: a picture or a card in the log, and those on their way to the customer, each a message of its own.
import { conversation, newId } from "./api.js";
import { button, h } from "./dom.js";
import { icon } from "./icons.js";
import { start, t, tOr } from "./texts.js";

/** @typedef {{id: string, name: string, type: string, size: number, width?: number, height?: number}} Attached */
/** @typedef {{client_id: string, file: File}} Upload */

/** What is on its way, as it is shown: it goes on while another conversation is open. @type {Map<string, {id: string, upload: Upload, under: HTMLElement[]}>} */
const underWay = new Map();
/** Who shows the files of a conversation now. @type {Map<string, Attach>} */
const shown = new Map();
const amount = new Intl.NumberFormat(start.language, { maximumFractionDigits: 1 });

/** „1,2 MB“ @param {number} bytes */
const sized = (bytes) => `${amount.format(Math.max(0.1, bytes / 1e6))}\u00a0MB`;

/** A file that was sent, as a link that shows a picture or saves anything else. @param {string} id of the conversation @param {Attached} file */
export function attached(id, file) {
  const address = `/api/desk${conversation(id, "files")}/${file.id}`;
  if (!file.width || !file.height) return h("a", { class: "bubble file", href: address, download: file.name, "aria-label": `${t("file.save")}: ${file.name}, ${sized(file.size)}` }, ...card(file.name, file.size));
  const scale = Math.min(1, 240 / Math.max(file.width, file.height)); // its place is kept while it comes
  const picture = h("img", { src: `${address}/preview`, alt: `${t("file.picture")}: ${file.name}`, width: Math.round(file.width * scale), height: Math.round(file.height * scale), loading: "lazy" });
  return h("a", { class: "picture", href: address, target: "_blank", rel: "noopener" }, picture);
}

/** @param {string} name @param {number} size */
const card = (name, size) => [icon("file"), h("span", {}, name, h("small", {}, sized(size)))];

export class Attach {
  /** @param {string} id of the conversation @param {{show: (clientId: string, item: HTMLElement) => void, settle: (clientId: string) => void}} log @param {(text: string) => void} say tells the agent why a file was not taken */
  constructor(id, log, say) {
    this.id = id;
    this.log = log;
    this.say = say;
    shown.set(id, this);
    /** @type {boolean} whether the customer may be answered now */ this.open = false;
    this.picker = /** @type {HTMLInputElement} */ (h("input", { type: "file", multiple: true, accept: start.files?.accept, hidden: true, on: { change: () => this.chosen() } }));
    this.button = h("button", { type: "button", class: "button quiet small icon", "aria-label": t("file.attach"), title: t("file.attach"), on: { click: () => this.picker.click() } }, icon("clip"), this.picker);
    for (const { id: where, upload, under } of underWay.values()) if (where === id) this.draw(upload, ...under);
  }

  /** @param {boolean} open */
  show(open) {
    this.open = open && Boolean(start.files);
    this.button.hidden = !this.open;
  }

  /** Files pasted into the field or dropped onto the column are sent, too. @param {HTMLElement} field @param {HTMLElement} column @param {AbortSignal} over */
  listen(field, column, over) {
    field.addEventListener("paste", (event) => {
      const { clipboardData: data } = /** @type {ClipboardEvent} */ (event);
      if (this.open && data?.files.length && !data.getData("text")) { // what a text program copies has its picture with it: the text is meant
        event.preventDefault();
        this.add(data.files);
      }
    });
    for (const name of ["dragover", "dragleave", "drop"]) column.addEventListener(name, (event) => this.drop(column, /** @type {DragEvent} */ (event)), { signal: over });
  }

  /** @param {HTMLElement} column @param {DragEvent} event */
  drop(column, event) {
    if (!this.open || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    column.classList.toggle("dropping", event.type === "dragover");
    if (event.type === "drop") this.add(event.dataTransfer.files);
  }

  chosen() {
    this.add(this.picker.files ?? []);
    this.picker.value = "";
  }

  /** @param {Iterable<File>} files */
  add(files) {
    for (const file of files) {
      if (file.size > start.files.most) this.say(this.why("file_too_large", file.name));
      else this.send({ client_id: newId(), file });
    }
  }

  /** @param {Upload} upload */
  send(upload) {
    const call = new XMLHttpRequest(); // fetch does not tell how far it has got
    const progress = /** @type {HTMLProgressElement} */ (h("progress", { max: upload.file.size, value: 0, "aria-label": upload.file.name }));
    call.open("POST", `/api/desk${conversation(this.id, "files")}/${upload.client_id}`);
    call.setRequestHeader("X-CSRF-Token", start.csrf);
    call.setRequestHeader("Abiline-File-Name", encodeURIComponent(upload.file.name));
    call.responseType = "json";
    call.upload.onprogress = ({ loaded }) => { progress.value = loaded; };
    call.onloadend = () => shown.get(this.id)?.ended(upload, call);
    call.send(upload.file);
    this.draw(upload, progress, button(t("file.cancel"), () => { call.onloadend = null; call.abort(); this.forget(upload); }, "small quiet"));
  }

  /** The stream brings what was kept; what can be sent again stays, and what can't is explained. @param {Upload} upload @param {XMLHttpRequest} call */
  ended(upload, call) {
    if (call.status >= 200 && call.status < 300) return void underWay.delete(upload.client_id);
    if (call.status === 422) {
      this.forget(upload);
      return this.say(this.why(call.response?.code, upload.file.name));
    }
    const why = call.status === 0 ? t("failure.offline") : tOr(`failure.${call.response?.code}`, t("failure.error"));
    const again = button(t("message.again"), () => this.send(upload), "small");
    this.draw(upload, h("span", { class: "state failed", role: "alert" }, t("message.failed", { why }), " ", again, button(t("message.discard"), () => this.forget(upload), "small quiet")));
  }

  /** @param {Upload} upload @param {...HTMLElement} under */
  draw(upload, ...under) {
    const { name, size } = upload.file;
    underWay.set(upload.client_id, { id: this.id, upload, under });
    this.log.show(upload.client_id, h("li", { class: "message agent pending" }, h("div", { class: "bubble file" }, ...card(name, size)), h("div", { class: "under" }, ...under)));
  }

  /** @param {Upload} upload */
  forget(upload) {
    underWay.delete(upload.client_id);
    shown.get(this.id)?.log.settle(upload.client_id);
  }

  /** @param {string} code @param {string} name */
  why(code, name) {
    return t(start.texts[`failure.${code}`] ? `failure.${code}` : "failure.file_type", { name, kinds: start.files.kinds, most: start.files.most / 1e6 });
  }
}
