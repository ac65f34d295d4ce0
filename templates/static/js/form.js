// The form for a new or an existing row of a resource.

import * as api from "./api.js";
import { Fields } from "./fields.js";
import { labelOf } from "./kinds.js";
import { at, here, rowHere } from "./paths.js";
import * as session from "./session.js";
import { element, fillPage, make, notify, notifyNext, showProblem } from "./shell.js";

const form = element("form");
const { one } = form.dataset;
const resource = api.resourceOf(form.dataset);
const id = rowHere();
const isNew = !here().endsWith("/edit");
const fields = new Fields(form);
let isSaved = false;

function refuse(refusal) {
  const text = fields.refuse(refusal);
  showProblem(text && new Error(text));
  if (refusal instanceof api.SessionEnded) {
    element("problem").append(" ", make("a", { className: "alert-link", href: at("/login"), target: "_blank" }, "Sign in"));
  }
  if (text && !form.querySelector(".is-invalid")) element("problem").focus();
}

async function save() {
  showProblem();
  const slow = setTimeout(() => notify("Still saving …"), 3_000);
  try {
    const attributes = fields.read();
    if (!attributes) return;
    element("save").disabled = true;
    const done = isNew ? await add(attributes) : await change(attributes);
    isSaved = true;
    notifyNext(done);
    location.assign(pageAfter());
  } catch (refusal) {
    element("save").disabled = false;
    refuse(refusal);
  } finally {
    clearTimeout(slow);
  }
}

function pageAfter() {
  return isNew ? at(`/${resource.name}`) : api.addressOf(resource, id);
}

async function add({ id, ...attributes }) {
  return `Added: ${labelOf(await api.create(resource, attributes, id))}`;
}

async function change(attributes) {
  const changed = await api.update(resource, id, attributes);
  if (resource.name === "users" && session.isOf(id)) await staySignedIn(changed, attributes);
  const ignored = fields.ignored(changed.attributes);
  return `Saved: ${labelOf(changed)}${ignored.length > 0 ? `. Not changed: ${ignored.join(", ")}` : ""}`;
}

/** Keeps users signed in who change their own password or address: the server rejects the old token. */
async function staySignedIn({ attributes: { email } }, { password }) {
  const token = password ? await api.logIn(email, password).catch(() => undefined) : session.current().token;
  if (token) session.begin(token, email);
}

async function start() {
  const title = isNew ? `New ${one}` : `Edit ${one} ${id}`;
  element("heading").textContent = title;
  element("here").textContent = title;
  document.title = `${title} · ${document.title}`;
  element("cancel").href = pageAfter();
  // The key of a row stays what it is, and so do some attributes.
  const fixed = ["id", ...(form.dataset.immutable?.split(" ") ?? [])];
  if (!isNew) fields.drop(({ name }) => fixed.includes(name));
  // 2.0 sets the times of a new row itself.
  if (isNew && api.profile === "scaffold-2.0") fields.drop(({ kind }) => kind === "datetime");
  element("loading").hidden = false;
  const [row] = await Promise.all([isNew ? undefined : find(), fields.load()]);
  // A user's attributes are not shown to everybody, and some are set for good; what nobody sees can be written all the same.
  const isUnseen = ({ name, kind, isHidden }) => kind !== "password" && !isHidden && !(name in row.attributes);
  if (row && resource.name === "users") fields.drop((field) => field.isFixed || isUnseen(field));
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
    if (refusal.status === 404) throw new Error(`The ${one} ${id} does not exist.`);
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
