// JSON whose numbers are written again as they were read.

/** Throws a `SyntaxError`. A number that JavaScript would write otherwise becomes one of its raw ones, where it has them. */
export function parse(text) {
  return JSON.parse(text, (_, value, context) => {
    const isExact = typeof value !== "number" || String(value) === context?.source;
    return isExact || !context?.source || !JSON.rawJSON ? value : JSON.rawJSON(context.source);
  });
}

/** A number that JavaScript can calculate with; the text of an integer that it cannot hold. */
export function plain(value) {
  if (!JSON.isRawJSON?.(value)) return value;
  const number = Number(value.rawJSON);
  return Number.isInteger(number) && !Number.isSafeInteger(number) ? value.rawJSON : number;
}
