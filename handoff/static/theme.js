// Light or dark: the system's choice until the reader switches. An account remembers it (the page comes with it), else the browser where storage allows.
const KEY = "abiline-theme";
const root = document.documentElement;
let chosen = null;
try { chosen = localStorage.getItem(KEY); } catch { /* private mode: forget at reload */ }
if (chosen && !root.dataset.theme) root.dataset.theme = chosen;
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-theme-switch]");
  if (!button) return;
  const said = root.dataset.theme;
  const dark = said === "dark" || (said !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = dark ? "light" : "dark";
  try { localStorage.setItem(KEY, root.dataset.theme); } catch { /* see above */ }
  const token = button.dataset.keep;
  if (!token) return;
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": token };
  fetch("/account/theme", { method: "POST", headers, body: JSON.stringify({ theme: root.dataset.theme }) }).catch(() => { /* remembered here at least */ });
});
