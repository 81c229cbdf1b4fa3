// Words put into a field as if they had been typed: the browser can take them back (Ctrl+Z), and everyone who listens hears of them.

/** @param {HTMLTextAreaElement} field @param {number} start @param {number} end @param {string} text */
export function put(field, start, end, text) {
  field.focus();
  field.setSelectionRange(start, end);
  if (text && document.execCommand("insertText", false, text)) return;
  field.setRangeText(text, start, end, "end");
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}
