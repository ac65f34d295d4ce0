// Addresses of pages and calls. A proxy may show the app below a path of its host, which only the browser knows.

/** Where the app begins, with a slash at its end; this file is three folders below. */
const root = new URL("../../../", import.meta.url);

/** Whether the app has its host for itself. */
export const isAlone = root.pathname === "/";

/** The full path of `path`, which is written as if the app were at the root: `/users/7`. */
export const at = (path) => root.pathname + path.slice(1);

/** The path of the page that is shown, as if the app were at the root. */
export const here = () => `/${location.pathname.slice(root.pathname.length)}`;

/** The id in the path of the page that is shown. */
export const rowHere = () => decodeURIComponent(here().split("/")[2]);

/** The name under which something is stored: apps below other paths of the host have stores of their own. */
export const stored = (name) => (isAlone ? `poem-scaffold.${name}` : `poem-scaffold${root.pathname}${name}`);
