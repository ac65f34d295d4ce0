// Rows as a CSV file (RFC 4180) that spreadsheets open without running anything.

/** A text that a spreadsheet would take for a formula gets an apostrophe in front. */
function cell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = typeof value === "object" ? JSON.stringify(value) : value;
  const isNumber = /^[+-]?[\d.]+(e[+-]?\d+)?$/i.test(text);
  const safe = /^[=+\-@\t\r]/.test(text) && !isNumber ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
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
