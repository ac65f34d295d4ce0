// The fields of a form: their values, and what is wrong with them.

import { KINDS, Wrong } from "./kinds.js";
import { Chooser } from "./references.js";

const EMPTY = "Please fill this in.";
const TAKEN = "A value that must be unique is taken already.";

export class Fields {
  #fields;

  constructor(form) {
    const parts = [...form.querySelectorAll("[data-field]")];
    this.#fields = parts.map((part) => {
      const { field: name, kind } = part.dataset;
      const control = part.querySelector("input, select, textarea");
      const help = document.getElementById(`help-${name}`);
      const message = document.getElementById(`wrong-${name}`);
      control.setAttribute("aria-describedby", [help?.id, message.id].filter(Boolean).join(" "));
      if ("required" in part.dataset && control.type !== "checkbox") control.setAttribute("aria-required", "true");
      const chooser = kind === "reference" ? new Chooser(control) : undefined;
      const field = { ...part.dataset, name, part, control, message, chooser, ...KINDS[kind] };
      for (const event of ["input", "change"]) control.addEventListener(event, () => this.#mark(field));
      return field;
    });
  }

  /** Loads what references choose from. */
  async load() {
    await Promise.all(this.#fields.map(({ chooser }) => chooser?.load()));
  }

  /** Takes a field out of the form. */
  drop(isDropped) {
    const dropped = this.#fields.filter(isDropped);
    dropped.forEach(({ part }) => part.remove());
    this.#fields = this.#fields.filter((field) => !dropped.includes(field));
  }

  /** Shows the attributes of a row; what is not changed afterwards is not sent. */
  write(attributes) {
    for (const field of this.#fields) {
      const value = attributes[field.name];
      field.before = value;
      // It is never shown; an empty one stays what it is.
      if (field.kind === "password") delete field.required;
      if (value === null || value === undefined) field.control.value = "";
      else if (field.chooser) field.chooser.write(value);
      else field.write(field.control, value);
      field.written = stateOf(field.control);
    }
  }

  /** Shows the defaults of a new row that HTML cannot. */
  writeDefaults() {
    for (const { control, kind, write } of this.#fields) {
      if (kind === "datetime" && control.dataset.value) write(control, control.dataset.value);
    }
  }

  hasChanged() {
    return this.#fields.some((field) => stateOf(field.control) !== (field.written ?? defaultOf(field.control)));
  }

  /** The attributes to send; undefined, with the fields marked, if something is wrong. */
  read() {
    const attributes = {};
    const wrong = new Map();
    for (const field of this.#fields) {
      try {
        const value = valueOf(field);
        if (value !== undefined) attributes[field.name] = value;
      } catch (error) {
        if (!(error instanceof Wrong)) throw error;
        wrong.set(field.name, error.message);
      }
    }
    this.mark(wrong);
    return wrong.size > 0 ? undefined : attributes;
  }

  /** Shows texts beside fields and goes to the first; gives the texts of fields that are not here. */
  mark(texts) {
    const strange = new Map(texts);
    let first;
    for (const field of this.#fields) {
      this.#mark(field, texts.get(field.name));
      if (strange.delete(field.name)) first ??= field.control;
    }
    first?.focus();
    return strange;
  }

  /** Shows what the server refused; gives the text for the top of the form, if one is needed. */
  refuse({ message, fields }) {
    const texts = new Map(fields);
    const unique = this.#fields.filter((field) => "unique" in field);
    if (message === TAKEN && unique.length === 1) texts.set(unique[0].name, "This is taken already.");
    const strange = this.mark(texts);
    if (texts.size > strange.size && strange.size === 0) return undefined;
    return [message, ...[...strange].map(([name, text]) => `${name}: ${text}`)].join(" ");
  }

  #mark({ control, message }, text) {
    control.classList.toggle("is-invalid", Boolean(text));
    if (text) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
    message.textContent = text ?? "";
  }
}

/** What a control holds, for comparison. */
function stateOf(control) {
  return control.type === "checkbox" ? String(control.checked) : control.value;
}

function defaultOf(control) {
  if (control.type === "checkbox") return String(control.defaultChecked);
  if (control.tagName === "SELECT") return [...control.options].find((option) => option.defaultSelected)?.value ?? "";
  return control.defaultValue;
}

function valueOf(field) {
  const { control, before, written } = field;
  const isThere = before !== undefined;
  if (isThere && stateOf(control) === written) return "always" in field && before !== null ? before : undefined;
  if (!field.isEmpty(control)) return field.read(control);
  if ("nullable" in field) return null;
  if ("required" in field || (isThere && field.kind !== "password")) throw new Wrong(EMPTY);
  return undefined;
}
