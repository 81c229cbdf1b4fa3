// The log: turns rows into elements and leaves alone what has not changed.

import { el, icon } from "./dom.js";
import { markdown, plain } from "./markdown.js";
import { clock } from "./times.js";

const NEAR = 80; // px from the end that still count as the end

export const LANGUAGES = { et: "Eesti", en: "English", ru: "Русский" };

export class Messages {
  /** @param {import("./chat.js").Chat} chat @param {string} base @param {() => void} afterChoice @param {() => void} rephrase */
  constructor(chat, base, afterChoice, rephrase) {
    Object.assign(this, { chat, base, afterChoice, rephrase, made: new Map(), atEnd: true });
    this.element = el("div", { class: "log", role: "log", tabindex: "0", "aria-label": chat.t("log"), onscroll: () => this.#scrolled() });
    const follow = () => this.atEnd && this.toEnd();
    this.element.addEventListener("load", follow, true); // a picture has taken its place
    new ResizeObserver(follow).observe(this.element); // the box below has grown, a phone's keyboard has come
    this.jump = el("button", { class: "chip jump", hidden: true, onclick: () => { this.toEnd(); this.element.focus(); chat.seen(); } }, chat.t("jump"));
  }

  /** @param {{key: string, type: string}[]} rows */
  show(rows) {
    const { atEnd } = this;
    const newest = rows.findLast((row) => row.type === "said");
    this.#draw(rows);
    const isNew = newest && newest.key !== this.newest;
    this.newest = newest?.key;
    if (atEnd || (isNew && newest.actor === "customer")) this.toEnd(isNew && this.made.get(newest.key).element);
    else if (isNew) this.jump.hidden = false;
  }

  /** To the end, or to where the newest message begins when it is longer than what can be seen. @param {HTMLElement} [newest] */
  toEnd(newest) {
    const { element } = this;
    element.scrollTop = Math.min(element.scrollHeight, newest ? newest.offsetTop - element.offsetTop - 40 : Infinity);
    this.jump.hidden = true;
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    this.atEnd = scrollHeight - scrollTop - clientHeight < NEAR;
    if (this.jump.hidden || !this.atEnd) return;
    this.jump.hidden = true;
    this.chat.seen();
  }

  #draw(rows) {
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
  }

  system({ text, icon: name }) { return el("p", { class: "system" }, name && icon(name), text); }

  who({ actor, name, at }) {
    const { t, config } = this.chat;
    const moment = new Date(at);
    const time = el("time", { datetime: at, title: moment.toLocaleString(config.language) }, clock(config.language, moment));
    if (actor === "customer") return el("p", { class: "who customer" }, el("span", { class: "hidden" }, `${t("you")} `), time);
    const [called, role] = actor === "bot" ? [config.bot_name, t("machine")] : [name ?? config.company, t("person")];
    return el("p", { class: `who ${actor}` }, avatar(actor, called), el("span", {}, el("b", {}, called), ` · ${role} · `, time));
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
    const choose = (place) => {
      if (number) this.chat.choose(number, place, titles[place]);
      else if (place) this.chat.human();
      else return this.rephrase();
      this.afterChoice();
    };
    const chip = (title, place) => el("button", { class: "chip", disabled: chosen !== null, "aria-pressed": place === chosen && "true", onclick: () => choose(place) }, place === chosen && icon("check"), title);
    return el("div", { class: "chips", "aria-live": chosen !== null && "off" }, ...titles.map(chip));
  }

  rating({ number, rated, asks }) {
    const { t } = this.chat;
    const thumb = (name, helpful) => el("button", { class: "thumb", "aria-label": t(name), title: t(name), "aria-pressed": String(rated === helpful), onclick: () => this.#rate(number, helpful, name) }, icon(name));
    return el("div", { class: "rating" }, el("span", {}, t(asks)), thumb("yes", true), thumb("no", false));
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
