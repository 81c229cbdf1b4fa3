// What the chat shows, as the service sends it: text, or [tag, attributes, ...children]. Built as the widget builds it, without reading HTML.
import { element } from "./element.js";

/** @param {any} node @returns {Node | string} */
function one(node) {
  if (typeof node === "string") return node;
  const [tag, { href, src, alt, start }, ...children] = node;
  if (tag === "a") return element("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...children.map(one));
  if (tag === "img") return picture(src, alt);
  return element(tag, { start }, ...children.map(one));
}

/** A picture that is kept out, by the page's security policy or by the network, is a link. @param {string} src @param {string} alt */
function picture(src, alt) {
  const shown = element("img", { alt, loading: "lazy", onerror: () => shown.replaceWith(element("a", { href: src, target: "_blank", rel: "noopener noreferrer" }, alt || src)) });
  shown.setAttribute("src", src);
  return shown;
}

/** @param {any[]} nodes */
export function built(nodes) { return nodes.map(one); }
