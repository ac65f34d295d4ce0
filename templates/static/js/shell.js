// The bar, the menu, notices and questions of every page for people who are signed in.

import { element, make, showProblem } from "./elements.js";
import { parse } from "./json.js";
import { at, here } from "./paths.js";
import * as session from "./session.js";

export { element, make, showProblem };

/** Shows what went wrong, and goes there: it may be far from what was clicked. */
export function goToProblem(error) {
  showProblem(error);
  element("problem").focus();
}

/** Runs what fills the page, and shows why it could not be filled. */
export async function fillPage(fill) {
  try {
    await fill();
  } catch (refusal) {
    element("loading").hidden = true;
    showProblem(refusal);
  }
}

const NOTICE = "poem-scaffold.notice";

/** Shows a notice for some seconds; with an action, a button that does it. */
export function notify(text, action) {
  const close = make("button", { type: "button", className: "btn-close me-2 m-auto", ariaLabel: "Close" });
  const body = make("div", { className: "toast-body" }, text);
  const toast = make("div", { className: "toast show" }, make("div", { className: "d-flex" }, body, close));
  const remove = () => toast.remove();
  close.addEventListener("click", remove);
  if (action) {
    const button = make("button", { type: "button", className: "btn btn-sm btn-outline-primary ms-2" }, action.label);
    button.addEventListener("click", () => {
      remove();
      action.run();
    });
    body.append(button);
  }
  element("notices").append(toast);
  let timer;
  const start = () => (timer = setTimeout(remove, action ? 15_000 : 6_000));
  toast.addEventListener("mouseenter", () => clearTimeout(timer));
  toast.addEventListener("mouseleave", start);
  toast.addEventListener("focusin", () => clearTimeout(timer));
  toast.addEventListener("focusout", start);
  start();
}

/** Shows a notice on the page that is opened next. */
export function notifyNext(text) {
  sessionStorage.setItem(NOTICE, text);
}

const DELETED = "poem-scaffold.deleted";

/** Remembers a row that was deleted on its own page, for the list that is opened next. */
export function rememberDeleted(resource, row) {
  sessionStorage.setItem(DELETED, JSON.stringify({ resource, row }));
}

/** The row of a resource that was deleted on the page before. */
export function takeDeleted(resource) {
  const deleted = parse(sessionStorage.getItem(DELETED));
  sessionStorage.removeItem(DELETED);
  return deleted?.resource === resource ? deleted.row : undefined;
}

/** Asks before a row is deleted; gives whether it may be. */
export function askToDelete(one, label, warning) {
  const dialog = element("question");
  element("question-title").textContent = `Delete this ${one}?`;
  element("question-text").textContent = label;
  element("question-warning").textContent = warning;
  element("question-yes").textContent = "Delete";
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) =>
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }),
  );
}

function startMenu() {
  const [resource] = here().split("/").slice(1);
  for (const link of document.querySelectorAll("#menu a:not(.me)")) {
    if (link.pathname === at(`/${resource}`)) {
      link.setAttribute("aria-current", "page");
      link.classList.add("active");
    }
  }
  const button = element("menu-button");
  button.addEventListener("click", () => {
    const isOpen = element("menu").classList.toggle("open");
    button.setAttribute("aria-expanded", isOpen);
  });
}

function showAccount() {
  const { token, email } = session.current() ?? {};
  const sub = token && session.subjectOf(token);
  const hasPage = /^\d+$/.test(String(sub)) && document.documentElement.dataset.profile !== "tutorial";
  for (const me of document.querySelectorAll(".me")) {
    me.textContent = email ?? "";
    me.href = at(hasPage ? `/users/${sub}` : "/users");
  }
}

/** Follows who is signed in in another tab. */
function followAccount(before) {
  const email = session.current()?.email;
  if (email === before) return email;
  // What asks before it is left, keeps what was typed into it.
  if (dispatchEvent(new Event("beforeunload", { cancelable: true }))) location.reload();
  showAccount();
  notify(email ? `Another tab has signed in as ${email}.` : "Another tab has signed out.");
  return email;
}

function startAccount() {
  showAccount();
  element("sign-out").addEventListener("click", () => {
    session.end();
    location.assign(at("/login?reason=signed-out"));
  });
  let email = session.current()?.email;
  addEventListener("storage", () => (email = followAccount(email)));
}

function startColours() {
  element("colours").addEventListener("click", () => {
    const root = document.documentElement;
    root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
    localStorage.setItem("poem-scaffold.colours", root.dataset.bsTheme);
  });
}

/** What the page before has done; undefined if it did nothing. */
export const notice = sessionStorage.getItem(NOTICE) ?? undefined;

startAccount();
startMenu();
startColours();
if (notice) {
  sessionStorage.removeItem(NOTICE);
  notify(notice);
}
