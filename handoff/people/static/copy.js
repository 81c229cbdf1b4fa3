// A button with `data-copy` copies what the element of that id holds; where the clipboard is closed to us, it selects it.
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  const text = source.value ?? [...source.children].map((line) => line.textContent).join("\n");
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = button.dataset.done;
  } catch {
    if (source.select) source.select();
    else getSelection().selectAllChildren(source);
  }
});
