// Which product a complaint is about: named by the agent, with what is known already to choose from.
import { Failure, conversation as path, get, post } from "./api.js";
import { announce, h } from "./dom.js";
import { t, tOr } from "./texts.js";

/** What is typed and not saved yet: the card is drawn anew whenever something happens. @type {{id: string, value: string} | null} */
let typed = null;
/** @type {string[]} */
let known = [];

/** The field on the card. @param {string} id @param {{product: string | null, proposed: string | null}} about @param {import("./talk.js").Talk} talk */
export function productField(id, { product, proposed }, talk) {
  const all = h("datalist", { id: "known-products" });
  const field = /** @type {HTMLInputElement} */ (h("input", { type: "text", id: "product", list: "known-products", maxlength: "60", autocomplete: "off", "aria-describedby": "product-hint" }));
  field.value = typed?.id === id ? typed.value : product ?? proposed ?? "";
  const fill = () => all.replaceChildren(...known.map((one) => h("option", { value: one })));
  fill();
  field.addEventListener("input", () => { typed = { id, value: field.value }; });
  field.addEventListener("focus", () => void get("/products").then((found) => { known = found; fill(); }, () => {}), { once: true });
  const hint = h("p", { class: "nothing", id: "product-hint" }, t(proposed && !product ? "complaint.product_proposed" : "complaint.product_hint"));
  const save = async (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      const { product: kept } = await post(path(id, "product"), { product: field.value });
      typed = null;
      await talk.refresh();
      announce(kept ? t("complaint.product_saved", { product: kept }) : t("complaint.product_gone"));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      talk.say(tOr(`failure.${error.code}`, t("failure.error")));
    }
  };
  return h("form", { class: "product", on: { submit: save } }, h("label", { for: "product" }, t("complaint.product")), h("div", { class: "doing" }, field, h("button", { class: "button small" }, t("complaint.product_save"))), hint, all);
}

/** Bring whoever was typing back into the field; gives what does so after the card was drawn anew, or nothing. @returns {(() => void) | null} */
export function keepTyping() {
  const field = document.activeElement;
  if (!(field instanceof HTMLInputElement) || field.id !== "product") return null;
  const { selectionStart: from, selectionEnd: to } = field;
  return () => {
    const now = /** @type {HTMLInputElement | null} */ (document.getElementById("product"));
    now?.focus();
    now?.setSelectionRange(from, to);
  };
}
