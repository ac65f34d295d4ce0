// What the kinds of fields are: how each is shown, ordered, put into a control and read from it.

import { addressOf } from "./api.js";
import { parse, plain } from "./json.js";

/** What is wrong with the value in a control, in words. */
export class Wrong extends Error {}

const dates = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });
const times = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** The digits after the point by which decimals are ordered. */
const FRACTION = 30;

const text = (value) => (typeof value === "object" ? JSON.stringify(value) : String(value));
const yesOrNo = (value) => (Number(value) ? "Yes" : "No");

/** A time of the server; without an offset it is UTC. */
function timeOf(value) {
  return new Date(/(Z|[+-]\d\d:?\d\d)$/.test(value) ? value : `${value}Z`);
}

function element(name, content, properties) {
  return Object.assign(document.createElement(name), { textContent: content }, properties);
}

/** A number of any length, exactly: as an integer that counts the digits after the point too. */
function exact(value) {
  const [, whole, fraction = ""] = text(value).match(/^(-?\d+)(?:\.(\d+))?$/) ?? [];
  return whole ? BigInt(whole + fraction.slice(0, FRACTION).padEnd(FRACTION, "0")) : "";
}

/** A link, if the address is one that is safe to follow. */
function link(value, address, safe) {
  return safe.test(address) ? element("a", value, { href: address, rel: "noreferrer" }) : value;
}

function checkLength(value, control) {
  const length = [...value].length;
  const { min, max } = control.dataset;
  if (min && length < Number(min)) throw new Wrong(`Must have at least ${min} characters; this has ${length}.`);
  if (max && length > Number(max)) throw new Wrong(`Must have at most ${max} characters; this has ${length}.`);
  return value;
}

/** The text of a number control, checked. */
function numberIn(control, what) {
  const { validity, min, max, value } = control;
  if (validity.badInput || value.trim() === "") throw new Wrong(`This is not ${what}.`);
  if (validity.stepMismatch) throw new Wrong(`This is not ${what}.`);
  if (validity.rangeUnderflow) throw new Wrong(`Must be at least ${min}.`);
  if (validity.rangeOverflow) throw new Wrong(`Must be at most ${max}.`);
  return value;
}

/** The text of a control of dates or times, checked. */
function momentIn({ validity, value }, what) {
  if (validity.badInput) throw new Wrong(`This is not ${what}.`);
  if (validity.rangeOverflow) throw new Wrong("Must not be after the year 9999.");
  return value;
}

/** A decimal number with no more digits than its column has. */
function checkDigits(value, { dataset: { whole, scale } }) {
  const [, before, after = ""] = value.match(/^[+-]?0*(\d*)(?:\.(\d*?)0*)?$/) ?? [];
  if (scale && before !== undefined && (before.length > Number(whole) || after.length > Number(scale))) {
    throw new Wrong(`Must have at most ${whole} digits before the point and ${scale} after it.`);
  }
  return value;
}

/** Whether a text can stand in a line of its own among others. */
const isLine = (value) => value !== "" && value === value.trim() && !/[\r\n]/.test(value) && !value.startsWith("[");

/** Texts, one in a line or as JSON. */
function itemsOf(value) {
  const lines = value.split("\n").map((line) => line.trim());
  try {
    const items = parse(value);
    if (Array.isArray(items) && items.every((item) => typeof item === "string")) return items;
  } catch {
    // It is lines.
  }
  return lines.filter((line) => line !== "");
}

function checkItems(items, { dataset: { min, max } }) {
  if (min && items.length < Number(min)) throw new Wrong(`Must have at least ${min} lines; this has ${items.length}.`);
  if (max && items.length > Number(max)) throw new Wrong(`Must have at most ${max} lines; this has ${items.length}.`);
  return items;
}

