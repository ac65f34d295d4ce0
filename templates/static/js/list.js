// A resource's list: search, order, pages, choice of columns, export, delete with undo.

import * as api from "./api.js";
import { downloadCsv } from "./csv.js";
import { KINDS, labelOf, shown } from "./kinds.js";
import { stored } from "./paths.js";
import { labelsOf } from "./references.js";
import * as session from "./session.js";
import { askToDelete, element, fillPage, goToProblem, make, notice, notify, showProblem, takeDeleted } from "./shell.js";

const table = document.querySelector("#rows table");
const { one, many, warning } = table.dataset;
const resource = api.resourceOf(table.dataset);
const isFixed = "fixed" in table.dataset;
/** Whether ids are counted, and not texts. */
const hasNumbers = !("key" in table.dataset);
const fields = [...table.querySelectorAll("thead th")].map((cell) => ({ ...cell.dataset, label: cell.textContent }));

const NUMBERS = ["integer", "biginteger", "decimal", "float"];

const words = new Intl.Collator(undefined, { numeric: true });

/** Orders numbers by size and texts as people order words; what is missing comes first. */
function compare(one, other) {
  if (one === "" || other === "") return (one !== "") - (other !== "");
  if (typeof one === "string") return words.compare(one, other);
  return one < other ? -1 : Number(one > other);
}

/** How many columns are shown before somebody chooses: as many as fit beside id and buttons, each `COLUMN` wide. */
const COLUMN = 160;
const SHOWN_AT_FIRST = Math.max(1, Math.min(6, Math.floor((element("content").clientWidth - 240) / COLUMN)));

/** Where the list's state is kept: for each user, because searches tell what somebody has looked for. */
const STATE = stored(`list.${resource.name}.${session.current()?.email}`);
let hasChosenColumns = false;

/** Columns, order and length are kept for good, search and page as long as the tab is open. */
function keepState(_, { search, start, columns, ...lasting }) {
  localStorage.setItem(STATE, JSON.stringify({ ...lasting, columns: hasChosenColumns ? columns : undefined }));
  sessionStorage.setItem(STATE, JSON.stringify({ search, start }));
}

function keptState() {
  const lasting = JSON.parse(localStorage.getItem(STATE));
  hasChosenColumns = Boolean(lasting?.columns);
  // A row that has just been added must be in sight.
  return lasting && { ...lasting, ...(notice ? {} : JSON.parse(sessionStorage.getItem(STATE))) };
}

/** A text as DataTables searches it: it takes entities for characters. */
function searched(text) {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** What DataTables shows, orders and searches by: an element for a cell, plain values for the rest. */
function column({ name, kind, ...field }, labels) {
  const of = api.referredBy(field);
  const plain = (value) => {
    const content = shown(kind, value, of, labels);
    return content.textContent ?? content;
  };
  return {
    data: ({ attributes }) => attributes[name] ?? null,
    render: (value, type) => {
      if (type === "display") return make("div", { className: "cell" }, shown(kind, value, of, labels));
      if (value === null) return "";
      if (type === "sort" && !["reference", "many"].includes(kind)) return KINDS[kind].order(value);
      return type === "filter" ? searched(plain(value)) : plain(value);
    },
    type: "value",
    className: NUMBERS.includes(kind) ? "dt-type-numeric" : undefined,
  };
}

function actionsOf(row) {
  const label = labelOf(row);
  const edit = make("a", { className: "btn btn-sm btn-outline-primary", href: api.addressOfForm(resource, row.id) }, "Edit");
  edit.ariaLabel = `Edit ${label}`;
  const remove = make("button", { type: "button", className: "btn btn-sm btn-outline-danger delete" }, "Delete");
  remove.ariaLabel = `Delete ${label}`;
  return make("div", { className: "d-flex gap-1 justify-content-end" }, edit, remove);
}

function columns(labels) {
  const address = (id) => (isFixed ? String(id) : make("a", { href: api.addressOf(resource, id) }, String(id)));
  const texts = { display: address, filter: (id) => searched(String(id)) };
  const id = { data: "id", render: (id, type) => texts[type]?.(id) ?? id, type: hasNumbers ? "num" : "value" };
  const actions = {
    data: null,
    render: (row, type) => (type === "display" ? actionsOf(row) : ""),
    orderable: false,
    searchable: false,
    className: "actions",
  };
  const named = fields.map((field, index) => ({ ...column(field, labels.get(field.of)), visible: index < SHOWN_AT_FIRST }));
  const all = [id, ...named];
  return isFixed ? all : [...all, actions];
}

/** The columns of id and actions are every list's, so the page does not name them. */
function completeHead() {
  const head = table.querySelector("thead tr");
  head.prepend(make("th", { scope: "col" }, "Id"));
  if (!isFixed) head.append(make("th", { scope: "col" }, make("span", { className: "visually-hidden" }, "Actions")));
}

function show(grid) {
  const isEmpty = grid.rows().count() === 0;
  element("loading").hidden = true;
  element("empty").hidden = !isEmpty;
  element("rows").hidden = isEmpty;
  element("export").disabled = isEmpty;
}

function startChoice(grid) {
  const group = element("columns").querySelector("[role=group]");
  fields.forEach(({ name, label }, index) => {
    const box = make("input", { type: "checkbox", className: "form-check-input", id: `column-${name}` });
    box.checked = grid.column(index + 1).visible();
    box.addEventListener("change", () => {
      hasChosenColumns = true;
      grid.column(index + 1).visible(box.checked);
    });
    const text = make("label", { className: "form-check-label", htmlFor: box.id }, label);
    group.append(make("div", { className: "form-check" }, box, text));
  });
  const choice = element("columns");
  addEventListener("click", ({ target }) => {
    if (!choice.contains(target)) choice.open = false;
  });
  choice.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !choice.contains(relatedTarget)) choice.open = false;
  });
  choice.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    choice.open = false;
    choice.querySelector("summary").focus();
  });
}

