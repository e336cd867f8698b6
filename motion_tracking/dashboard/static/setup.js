// Is everything set up as it should be, and who may use it?

import { attempt, confirm, dialog, toast } from "./dialog.js";
import { Icon } from "./icons.js";
import { titled } from "./place.js";
import { ask, remove, send } from "./talk.js";
import { count, moment } from "./words.js";
import { html, useEffect, useState } from "./vendor/preact-htm.js";

const ROLES = { view: "look", operate: "operate", admin: "set up" };
const SIGNS = { ok: "good", warn: "warning", fail: "warning", skip: "unknown" };
const AGAIN = 1000; // milliseconds between two questions whether the check is through

export function Setup() {
  useEffect(() => titled("Setup"), []);
  return html`<h1>Setup</h1>
    <div class="setup"><${Cameras} /><${Checks} /><${Notifiers} /><${Users} /><${Kiosks} /><${Computer} /></div>`;
}

// Ask once; return what was found, and how to ask anew.
function useFound(path) {
  const [found, setFound] = useState(null);
  const fresh = () => attempt(() => ask(path)).then((answer) => answer && setFound(answer));
  useEffect(() => void fresh(), []);
  return [found, fresh, setFound];
}

function Table({ head, children, label }) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${label}><table>
    <thead><tr>${head.map((word) => (word ? html`<th scope="col">${word}</th>` : html`<td></td>`))}</tr></thead><tbody>${children}</tbody></table></div>`;
}

function Cameras() {
  const [found] = useFound("api/cameras");
  const [busy, setBusy] = useState(false);
  async function calibrate(wish) {
    setBusy(true);
    const done = await attempt(() => send("api/calibration", wish));
    setBusy(false);
    if (done) location.assign(new URL(done.url, document.baseURI));
  }
  function add(event) {
    event.preventDefault();
    const { machine, seen } = Object.fromEntries(new FormData(event.target));
    void calibrate(seen.includes("://") ? { machine, source: seen } : { machine, channel: seen });
  }
  return html`<section class="card stack" aria-labelledby="cameras"><h2 id="cameras">Cameras</h2>
    ${found && html`<${Table} label="List of cameras" head=${["Machine", "Source", "Place", "Detector", "Threshold", ""]}>
      ${found.cameras.map((camera) => html`<tr key=${camera.name}>
        <th scope="row">${camera.name}</th><td>${camera.source}</td><td>${camera.location}</td>
        <td>${camera.enabled ? camera.detector : "switched off"}${camera.trackable ? "" : ", no area yet"}</td><td>${count(camera.threshold)}</td>
        <td><button type="button" disabled=${busy} onClick=${() => calibrate({ machine: camera.name })}>Calibrate<span class="hidden"> ${camera.name}</span></button></td>
      </tr>`)}<//>
      ${Object.entries(found.broken).map(([name, texts]) => html`<p key=${name} class="note"><${Icon} name="warning" /> <strong>${name}</strong>: ${texts.join("; ")}</p>`)}`}
    <form class="row ends" onSubmit=${add}>
      <label class="field">New machine <input name="machine" autocomplete="off" required /></label>
      <label class="field grow">Channel of the recorder, or rtsp:// address <input name="seen" autocomplete="off" placeholder="802" required /></label>
      <button type="submit" disabled=${busy}>Calibrate it</button>
    </form>
    <p class="hint" role="status">${busy ? "Looking for the camera; this takes up to 20 s." : ""}</p>
  </section>`;
}

function Checks() {
  const [found, fresh, setFound] = useFound("api/checks");
  useEffect(() => {
    if (!found?.running) return undefined;
    const timer = setTimeout(fresh, AGAIN);
    return () => clearTimeout(timer);
  }, [found]);
  async function check() {
    const answer = await attempt(() => send("api/checks"));
    if (answer) setFound(answer);
  }
  return html`<section class="card stack" aria-labelledby="checks">
    <div class="row head"><h2 id="checks">Checks</h2>
      <button type="button" onClick=${check} disabled=${found?.running}>${found?.running ? "Checking …" : "Check all"}</button></div>
    <p class="hint" role="status">${found?.at ? `Checked ${moment(Date.parse(found.at))}.` : found?.running ? "This takes a minute." : "Not checked since the start of the dashboard."}</p>
    <ul class="stack">${(found?.checks ?? []).map((one, n) => html`<li key=${n} class="row note">
      <${Icon} name=${SIGNS[one.result] ?? "unknown"} /><span class="grow"><strong>${one.result.toUpperCase()} ${one.subject}</strong>: ${one.text}${one.hint && html`<br /><span class="hint">${one.hint}</span>`}</span></li>`)}</ul>
  </section>`;
}

function Notifiers() {
  const [found] = useFound("api/notifiers");
  const [tested, setTested] = useState(null);
  const [busy, setBusy] = useState(false);
  async function test() {
    setBusy(true);
    const done = await attempt(() => send("api/notifiers/test"));
    setBusy(false);
    if (done) setTested(new Map(done.notifiers.map((one) => [one.notifier, one])));
  }
  const outcome = (one) => (one ? (one.ok ? "sent" : `failed: ${one.error}`) : "");
  return html`<section class="card stack" aria-labelledby="notifiers">
    <div class="row head"><h2 id="notifiers">Notifications</h2><button type="button" onClick=${test} disabled=${busy}>${busy ? "Sending …" : "Send a test"}</button></div>
    ${found && html`<${Table} label="List of notifiers" head=${["Notifier", "Tells of", "Test"]}>
      ${found.notifiers.map((one) => html`<tr key=${one.notifier}><th scope="row">${one.notifier}</th><td>${one.events.join(", ").replaceAll("_", " ")}</td><td class="note"><span role="status">${outcome(tested?.get(one.notifier))}</span></td></tr>`)}<//>
      <p class="hint">Outbox: ${Object.entries(found.outbox).map(([key, value]) => `${key.replaceAll("_", " ")} ${value ?? "–"}`).join(", ") || "empty"}</p>`}
  </section>`;
}

// What all of this runs on; both buttons are there only where the configuration allows it.
function Computer() {
  const [found] = useFound("api/host");
  const [gone, setGone] = useState("");
  async function end(way, { title, text, yes, sure, then }) {
    if (!(await confirm({ title, text, yes, sure }))) return;
    if (await attempt(() => send(`api/host/${way}`, { confirm: found.name }))) setGone(then);
  }
  const restart = () =>
    end("restart", {
      title: `Restart ${found.name}?`,
      text: "The computer restarts, with all trackers and this dashboard. What has to come back by itself must be set up as a service.",
      yes: "Restart",
      sure: `Nothing is tracked until ${found.name} is back. Restart it now?`,
      then: "It restarts now. This page goes on by itself once the dashboard is back.",
    });
  const shutDown = () =>
    end("shutdown", {
      title: `Shut down ${found.name}?`,
      text: "The computer switches off, with all trackers and this dashboard.",
      yes: "Shut down",
      sure: `Nothing is tracked any more, and from here nobody can switch ${found.name} on again. Shut it down now?`,
      then: "It shuts down now. Somebody has to switch it on again at its place.",
    });
  return html`<section class="card stack" aria-labelledby="computer"><h2 id="computer">This computer${found ? `: ${found.name}` : ""}</h2>
    ${found?.allowed && html`<div class="row"><button type="button" class="quiet" onClick=${restart}>Restart …</button><button type="button" class="quiet" onClick=${shutDown}>Shut down …</button></div>`}
    ${found && !found.allowed && html`<p class="hint">It cannot be restarted from here: <code>host_power = yes</code> under <code>[dashboard]</code> of config_stream.ini would allow that to an admin.</p>`}
    <p role="status">${gone}</p>
  </section>`;
}

// What is shown this once.
function secretly(title, text, secret) {
  dialog(title, (close) => html`<p>${text}</p><p class="secret" tabindex="0">${secret}</p><div class="row"><button type="button" class="main" onClick=${close}>I have noted it</button></div>`);
}

function Users() {
  const [found, fresh] = useFound("api/users");
  async function add(event) {
    event.preventDefault();
    const form = event.target;
    const done = await attempt(() => send("api/users", Object.fromEntries(new FormData(form))));
    if (!done) return;
    form.reset();
    secretly(`Password of ${done.user}`, "It is shown this once.", done.password);
    await fresh();
  }
  async function anew(user) {
    const wanted = await confirm({ title: `New password for ${user}?`, text: "The old one holds no more, and wherever it is signed in it is signed out.", yes: "New password" });
    const done = wanted && (await attempt(() => send(`api/users/${encodeURIComponent(user)}/password`)));
    if (done) secretly(`Password of ${done.user}`, "It is shown this once.", done.password);
  }
  async function drop(user) {
    const wanted = await confirm({ title: `Remove ${user}?`, text: "Who is signed in with it is signed out.", yes: "Remove" });
    if (wanted && (await attempt(() => remove(`api/users/${encodeURIComponent(user)}`)))) {
      toast(`${user} is removed.`);
      await fresh();
    }
  }
  return html`<section class="card stack" aria-labelledby="users"><h2 id="users">Users</h2>
    ${found && html`<${Table} label="List of users" head=${["Name", "May", ""]}>${found.users.map(({ user, role }) => html`<tr key=${user}>
      <th scope="row">${user}</th><td>${ROLES[role] ?? role}</td>
      <td><div class="row tight"><button type="button" onClick=${() => anew(user)}>New password<span class="hidden"> for ${user}</span></button><button type="button" class="quiet" onClick=${() => drop(user)}>Remove<span class="hidden"> ${user}</span></button></div></td></tr>`)}<//>`}
    <form class="row" onSubmit=${add}>
      <label class="row tight">Name <input class="grow" name="user" autocomplete="off" autocapitalize="none" required /></label>
      <label class="row tight">may <select name="role">${Object.entries(ROLES).map(([role, word]) => html`<option value=${role}>${word}</option>`)}</select></label>
      <button type="submit">Add</button>
    </form></section>`;
}

function Kiosks() {
  const [found, fresh] = useFound("api/kiosks");
  async function add(event) {
    event.preventDefault();
    const form = event.target;
    const done = await attempt(() => send("api/kiosks", Object.fromEntries(new FormData(form))));
    if (!done) return;
    form.reset();
    const link = new URL(done.url, document.baseURI).href;
    secretly(`Link of ${done.name}`, "Open it at the screen. It is shown this once; it lets in whoever has it, to look.", link);
    await fresh();
  }
  async function drop({ id, name }) {
    const wanted = await confirm({ title: `Remove ${name}?`, text: "Its screens are signed out.", yes: "Remove" });
    if (wanted && (await attempt(() => remove(`api/kiosks/${encodeURIComponent(id)}`)))) await fresh();
  }
  return html`<section class="card stack" aria-labelledby="kiosks"><h2 id="kiosks">Kiosks</h2>
    ${found?.kiosks.length > 0 && html`<${Table} label="List of kiosks" head=${["Name", "Made", ""]}>${found.kiosks.map((one) => html`<tr key=${one.id}>
      <th scope="row">${one.name}</th><td>${moment(Date.parse(one.made_at))}</td><td><button type="button" class="quiet" onClick=${() => drop(one)}>Remove<span class="hidden"> ${one.name}</span></button></td></tr>`)}<//>`}
    <form class="row" onSubmit=${add}>
      <label class="row tight">Where it hangs <input class="grow" name="name" maxlength="60" required /></label><button type="submit">Make a link</button>
    </form>
    <p class="hint">A kiosk shows the Floor and the Timeline in turn; <code>kiosk?show=floor</code> or <code>?show=timeline</code> shows one of them.</p>
  </section>`;
}
