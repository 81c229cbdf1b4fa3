// The log: turns rows into elements and leaves alone what has not changed.

import { el, icon } from "./dom.js";
import { markdown, plain } from "./markdown.js";

export const LANGUAGES = { et: "Eesti", en: "English", ru: "Русский" };

export class Messages {
  /** @param {import("./chat.js").Chat} chat @param {string} base @param {() => void} afterChoice */
  constructor(chat, base, afterChoice) {
    Object.assign(this, { chat, base, afterChoice, made: new Map() });
    this.element = el("div", { class: "log", role: "log", tabindex: "0", "aria-label": chat.t("log") });
  }

  /** @param {{key: string, type: string}[]} rows */
  show(rows) {
    const atEnd = this.element.scrollHeight - this.element.scrollTop - this.element.clientHeight < 80;
    const mine = rows.findLast((row) => row.type === "said")?.key;
    const made = new Map();
    for (const row of rows) {
      const sign = JSON.stringify(row);
      const before = this.made.get(row.key);
      made.set(row.key, before?.sign === sign ? before : { sign, element: this[row.type](row) });
    }
    for (const [key, { element }] of this.made) if (made.get(key)?.element !== element) element.remove();
    let place = this.element.firstChild;
    for (const { element } of made.values()) {
      if (element === place) place = place.nextSibling;
      else this.element.insertBefore(element, place);
    }
    this.made = made;
    if (atEnd || (mine !== this.newest && rows.some((row) => row.key === mine && row.actor === "customer"))) this.toEnd();
    this.newest = mine;
  }

  toEnd() { this.element.scrollTop = this.element.scrollHeight; }

  system({ text, icon: name }) { return el("p", { class: "system" }, name && icon(name), text); }

  who({ actor, name, time }) {
    const { t, config } = this.chat;
    if (actor === "customer") return el("p", { class: "who customer" }, el("span", { class: "hidden" }, `${t("you")} `), time);
    const [called, role] = actor === "bot" ? [config.bot_name, t("machine")] : [name ?? config.company, t("person")];
    return el("p", { class: `who ${actor}` }, avatar(actor, called), el("span", {}, el("b", {}, called), ` · ${role} · ${time}`));
  }

  said({ actor, text, language }) {
    return el("div", { class: `said ${actor}`, lang: language }, ...(actor === "bot" ? markdown(text) : plain(text)));
  }

  notice() {
    const { t, config } = this.chat;
    const page = (name) => el("a", { href: `${this.base}${name}?lang=${config.language}`, target: "_blank", rel: "noopener" }, t(name));
    const languages = Object.entries(LANGUAGES).map(([code, name]) => el("button", { class: "link", lang: code, "aria-current": code === config.language && "true", onclick: () => this.chat.speak(code) }, name));
    return el("div", { class: "notice" }, `${t("notice")} `, page("privacy"), " · ", page("accessibility"), el("div", { role: "group", "aria-label": t("language") }, ...languages));
  }

  consent() {
    const agree = () => { this.chat.agree(); this.afterChoice(); };
    return el("div", {}, this.notice(), el("div", { class: "chips" }, el("button", { class: "chip", onclick: agree }, this.chat.t("agree"))));
  }

  chips({ number, titles, chosen }) {
    const choose = (place) => { this.chat.choose(number, place, titles[place]); this.afterChoice(); };
    const chip = (title, place) => el("button", { class: "chip", disabled: chosen !== null, "aria-pressed": place === chosen && "true", onclick: () => choose(place) }, place === chosen && icon("check"), title);
    return el("div", { class: "chips", "aria-live": chosen !== null && "off" }, ...titles.map(chip));
  }

  rating({ number, rated }) {
    const { t } = this.chat;
    const thumb = (name, helpful) => el("button", { class: "thumb", "aria-label": t(name), title: t(name), "aria-pressed": String(rated === helpful), onclick: () => this.#rate(number, helpful, name) }, icon(name));
    return el("div", { class: "rating" }, el("span", {}, t(rated === null ? "helpful" : "thanks")), thumb("yes", true), thumb("no", false));
  }

  status({ key, status }) {
    const { t } = this.chat;
    if (status !== "failed") return el("p", { class: "status" }, status !== "sending" && icon("check"), t(status));
    return el("p", { class: "status failed" }, `${t("failed")} · `, el("button", { class: "link", "data-key": key, onclick: () => this.chat.outbox.retry() }, t("again")));
  }

  typing({ actor, name }) {
    return el("div", { class: `said typing ${actor}` }, el("i"), el("i"), el("i"), el("span", { class: actor === "bot" ? "hidden" : "" }, this.chat.t("typing", { name })));
  }

  #rate(number, helpful, name) {
    this.chat.rate(number, helpful);
    const made = [...this.made.entries()].find(([key]) => key === `rating:${number}`);
    made?.[1].element.querySelector(`.icon-${name}`)?.parentElement.focus(); // the row was made anew
  }
}

/** A machine has a sign, a person initials: told apart without colour. */
export function avatar(actor, name) {
  if (actor === "bot") return el("span", { class: "avatar bot", "aria-hidden": "true" }, icon("bot"));
  const initials = name.split(/\s+/).map((word) => [...word][0] ?? "").slice(0, 2).join("").toUpperCase();
  return el("span", { class: "avatar agent", "aria-hidden": "true" }, initials);
}
