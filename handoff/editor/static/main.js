// Joins the parts of the editor's page. The address says what is open: #entry-id, #new, #gap-id (new, for questions that are missing), #import, #review or nothing.
import { Advice } from "./advice.js";
import { Ask } from "./ask.js";
import { Questions } from "./buttons.js";
import { ApiError, call } from "./api.js";
import { byId, element } from "./element.js";
import { fillTopics } from "./exporting.js";
import { Form } from "./form.js";
import { Here } from "./here.js";
import { History } from "./history.js";
import { Importing } from "./importing.js";
import { List } from "./list.js";
import { More } from "./more.js";
import { Pictures } from "./pictures.js";
import { Preview } from "./preview.js";
import { Readers } from "./readers.js";
import { Review } from "./review.js";
import { Saving } from "./saving.js";
import { Standing } from "./standing.js";
import { say } from "./words.js";

/** @type {Map<string, import("./list.js").Entry>} */
const entries = new Map();
const GAP = "gap-";
let open = "";
/** @type {import("./advice.js").Hint | null} */
let jump = null;
let gap = ""; // the group of questions that the new entry is written for

const questions = new Questions();
const form = new Form(
  () => { preview.changed(); advice.changed(); standing.fit(); byId("said").textContent = form.dirty ? say("said.unsaved") : ""; },
  (language) => preview.choose(language),
  questions,
);
const preview = new Preview(() => form.written());
const advice = new Advice(form, (id) => go(id));
const review = new Review((id, hint) => { jump = hint; go(id); });
const list = new List((id) => go(id));
const ask = new Ask(form, (id) => go(id));
const saving = new Saving(form, (entry, published) => {
  if (gap) call("POST", `/missing/${encodeURIComponent(gap)}/entry`, { entry_id: entry.id }).catch(() => {}); // the group closes by itself, too
  gap = "";
  entries.set(entry.id, entry);
  drawList();
  open = entry.id;
  history.replaceState(null, "", `#${entry.id}`);
  list.select(entry.id);
  standing.draw();
  more.draw();
  readers.draw();
  preview.draw();
  advice.look();
  here.arrive();
  if (published) ask.again();
}, (entry) => {
  form.fill(entry);
  load(); // a merge or a split has changed another one too
});
const standing = new Standing(form, saving, questions, (id) => go(id));
const here = new Here(form, () => saving.merging.open());
new History(form, saving);
const readers = new Readers(form);
const more = new More(form, saving, questions);
new Pictures();
new Importing(async () => { await load(); });

async function load() {
  const all = (await call("GET", "/entries")).entries;
  entries.clear();
  for (const entry of all) entries.set(entry.id, entry);
  drawList();
}

function drawList() {
  const sorted = [...entries.values()].sort((a, b) => a.topic.localeCompare(b.topic, "et") || a.question.localeCompare(b.question, "et"));
  list.fill(sorted);
  questions.fill(sorted);
  const topics = [...new Set(sorted.map((entry) => entry.topic))].filter(Boolean);
  byId("topics").replaceChildren(...topics.map((value) => element("option", { value })));
  fillTopics(topics);
}

/** @param {string} where */
function go(where) {
  if (location.hash.slice(1) === where) show(where);
  else location.hash = where;
}

/** Unsaved words are never left behind silently: first a choice, on the spot. @param {string} where */
function arrive(where) {
  if (where === open) return;
  if (!form.dirty) return show(where);
  history.replaceState(null, "", `#${open}`);
  document.body.dataset.view = "entry";
  saving.note(say("leave.text"),
    element("button.button", { type: "button", onclick: async () => { if (await saving.save(false)) go(where); } }, say("leave.save")),
    element("button.button", { type: "button", onclick: () => { form.drop(); go(where); } }, say("leave.drop")),
    element("button.button.quiet", { type: "button", onclick: () => { saving.note(); list.select(open); } }, say("leave.stay")));
}

/** @param {string} where */
function show(where) {
  const entry = entries.get(where) ?? null;
  const known = entry !== null || ["new", "import", "review"].includes(where) || where.startsWith(GAP);
  open = known ? where : "";
  document.body.dataset.view = known ? "entry" : "list";
  byId("blank").hidden = known;
  byId("import").hidden = where !== "import";
  byId("review").hidden = where !== "review";
  review.leave();
  if (where === "review") review.start();
  gap = !entry && where.startsWith(GAP) ? where.slice(GAP.length) : "";
  const writes = entry !== null || where === "new" || gap !== "";
  const restored = writes && form.fill(entry, where);
  if (!writes) byId("form").hidden = true;
  standing.draw();
  more.draw();
  readers.draw();
  saving.note();
  if (restored) saving.note(say("draft.restored"), element("button.button", { type: "button", onclick: () => { form.drop(); standing.draw(); saving.note(); preview.draw(); advice.look(); byId("said").textContent = ""; } }, say("draft.drop")));
  scrollTo(0, 0);
  byId("said").textContent = restored ? say("said.unsaved") : "";
  list.select(entry?.id ?? null);
  form.tabs.choose("et");
  preview.draw();
  advice.opened();
  here.arrive();
  if (entry && jump) form.place(jump);
  jump = null;
  if (where === "new") byId("question").focus();
  if (gap && !restored) begin(gap);
}

/** A new entry that has written itself as far as customers' questions go. @param {string} id */
async function begin(id) {
  try {
    const draft = await call("GET", `/missing/${encodeURIComponent(id)}/draft`);
    if (gap !== id) return;
    form.show({ ...draft, tags: [], translations: {} });
    byId("form").dispatchEvent(new Event("input"));
    if (draft.answer) saving.note(say("gap.answer"));
    byId("answer").focus();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    saving.note(say("gap.gone"));
  }
}

byId("new").addEventListener("click", () => go("new"));
byId("open-import").addEventListener("click", () => go("import"));
byId("open-review").addEventListener("click", () => go("review"));
for (const back of document.querySelectorAll("[data-back]")) back.addEventListener("click", () => go(""));
window.addEventListener("hashchange", () => arrive(decodeURIComponent(location.hash.slice(1))));
window.addEventListener("beforeunload", (event) => { if (form.dirty) event.preventDefault(); });
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || byId("form").hidden) return;
  if (event.key === "s") { event.preventDefault(); saving.save(false); }
  if (event.key === "Enter") { event.preventDefault(); saving.publish(); }
});

await load();
show(decodeURIComponent(location.hash.slice(1)));
