// Puts the widget together on a page.

import { dress } from "./look.js";
import { Api } from "./api.js";
import { attention } from "./attention.js";
import { Chat } from "./chat.js";
import { el } from "./dom.js";
import { device } from "./memory.js";
import { LANGUAGES } from "./messages.js";
import { site } from "./site.js";
import { View } from "./view.js";

/** @param {HTMLElement} host @param {Record<string, string>} options `base`, and the data- options of the tag (docs/widget.md); gives what the site's scripts may do */
export async function start(host, options) {
  const { base, language, sound } = options;
  const wanted = [device.read("language"), language, document.documentElement.lang.slice(0, 2)].find((one) => one in LANGUAGES) ?? "et";
  const api = new Api(base);
  const config = await api.get(`config?language=${wanted}`);
  let root = el("div.abiline", { lang: wanted });
  Object.assign(root.dataset, options); // the sheet goes by them
  dress(host, root, options);
  const chat = new Chat(api, config);
  chat.logo = options.logo;
  const { bell, look } = attention(chat, sound !== "off");
  let view = new View(root, chat, base, bell);
  chat.changed = () => view.show();
  chat.retold = () => { // every word is another: a new tree in the place of the old one
    const old = root;
    old.replaceWith(root = old.cloneNode());
    root.lang = chat.config.language;
    view = new View(root, chat, base, bell);
    view.show();
    root.querySelector("[aria-current]")?.focus();
  };
  chat.begin();
  const { api: doors, changed } = site(host, chat, () => view, options);
  chat.changed = () => { view.show(); look(); changed(); };
  look();
  return doors;
}
