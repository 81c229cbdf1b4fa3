// Light or dark: the system's choice until the reader switches; the switch is remembered where storage allows.
const KEY = "abiline-theme";
const root = document.documentElement;
let chosen = null;
try { chosen = localStorage.getItem(KEY); } catch { /* private mode: forget at reload */ }
if (chosen) root.dataset.theme = chosen;
document.addEventListener("click", (event) => {
  if (!event.target.closest?.("[data-theme-switch]")) return;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try { localStorage.setItem(KEY, root.dataset.theme); } catch { /* see above */ }
});
