// Key „h“ opens the guide beside the page, unless somebody is typing.
document.addEventListener("keydown", (event) => {
  const at = /** @type {HTMLElement} */ (event.target);
  const typing = at.isContentEditable || at.matches("input:not([type=checkbox], [type=radio], [type=file]), textarea, select");
  if (event.key !== "h" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  open("/guide/editors", "abiline-guide", "noopener");
});