/** A time on the reader's clocks, as controls hold it. */
function localOf(time) {
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

/** Of a time that the clocks show twice, the one with the offset that was there before. */
function asLastTime({ dataset }, time) {
  const other = new Date(time.getTime() + (dataset.offset - time.getTimezoneOffset()) * 60_000);
  return dataset.offset && localOf(other) === localOf(time) ? other : time;
}

function matching(pattern, what) {
  return ({ value }) => {
    if (!pattern.test(value)) throw new Wrong(`This is not ${what}.`);
    return value;
  };
}

// The server's rules (`src/flask/email.rs`, `src/flask/url.rs`), or a little less: it knows more of other scripts.
const DOMAIN = /([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,}/.source;
const ATOM = /[\p{Alphabetic}\p{N}!#$%&'*+/=?^_`{|}~-]+/u.source;
const PLACE = `localhost|${DOMAIN}|\\[\\d{1,3}(\\.\\d{1,3}){3}\\]|.*[^\\x00-\\x7f].*`;
const ADDRESS = new RegExp(`^(${ATOM}(\\.${ATOM})*|".*")@(${PLACE})$`, "iu");
const HOST = `localhost|${DOMAIN}\\.?|\\d{1,3}(\\.\\d{1,3}){3}|\\[?[0-9a-f]*:[0-9a-f:]+\\]?`;
const URL_WITH_HOST = new RegExp(`^(https?|ftps?)://([^:@]+:[^:@]*@)?(${HOST})(:\\d+)?(/|[/?]\\S+)?$`, "iu");

/** The basis of the others: text. */
const PLAIN = {
  /** What a person reads: a text or an element. */
  show: text,
  /** What columns are ordered by. */
  order: (value) => value,
  /** Puts a value into a control. */
  write: (control, value) => (control.value = text(value)),
  /** Reads a control that is not empty; throws [`Wrong`]. */
  read: (control) => checkLength(control.value, control),
  isEmpty: (control) => control.value === "" && !control.validity.badInput,
  /** What a control holds, for comparison. */
  state: (control) => (control.validity.badInput ? undefined : control.value),
};

const NUMBER = {
  ...PLAIN,
  order: Number,
  write: (control, value) => (control.value = Number.isNaN(Number(value)) ? "" : text(value)),
};

const YES_NO = {
  ...PLAIN,
  show: yesOrNo,
  order: Number,
  write: (control, value) =>
    control.type === "checkbox" ? (control.checked = Boolean(Number(value))) : (control.value = Number(value) ? "1" : "0"),
  read: (control) => (control.type === "checkbox" ? control.checked : control.value === "1"),
  isEmpty: (control) => control.type !== "checkbox" && control.value === "",
  state: (control) => (control.type === "checkbox" ? String(control.checked) : control.value),
};

const WEB_ADDRESS = /^(https?|ftps?):\/\//i;

export const KINDS = {
  string: PLAIN,
  text: PLAIN,
  password: PLAIN,
  enum: PLAIN,
  email: {
    ...PLAIN,
    show: (value) => link(value, `mailto:${value}`, /^mailto:[^\s?&]+@[^\s?&]+$/),
    read: matching(ADDRESS, "a mail address"),
  },
  url: {
    ...PLAIN,
    show: (value) => link(value, value, WEB_ADDRESS),
    read: matching(URL_WITH_HOST, "a URL such as https://example.com"),
  },
  file: { ...PLAIN, show: (value) => link(value, value, WEB_ADDRESS) },
  integer: { ...NUMBER, read: (control) => Number(numberIn(control, "a whole number")) },
  biginteger: {
    ...NUMBER,
    order: exact,
    read: (control) => {
      const value = control.value.trim();
      if (!/^[+-]?\d+$/.test(value)) throw new Wrong("This is not a whole number.");
      const { min, max } = control.dataset;
      if (BigInt(value) < BigInt(min)) throw new Wrong(`Must be at least ${min}.`);
      if (BigInt(value) > BigInt(max)) throw new Wrong(`Must be at most ${max}.`);
      // As text, because JSON's numbers are not exact here.
      return value;
    },
  },
  decimal: { ...NUMBER, order: exact, read: (control) => checkDigits(numberIn(control, "a number"), control) },
  float: { ...NUMBER, read: (control) => Number(numberIn(control, "a number")) },
  boolean: { ...YES_NO, read: (control) => Number(YES_NO.read(control)) },
  bool: YES_NO,
  datetime: {
    ...PLAIN,
    // A time that no calendar has is ordered like a missing one.
    order: (value) => {
      const time = timeOf(value).getTime();
      return Number.isNaN(time) ? "" : time;
    },
    show: (value) => {
      const time = timeOf(value);
      return Number.isNaN(time.getTime()) ? text(value) : element("time", times.format(time), { dateTime: value, title: value });
    },
    write: (control, value) => {
      const time = timeOf(value);
      control.value = Number.isNaN(time.getTime()) ? "" : localOf(time);
      control.dataset.offset = time.getTimezoneOffset();
    },
    read: (control) => {
      const time = new Date(momentIn(control, "a date and time"));
      if (localOf(time).slice(0, 16) !== control.value.slice(0, 16)) {
        throw new Wrong("This time does not exist on that day: the clocks go forward.");
      }
      return asLastTime(control, time).toISOString();
    },
  },
  date: {
    ...PLAIN,
    show: (value) => {
      const day = new Date(`${value}T00:00:00Z`);
      return Number.isNaN(day.getTime()) ? text(value) : element("time", dates.format(day), { dateTime: value, title: value });
    },
    read: (control) => momentIn(control, "a date"),
  },
  time: {
    ...PLAIN,
    // Its fraction, which controls show in thousandths only, is kept as long as the value is not changed.
    write: (control, value) => (control.value = value.slice(0, 8)),
    read: (control) => momentIn(control, "a time of day"),
  },
  array: {
    ...PLAIN,
    show: (value) => value.join(", "),
    order: (value) => value.join("\n"),
    write: (control, value) => {
      control.value = value.length > 0 && value.every(isLine) ? value.join("\n") : JSON.stringify(value);
    },
    read: (control) => checkItems(itemsOf(control.value), control),
    isEmpty: (control) => control.value.trim() === "",
  },
  uuid: {
    ...PLAIN,
    read: matching(/^\{?(urn:uuid:)?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$/i, "a UUID"),
  },
  json: {
    ...PLAIN,
    show: (value) => element("code", JSON.stringify(value)),
    order: (value) => JSON.stringify(value),
    write: (control, value) => (control.value = JSON.stringify(value, null, 2)),
    read: (control) => {
      let value;
      try {
        value = parse(control.value);
      } catch (error) {
        throw new Wrong(`This is not JSON: ${error.message}.`);
      }
      if (value === null) throw new Wrong("Must not be null.");
      return value;
    },
  },
  reference: {
    ...PLAIN,
    read: (control) => {
      const { chosen, by } = control.dataset;
      if (chosen === undefined) throw new Wrong("Choose one from the list.");
      return by === "id" && !("hasTexts" in control.dataset) ? Number(chosen) : chosen;
    },
    // Two rows may be called the same.
    state: (control) => JSON.stringify([control.dataset.chosen, control.value]),
  },
  many: {
    ...PLAIN,
    read: ({ value, dataset }) => {
      if (value.trim() !== "") throw new Wrong("Choose from the list.");
      const ids = parse(dataset.ids);
      if (dataset.min && ids.length < Number(dataset.min)) throw new Wrong(`Choose at least ${dataset.min}.`);
      if (dataset.max && ids.length > Number(dataset.max)) throw new Wrong(`Choose at most ${dataset.max}; these are ${ids.length}.`);
      return ids;
    },
    // None is a choice, too.
    isEmpty: () => false,
    state: ({ value, dataset }) => JSON.stringify([dataset.ids, value]),
  },
  // Rows of another resource, or one of them.
  nested: {
    ...PLAIN,
    show: (value) => (value.length === 1 ? "1 row" : `${value.length} rows`),
    order: (value) => (Array.isArray(value) ? value.length : labelOf(rowOf(value))),
  },
};

/** A row inside of another one as other rows are: `{ id, attributes }`. */
export function rowOf({ id, ...attributes }) {
  const entries = Object.entries(attributes).map(([name, value]) => [name, plain(value)]);
  return { id: plain(id), attributes: Object.fromEntries(entries) };
}

/** The links of a row that are shown. */
const MOST_LINKS = 50;

/** What a row is called, if that is known. */
const nameIn = (labels, id) => labels?.get(id) ?? `#${id}`;

/** Links to several rows. */
function linksTo(ids, of, labels) {
  const links = ids.slice(0, MOST_LINKS).flatMap((id, index) => [index > 0 ? ", " : "", linkTo(of, id, nameIn(labels, id))]);
  const rest = ids.length > MOST_LINKS ? ` and ${ids.length - MOST_LINKS} more` : "";
  const all = document.createElement("span");
  all.append(...links, rest);
  return all;
}

/** What is shown of a value that may be missing; `labels` are those of the rows that references name. */
export function shown(kind, value, of, labels) {
  const isMissing = value === null || value === undefined || (kind === "many" && value.length === 0);
  if (isMissing) return element("span", "–", { className: "text-body-secondary", title: "none" });
  if (kind === "reference") return linkTo(of, value, nameIn(labels, value));
  if (kind === "many") return linksTo(value.map(plain), of, labels);
  if (kind === "nested" && !Array.isArray(value)) return linkTo(of, plain(value.id), labelOf(rowOf(value)));
  return KINDS[kind].show(value);
}

/** A link to a row of another resource; its label alone where it has no page. */
export function linkTo(of, id, label) {
  const href = addressOf(of, id);
  return href ? element("a", label, { href }) : label;
}

/** What people call a row: its name or title, or the first text there is. */
export function labelOf({ id, attributes }) {
  const names = ["title", "name", "label", "headline", "subject", "email"];
  const known = names.map((name) => attributes[name]);
  const label = [...known, ...Object.values(attributes)].find((value) => typeof value === "string" && value.trim());
  return label ? (label.length > 80 ? `${label.slice(0, 80)}…` : label) : `#${id}`;
}
