// Runs before anything is painted: the colours, and away from pages that need a session where there is none.

const root = document.documentElement;
// As in paths.js, which comes too late.
const { pathname: base } = new URL("../../../", document.currentScript.src);
const sessionKey = base === "/" ? "poem-scaffold.session" : `poem-scaffold${base}session`;

function useColours() {
  const chosen = localStorage.getItem("poem-scaffold.colours");
  const isDark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.bsTheme = isDark ? "dark" : "light";
}

useColours();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", useColours);

// A page restored from the cache may be outdated, or show what the user may not see any more.
addEventListener("pageshow", ({ persisted }) => persisted && location.reload());

// The link of the reset mail; its form is the one that Flask-Scaffold's front end had.
const reset = location.hash.match(/^#\/forgotpassword\/(.+)$/);
if (reset) {
  location.replace(`${base}resetpassword#${reset[1]}`);
} else if (root.dataset.needs === "session" && !localStorage.getItem(sessionKey)) {
  const next = `/${location.pathname.slice(base.length)}${location.search}`;
  location.replace(next === "/" ? `${base}login` : `${base}login?${new URLSearchParams({ next })}`);
}
