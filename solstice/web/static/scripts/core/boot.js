/**
 * What the page was served with: who is signed in, which build this is, the first data.
 * It is read once; a page that changes who is signed in loads anew.
 */

/** @type {Boot} */
export const boot = JSON.parse(document.getElementById("boot")?.textContent ?? "null") ?? {
  build: "", viewer: null, site_name: "Solstice", status_url: "", data: null,
};

// The page for bad times is kept for everybody and names nobody: who is here, this device knows.
if (boot.data?.offline) boot.viewer = JSON.parse(localStorage.getItem("viewer") ?? "null");

/** Name a static file of this very build. @param {string} path */
export const asset = (path) => new URL(`../../${path}`, import.meta.url).pathname;

/** Where to log in, coming back here afterwards. */
export const logInUrl = () => `/login?next=${encodeURIComponent(location.pathname + location.search)}`;
