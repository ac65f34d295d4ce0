// The server's API, in the dialect of its profile.

import * as json from "./json.js";
import { at } from "./paths.js";
import * as session from "./session.js";

/** tutorial, scaffold-1.0 or scaffold-2.0. */
export const profile = document.documentElement.dataset.profile;

/** A refusal: `text` for the whole, and texts for single fields by their names. */
export class Refusal extends Error {
  constructor(status, text, fields = new Map()) {
    super(text);
    this.status = status;
    this.fields = fields;
  }
}

/** A change cannot be saved until the user signs in again. */
export class SessionEnded extends Refusal {
  constructor() {
    super(401, "Your session has expired. Sign in in another tab, then save again.");
  }
}

/** The resource that an element is for: the name that its pages have, and how the API calls it. */
export function resourceOf({ resource: name, api, json, type }) {
  return { name, address: api ?? `/api/v1/${name}`, ending: json === "false" ? "" : ".json", type: type ?? name };
}

/** The resource that an element refers to; undefined if it refers to none. */
export function referredBy({ of, ofApi, ofJson }) {
  return of ? resourceOf({ resource: of, api: ofApi, json: ofJson }) : undefined;
}

/** The address of a row's own page; undefined if it has none. */
export function addressOf({ name }, id) {
  return profile === "tutorial" && name === "users" ? undefined : at(`/${name}/${encodeURIComponent(id)}`);
}

/** The address of the form for a row. */
export const addressOfForm = ({ name }, id) => at(`/${name}/${encodeURIComponent(id)}/edit`);

const pathOf = ({ address, ending }) => `${address}${ending}`;
const pathOfRow = ({ address, ending }, id) => `${address}/${encodeURIComponent(id)}${ending}`;

/** The rows of a resource: each `{ id, attributes }`. */
export async function list(resource) {
  if (profile === "tutorial" && resource.name === "users") {
    const { users } = await call("GET", "/api/users");
    return users.map(({ id, ...attributes }) => ({ id, attributes }));
  }
  return (await call("GET", pathOf(resource))).data.map(plain);
}

export async function get(resource, id) {
  return plain((await call("GET", pathOfRow(resource, id))).data);
}

/** Adds a row; `id` is its key, where that is not the server's to choose. */
export async function create(resource, attributes, id) {
  return plain((await call("POST", pathOf(resource), documentOf(resource.type, attributes, id))).data);
}

export async function update(resource, id, attributes) {
  return plain((await call("PATCH", pathOfRow(resource, id), documentOf(resource.type, attributes))).data);
}

export async function remove(resource, id) {
  await call("DELETE", pathOfRow(resource, id));
}

/** Returns a token. */
export async function logIn(email, password) {
  const answer =
    profile === "tutorial"
      ? await send("POST", "/api/login", { email, password })
      : await send("POST", "/api/v1/login.json", documentOf("users", { email, password }));
  return answer.token;
}

/** Who answers each route, which administrators see where an old app is behind the server. */
export const routes = (token) => send("GET", "/poem-scaffold/routes.json", undefined, session.headerOf(token));

/** Returns the new user. */
export async function signUp(attributes) {
  // 1.0 wants to know whether the user is active, and decides itself.
  const all = profile === "scaffold-1.0" ? { ...attributes, active: 1 } : attributes;
  return (await send("POST", "/api/v1/signup.json", documentOf("users", all))).data;
}

export async function askForReset(email) {
  await send("POST", "/api/v1/forgotpassword", documentOf("users", { email }));
}

export async function resetPassword(token, password) {
  await send("PATCH", "/api/v1/forgotpassword", documentOf("users", { password }), { Authorization: `Bearer ${token}` });
}

function documentOf(type, attributes, id) {
  return { data: { type, id, attributes } };
}

/** The row with numbers of its own as JavaScript has them, and those that it cannot hold as text. */
function plain({ id, attributes }) {
  const entries = Object.entries(attributes).map(([name, value]) => [name, json.plain(value)]);
  return { id: json.plain(id), attributes: Object.fromEntries(entries) };
}

