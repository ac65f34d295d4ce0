// Rows as a CSV file (RFC 4180) that spreadsheets open without running anything.

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** What begins a formula, after what a spreadsheet may leave out; full-width forms are made plain before. */
const FORMULA = /^[\s"\p{C}]*[=+\-\u2212@]|^\t/u;
/** Where a cell may begin, in spreadsheets whose separator is the semicolon too: they split cells that have one. */
const PIECES = /([;\r\n]+)/;

/** A text that a spreadsheet would take for a formula gets an apostrophe in front; a number stays one. */
function safe(piece) {
  return FORMULA.test(piece.normalize("NFKC")) && !NUMBER.test(piece) ? `'${piece}` : piece;
}

/** The text of a cell; objects and exact numbers as they are in JSON. */
export function cell(value) {
  if (value === null || value === undefined) return "";
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  const pieces = text.split(PIECES).map((piece, index) => (index % 2 ? piece : safe(piece)));
  const harmless = (/^[\r\n]/.test(text) ? "'" : "") + pieces.join("");
  return /[",;\t\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** The text of the file: `names` are `id` and attributes. */
function csvOf(names, rows) {
  const lines = rows.map(({ id, attributes }) => names.map((name) => cell(name === "id" ? id : attributes[name])));
  return [names, ...lines].map((line) => `${line.join(",")}\r\n`).join("");
}

export function downloadCsv(file, names, rows) {
  // With a byte order mark, because Excel takes a file without for an old encoding.
  const url = URL.createObjectURL(new Blob(["\ufeff", csvOf(names, rows)], { type: "text/csv" }));
  const link = Object.assign(document.createElement("a"), { href: url, download: file });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
