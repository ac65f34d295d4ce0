// The fields of a form: their values, and what is wrong with them.

import { KINDS, Wrong } from "./kinds.js";
import { ManyChooser } from "./many.js";
import { Chooser } from "./references.js";

/** What finds the rows that a field of such a kind names. */
const CHOOSERS = { reference: Chooser, many: ManyChooser };

const EMPTY = "Required";

export class Fields {
  #fields;

  constructor(form) {
    const parts = [...form.querySelectorAll("[data-field]")];
    const secret = form.dataset.writeOnly?.split(" ") ?? [];
    this.#fields = parts.map((part) => {
      const { field: name, kind } = part.dataset;
      const control = part.querySelector("input, select, textarea");
      const help = document.getElementById(`help-${name}`);
      const message = document.getElementById(`wrong-${name}`);
      const label = document.getElementById(`label-${name}`)?.textContent;
      control.setAttribute("aria-describedby", [help?.id, message.id].filter(Boolean).join(" "));
      if ("required" in part.dataset && control.type !== "checkbox") control.setAttribute("aria-required", "true");
      const chooser = kind in CHOOSERS ? new CHOOSERS[kind](control) : undefined;
      // What the API does not show cannot be compared with what is entered.
      const isHidden = secret.includes(name) || Boolean(part.closest("[data-hidden]"));
      const isSecret = kind === "password" || isHidden;
      const isFixed = Boolean(part.closest("[data-fixed]"));
      const names = { name, label, isHidden, isSecret, isFixed };
      const field = { ...part.dataset, ...names, part, control, message, chooser, ...KINDS[kind] };
      field.written = field.state(control);
      hint(field, true);
      for (const event of ["input", "change"]) control.addEventListener(event, () => this.#mark(field));
      return field;
    });
  }

  /** Loads the choices of references; a field whose choices cannot be loaded says so. */
  async load() {
    const tell = (field, { message }) => this.#mark(field, `The choices cannot be loaded. ${message}`);
    await Promise.all(this.#fields.map((field) => field.chooser?.load().catch((refusal) => tell(field, refusal))));
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
      const { control, chooser, isSecret } = field;
      const value = attributes[field.name];
      field.before = value;
      field.isOfRow = true;
      if (isSecret) {
        // What comes is never it, and an empty one stays what it is.
        delete field.required;
        delete field.nullable;
        control.removeAttribute("aria-required");
      }
      if (isSecret || value === null || value === undefined) control.value = "";
      else if (chooser) chooser.write(value);
      else field.write(control, value);
      field.written = field.state(control);
      hint(field, false);
    }
  }

  /** Shows the defaults of a new row that HTML cannot. */
  writeDefaults() {
    for (const field of this.#fields) {
      const { control, kind } = field;
      if (kind === "datetime" && control.dataset.value) field.write(control, control.dataset.value);
      field.written = field.state(control);
    }
  }

  hasChanged() {
    return this.#fields.some(isChanged);
  }

  /** The labels of fields that were changed here, and that the server has left as they were. */
  ignored(attributes) {
    const isAsBefore = ({ name, before }) => JSON.stringify(attributes[name]) === JSON.stringify(before);
    const ignored = this.#fields.filter((field) => !field.isSecret && isChanged(field) && isAsBefore(field));
    return ignored.map(({ label }) => label);
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

  /** Shows texts next to fields and focuses the first; returns the texts of fields that are not in this form. */
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

  /** Shows what the server refused; returns the text for the top of the form, if one is needed. */
  refuse({ message, fields }) {
    const texts = new Map(fields);
    const strange = this.mark(texts);
    if (texts.size > strange.size && strange.size === 0) return undefined;
    const unsaid = [...strange].filter(([name]) => !message.includes(`\`${name}\``));
    return [message, ...unsaid.map(([name, text]) => `${name}: ${text}`)].join(" ");
  }

  #mark({ control, message }, text) {
    control.classList.toggle("is-invalid", Boolean(text));
    if (text) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
    message.textContent = text ?? "";
  }
}

function isChanged(field) {
  return field.state(field.control) !== field.written;
}

/** Shows next to the label what an empty field means. */
function hint(field, isNew) {
  const place = document.getElementById(`hint-${field.name}`);
  if (place) place.textContent = hintOf(field, isNew);
}

function hintOf(field, isNew) {
  if (field.isSecret && !isNew && !("required" in field)) return "(leave empty to keep the current one)";
  if ("required" in field) return "";
  if (field.kind === "many") return "(optional)";
  const hasDefault = "unshown" in field || !("nullable" in field);
  if (hasDefault && isNew) return "(default if empty)";
  return "nullable" in field ? "(optional)" : "";
}

function valueOf(field) {
  const { control, before } = field;
  if (field.isHidden && field.isOfRow && !isChanged(field)) return undefined;
  const isThere = before !== undefined;
  if (isThere && !isChanged(field)) return "always" in field && before !== null ? before : undefined;
  if (!field.isEmpty(control)) return field.read(control);
  if ("unshown" in field && !isThere) return undefined;
  if ("nullable" in field) return null;
  if ("required" in field || (isThere && !field.isSecret)) throw new Wrong(EMPTY);
  return undefined;
}
