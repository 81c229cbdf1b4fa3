// What the site's own scripts may do with the chat, and what they are told of it: that something was said and by whom, never
// the words, for such events end up in the statistics of others.

import { invite } from "./invite.js";

/** @param {HTMLElement} host @param {import("./chat.js").Chat} chat @param {() => import("./view.js").View} view @param {Record<string, string>} options */
export function site(host, chat, view, { invite: invitation, invitePages: pages = "*" }) {
  const tell = (name, detail) => { host.dispatchEvent(new CustomEvent(name, { detail })); };
  const toggle = (isOpen) => { if (isOpen !== chat.isOpen) view().toggle(isOpen); };
  const api = {
    open: () => toggle(true),
    close: () => toggle(false),
    toggle: () => toggle(!chat.isOpen),
    say(text) { // it is the customer who sends it
      toggle(true);
      if (text) view().compose.write(text);
      view().focusFirst();
    },
    identify: (token) => chat.identify(token),
  };
  const uninvite = invitation && invite(view(), invitation, pages, api.open);
  let [open, unread, watcher] = [false, 0];
  chat.tell = tell;
  document.addEventListener("click", (event) => {
    const opener = event.target.closest?.("[data-abiline-open]");
    if (!opener) return;
    event.preventDefault();
    api.say(opener.dataset.abilineOpen);
  });

  function opened() {
    open = chat.isOpen;
    host.toggleAttribute("open", open);
    tell(open ? "open" : "close");
    watcher?.destroy();
    if (!open) return;
    uninvite?.();
    if (!window.CloseWatcher || !matchMedia("(pointer: coarse)").matches) return;
    watcher = new CloseWatcher(); // Android's „back“ closes the chat, and the site's history is left alone
    watcher.onclose = api.close;
  }

  const changed = () => {
    if (open !== chat.isOpen) opened();
    const now = chat.unread.length;
    if (unread !== now) tell("unread", { count: (unread = now) });
  };
  changed();
  return { api, changed };
}
