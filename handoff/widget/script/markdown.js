// The little Markdown that answers use: bold, italics, code, links, pictures, lists, headings, line breaks. Anything else stays text.

import { el } from "./dom.js";

const BARE = /((?:https?:\/\/|www\.)[^\s<>„“”"]*[^\s<>„“”".,;:!?)\]]|[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+|\+\d[\d ]{6,14}\d|\b(?:5\d{2,3} ?\d{3,4}|[67]\d\d \d{4})\b)/;
const MARKS = new RegExp(/`([^`]+)`|\*\*(.+?)\*\*|\*([^*\s][^*]*)\*(?!\w)|(!?)\[([^\]]*)\]\(((?:\([^\s()]*\)|[^\s()])+)\)|/.source + BARE.source, "g");
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
      lines.push(line.replace(/^#{1,6}\s+(.*)$/, "**$1**"));
    } else {
      endParagraph();
    }
  }
  endParagraph();
  return blocks;
}

/** What a customer wrote: only addresses of the web, of e-mail and of phones become links. @param {string} text */
export function plain(text) {
  return text.split(BARE).map((part, place) => (place % 2 ? bare(part) : part));
}

function joined(lines) {
  return lines.flatMap((line, place) => (place ? [el("br"), ...inline(line)] : inline(line)));
}

function inline(text) {
  const parts = [];
  let last = 0;
  for (const found of text.matchAll(MARKS)) {
    const [whole, code, bold, italic, picture, title, address, alone] = found;
    parts.push(text.slice(last, found.index));
    if (code) parts.push(el("code", {}, code));
    else if (bold) parts.push(el("strong", {}, ...inline(bold)));
    else if (italic) parts.push(el("em", {}, ...inline(italic)));
    else if (alone) parts.push(bare(alone));
    else parts.push((picture ? image : link)(address, title));
    last = found.index + whole.length;
  }
  return [...parts, text.slice(last)].filter((part) => part !== "");
}

function bare(text) {
  const kind = /^http/.test(text) ? "" : /^www/.test(text) ? "https://" : /@/.test(text) ? "mailto:" : "tel:";
  return link(kind + text.replace(/ /g, ""), text);
}

/** An address that may be followed, or undefined; one that begins with a slash is the service's own. */
function safe(address) {
  try {
    const url = new URL(address, address[0] === "/" ? import.meta.url : undefined);
    return /^(https?|mailto|tel):$/.test(url.protocol) ? url : undefined;
  } catch { return undefined; }
}

/** A link; an address of any other kind stays text. */
function link(address, title) {
  const url = safe(address);
  if (!url) return title || address;
  const away = url.origin !== location.origin && url.protocol[0] === "h"; // on our own shop the conversation follows to the next page
  return el("a", { href: url.href, rel: "noopener noreferrer", target: away ? "_blank" : null }, title || address);
}

/** A picture of the service, or of the web over https; a link where the page's security policy (or the network) keeps it out. */
function image(address, alt) {
  const url = safe(address);
  if (url?.protocol !== "https:" && url?.origin !== new URL(import.meta.url).origin) return link(address, alt);
  const picture = el("img", { alt, loading: "lazy", onerror: () => picture.replaceWith(link(address, alt)), src: url.href });
  return picture;
}
