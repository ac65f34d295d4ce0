// Who answers each route, how often and how fast, and what differed.

import * as api from "./api.js";
import { element, make, showProblem } from "./elements.js";
import * as session from "./session.js";

/** How often the figures are read anew. */
const PAUSE = 5_000;

const ANSWERS = { new: "this server", old: "the old app", compare: "both, compared", "only old": "the old app only" };

/** What a refused request is. */
const REFUSED = "the old app failed, and this server says what is wrong with the request";

const cell = (text) => make("td", { className: "text-end text-nowrap" }, text);
const count = (number) => (number ? number.toLocaleString() : "");
const latency = ({ p50, p95 }) => (p50 === null ? "" : `${p50} / ${p95}`);

function differing({ what, values: [before, after], request, count: times }) {
  const code = (text) => make("code", {}, text);
  return make("li", {}, `${what} (${times}): `, code(before), " became ", code(after), ", first in ", code(request));
}

/** The row of a route, and below it what differs. */
function rows({ route, mode, old, new: ours, compared, different, refused, differences }) {
  const name = make("td", {}, make("code", {}, route));
  const figures = [count(old.calls), latency(old), count(ours.calls), latency(ours), count(compared)].map(cell);
  const last = cell(compared ? different.toLocaleString() : "");
  if (different) last.classList.add("text-danger", "fw-semibold");
  const row = make("tr", {}, name, make("td", { className: "text-nowrap" }, ANSWERS[mode]), ...figures, last);
  const items = differences.map(differing);
  if (refused) items.unshift(make("li", {}, `refused (${refused}): ${REFUSED}`));
  if (items.length === 0) return [row];
  const kinds = make("ul", { className: "mb-0" }, ...items);
  const details = make("details", { open: isOpen(route) }, make("summary", {}, "Differences"), kinds);
  details.dataset.route = route;
  return [row, make("tr", {}, make("td", { colSpan: row.cells.length }, details))];
}

/** Whether the reader has opened the differences of a route. */
function isOpen(route) {
  const all = [...element("routes").querySelectorAll("details")];
  return all.some(({ dataset, open }) => dataset.route === route && open);
}

function show(isSignedIn) {
  element("sign-in").hidden = isSignedIn;
  element("report").hidden = !isSignedIn;
  element("sign-out").hidden = !isSignedIn;
}

/** How much of what the old app answers is recorded, where it is. */
function showRecording(recording) {
  element("recording").hidden = !recording;
  if (!recording) return;
  const { recorded, left_out: leftOut, has_ended: hasEnded } = recording;
  const state = hasEnded ? "Recording has ended" : "Recording";
  element("recording").textContent = `${state}: ${count(recorded) || 0} answers recorded, ${count(leftOut) || 0} left out.`;
}

async function refresh() {
  const token = session.current()?.token;
  if (!token) return show(false);
  try {
    const { upstream, recording, routes } = await api.routes(token);
    element("upstream").textContent = upstream;
    showRecording(recording);
    element("routes").replaceChildren(...routes.flatMap(rows));
    element("problem").hidden = true;
    show(true);
  } catch (refusal) {
    if (refusal.reason ?? session.reasonOf(refusal.message)) session.end();
    show(false);
    showProblem(refusal);
  }
}

element("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const email = element("email").value;
  try {
    session.begin(await api.logIn(email, element("password").value), email);
    await refresh();
  } catch (refusal) {
    showProblem(refusal);
  }
});
element("sign-out").addEventListener("click", () => {
  session.end();
  show(false);
});
await refresh();
setInterval(() => session.current() && !document.hidden && refresh(), PAUSE);
