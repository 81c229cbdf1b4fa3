// An answer's Markdown as DOM: paragraphs, line breaks, lists, bold, italic, code and web links. Anything else stays text.

const INLINE = /\*\*(.+?)\*\*|\*([^*\s][^*]*?)\*|`([^`]+)`|\[([^\]]+)\]\(([^()\s]+)\)|(https?:\/\/[^\s<>()]+[^\s<>().,;:!?])/;
const ITEM = /^\s*(?:[-*+]|(\d+)[.)])\s+(.*)$/;
const SAFE = /^(https?:|mailto:|tel:)/i;

/** @param {string} text @returns {DocumentFragment} */
export function markdown(text) {
  const out = document.createDocumentFragment();
  for (const block of text.replace(/\r\n?/g, "\n").split(/\n{2,}/)) {
    let rest = block.split("\n").filter((line) => line.trim());
    while (rest.length) {
      const isItem = ITEM.test(rest[0]);
      let length = rest.findIndex((line) => ITEM.test(line) !== isItem);
      if (length < 0) length = rest.length;
      out.append(isItem ? list(rest.slice(0, length)) : paragraph(rest.slice(0, length)));
      rest = rest.slice(length);
    }
  }
  return out;
}

/** @param {string[]} lines */
function list(lines) {
  const first = /** @type {RegExpMatchArray} */ (lines[0].match(ITEM));
  const made = document.createElement(first[1] ? "ol" : "ul");
  if (first[1] && first[1] !== "1") made.setAttribute("start", first[1]);
  for (const line of lines) {
    const item = document.createElement("li");
    inline(/** @type {RegExpMatchArray} */ (line.match(ITEM))[2], item);
    made.append(item);
  }
  return made;
}

/** @param {string[]} lines */
function paragraph(lines) {
  const heading = lines.length === 1 && lines[0].match(/^#{1,4}\s+(.*)$/);
  const made = document.createElement("p");
  if (heading) inline(`**${heading[1]}**`, made);
  else lines.forEach((line, index) => {
    if (index) made.append(document.createElement("br"));
    inline(line.trim(), made);
  });
  return made;
}

/** @param {string} text @param {Node} into */
function inline(text, into) {
  let rest = text;
  for (let found = rest.match(INLINE); found; found = rest.match(INLINE)) {
    const [whole, bold, italic, code, label, address, bare] = found;
    into.appendChild(document.createTextNode(rest.slice(0, found.index)));
    if (bold) inline(bold, into.appendChild(document.createElement("strong")));
    else if (italic) inline(italic, into.appendChild(document.createElement("em")));
    else if (code) into.appendChild(document.createElement("code")).textContent = code;
    else if (bare) into.appendChild(link(bare)).textContent = bare;
    else if (SAFE.test(address)) inline(label, into.appendChild(link(address)));
    else into.appendChild(document.createTextNode(whole));
    rest = rest.slice(/** @type {number} */ (found.index) + whole.length);
  }
  into.appendChild(document.createTextNode(rest));
}

/** @param {string} address */
function link(address) {
  const made = document.createElement("a");
  made.href = address;
  made.rel = "noopener nofollow";
  made.target = "_blank";
  return made;
}
