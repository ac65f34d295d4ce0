// Rows of other resources, which fields refer to.

import * as api from "./api.js";
import { labelOf } from "./kinds.js";

/** Rows that are asked for one by one; of more, all are asked for at once. */
const MOST_ALONE = 20;

/** What the rows of a resource are called, by id; empty if they may not be seen. */
export async function labelsOf(resource) {
  const rows = await api.list(resource).catch(() => []);
  return new Map(rows.map((row) => [row.id, labelOf(row)]));
}

/** What the rows with these ids are called, each asked for by itself; without those that may not be seen. */
export async function labelsOfSome(resource, ids) {
  if (ids.length > MOST_ALONE) return labelsOf(resource);
  // The tutorial's users have no address of their own.
  if (!ids.every((id) => api.addressOf(resource, id))) return labelsOf(resource);
  const rows = await Promise.all(ids.map((id) => api.get(resource, id).catch(() => undefined)));
  return new Map(rows.flatMap((row, index) => (row ? [[ids[index], labelOf(row)]] : [])));
}

const MOST = 50;

/** The options of a list that can be chosen. */
const OPTIONS = "[role=option]:not([aria-disabled])";

/** What a list says besides its options: an option of its own, so screen readers read it, too. */
function note(text) {
  const className = "list-group-item disabled";
  return Object.assign(document.createElement("li"), { className, textContent: text, role: "option", ariaDisabled: true });
}

/** A field into which the beginning of a name is typed, and a list to choose from. */
export class Chooser {
  #control;
  #list;
  #rows = [];
  #active = -1;
  #isOffered;

  /** `isOffered` says of a value whether it may be chosen. */
  constructor(control, isOffered = () => true) {
    this.#control = control;
    this.#isOffered = isOffered;
    this.#list = document.getElementById(control.getAttribute("aria-controls"));
    control.addEventListener("input", () => this.#typed());
    control.addEventListener("keydown", (event) => this.#pressed(event));
    control.addEventListener("click", () => this.#open());
    control.addEventListener("blur", () => this.#settle());
    // Before the click, which would come after the field has lost the focus.
    this.#list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const option = event.target.closest(OPTIONS);
      if (option) this.#choose(option.dataset.value);
    });
  }

  async load() {
    const { dataset } = this.#control;
    const { by } = dataset;
    const rows = await api.list(api.referredBy(dataset));
    if (rows.some(({ id }) => typeof id !== "number")) dataset.hasTexts = "";
    const labels = rows.map(labelOf);
    const seen = new Set();
    const twice = new Set(labels.filter((label) => seen.size === seen.add(label).size));
    this.#rows = rows.map((row, index) => {
      const value = String(by === "id" ? row.id : row.attributes[by]);
      const label = labels[index];
      return { value, label: twice.has(label) ? `${label} (${value})` : label };
    });
  }

  /** What the row with this value is called. */
  labelOf(value) {
    const row = this.#rows.find((row) => row.value === String(value));
    return row?.label ?? (this.#control.dataset.by === "id" ? `#${value}` : value);
  }

  /** Shows the row with this value as chosen. */
  write(value) {
    this.#control.dataset.chosen = value;
    this.#control.value = this.labelOf(value);
  }

  #typed() {
    const { value, dataset } = this.#control;
    const exact = this.#rows.filter((row) => row.label === value && this.#isOffered(row.value));
    if (exact.length === 1) dataset.chosen = exact[0].value;
    else delete dataset.chosen;
    this.#open();
  }

  #open() {
    const typed = "chosen" in this.#control.dataset ? "" : this.#control.value.toLowerCase();
    const isMeant = ({ label, value }) => label.toLowerCase().includes(typed) || value === typed;
    const found = this.#rows.filter((row) => isMeant(row) && this.#isOffered(row.value));
    const options = found.slice(0, MOST).map((row, index) => this.#option(row, index));
    const rest = found.length > MOST ? `${found.length - MOST} more: type to find them` : found.length ? "" : "No match";
    this.#list.replaceChildren(...options);
    if (rest) this.#list.append(note(rest));
    this.#show(true);
    this.#list.scrollIntoView({ block: "nearest" });
  }

  #option({ value, label }, index) {
    const option = document.createElement("li");
    option.className = "list-group-item list-group-item-action";
    option.id = `${this.#list.id}-${index}`;
    option.role = "option";
    option.ariaSelected = value === this.#control.dataset.chosen;
    option.dataset.value = value;
    option.textContent = label;
    return option;
  }

  #pressed(event) {
    const options = [...this.#list.querySelectorAll(OPTIONS)];
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) {
      event.preventDefault();
      if (this.#list.hidden) return this.#open();
      this.#active = (this.#active + steps[event.key] + options.length) % options.length;
      options.forEach((option, index) => {
        option.ariaSelected = index === this.#active;
        option.classList.toggle("active", index === this.#active);
      });
      const active = options[this.#active];
      if (active) this.#control.setAttribute("aria-activedescendant", active.id);
      active?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && !this.#list.hidden) {
      event.preventDefault();
      const active = options[this.#active];
      if (active) this.#choose(active.dataset.value);
      else this.#settle();
    } else if (event.key === "Escape" && !this.#list.hidden) {
      event.preventDefault();
      this.#close();
    }
  }

  /** Takes a label that was typed in other letters for the one row it can mean. */
  #settle() {
    const typed = this.#control.value.trim().toLowerCase();
    const meant = this.#rows.filter(({ label }) => label.toLowerCase() === typed);
    if (meant.length === 1 && !("chosen" in this.#control.dataset)) this.#choose(meant[0].value);
    else this.#close();
  }

  #choose(value) {
    this.write(value);
    this.#close();
    this.#control.dispatchEvent(new Event("change", { bubbles: true }));
  }

  #close() {
    this.#show(false);
  }

  #show(isOpen) {
    this.#active = -1;
    this.#list.hidden = !isOpen;
    this.#control.setAttribute("aria-expanded", isOpen);
    this.#control.removeAttribute("aria-activedescendant");
  }
}
