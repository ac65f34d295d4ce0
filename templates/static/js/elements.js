// Elements of a page: those that it has, and new ones.

export const element = (id) => document.getElementById(id);

/** A new element with properties and children; text stays text. */
export function make(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** Shows what went wrong at the top of the page. */
export function showProblem(error) {
  const problem = element("problem");
  problem.textContent = error?.message ?? "";
  problem.hidden = !error;
}
