// The log: turns rows into elements and leaves alone what has not changed.

import { el, icon, tool } from "./dom.js";
import { clock } from "./times.js";
import { built } from "./words.js";

const NEAR = 80; // px from the end that still count as the end
const EARLY = 300; // px from the beginning at which what was said before is asked for

export const LANGUAGES = { et: "Eesti", en: "English", ru: "Русский" };

export class Messages {
  #chat;
  #base;
  #afterChoice;
  #rephrase;
  #made = new Map();
  #atEnd = true;
  #newest;
  #first;

  /** @param {import("./chat.js").Chat} chat @param {string} base @param {() => void} afterChoice @param {() => void} rephrase */
  constructor(chat, base, afterChoice, rephrase) {
    this.#chat = chat;
    this.#base = base;
    this.#afterChoice = afterChoice;
    this.#rephrase = rephrase;
    this.element = el("div.log", { role: "log", tabindex: "0", "aria-label": chat.t("log"), onscroll: () => this.#scrolled() });
    const follow = () => this.#atEnd && this.toEnd();
    this.element.addEventListener("load", follow, true); // a picture has taken its place
    new ResizeObserver(follow).observe(this.element); // the box below has grown, a phone's keyboard has come
    this.jump = el("button.chip.jump", { hidden: true, onclick: () => { this.toEnd(); this.element.focus(); chat.seen(); } }, chat.t("jump"));
  }

  /** @param {{key: string, type: string}[]} rows */
  show(rows) {
    const { element } = this;
    const { first } = this.#chat;
    const atEnd = this.#atEnd;
    const rest = element.scrollHeight - element.scrollTop;
    const areOlder = first < this.#first;
    this.#first = first;
    element.ariaLive = areOlder ? "off" : "polite"; // what was said long ago is no news
    const newest = rows.findLast((row) => /said|file/.test(row.type));
    this.#draw(rows);
    const isNew = newest && newest.key !== this.#newest;
    this.#newest = newest?.key;
    if (areOlder) element.scrollTop = element.scrollHeight - rest; // what was looked at stays where it was
    if (atEnd || (isNew && newest.actor === "customer")) this.toEnd(isNew && this.#made.get(newest.key).element);
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
    this.#atEnd = scrollHeight - scrollTop - clientHeight < NEAR;
    if (scrollTop < EARLY) this.#chat.older();
    if (this.jump.hidden || !this.#atEnd) return;
    this.jump.hidden = true;
    this.#chat.seen();
  }

  #draw(rows) {
    const made = new Map();
    for (const row of rows) {
      const sign = JSON.stringify(row);
      const before = this.#made.get(row.key);
      made.set(row.key, before?.sign === sign ? before : { sign, element: this[row.type](row) });
    }
    for (const [key, { element }] of this.#made) if (made.get(key)?.element !== element) element.remove();
    let place = this.element.firstChild;
    for (const { element } of made.values()) {
      if (element === place) place = place.nextSibling;
      else this.element.insertBefore(element, place);
    }
    this.#made = made;
  }

  system({ text, icon: name }) { return el("p.system", icon(name), text); }

  who({ actor, name, at }) {
    const { t, config } = this.#chat;
    const moment = new Date(at);
    const time = el("time", { datetime: at, title: moment.toLocaleString(config.language) }, clock(config.language, moment));
    if (actor === "customer") return el("p.who.customer", el("span.hidden", `${t("you")} `), time);
    const [called, role] = actor === "bot" ? [config.bot_name, t("machine")] : [name ?? config.company, t("person")];
    return el(`p.who.${actor}`, avatar(actor, called), el("span", el("b", called), ` · ${role} · `, time));
  }

  said({ actor, shown, language }) { return el(`div.said.${actor}`, { lang: language }, shown.map(built)); }

  file(row) { return this.#chat.attach.show(row); }

  notice({ talk }) {
    const { t, config } = this.#chat;
    const page = (name) => el("a", { href: `${this.#base}${name}?lang=${config.language}`, target: "_blank", rel: "noopener" }, t(name));
    const languages = Object.entries(LANGUAGES).map(([code, name]) => el("button.link", { lang: code, "aria-current": code === config.language && "true", onclick: () => this.#chat.speak(code) }, name));
    return el("div.notice", `${t("notice")} `, page("privacy"), " · ", page("accessibility"), config.help && [" · ", page("help")], talk && [" · ", el("button.link", { onclick: () => this.#chat.keep() }, t("keep"))], el("div", { role: "group", "aria-label": t("language") }, languages));
  }

  consent(row) {
    const agree = () => { this.#chat.agree(); this.#afterChoice(); };
    return el("div", this.notice(row), el("div.chips", el("button.chip", { onclick: agree }, this.#chat.t("agree"))));
  }

  chips({ number, titles, chosen }) {
    const choose = (place) => {
      if (number) this.#chat.choose(number, place, titles[place]);
      else if (place) this.#chat.human();
      else return this.#rephrase();
      this.#afterChoice();
    };
    const chip = (title, place) => el("button.chip", { disabled: chosen !== null, "aria-pressed": place === chosen && "true", onclick: () => choose(place) }, place === chosen && icon("check"), title);
    return el("div.chips", { "aria-live": chosen !== null && "off" }, titles.map(chip));
  }

  rating({ number, rated, asks }) {
    const { t } = this.#chat;
    const thumb = (name, helpful) => tool("thumb", name, t(name), { "aria-pressed": String(rated === helpful), onclick: () => this.#rate(number, helpful, name) });
    return el("div.rating", el("span", t(asks)), thumb("yes", true), thumb("no", false));
  }

  status({ id, status, lost }) {
    const { t, outbox, attach } = this.#chat;
    if (status !== "failed") return el("p.status", status !== "sending" && icon("check"), t(status));
    const again = () => {
      if (!lost) return outbox.retry();
      outbox.drop(id);
      attach.choose();
    };
    return el("p.status.failed", `${t("failed")} · `, el("button.link", { onclick: again }, t("again")));
  }

  typing({ actor, name }) {
    return el(`div.said.typing.${actor}`, el("i"), el("i"), el("i"), el(actor === "bot" ? "span.hidden" : "span", this.#chat.t("typing", { name })));
  }

  #rate(number, helpful, name) {
    this.#chat.rate(number, helpful);
    this.#made.get(`rating:${number}`)?.element.querySelector(`.icon-${name}`).parentElement.focus(); // the row was made anew
  }
}

/** A machine has a sign, a person initials: told apart without colour. */
export function avatar(actor, name) {
  const initials = name.split(/\s+/).map((word) => [...word][0]).slice(0, 2).join("").toUpperCase();
  return el(`span.avatar.${actor}`, { "aria-hidden": "true" }, actor === "bot" ? icon("bot") : initials);
}
