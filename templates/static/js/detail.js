// One row of a resource.

import * as api from "./api.js";
import { plain } from "./json.js";
import { labelOf, shown } from "./kinds.js";
import { at, rowHere } from "./paths.js";
import { fillNested } from "./nested.js";
import { labelsOfSome } from "./references.js";
import { askToDelete, element, fillPage, goToProblem, make, rememberDeleted } from "./shell.js";

const { one, warning } = element("detail").dataset;
const resource = api.resourceOf(element("detail").dataset);
const id = rowHere();

/** The server speaks of addresses where a row is not there. */
function explain(refusal) {
  throw refusal.status === 404 ? new Error(`The ${one} ${id} does not exist.`) : refusal;
}

async function start() {
  element("here").textContent = `${one} ${id}`;
  element("edit").href = api.addressOfForm(resource, id);
  const row = await api.get(resource, id).catch(explain);
  const label = labelOf(row);
  element("heading").textContent = label;
  document.title = `${label} · ${document.title}`;
  for (const place of element("detail").querySelectorAll("dd")) {
    const { name, kind } = place.dataset;
    const of = api.referredBy(place.dataset);
    const value = row.attributes[name];
    // Of a user, others do not see each attribute.
    if (value === undefined) {
      place.previousElementSibling.remove();
      place.remove();
      continue;
    }
    if (kind === "nested") {
      fillNested(place, value, of);
      continue;
    }
    const labels = of && value != null ? await labelsOfSome(of, [value].flat().map(plain)) : undefined;
    const isJson = kind === "json" && value != null;
    place.replaceChildren(isJson ? make("code", {}, JSON.stringify(value, null, 2)) : shown(kind, value, of, labels));
  }
  element("loading").hidden = true;
  for (const part of ["detail", "edit", "delete"]) element(part).hidden = false;
  element("delete").addEventListener("click", () => remove(row));
}

async function remove(row) {
  if (!(await askToDelete(one, labelOf(row), warning))) return;
  try {
    await api.remove(resource, id);
    rememberDeleted(resource.name, row);
    location.assign(at(`/${resource.name}`));
  } catch (refusal) {
    goToProblem(refusal);
  }
}

fillPage(start);
