// Sign in, sign up, forgotten passwords.

import * as api from "./api.js";
import { element } from "./elements.js";
import { Fields } from "./fields.js";
import { at } from "./paths.js";
import * as session from "./session.js";

const REASONS = {
  expired: "Your session has expired. Please sign in again.",
  invalid: "Your session is invalid. Please sign in again.",
  gone: "Your account no longer exists.",
  missing: "Please sign in first.",
  "signed-out": "You have signed out.",
  reset: "Your password has been changed. Please sign in.",
  waiting: "Your account has been created. An administrator must enable it before you can sign in.",
  created: "Your account has been created. Please sign in.",
};

function show(id, text) {
  element(id).textContent = text ?? "";
  element(id).hidden = !text;
}

async function enter(email, password) {
  session.begin(await api.logIn(email, password), email);
}

/** What each form does with its values; returns where to go, or a text to show. */
const FORMS = {
  async login({ email, password }) {
    await enter(email, password);
    return { address: session.next() };
  },
  async signup(attributes) {
    const { email, password } = attributes;
    const user = await api.signUp(attributes);
    // A number, or a truth value where Flask-Scaffold 0.6 made the table; 2.0's answer has neither.
    if ([0, false].includes(user?.attributes?.active)) return { address: at("/login?reason=waiting") };
    const isIn = await enter(email, password).then(() => true, () => false);
    // 2.0's answer does not say whether the user is enabled.
    const reason = form.dataset.signup === "approval" ? "waiting" : "created";
    return { address: at(isIn ? "/" : `/login?reason=${reason}`) };
  },
  async forgotpassword({ email }) {
    await api.askForReset(email);
    return { text: `If ${email} belongs to an account, a mail is on its way. Check your inbox.` };
  },
  async resetpassword({ password, repeated }) {
    if (password !== repeated) throw new api.Refusal(0, "", new Map([["repeated", "The passwords do not match."]]));
    await api.resetPassword(location.hash.slice(1), password);
    return { address: at("/login?reason=reset") };
  },
};

const form = document.querySelector("form");
const fields = form && new Fields(form);

async function submit() {
  show("problem");
  show("notice");
  const values = fields.read();
  if (!values) return;
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const { address, text } = await FORMS[form.id](values);
    form.reset();
    if (address) return location.assign(address);
    show("notice", text);
  } catch (refusal) {
    show("problem", fields.refuse(explained(refusal)));
    if (!form.querySelector(".is-invalid")) element("problem").focus();
  }
  button.disabled = false;
}

/** The server's error about a token is an error about the link here. */
function explained(refusal) {
  if (form.id !== "resetpassword" || !session.reasonOf(refusal.message)) return refusal;
  return new api.Refusal(refusal.status, "This link has been used or has expired. Request a new one.");
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
show("notice", REASONS[new URLSearchParams(location.search).get("reason")]);
form?.querySelector("input").focus();
