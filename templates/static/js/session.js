// Who is signed in: a token and the address it was got with, kept over reloads.

import { at, here, isAlone, stored } from "./paths.js";

const KEY = stored("session");

/** What is different where the tokens are a Flask app's, or the texts a team's: see src/web/page_tokens.rs. */
export const tokens = JSON.parse(document.documentElement.dataset.tokens ?? "{}");

/** Why somebody is sent to sign in, by the text with which the server refuses a token. */
const REASONS = {
  "Token has expired": "expired",
  "Token is invalid": "invalid",
  "The account of this token no longer exists": "gone",
  "Missing authorization header": "missing",
  ...tokens.reasons,
};

/** The session, `{ token, email }`; undefined if there is none. */
export function current() {
  try {
    const session = JSON.parse(localStorage.getItem(KEY));
    return typeof session?.token === "string" ? session : undefined;
  } catch {
    return undefined;
  }
}

export function begin(token, email) {
  localStorage.setItem(KEY, JSON.stringify({ token, email }));
}

export function end() {
  localStorage.removeItem(KEY);
  // What Swagger UI keeps of it.
  if (isAlone) localStorage.removeItem("authorized");
  // What lists were searched for.
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(stored("list."))) sessionStorage.removeItem(key);
}

/** What the token says of its user; an empty object if it cannot be read. */
export function claims(token) {
  try {
    const [, payload] = token.split(".");
    const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes)) ?? {};
  } catch {
    return {};
  }
}

export function isExpired(token) {
  const { exp } = claims(token);
  return typeof exp === "number" && exp * 1000 <= Date.now();
}

/** What a token has in the claim that names its user: the id, or the address. */
export function subjectOf(token) {
  return claims(token)[tokens.claim ?? "sub"];
}

/** The header that sends a token, by its name. */
export function headerOf(token) {
  const { header = "Authorization", scheme = "Bearer" } = tokens;
  return { [header]: scheme ? `${scheme} ${token}` : token };
}

/** Whether the user with this id is signed in. */
export function isOf(id) {
  return String(subjectOf(current()?.token ?? "")) === id;
}

/** The reason if the text refuses a token, and not what was asked for with it. */
export function reasonOf(text) {
  return REASONS[text];
}

/** Ends the session and goes to the sign-in page, which tells the reason and leads back here. */
export function signInAgain(reason) {
  end();
  const next = here() + location.search;
  location.replace(at(`/login?${new URLSearchParams({ reason, next })}`));
}

/** Where to go after signing in: a page of ours, or home. */
export function next() {
  const wanted = new URLSearchParams(location.search).get("next") ?? "/";
  if (!wanted.startsWith("/") || !URL.canParse(wanted, location.origin)) return at("/");
  const { origin, pathname, search } = new URL(wanted, location.origin);
  // With the origin: a path may begin with two slashes, as the name of another host does.
  return origin === location.origin ? origin + at(pathname) + search : at("/");
}
