// How the chat looks on this site: its sheet, colour, place and logo.

import { el } from "./dom.js";
import { style } from "./style.js";

const FULL = "@media(max-width:480px),(max-height:460px){:root:has(>abiline-widget[open]){overflow:hidden!important}}"; // the page behind a full screen stays where it is

/** @param {HTMLElement} host @param {HTMLElement} root @param {Record<string, string>} options */
export function dress(host, root, { color, offset, zIndex }) {
  const shadow = host.attachShadow({ mode: "open" });
  wear(shadow, style);
  wear(document, FULL);
  shadow.append(root);
  document.documentElement.append(host); // not in body: sites that swap the body on a page change keep the chat
  if (zIndex) host.style.setProperty("--abiline-layer", zIndex);
  if (getComputedStyle(document.documentElement).transform !== "none") { // it would carry the chat along: out, into the browser's top layer
    host.popover = "manual";
    host.showPopover?.();
  }
  const [side = 20, low = side] = offset?.match(/\d+/g) ?? [];
  root.style.setProperty("--side", `${side}px`);
  root.style.setProperty("--low", `${low}px`);
  paint(root, color);
}

/** A constructed sheet passes any site's content security policy; a `<style>` element would not. */
function wear(tree, text) {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    tree.adoptedStyleSheets = [...tree.adoptedStyleSheets, sheet];
  } catch {
    (tree.head ?? tree).append(el("style", text));
  }
}

/** The site's own colour, with the ink on it that is easier to read. */
function paint(root, color) {
  root.style.color = color ?? "";
  if (!root.style.color) return;
  root.style.setProperty("--brand", color);
  const [red, green, blue] = getComputedStyle(root).color.match(/[\d.]+/g).map((part) => ((part / 255 + 0.055) / 1.055) ** 2.4); // near black a little too bright, by less than 0.001
  root.style.color = "";
  const light = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  root.style.setProperty("--brand-ink", light > 0.179 ? "#000" : "#fff");
}

/** The site's logo in the place of an icon, and the icon again where the logo can't be had. @param {string | undefined} address @param {Element} icon */
export function logoOr(address, icon) {
  const logo = address && el("img.logo", { src: address, alt: "", onerror: () => logo.replaceWith(icon) });
  return logo || icon;
}
