// Which page is shown, to whom, and what is on every page?

import { AlarmBar, AlarmButton, useAlarms } from "./alarm.js";
import { Contact } from "./contact.js";
import { Dialogs, dialog } from "./dialog.js";
import { Floor } from "./floor.js";
import { Icon } from "./icons.js";
import { Kiosk } from "./kiosk.js";
import { Login, Password } from "./login.js";
import { connect, hangUp, useNow, usePlant, plant, now } from "./plant.js";
import { follow, go, here, may, onGo, path } from "./place.js";
import { ask, enter, remove } from "./talk.js";
import { duration } from "./words.js";
import { html, render, useEffect, useLayoutEffect, useRef, useState } from "./vendor/preact-htm.js";

const NAVIGATION = [
  { path: "", word: "Floor", icon: "floor", role: "view" },
  { path: "timeline", word: "Timeline", icon: "timeline", role: "view" },
  { path: "reports", word: "Reports", icon: "reports", role: "view" },
  { path: "setup", word: "Setup", icon: "setup", role: "admin" },
];

// What few people open is fetched when they do.
const LATER = {
  timeline: async () => (await import("./timeline.js")).Timeline,
  m: async () => (await import("./machine.js")).Machine,
  reports: async () => (await import("./reports.js")).Reports,
  setup: async () => (await import("./setup.js")).Setup,
};

const DARK = { auto: "(prefers-color-scheme: dark)", light: "not all", dark: "all" }; // where dark.css counts
const THEMES = Object.keys(DARK);

function App() {
  const [session, setSession] = useState(undefined);
  const [place, setPlace] = useState(here());
  const [trouble, setTrouble] = useState("");

  async function begin() {
    try {
      await enter("api/session").catch((error) => setTrouble(error.message));
      const found = await ask("api/session");
      may.role = found.role;
      setSession(found);
      if (found.role) connect(over);
    } catch {
      setTrouble("motion-track does not answer. Trying again …");
      setTimeout(begin, 3000);
    }
  }
  function over() {
    may.role = null;
    setSession({ role: null });
  }
  async function leave() {
    await remove("api/session").catch(() => null);
    hangUp();
    over();
    go("login");
  }
  useEffect(() => void begin(), []);
  useEffect(() => onGo(() => setPlace(here())), []);
  useEffect(() => {
    if (place.page === "login" && session?.role) go(place.query.get("next") ?? "");
  }, [session, place]);

  if (!session) return html`<main class="alone"><p role="status">${trouble || "One moment …"}</p></main>`;
  if (!session.role) return html`<${Login} trouble=${trouble} kiosk=${place.page === "kiosk"} done=${begin} />`;
  if (place.page === "kiosk") return html`<${Kiosk} />`;
  return html`<${Whole} session=${session} place=${place} leave=${leave} />`;
}

function Whole({ session, place, leave }) {
  const alarms = useAlarms();
  const main = useRef(null);
  const first = useRef(true);
  useEffect(() => {
    // who listens is told of the new page, as of one that was loaded
    if (!first.current) main.current?.focus();
    first.current = false;
  }, [place.page, place.name]);
  return html`
    <${Top} ...${{ session, place, leave, alarms }} skip=${() => main.current.focus()} />
    <${Contact} />
    <${AlarmBar} alarms=${alarms} />
    <main tabindex="-1" ref=${main}><${Shown} place=${place} session=${session} /></main>
    <${Navigation} place=${place} class="bottom" label="Pages, below" />
    <${Dialogs} />`;
}

function Shown({ place, session }) {
  usePlant();
  const [Page, setPage] = useState(null);
  const [trouble, setTrouble] = useState("");
  useLayoutEffect(() => {
    setTrouble("");
    if (place.page === "") return setPage(() => Floor);
    const fetched = LATER[place.page];
    if (!fetched) return setTrouble("There is no such page.");
    let left = false;
    fetched().then(
      (found) => left || setPage(() => found),
      () => left || setTrouble("The page could not be loaded. Reload it to try again."),
    );
    return () => (left = true);
  }, [place.page]);
  if (trouble) return html`<p class="card" role="alert">${trouble}</p>`;
  if (!Page || !plant.known) return html`<p class="hint" role="status">One moment …</p>`;
  return html`<${Page} key=${place.page + place.name} place=${place} session=${session} />`;
}

function Top({ session, place, leave, alarms, skip }) {
  usePlant();
  const [theme, setTheme] = useTheme();
  const name = session.kind === "account" ? session.user : session.kind === "kiosk" ? "kiosk" : "this computer";
  return html`<header class="bar">
    <a class="skip" href=${path(location.pathname)} onClick=${(event) => (event.preventDefault(), skip())}>To the content</a>
    <a class="brand" href="." onClick=${follow("")}>${plant.site || "motion-track"}</a>
    <${Navigation} place=${place} class="across" label="Pages" />
    <div class="row tools">
      <${Age} />
      <${AlarmButton} alarms=${alarms} />
      <button type="button" class="quiet iconic" onClick=${() => setTheme(THEMES[(THEMES.indexOf(theme) + 1) % 3])}>
        <${Icon} name="theme" /><span class="word">Theme: ${theme}</span>
      </button>
      <details class="menu">
        <summary class="button quiet iconic"><${Icon} name="person" /><span class="word">${name}</span></summary>
        <div class="card">
          <p>Signed in as <strong>${name}</strong>, may ${{ view: "look", operate: "operate", admin: "set up" }[session.role]}.</p>
          ${session.kind === "account" && html`<button type="button" onClick=${() => dialog("Change password", (close) => html`<${Password} user=${session.user} close=${close} />`)}>Change password …</button>`}
          <button type="button" onClick=${leave}>Sign out</button>
        </div>
      </details>
    </div>
  </header>`;
}

function Navigation({ place, label, ...more }) {
  return html`<nav aria-label=${label} ...${more}>
    ${NAVIGATION.filter((one) => may.do(one.role)).map(
      (one) => html`<a href=${one.path || "."} aria-current=${place.page === one.path ? "page" : null} onClick=${follow(one.path)}>
        <${Icon} name=${one.icon} />${one.word}
      </a>`,
    )}
  </nav>`;
}

// How old is what is shown?
function Age() {
  usePlant();
  useNow(1);
  const seconds = plant.heardAt ? (now() - plant.heardAt) / 1000 : 0;
  return html`<span class="age number" title="When motion-track was last heard of">
    ${plant.contact ? html`<span class="wide">data </span>${seconds < 7 ? "now" : `${duration(seconds)} old`}` : "no contact"}
  </span>`;
}

function useTheme() {
  const [theme, setTheme] = useState(THEMES.includes(localStorage.theme) ? localStorage.theme : "auto");
  useLayoutEffect(() => {
    localStorage.theme = theme;
    document.documentElement.dataset.theme = theme;
    document.querySelector("link[href$='dark.css']").media = DARK[theme];
    const bar = () => document.querySelector("meta[name=theme-color]").setAttribute("content", getComputedStyle(document.body).getPropertyValue("--card").trim());
    bar();
    const scheme = matchMedia(DARK.auto);
    scheme.addEventListener("change", bar);
    return () => scheme.removeEventListener("change", bar);
  }, [theme]);
  return [theme, setTheme];
}

render(html`<${App} />`, document.getElementById("app"));