async function remove(grid, line) {
  const row = grid.row(line).data();
  if (!(await askToDelete(one, labelOf(row), warning))) return;
  showProblem();
  try {
    await api.remove(resource, row.id);
  } catch (refusal) {
    return goToProblem(refusal);
  }
  grid.row(line).remove().draw(false);
  show(grid);
  tellDeleted(grid, row);
  element("content").focus();
}

/** Whether adding a deleted row again makes it what it was, but for an id that the server chooses. */
function isRestorable({ attributes }) {
  // The API shows no password of a user, no description of a role, and not who has the role.
  if (["users", "roles"].includes(resource.name) || table.dataset.restorable === "false") return false;
  // A new row belongs to who adds it, and in 2.0 the server's clock sets its times.
  const isOwn = !("owner_id" in attributes) || session.isOf(String(attributes.owner_id));
  const hasClock = api.profile === "scaffold-2.0" && fields.some(({ kind }) => kind === "datetime");
  return isOwn && !hasClock;
}

function tellDeleted(grid, row) {
  const undo = isRestorable(row) ? { label: "Undo", run: () => restore(grid, row) } : undefined;
  notify(`Deleted: ${labelOf(row)}`, undo);
}

async function restore(grid, row) {
  try {
    const restored = await api.create(resource, row.attributes, hasNumbers ? undefined : row.id);
    grid.row.add(restored).draw(false);
    show(grid);
    notify(`Restored: ${labelOf(restored)}${restored.id === row.id ? "" : `, with the new id ${restored.id}`}`);
  } catch (refusal) {
    goToProblem(refusal);
  }
}

async function start() {
  const others = new Map(fields.filter(({ of, kind }) => of && kind !== "nested").map((field) => [field.of, api.referredBy(field)]));
  const [rows, ...labels] = await Promise.all([api.list(resource), ...[...others.values()].map(labelsOf)]);
  completeHead();
  const order = { asc: compare, desc: (one, other) => compare(other, one) };
  DataTable.type("value", { order, search: DataTable.type("string").search });
  const grid = new DataTable(table, {
    data: rows,
    rowId: ({ id }) => `row-${id}`,
    columns: columns(new Map([...others.keys()].map((other, index) => [other, labels[index]]))),
    // The newest first, where ids are counted.
    order: [[0, hasNumbers ? "desc" : "asc"]],
    autoWidth: false,
    stateSave: true,
    stateDuration: 0,
    stateSaveCallback: keepState,
    stateLoadCallback: keptState,
    pageLength: 25,
    lengthMenu: [10, 25, 50, 100, { label: "All", value: -1 }],
    language: {
      search: "Search:",
      info: `_START_ to _END_ of _TOTAL_ ${many}`,
      infoEmpty: `No ${many}`,
      infoFiltered: "(of _MAX_)",
      lengthMenu: "_MENU_ per page",
      zeroRecords: `No ${many} match the search.`,
    },
  });
  table.addEventListener("click", ({ target }) => {
    const button = target.closest("button.delete");
    if (button) remove(grid, button.closest("tr"));
  });
  element("export").addEventListener("click", () => {
    const chosen = grid.rows({ search: "applied", order: "applied" }).data().toArray();
    downloadCsv(`${resource.name}.csv`, ["id", ...fields.map(({ name }) => name)], chosen);
  });
  startChoice(grid);
  element("columns").hidden = element("export").hidden = false;
  // Wide tables scroll inside of their own part of the page, which keys must reach.
  const scroll = table.closest(".dt-layout-table");
  scroll.classList.add("table-responsive");
  Object.assign(scroll, { tabIndex: 0, role: "region", ariaLabel: `Table of ${many}` });
  show(grid);
  const deleted = takeDeleted(resource.name);
  if (deleted) tellDeleted(grid, deleted);
}

element("columns").addEventListener("toggle", ({ target }) => target.querySelector("input")?.focus());
fillPage(start);
