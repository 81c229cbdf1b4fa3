// Words with their links, lists and pictures: the service says which elements they are, and they are built here.

import { el } from "./dom.js";

/** @param {string | any[]} node text, or [tag, attributes, children …] @returns {Node | string} */
export function built(node) {
  if (!Array.isArray(node)) return node;
  const [tag, { href, src, alt }, ...children] = node;
  if (tag === "a") return link(href, children.map(built));
  if (tag !== "img") return el(tag, node.slice(1).map(built));
  const picture = el("img", { alt, loading: "lazy", onerror: () => picture.replaceWith(link(src, alt || src)) }); // kept out by the page's security policy, or by the network
  picture.src = ours(src);
  return picture;
}

/** An address that begins with a slash is the service's own. */
const ours = (address) => (address[0] === "/" ? new URL(address, import.meta.url).href : address);

function link(address, ...title) {
  const made = el("a", { href: ours(address), rel: "noopener noreferrer" }, ...title);
  if (made.protocol[0] === "h" && made.origin !== location.origin) made.target = "_blank"; // on our own shop the conversation follows to the next page
  return made;
}
