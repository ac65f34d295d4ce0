// One row of a resource.

import * as api from "./api.js";
import { labelOf, shown } from "./kinds.js";
import { labelsOf } from "./references.js";
import { ask, element, fillPage, rememberDeleted, showProblem } from "./shell.js";

const { resource, one } = element("detail").dataset;
const [, , id] = location.pathname.split("/");

async function start() {
  element("here").textContent = `${one} ${id}`;
  element("edit").href = `/${resource}/${id}/edit`;
  const row = await api.get(resource, id);
  const label = labelOf(row);
  element("heading").textContent = label;
  document.title = `${label} · ${document.title}`;
  for (const place of element("detail").querySelectorAll("dd")) {
    const { name, kind, of } = place.dataset;
    const value = row.attributes[name];
    const labels = of && value != null ? await labelsOf(of) : undefined;
    place.replaceChildren(shown(kind, value, of, labels));
  }
  element("loading").hidden = true;
  element("detail").hidden = false;
  element("delete").addEventListener("click", () => remove(row));
}

async function remove(row) {
  if (!(await ask(`Delete this ${one}?`, labelOf(row), "Delete"))) return;
  try {
    await api.remove(resource, id);
    rememberDeleted(resource, row);
    location.assign(`/${resource}`);
  } catch (refusal) {
    showProblem(refusal);
  }
}

fillPage(start);
