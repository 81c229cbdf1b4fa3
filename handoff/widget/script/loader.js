// The one tag on a page: <script src="https://…/widget.js" async></script>, with data-language, data-position, data-color, data-theme.
(() => {
  const tag = document.currentScript;
  if (!tag || document.querySelector("abiline-widget")) return;
  const base = new URL(".", tag.src).href;
  const host = document.createElement("abiline-widget");
  import(`${base}widget/VERSION/main.js`)
    .then(({ start }) => start(host, { base, ...tag.dataset }))
    .catch((error) => { host.remove(); console.warn("Abiline:", error); });
})();
