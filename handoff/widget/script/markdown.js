// The little Markdown that answers use: bold, italics, links, lists, line breaks. Anything else stays text.

import { el } from "./dom.js";

const MARKS = /\*\*(.+?)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\((\S+?)\)|(https?:\/\/[^\s<>„“”"]*[^\s<>„“”".,;:!?)])/g;
const ITEM = /^\s*(?:([-*•])|(\d+)[.)])\s+(.*)$/;

/** @param {string} text @returns {Node[]} */
export function markdown(text) {
  const blocks = [];
  let list = null;
  let lines = [];
  const endParagraph = () => { if (lines.length) blocks.push(el("p", {}, ...joined(lines))); lines = []; };
  for (const line of text.split("\n")) {
    const item = ITEM.exec(line);
    if (item) {
      endParagraph();
      const tag = item[1] ? "UL" : "OL";
      if (list?.tagName !== tag) blocks.push((list = el(tag, tag === "OL" && item[2] !== "1" ? { start: item[2] } : {})));
      list.append(el("li", {}, ...inline(item[3])));
    } else if (line.trim()) {
      list = null;
      lines.push(line.replace(/^#{1,4}\s+(.*)$/, "**$1**"));
    } else {
      endParagraph();
    }
  }
  endParagraph();
  return blocks;
}

/** What a person wrote: only addresses become links. @param {string} text */
export function plain(text) {
  return text.split(/(https?:\/\/[^\s<>]*[^\s<>.,;:!?)])/).map((part, place) => (place % 2 ? link(part, part) : part));
}

function joined(lines) {
  return lines.flatMap((line, place) => (place ? [el("br"), ...inline(line)] : inline(line)));
}

function inline(text) {
  const parts = [];
  let last = 0;
  for (const found of text.matchAll(MARKS)) {
    const [whole, bold, italic, title, address, bare] = found;
    parts.push(text.slice(last, found.index));
    if (bold) parts.push(el("strong", {}, ...inline(bold)));
    else if (italic) parts.push(el("em", {}, ...inline(italic)));
    else parts.push(link(address ?? bare, title ?? bare));
    last = found.index + whole.length;
  }
  return [...parts, text.slice(last)].filter((part) => part !== "");
}

/** A link to the web; an address of any other kind stays text. */
function link(address, title) {
  let url;
  try { url = new URL(address); } catch { return title; }
  if (url.protocol !== "http:" && url.protocol !== "https:") return title;
  const away = url.origin !== location.origin; // on our own shop the conversation follows to the next page
  return el("a", { href: url.href, rel: "noopener noreferrer", target: away ? "_blank" : null }, title);
}
