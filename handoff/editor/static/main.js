// Joins the parts of the editor's page. The address says what is open: #entry-id, #new, #import, #review or nothing.
import { Advice } from "./advice.js";
import { Ask } from "./ask.js";
import { call } from "./api.js";
import { byId, element } from "./element.js";
import { Form } from "./form.js";
import { Importing } from "./importing.js";
import { List } from "./list.js";
import { Preview } from "./preview.js";
import { Review } from "./review.js";
import { Saving } from "./saving.js";
import { say } from "./words.js";

/** @type {Map<string, import("./list.js").Entry>} */
const entries = new Map();
let open = "";
/** @type {import("./advice.js").Hint | null} */
let jump = null;

const form = new Form(() => { preview.draw(); advice.changed(); byId("said").textContent = form.dirty ? say("said.unsaved") : ""; });
const preview = new Preview(() => form.read());
const advice = new Advice(form, (id) => go(id));
const review = new Review((id, hint) => { jump = hint; go(id); });
const list = new List((id) => go(id));
const ask = new Ask((id) => entries.get(id), form, (id) => go(id));
const saving = new Saving(form, (entry, published) => {
  entries.set(entry.id, entry);
  drawList();
  open = entry.id;
  history.replaceState(null, "", `#${entry.id}`);
  list.select(entry.id);
  preview.draw();
  advice.look();
  if (published) ask.again();
});
new Importing(async () => { await load(); });

async function load() {
  entries.clear();
  for (const entry of (await call("GET", "/entries")).entries) entries.set(entry.id, entry);
  drawList();
}

function drawList() {
  const sorted = [...entries.values()].sort((a, b) => a.topic.localeCompare(b.topic, "et") || a.question.localeCompare(b.question, "et"));
  list.fill(sorted);
  byId("topics").replaceChildren(...[...new Set(sorted.map((entry) => entry.topic))].filter(Boolean).map((value) => element("option", { value })));
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
    element("button.button", { type: "button", onclick: () => { form.fill(form.entry); go(where); } }, say("leave.drop")),
    element("button.button.quiet", { type: "button", onclick: () => { saving.note(); list.select(open); } }, say("leave.stay")));
}

/** @param {string} where */
function show(where) {
  const entry = entries.get(where) ?? null;
  const known = entry !== null || ["new", "import", "review"].includes(where);
  open = known ? where : "";
  document.body.dataset.view = known ? "entry" : "list";
  byId("blank").hidden = known;
  byId("import").hidden = where !== "import";
  byId("review").hidden = where !== "review";
  review.leave();
  if (where === "review") review.start();
  if (entry || where === "new") form.fill(entry);
  else byId("form").hidden = true;
  saving.note();
  scrollTo(0, 0);
  byId("said").textContent = "";
  list.select(entry?.id ?? null);
  preview.choose("et");
  advice.opened();
  if (entry && jump) form.place(jump);
  jump = null;
  if (where === "new") byId("question").focus();
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
  if (event.key === "Enter") { event.preventDefault(); saving.save(true); }
});

await load();
show(decodeURIComponent(location.hash.slice(1)));
