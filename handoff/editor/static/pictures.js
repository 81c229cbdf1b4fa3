// Pictures in an answer: chosen, pasted or dropped, uploaded, and written into the text where the cursor stands.
import { ApiError, call } from "./api.js";
import { known, say } from "./words.js";

const MOST = 10_000_000; // bytes

export class Pictures {
  constructor() {
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-upload]"))) {
      const target = button.dataset.upload ?? "";
      const chooser = /** @type {HTMLInputElement} */ (document.querySelector(`[data-picture="${target}"]`));
      const area = /** @type {HTMLTextAreaElement} */ (document.getElementById(target));
      const told = /** @type {HTMLElement} */ (document.querySelector(`[data-uploading="${target}"]`));
      const take = (/** @type {FileList | null | undefined} */ files) => { for (const file of pictures(files)) this.put(file, area, told); };
      button.addEventListener("click", () => chooser.click());
      chooser.addEventListener("change", () => { take(chooser.files); chooser.value = ""; });
      area.addEventListener("paste", (event) => {
        if (!pictures(event.clipboardData?.files).length) return;
        event.preventDefault();
        take(event.clipboardData?.files);
      });
      area.addEventListener("dragover", (event) => { if (event.dataTransfer?.types.includes("Files")) event.preventDefault(); });
      area.addEventListener("drop", (event) => {
        if (!event.dataTransfer?.files.length) return;
        event.preventDefault();
        take(event.dataTransfer.files);
      });
    }
  }

  /** @param {File} file @param {HTMLTextAreaElement} area @param {HTMLElement} told */
  async put(file, area, told) {
    if (file.size > MOST) { told.textContent = say("error.picture_too_large"); return; }
    told.textContent = say("picture.uploading");
    const entry = area.form?.dataset.entry;
    try {
      const { address } = await call("POST", "/pictures", file);
      if (area.form?.dataset.entry !== entry) return; // another entry has been opened meanwhile
      const name = file.name.replace(/\.\w+$/, "").replace(/[[\]]/g, "");
      const before = area.value.slice(0, area.selectionStart);
      area.setRangeText(`${before && !before.endsWith("\n") ? "\n\n" : ""}![${name}](${address})\n`, area.selectionStart, area.selectionEnd, "end");
      area.dispatchEvent(new Event("input", { bubbles: true }));
      told.textContent = say("picture.done");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      told.textContent = say(known(`error.${error.code}`) ? `error.${error.code}` : "error.unknown");
    }
  }
}

/** @param {FileList | null | undefined} files */
function pictures(files) { return [...files ?? []].filter((file) => file.type.startsWith("image/")); }
