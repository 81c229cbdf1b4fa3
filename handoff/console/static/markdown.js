// The little Markdown of answers: bold, links, lists, line breaks. Built as elements, so nothing in it is ever HTML.
import { h } from "./dom.js";

const INLINE = /\*\*(.+?)\*\*|\[([^\]]+)\]\((https?:\/\/[^\s)]+)\)|(https?:\/\/[^\s<>()]+[^\s<>().,;:!?])/g;

/** @param {string} text @returns {HTMLElement} */
export function markdown(text) {
  const root = h("div", { class: "text" });
  /** @type {HTMLElement | null} */
  let list = null;
  for (const line of text.split("\n")) {
    const item = line.match(/^\s*(?:([-*•])|\d+[.)])\s+(.*)$/);
    if (!item) {
      list = null;
      if (line.trim()) root.append(h("p", {}, ...inline(line)));
      continue;
    }
    const tag = item[1] ? "ul" : "ol";
    if (list?.localName !== tag) root.append((list = h(tag)));
    list.append(h("li", {}, ...inline(item[2])));
  }
  return root;
}

/** @param {string} text @returns {(Node | string)[]} */
function inline(text) {
  /** @type {(Node | string)[]} */
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    parts.push(text.slice(from, match.index));
    if (match[1]) parts.push(h("strong", {}, match[1]));
    else parts.push(h("a", { href: match[3] ?? match[4], rel: "noopener noreferrer", target: "_blank" }, match[2] ?? match[4]));
    from = match.index + match[0].length;
  }
  parts.push(text.slice(from));
  return parts;
}
