// Answers while somebody types: a combobox over the plain form, which does the same without this script.
// What comes late for words that have changed meanwhile is not shown.

const PAUSE_MS = 180;
const SHORTEST = 2;

for (const place of document.querySelectorAll("[data-suggest]")) suggest(place);

/** @param {HTMLElement} place around the form's text field */
function suggest(place) {
  const input = place.querySelector("input");
  const list = made("ul", { id: `${input.id}-found`, role: "listbox", hidden: "", "aria-label": input.labels[0].textContent });
  const said = made("div", { role: "status", class: "visually-hidden" });
  place.append(list, said);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) input.setAttribute(name, value);
  let [timer, asking, chosen] = [0, null, -1];

  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    choose(-1);
  };

  function choose(number) {
    chosen = number;
    [...list.children].forEach((option, place) => option.setAttribute("aria-selected", String(place === number)));
    const option = list.children[number];
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  }

  function show(found) {
    list.replaceChildren(...found.map(({ question, language, address }, number) => {
      const option = made("li", { id: `${list.id}-${number}`, role: "option", lang: language, "aria-selected": "false" });
      option.textContent = question;
      option.dataset.address = address;
      return option;
    }));
    choose(-1);
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(found.length > 0));
    said.textContent = found.length ? place.dataset.some.replace("{count}", found.length) : place.dataset.none;
  }

  async function ask() {
    asking?.abort();
    const words = input.value.trim();
    if (words.length < SHORTEST) return close();
    asking = new AbortController();
    const { signal } = asking;
    try {
      const answer = await fetch(`${place.dataset.suggest}?${new URLSearchParams({ q: words })}`, { signal });
      const { found } = answer.ok ? await answer.json() : { found: [] };
      if (!signal.aborted && document.activeElement === input) show(found);
    } catch { /* the form still searches */ }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  });
  input.addEventListener("blur", () => { clearTimeout(timer); asking?.abort(); close(); });
  input.addEventListener("keydown", (event) => {
    const count = list.hidden ? 0 : list.children.length;
    if (!count) return;
    if (event.key === "ArrowDown") choose(chosen + 1 < count ? chosen + 1 : -1);
    else if (event.key === "ArrowUp") choose(chosen < 0 ? count - 1 : chosen - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && chosen >= 0) location.assign(list.children[chosen].dataset.address);
    else return;
    event.preventDefault();
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus, so the list stays for the click
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.address);
  });
}

function made(tag, attributes) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
