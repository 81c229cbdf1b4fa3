// The launcher and the panel around the log: who speaks, the way to a person, the box to type in.

import { Bar } from "./bar.js";
import { Compose } from "./compose.js";
import { el, icon, tool } from "./dom.js";
import { logoOr } from "./look.js";
import { avatar, Messages } from "./messages.js";
import { rows } from "./rows.js";

export class View {
  #messages;
  #header = el("div.speaker", { id: "speaker", "aria-live": "polite" });
  #said = el("p.hidden", { role: "status" });
  #dot = el("span.dot", { "aria-hidden": "true" });
  #bar;
  #panel;
  #opener;
  #speaking;

  /** @param {HTMLElement} root @param {import("./chat.js").Chat} chat @param {string} base @param {() => HTMLElement | false} bell */
  constructor(root, chat, base, bell) {
    this.root = root;
    this.chat = chat;
    const { t } = chat;
    const touch = matchMedia("(pointer: coarse)").matches; // there the focus would bring up the keyboard over the answer
    this.compose = new Compose(chat);
    this.#messages = new Messages(chat, base, () => (touch ? this.#messages.element : this.compose).focus(), () => this.compose.rephrase());
    this.#bar = new Bar(chat, () => this.focusFirst());
    this.launcher = el("button.launcher", { onclick: () => this.toggle(!chat.isOpen) }, icon("chat"), this.#dot);
    const head = el("div.head", this.#header, bell(), tool("close", "close", t("close"), { onclick: () => this.toggle(false) }));
    this.#panel = el("section.panel", { role: "dialog", "aria-label": t("panel"), "aria-describedby": "speaker", hidden: true, tabindex: "-1" }, head, this.#messages.element, this.#messages.jump, this.#bar.element, this.compose.element);
    this.focusFirst = () => (touch || chat.due ? this.#panel : this.compose).focus();
    chat.left = () => this.compose.write("");
    root.append(this.#panel, this.launcher, this.#said);
    for (const name of ["paste", "dragover", "dragleave", "drop"]) this.#panel.addEventListener(name, (event) => chat.attach.take(event));
    for (const name of ["keydown", "keyup", "keypress", "focusin"]) root.addEventListener(name, (event) => this.#key(event));
    for (const name of ["resize", "scroll"]) visualViewport?.addEventListener(name, () => this.#fit());
    this.#fit();
  }

  toggle(isOpen) {
    if (isOpen) this.#opener = document.activeElement;
    this.chat.open(isOpen);
    if (isOpen) { this.#messages.toEnd(); this.focusFirst(); } else { this.#opener?.focus(); this.launcher.focus(); } // a launcher that is switched off takes no focus
  }

  show() {
    const { chat, launcher } = this;
    const { t, isOpen } = chat;
    const opening = isOpen && this.#panel.hidden;
    this.#panel.hidden = !isOpen;
    this.#cover();
    this.root.classList.toggle("open", isOpen);
    if (isOpen) {
      this.#speaker();
      this.#messages.show(rows(chat));
      this.#bar.show();
      this.compose.show();
      this.compose.element.hidden = this.#bar.element.hidden = chat.due;
      if (opening) this.#messages.toEnd();
      if (this.#messages.jump.hidden) chat.seen();
    }
    const news = isOpen ? 0 : chat.unread.length;
    const words = news ? t("unread", { count: news }) : "";
    if (this.#said.textContent !== words) this.#said.textContent = words;
    this.#dot.textContent = news > 9 ? "9+" : news;
    launcher.classList.toggle("news", news > 0);
    launcher.setAttribute("aria-expanded", String(isOpen));
    launcher.setAttribute("aria-label", t(isOpen ? "close" : "open") + (news ? ` · ${words}` : ""));
  }

  #speaker() {
    const { standing, config, t, logo } = this.chat;
    const [actor, name, role] = standing.agent ? ["agent", standing.agent, t("person")] : ["bot", config.bot_name, t("machine")];
    if (this.#speaking === actor + name) return;
    this.#speaking = actor + name;
    const isBot = actor === "bot";
    const face = avatar(actor, name);
    const parts = [isBot ? logoOr(logo, face) : face, el("span", el("b", name), " · ", el("span", role), el("small", config.company))];
    this.#header.replaceChildren(...(isBot ? [el("details", el("summary", parts), t("about"))] : parts)); // what „tehisaru“ means, on a tap
  }

  /** The page's own shortcuts must not hear what is typed here, nor its dialogs take the focus back. */
  #key(event) {
    event.stopPropagation();
    if (event.type === "keydown" && event.key === "Escape" && this.chat.isOpen) this.toggle(false);
  }

  /** On a phone the keyboard covers the page without making it smaller: follow what can really be seen. */
  #fit() {
    const { height = innerHeight, offsetTop = 0 } = visualViewport ?? {};
    this.root.style.setProperty("--seen", `${Math.round(height)}px`);
    this.root.style.setProperty("--top", `${Math.round(offsetTop)}px`);
    this.#cover();
  }

  /** Where the panel covers the page, neither keyboard nor screen reader get behind it. */
  #cover() {
    const covers = this.chat.isOpen && matchMedia("(max-width: 480px), (max-height: 460px)").matches;
    if (!this.root.isConnected || covers === (this.#panel.ariaModal === "true")) return;
    document.body.inert = covers;
    this.#panel.ariaModal = String(covers);
  }
}
