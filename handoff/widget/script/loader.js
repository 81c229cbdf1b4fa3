// The one tag on a page: <script src="https://…/widget.js" async></script>. What its data- options and `window.abiline` do: docs/widget.md.
(() => {
  const calls = (window.abiline ??= []);
  const tag = document.currentScript ?? document.querySelector('script[src*="/widget.js"]'); // a module has no current script
  if (!tag || calls.on) return; // a second tag adds nothing
  const base = new URL(".", tag.src).href;
  const host = document.createElement("abiline-widget");
  const ready = import(`${base}widget/VERSION/main.js`)
    .then(({ start }) => start(host, { base, ...tag.dataset }))
    .catch((error) => { host.remove(); console.warn("Abiline:", error); return new Promise(() => {}); }); // calls wait for ever: the site goes on
  for (const name of ["open", "close", "toggle", "say", "identify"]) calls[name] = async (...values) => (await ready)[name](...values);
  calls.on = (name, told) => {
    const hear = ({ detail }) => told(detail);
    host.addEventListener(name, hear);
    if (name === "ready") ready.then(hear);
    return () => host.removeEventListener(name, hear);
  };
  calls.push = ([name, ...values]) => calls[name](...values);
  calls.forEach(calls.push);
})();
