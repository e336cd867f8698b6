// Where in the dashboard are we, and what may be done there?

const ROLES = ["view", "operate", "admin"];

export const may = {
  role: null,
  do(role) {
    return ROLES.indexOf(this.role) >= ROLES.indexOf(role);
  },
};

const followers = new Set();
const base = new URL(document.baseURI).pathname;

// The path of an address, as it is below the base.
export function path(pathname) {
  return pathname.startsWith(base) ? pathname.slice(base.length) : "";
}

// "m/press1?at=…" is the page "m" with the name "press1".
export function here() {
  const [page, name = ""] = path(location.pathname).split("/").map(decodeURIComponent);
  return { page, name, query: new URLSearchParams(location.search) };
}

export function go(where) {
  const url = new URL(where, document.baseURI);
  if (url.origin !== location.origin) return; // a `next` that leads away
  history.pushState(null, "", url);
  scrollTo(0, 0);
  for (const follow of [...followers]) follow();
}

export function onGo(follow) {
  followers.add(follow);
  addEventListener("popstate", follow);
  return () => {
    followers.delete(follow);
    removeEventListener("popstate", follow);
  };
}

// What a link does when it is clicked: stay on this page, so that the sound may go on.
export function follow(where) {
  return (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    document.querySelectorAll("details.menu[open]").forEach((menu) => (menu.open = false));
    go(where);
  };
}

export function titled(title) {
  document.title = `${title} · motion-track`;
}
