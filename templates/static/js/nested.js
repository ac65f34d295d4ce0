// Rows of other resources inside of a row.

import { referredBy } from "./api.js";
import { linkTo, rowOf, shown } from "./kinds.js";
import { make } from "./shell.js";

/** Fills the table of a place with a list of rows, or with one; shows that there is none. */
export function fillNested(place, value, of) {
  const rows = [value ?? []].flat().map(rowOf);
  if (rows.length === 0) return place.replaceChildren(shown("nested"));
  const columns = [...place.querySelectorAll("th[data-name]")].map(({ dataset }) => ({ ...dataset, of: referredBy(dataset) }));
  const lineOf = ({ id, attributes }) => {
    const cells = columns.map(({ name, kind, of }) => make("td", { className: "text-break" }, shown(kind, attributes[name], of)));
    return make("tr", {}, make("td", {}, linkTo(of, id, id)), ...cells);
  };
  place.querySelector("tbody").replaceChildren(...rows.map(lineOf));
}