/** Sends a request as the signed-in user; leaves the page if the session has ended, but never while a form is being saved. */
async function call(method, path, body) {
  const token = session.current()?.token;
  if (!token) return leave("missing", body);
  if (session.isExpired(token)) return leave("expired", body);
  try {
    return await send(method, path, body, session.headerOf(token));
  } catch (refusal) {
    const reason = refusal.reason ?? (refusal.status === 401 && session.reasonOf(refusal.message));
    if (reason) return leave(reason, body);
    throw refusal;
  }
}

function leave(reason, body) {
  if (body) throw new SessionEnded();
  session.signInAgain(reason);
  // The page is going away: nobody waits for this.
  return new Promise(() => {});
}

let waiting = 0;

/** Shows that work goes on, once it has taken a moment. */
function showProgress(change) {
  waiting += change;
  document.body.setAttribute("aria-busy", waiting > 0);
  setTimeout(() => (document.getElementById("progress").hidden = waiting === 0), waiting > 0 ? 200 : 0);
}

/** How long the server may take to begin its answer. */
const PATIENCE = 30_000;

async function send(method, path, body, authorization) {
  const headers = { Accept: "application/json", ...authorization };
  if (body) headers["Content-Type"] = "application/json";
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), PATIENCE);
  showProgress(1);
  try {
    const options = { method, headers, body: body && JSON.stringify(body), credentials: "omit", signal: late.signal };
    const response = await fetch(at(path), options).finally(() => clearTimeout(timer));
    const answer = parsed(await response.text());
    if (response.ok) return answer;
    throw refusalOf(response.status, answer);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    if (late.signal.aborted) throw new Refusal(0, tooLate(method));
    throw new Refusal(0, "The server cannot be reached. Check your connection and try again.");
  } finally {
    showProgress(-1);
  }
}

function tooLate(method) {
  const advice = method === "GET" ? "Try again in a moment." : "It may still have saved the change: check before you try again.";
  return `The server does not answer. ${advice}`;
}

function parsed(text) {
  try {
    return json.parse(text);
  } catch {
    return undefined;
  }
}

/** Understands the ways in which the server words errors. */
function refusalOf(status, answer) {
  const ofToken = answer?.[session.tokens.member];
  if (typeof ofToken === "string") {
    const refusal = new Refusal(status, ofToken);
    refusal.reason = session.reasonOf(ofToken) ?? "invalid";
    return refusal;
  }
  const error = answer?.error ?? answer?.message;
  const text = typeof error === "string" ? error : "";
  const ofTable = errorsOfTable(text);
  const errors = error?.errors ?? [...errorsInPython(text), ...ofTable];
  const fields = new Map();
  const texts = [];
  for (const one of errors) {
    const [, attribute, id] = one?.source?.pointer?.match(/^\/data\/(?:attributes\/([\w-]+)|(id))$/) ?? [];
    const name = attribute ?? id;
    if (name) fields.set(name, [fields.get(name), one.detail].filter(Boolean).join(" "));
    else texts.push(typeof one === "string" ? one : one.detail);
  }
  if (errors.length === ofTable.length && text) texts.push(text);
  const fallback = fields.size > 0 ? "Please correct the marked fields." : `The server refused this (HTTP ${status}).`;
  return new Refusal(status, texts.join(" ") || fallback, fields);
}

/** What the table refuses begins with the attributes that it is about: "`email` is taken already: …". */
function errorsOfTable(text) {
  const [, names = "", rest] = text.match(/^(`\w+`(?: (?:and|or) `\w+`)*) (.*)$/s) ?? [];
  const all = [...names.matchAll(/`(\w+)`/g)].map(([, name]) => name);
  return all.map((name) => ({
    detail: all.length === 1 ? `This ${rest}` : text,
    source: { pointer: `/data/attributes/${name}` },
  }));
}

/** The errors in a text such as `{'errors': [{'detail': '…', 'source': {'pointer': '…'}}]}`, which 2.0 sends. */
function errorsInPython(text) {
  const one = /\{'detail': ('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"), 'source': \{'pointer': '([^']*)'\}\}/g;
  return [...text.matchAll(one)].map(([, detail, pointer]) => ({
    detail: detail.slice(1, -1).replace(/\\(.)/g, "$1"),
    source: { pointer },
  }));
}
