// Puts the widget together on a page.

import { Api } from "./api.js";
import { Chat } from "./chat.js";
import { el } from "./dom.js";
import { device } from "./memory.js";
import { LANGUAGES } from "./messages.js";
import { View } from "./view.js";

/** @param {HTMLElement} host @param {{base: string, language?: string, position?: string, color?: string, theme?: string}} options */
export async function start(host, { base, language, position, color, theme }) {
  const wanted = [device.read("language"), language, document.documentElement.lang.slice(0, 2)].find((one) => one in LANGUAGES) ?? "et";
  const api = new Api(base);
  const [config, style] = await Promise.all([api.get(`config?language=${wanted}`), fetch(new URL("style.css", import.meta.url)).then((answer) => answer.text())]);
  const shadow = host.attachShadow({ mode: "open" });
  let root = el("div", { class: "abiline", lang: wanted, "data-theme": theme, "data-position": position });
  wear(shadow, style);
  shadow.append(root);
  document.documentElement.append(host); // not in body: sites that swap the body on a page change keep the chat
  paint(root, color);
  const chat = new Chat(api, config);
  let view = new View(root, chat, base);
  chat.changed = () => view.show();
  chat.retold = () => { // every word is another: a new tree in the place of the old one
    const old = root;
    old.replaceWith(root = old.cloneNode());
    root.lang = chat.config.language;
    view = new View(root, chat, base);
    view.show();
    root.querySelector("[aria-current]")?.focus();
  };
  chat.begin();
}

/** A constructed sheet passes any site's content security policy; a `<style>` element would not. */
function wear(shadow, style) {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    shadow.adoptedStyleSheets = [sheet];
  } catch {
    shadow.append(el("style", {}, style));
  }
}

/** The site's own colour, with the ink on it that is easier to read. */
function paint(root, color) {
  if (!color || !CSS.supports("color", color)) return;
  root.style.setProperty("--brand", color);
  root.style.color = color;
  const [red, green, blue] = getComputedStyle(root).color.match(/[\d.]+/g).map((part) => (part / 255 <= 0.04 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  root.style.color = "";
  const light = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  root.style.setProperty("--brand-ink", light > 0.179 ? "#000" : "#fff");
}
