// The first page: how many rows there are of each resource, and the latest.

import * as api from "./api.js";
import { labelOf } from "./kinds.js";
import { at } from "./paths.js";
import { element, make, showProblem } from "./shell.js";

const LATEST = 5;

/** The status of a refusal to those who are signed in. */
const FORBIDDEN = 401;

const resources = [...document.querySelectorAll("#menu a[data-resource]")].map((link) => ({
  resource: api.resourceOf(link.dataset),
  name: link.textContent,
}));

function figure({ resource, name }) {
  const number = make("span", { className: "fs-3 d-block" }, "…");
  const link = make("a", { className: "card card-body text-decoration-none h-100", href: at(`/${resource.name}`) }, number, name);
  const card = make("div", { className: "col-6 col-lg-3" }, link);
  element("figures").append(card);
  return { card, number };
}

function latest({ resource, name }, rows) {
  const newest = rows.toSorted(({ id: one }, { id: other }) => (one < other) - (one > other)).slice(0, LATEST);
  const links = newest.map((row) => {
    const href = api.addressOf(resource, row.id);
    const label = href ? make("a", { href }, labelOf(row)) : labelOf(row);
    return make("li", { className: "list-group-item text-truncate" }, label);
  });
  const list = make("ul", { className: "list-group list-group-flush" }, ...links);
  const card = make("div", { className: "card h-100" }, make("h3", { className: "card-header h6 mb-0" }, name), list);
  element("entries").append(make("div", { className: "col-md-6 col-xl-4" }, card));
  element("latest").hidden = false;
}

element("start").hidden = resources.some(({ resource }) => !["users", "roles"].includes(resource.name));
// All are asked for at once, and shown in the order of the menu.
const figures = resources.map(figure);
const lists = resources.map(({ resource }) => api.list(resource).catch((refusal) => refusal));
for (const [index, resource] of resources.entries()) {
  const rows = await lists[index];
  if (Array.isArray(rows)) {
    figures[index].number.textContent = rows.length.toLocaleString();
    if (rows.length > 0) latest(resource, rows);
  } else {
    figures[index].card.remove();
    // Resources that the user may not see are left out.
    if (rows.status !== FORBIDDEN) showProblem(rows);
  }
}
