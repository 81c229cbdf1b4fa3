// A complaint: how it is known, by when the law wants it answered, and what comes next.
import { button, h } from "./dom.js";
import { productField } from "./product.js";
import { t } from "./texts.js";

const TAG = "kaebus"; // as `handoff/conversations/complaints.py` has it
const SOON = 5; // days
const STEPS = ["confirm", "ask", "answer", "later", "committee"];
const LINKS = { apply: "https://komisjon.ee/et/avalduse-esitamine", rights: "https://www.ttja.ee" };

/** The bot has handed it over as one, or a colleague has seen one in it. @param {any} conversation */
export const complains = ({ tags }) => tags.some((/** @type {string} */ tag) => tag.toLowerCase() === TAG);

/** The card beside the conversation; nothing where nobody complains. @param {any} opened @param {import("./talk.js").Talk} talk */
export function complaint({ complaint: about, conversation }, talk) {
  if (!about || !complains(conversation)) return "";
  const steps = STEPS.map((step) => h("li", {}, t(`complaint.${step}`)));
  const links = Object.entries(LINKS).map(([name, href]) => h("li", {}, h("a", { href, target: "_blank", rel: "noopener noreferrer" }, t(`complaint.${name}`))));
  const pick = talk.box.mayAnswer ? button(t("complaint.templates"), () => (talk.desk.view("talk"), talk.help.ready.open(TAG)), "small") : "";
  return h("section", { class: "part complaint", "aria-labelledby": "complaint" }, h("h3", { id: "complaint" }, t("complaint.title")), due(about), productField(conversation.id, about, talk), h("ol", {}, ...steps), pick, h("ul", { class: "links" }, ...links));
}

/** @param {{due: string, days_left: number}} about */
function due({ due: iso, days_left: left }) {
  const [year, month, day] = iso.split("-").map(Number);
  const date = new Date(year, month - 1, day).toLocaleDateString(document.documentElement.lang, { day: "numeric", month: "long", year: "numeric" });
  const rest = left > 1 ? t("complaint.days", { count: left }) : left === 1 ? t("complaint.tomorrow") : left === 0 ? t("complaint.today") : t("complaint.over");
  return h("p", { class: "due" }, h("span", {}, t("complaint.due"), " ", h("strong", {}, date)), " ", h("span", { class: left < 0 ? "tag bad" : left <= SOON ? "tag warn" : "tag" }, rest));
}
