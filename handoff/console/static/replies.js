// The pages of reply templates: finding one by typing, and putting a placeholder where the caret stands.
const find = /** @type {HTMLInputElement | null} */ (document.getElementById("find"));

/** Small letters without dots and hooks: „vabandust“ and „loppu“ both find. @param {string} text */
const plain = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");

find?.addEventListener("input", () => {
  const said = JSON.parse(document.getElementById("words")?.textContent ?? "{}");
  const words = plain(find.value).split(/\s+/).filter(Boolean);
  let count = 0;
  for (const item of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#templates > [data-words]"))) {
    const own = plain(item.dataset.words ?? "");
    item.hidden = !words.every((word) => own.includes(word));
    count += Number(!item.hidden);
  }
  const found = document.getElementById("found");
  if (found) found.textContent = words.length === 0 ? "" : count > 0 ? said.many.replace("$count", String(count)) : said.none;
});

/** @type {HTMLTextAreaElement | null} */
let last = document.querySelector("textarea");
for (const field of document.querySelectorAll("textarea")) field.addEventListener("focus", () => { last = field; });
for (const chip of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-insert]"))) {
  chip.addEventListener("click", () => {
    if (!last) return;
    last.setRangeText(`{{${chip.dataset.insert}}}`, last.selectionStart, last.selectionEnd, "end");
    last.focus();
  });
}
