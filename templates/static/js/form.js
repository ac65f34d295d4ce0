// The form for a new row of a resource and for one that is there.

import * as api from "./api.js";
import { Fields } from "./fields.js";
import { labelOf } from "./kinds.js";
import * as session from "./session.js";
import { element, fillPage, make, notify, notifyNext, showProblem } from "./shell.js";

const form = element("form");
const { resource, one } = form.dataset;
const [, , id] = location.pathname.split("/");
const isNew = id === "new";
const fields = new Fields(form);
let isSaved = false;

function refuse(refusal) {
  const text = fields.refuse(refusal);
  showProblem(text && new Error(text));
  if (refusal instanceof api.SessionEnded) {
    element("problem").append(" ", make("a", { className: "alert-link", href: "/login", target: "_blank" }, "Sign in"));
  }
  if (text && !form.querySelector(".is-invalid")) element("problem").focus();
}

async function save() {
  showProblem();
  const attributes = fields.read();
  if (!attributes) return;
  element("save").disabled = true;
  try {
    const saved = isNew ? await api.create(resource, attributes) : await api.update(resource, id, attributes);
    isSaved = true;
    notifyNext(`${isNew ? "Added" : "Saved"}: ${labelOf(saved)}`);
    location.assign(isNew ? `/${resource}` : `/${resource}/${id}`);
  } catch (refusal) {
    element("save").disabled = false;
    refuse(refusal);
  }
}

async function start() {
  const title = isNew ? `New ${one}` : `Edit ${one} ${id}`;
  element("heading").textContent = title;
  element("here").textContent = title;
  document.title = `${title} · ${document.title}`;
  element("cancel").href = isNew ? `/${resource}` : `/${resource}/${id}`;
  // 2.0 gives a new row the present, whatever it is sent.
  if (isNew && api.profile === "scaffold-2.0") fields.drop(({ kind }) => kind === "datetime");
  element("loading").hidden = false;
  const [row] = await Promise.all([isNew ? undefined : find(), fields.load()]);
  if (row) fields.write(row.attributes);
  else fields.writeDefaults();
  element("loading").hidden = true;
  form.hidden = false;
  form.dataset.ready = "";
  form.querySelector("input, select, textarea")?.focus();
}

/** The row to change; without it there is nothing to fill in. */
async function find() {
  try {
    return await api.get(resource, id);
  } catch (refusal) {
    if (refusal.status === 404) throw new Error(`There is no ${one} ${id}.`);
    element("again").hidden = false;
    throw refusal;
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  save();
});
element("again").addEventListener("click", () => location.reload());
addEventListener("beforeunload", (event) => !isSaved && fields.hasChanged() && event.preventDefault());
fillPage(start);
