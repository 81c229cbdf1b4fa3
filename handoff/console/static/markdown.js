// The little Markdown of answers: bold, italics, code, links, lists, headings, line breaks. Built as elements, so nothing in it is ever HTML.
import { h } from "./dom.js";

const BARE = /((?:https?:\/\/|www\.)[^\s<>„“”"]*[^\s<>„“”".,;:!?)\]]|[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+|\+\d[\d ]{6,14}\d|\b(?:5\d{2,3} ?\d{3,4}|[67]\d\d \d{4})\b)/;
const INLINE = new RegExp(/`([^`]+)`|\*\*(.+?)\*\*|\*([^*\s][^*]*)\*(?!\w)|!?\[([^\]]*)\]\(((?:\([^\s()]*\)|[^\s()])+)\)|/.source + BARE.source, "g");

/** @param {string} text @returns {HTMLElement} */
export function markdown(text) {
  const root = h("div", { class: "text" });
  /** @type {HTMLElement | null} */
  let list = null;
  for (const line of text.split("\n")) {
    const item = line.match(/^\s*(?:([-*•])|(\d+)[.)])\s+(.*)$/);
    if (!item) {
      if (!line.trim()) continue; // the steps of a list may stand apart
      list = null;
      root.append(h("p", {}, ...inline(line.replace(/^#{1,6}\s+(.*)$/, "**$1**"))));
      continue;
    }
    const tag = item[1] ? "ul" : "ol";
    if (list?.localName !== tag) root.append((list = h(tag, { start: item[2] > "1" && item[2] })));
    list.append(h("li", {}, ...inline(item[3])));
  }
  return root;
}

/** What a customer wrote: only addresses become links, so that each leads where it says. @param {string} text @returns {HTMLElement} */
export function plain(text) {
  return h("div", { class: "text plain" }, ...text.split(BARE).map((part, place) => (place % 2 ? bare(part) : part)));
}

/** @param {string} text @returns {(Node | string)[]} */
function inline(text) {
  /** @type {(Node | string)[]} */
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, bold, italic, title, address, alone] = match;
    parts.push(text.slice(from, match.index));
    if (code) parts.push(h("code", {}, code));
    else if (bold) parts.push(h("strong", {}, ...inline(bold)));
    else if (italic) parts.push(h("em", {}, ...inline(italic)));
    else parts.push(alone ? bare(alone) : link(address, title));
    from = match.index + whole.length;
  }
  parts.push(text.slice(from));
  return parts;
}

/** @param {string} text */
function bare(text) {
  const kind = /^http/.test(text) ? "" : /^www/.test(text) ? "https://" : text.includes("@") ? "mailto:" : "tel:";
  return link(kind + text.replaceAll(" ", ""), text);
}

/** A link to the web, an e-mail or a phone; an address of any other kind stays text. @param {string} address @param {string} title */
function link(address, title) {
  if (!/^(https?:\/\/|mailto:|tel:)/i.test(address) || !URL.canParse(address)) return title || address;
  return h("a", { href: address, rel: "noopener noreferrer", target: "_blank" }, title || address);
}
