// An invitation beside the launcher: once, after some seconds on a page, never while somebody types; × or Escape ends it.

import { el, tool } from "./dom.js";
import { session } from "./memory.js";
import { fits } from "./pages.js";

const SHOWN = "invited"; // that it was shown, and no more, in this tab: nobody is asked twice

/** @param {import("./view.js").View} view @param {string} written „20: Kas saame aidata?“ @param {string} pages where, such as „/kassa* /tagastus“ @param {() => void} accept */
export function invite({ root, chat, launcher }, written, pages, accept) {
  if (chat.talk || session.read(SHOWN)) return;
  const place = el("div.invite", { role: "status" }); // there before its words come, so that they are read out
  let [page, spent] = ["", 0];
  const end = () => {
    clearInterval(clock);
    removeEventListener("keydown", escape, true);
    if (place.contains(root.getRootNode().activeElement)) launcher.focus();
    place.remove();
  };
  const escape = ({ key }) => key === "Escape" && end();
  const clock = setInterval(() => {
    if (page !== location.pathname) [page, spent] = [location.pathname, 0]; // also where a site changes pages by itself
    const busy = document.hidden || place.firstChild || document.activeElement?.matches("input, textarea, [contenteditable]");
    if (!pages.split(" ").some(fits) || ++spent < parseInt(written) || busy) return;
    if (!chat.config.consent_due) session.write(SHOWN, 1);
    place.append(el("button.invited", { onclick: accept }, written.replace(/^\d+:\s*/, "")), tool("close", "close", chat.t("dismiss"), { onclick: end }));
    addEventListener("keydown", escape, true);
  }, 1000);
  root.append(place);
  return end;
}
