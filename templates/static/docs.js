// Starts Swagger UI on the server's own specification and runs the sign-in box above it. Its session is that of the
// other pages: who is signed in there is authorized here, and the other way round.

import { at, isAlone } from "./js/paths.js";
import * as session from "./js/session.js";

/** The name of the http bearer scheme in the specification. */
const SCHEME = "JWT";

const element = (id) => document.getElementById(id);

/** Follows a `$ref` such as `#/components/schemas/Login` inside `spec`. */
function lookUp(spec, reference) {
  return reference.slice(2).split("/").reduce((node, key) => node?.[key], spec) ?? {};
}

/** The first operation whose operationId begins with `login`: its address, method, media type and request schema. */
function findLogin(spec) {
  for (const [path, operations] of Object.entries(spec.paths ?? {})) {
    for (const [method, operation] of Object.entries(operations)) {
      if (!operation?.operationId?.startsWith("login")) continue;
      const [[type, { schema = {} }] = ["application/json", {}]] = Object.entries(operation.requestBody?.content ?? {});
      return { url: at(path), method: method.toUpperCase(), type, schema };
    }
  }
  return undefined;
}

/**
 * A value that fits `schema`, with `known` members put wherever the schema names them:
 * so the same code writes a flat body and a JSON:API document.
 */
function fill(spec, schema, known, name) {
  if (Object.hasOwn(known, name)) return known[name];
  if (schema.$ref) return fill(spec, lookUp(spec, schema.$ref), known, name);
  const choice = schema.oneOf ?? schema.anyOf ?? [];
  const parts = [...(schema.allOf ?? []), ...choice.slice(0, 1)].map((part) => fill(spec, part, known, name));
  if (schema.properties) {
    const members = Object.entries(schema.properties);
    parts.push(Object.fromEntries(members.map(([key, member]) => [key, fill(spec, member, known, key)])));
  }
  const objects = parts.filter((part) => typeof part === "object");
  if (objects.length > 0) return Object.assign({}, ...objects);
  return schema.default ?? schema.enum?.[0] ?? schema.example ?? parts.find((part) => part !== undefined);
}

/** Signs in at `login` and returns the token; throws an Error whose text is for the person. */
async function fetchToken(spec, login, known) {
  const response = await fetch(login.url, {
    method: login.method,
    credentials: "omit",
    headers: { "Content-Type": login.type, Accept: "application/json" },
    body: JSON.stringify(fill(spec, login.schema, known) ?? known),
  }).catch(() => {
    throw new Error("The server cannot be reached.");
  });
  const answer = await response.json().catch(() => null);
  if (response.ok && typeof answer?.token === "string") return answer.token;
  const texts = [answer?.message, answer?.error, answer?.errors?.[0]?.detail];
  throw new Error(texts.find((text) => text && typeof text === "string") ?? `Sign-in failed (HTTP ${response.status}).`);
}

/** Shows the form or who is signed in; Swagger UI's own store is the only state. */
function showAccount(ui) {
  const authorized = ui.authSelectors.authorized()?.get(SCHEME);
  element("sign-in").hidden = Boolean(authorized);
  element("signed-in").hidden = !authorized;
  const email = authorized?.get("email");
  const text = !authorized ? "" : email ? `Signed in as ${email}` : "Authorized with a token";
  if (element("who").textContent !== text) element("who").textContent = text;
}

/** Brings the sign-in box to life, once the specification is loaded. */
function startAccount(ui) {
  const spec = ui.specSelectors.specJson().toJS();
  const login = findLogin(spec);
  const schema = spec.components?.securitySchemes?.[SCHEME];
  if (!login || !schema) return;
  // The e-mail lies beside the token, so both are kept over a reload and dropped together.
  const authorize = (token, email) => {
    const value = schema.type === "apiKey" && schema.in === "header" ? Object.values(session.headerOf(token))[0] : token;
    ui.authActions.authorizeWithPersistOption({ [SCHEME]: { name: SCHEME, schema, value, email } });
  };

  element("sign-in").addEventListener("submit", async (event) => {
    event.preventDefault();
    const email = element("email").value;
    element("problem").textContent = "";
    element("sign-in-button").disabled = true;
    try {
      const value = await fetchToken(spec, login, { email, password: element("password").value });
      authorize(value, email);
      session.begin(value, email);
      element("password").value = "";
      element("sign-out").focus();
    } catch (error) {
      element("problem").textContent = error.message;
    } finally {
      element("sign-in-button").disabled = false;
    }
  });
  element("sign-out").addEventListener("click", () => {
    signOut();
    element("email").focus();
  });
  const { token, email } = session.current() ?? {};
  if (token && !session.isExpired(token) && !ui.authSelectors.authorized()?.get(SCHEME)) authorize(token, email);
  ui.getStore().subscribe(() => showAccount(ui));
  showAccount(ui);
  element("account").hidden = false;
}

/** Swagger UI's colours are those that the other pages have. */
function followColours() {
  const root = document.documentElement;
  root.classList.toggle("dark-mode", root.dataset.bsTheme === "dark");
}

/** Names the buttons in dialogs of Swagger UI: one has no name, others have one that nobody reads on them. */
function nameButtons() {
  for (const button of document.querySelectorAll(".close-modal")) button.ariaLabel ??= "Close";
  for (const button of document.querySelectorAll(".auth-btn-wrapper [aria-label]")) button.removeAttribute("aria-label");
}

/** Says why a call that was tried out needs a sign-in; a token that is refused is of no use any more. */
function heed(response) {
  const ofToken = response.body?.[session.tokens.member];
  const text = ofToken ?? (response.status === 401 && (response.body?.message ?? response.body?.error));
  const reason = text && (session.reasonOf(text) ?? (ofToken && "invalid"));
  if (!reason) return response;
  if (reason !== "missing") signOut();
  element("problem").textContent = `${text}. Please sign in.`;
  return response;
}

/** Has calls go to where this page came from, whichever address the document is published under. */
const callsStayHere = () => ({
  statePlugins: {
    spec: {
      wrapActions: {
        updateJsonSpec: (update) => (spec) =>
          update(isAlone && !spec?.servers?.length ? spec : { ...spec, servers: [{ url: at("/") }] }),
      },
    },
  },
});

function signOut() {
  ui.authActions.logoutWithPersistOption([SCHEME]);
  session.end();
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", followColours);
followColours();
new MutationObserver(nameButtons).observe(element("swagger-ui"), { childList: true, subtree: true });

const ui = SwaggerUIBundle({
  url: at("/openapi.json"),
  dom_id: "#swagger-ui",
  presets: [SwaggerUIBundle.presets.apis],
  plugins: [callsStayHere],
  deepLinking: true,
  // Under a name that all apps of the host would share.
  persistAuthorization: isAlone,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
  withCredentials: false,
  responseInterceptor: heed,
  onComplete: () => startAccount(ui),
});
