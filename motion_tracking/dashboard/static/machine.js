// What does one machine do, what did it do, and what can be done about it?

import { confirm, attempt, toast } from "./dialog.js";
import { acknowledge } from "./alarm.js";
import { Since, why } from "./floor.js";
import { History } from "./history.js";
import { Icon } from "./icons.js";
import { Live } from "./live.js";
import { may, titled } from "./place.js";
import { correct, usePlant } from "./plant.js";
import { ask, send } from "./talk.js";
import { WORDS, count, look } from "./words.js";
import { html, useEffect, useState } from "./vendor/preact-htm.js";

const STEP = 0.1; // of the threshold, for each press
const FAR = 5; // presses at once, with Shift
const PAUSES = [5, 15, 30, 60, 240, 480];

export function Machine({ place }) {
  const { machines } = usePlant();
  const machine = machines.find((one) => one.machine === place.name);
  const [facts, setFacts] = useState({ can: {} });
  const [wiped, setWiped] = useState(0);
  useEffect(() => titled(place.name), [place.name]);
  useEffect(() => {
    let left = false;
    if (machine) ask(`api/machines/${encodeURIComponent(machine.machine)}`).then((found) => left || setFacts(found), () => {});
    return () => (left = true);
  }, [machine?.machine, machine?.tracking]);
  if (!machine) return html`<p class="card" role="alert">There is no machine of that name.</p>`;
  const state = look(machine);
  const reason = why(machine);
  return html`
    <div class="row">
      <h1>${machine.machine}</h1>
      <span class="tag s-${state}"><${Icon} name=${state} /><span class="calm">${WORDS[state]}</span></span>
      <span class="number"><${Since} machine=${machine} /></span>
      ${reason && html`<span class="hint note">${reason}</span>`}
      ${machine.alarm?.acknowledged && html`<span class="hint">${machine.alarm.acknowledged.by} looks after it</span>`}
      ${machine.alarm && !machine.alarm.acknowledged && may.do("operate") && html`<button type="button" onClick=${() => acknowledge(machine)}>Acknowledge</button>`}
    </div>
    <div class="machine">
      <div class="stack">
        <${Live} machine=${machine} facts=${facts} />
        ${may.do("operate") && html`<${Steering} machine=${machine} facts=${facts} wiped=${() => setWiped((n) => n + 1)} />`}
      </div>
      <${History} machine=${machine} records=${facts.can.record} wiped=${wiped} at=${Number(place.query.get("at")) || null} />
    </div>`;
}

function Steering({ machine, facts, wiped }) {
  const name = machine.machine;
  const one = `api/machines/${encodeURIComponent(name)}`;

  async function snapshot() {
    const done = await attempt(() => send(`${one}/snapshot`));
    if (done) toast("Snapshot kept.", { word: "Open", does: () => window.open(done.url, "_blank", "noopener") });
  }
  async function record() {
    const done = await attempt(() => send(`${one}/recording`, { on: !machine.recording }));
    if (!done) return;
    correct(name, { recording: done.recording });
    toast(done.recording ? "It records now, and ends by itself." : "The recording is among the others in some seconds.");
  }
  return html`<section class="card stack" aria-labelledby="steering">
    <h2 id="steering">Steer</h2>
    <${Trigger} machine=${machine} one=${one} />
    <div class="row">
      <button type="button" class="iconic" onClick=${snapshot} disabled=${!machine.tracking}><${Icon} name="camera" />Snapshot</button>
      <button type="button" class="iconic record" onClick=${record} disabled=${!facts.can.record}>
        <${Icon} name=${machine.recording ? "stopped" : "record"} />${machine.recording ? "Stop recording" : "Record now"}
      </button>
      ${!facts.can.record && html`<span class="hint">This machine is not set up to record.</span>`}
    </div>
    <${Pausing} machine=${machine} one=${one} />
    ${may.do("admin") && html`<${Drastic} machine=${machine} one=${one} wiped=${wiped} />`}
  </section>`;
}

// The threshold: each press is a tenth, and can be taken back.
function Trigger({ machine, one }) {
  const { machine: name, threshold } = machine;
  const [typed, setTyped] = useState(null);

  async function set(value, undo = true) {
    const wanted = Math.max(0, Math.round(value));
    setTyped(null);
    if ((undo && wanted === threshold) || !Number.isFinite(wanted)) return;
    const done = await attempt(() => send(`${one}/threshold`, { threshold: wanted }));
    if (!done) return;
    correct(name, { threshold: done.threshold });
    const when = done.applied ? "" : " It counts from the next start of its tracker on.";
    toast(`Threshold of ${name}: ${count(done.was)} → ${count(done.threshold)}.${when}`, undo ? { word: "Undo", does: () => set(done.was, false) } : null);
  }
  const step = (way) => (event) => {
    const one = Math.max(1, Math.round(threshold * STEP));
    set(threshold + way * one * (event.shiftKey ? FAR : 1));
  };
  return html`<div class="row trigger">
    <label class="row tight">Threshold
      <input type="number" min="0" inputmode="numeric" value=${typed ?? threshold ?? ""} onInput=${(event) => setTyped(event.target.value)}
        onKeyDown=${(event) => event.key === "Enter" && set(Number(typed ?? threshold))} onBlur=${() => typed !== null && typed !== "" && set(Number(typed))} />
    </label>
    <span class="row tight"><button type="button" class="wide-button" aria-label="Lower the threshold" onClick=${step(-1)}>−</button>
    <button type="button" class="wide-button" aria-label="Raise the threshold" onClick=${step(1)}>+</button></span>
    <span class="hint">Changed pixels above which it moves. A press is a tenth, with Shift a half.</span>
  </div>`;
}

function Pausing({ machine, one }) {
  async function pause(event) {
    event.preventDefault();
    const { minutes, reason } = Object.fromEntries(new FormData(event.target));
    const done = await attempt(() => send(`${one}/pause`, { minutes: Number(minutes), reason }));
    if (done) correct(machine.machine, { paused: done.paused });
  }
  async function resume() {
    const done = await attempt(() => send(`${one}/resume`));
    if (done) correct(machine.machine, { paused: null });
  }
  if (machine.paused) {
    return html`<div class="row"><button type="button" class="main" onClick=${resume}>Go on now</button>
      <span class="hint note">Paused by ${machine.paused.by}: ${machine.paused.reason || "no reason given"}</span></div>`;
  }
  return html`<form class="row" onSubmit=${pause}>
    <label class="row tight">Pause for <select name="minutes" value="30">
      ${PAUSES.map((minutes) => html`<option value=${minutes}>${minutes < 60 ? `${minutes} min` : `${minutes / 60} h`}</option>`)}
    </select></label>
    <label class="row tight grow">because of <input class="grow" name="reason" maxlength="200" placeholder="tool change" required /></label>
    <button type="submit" class="iconic" disabled=${!machine.tracking}><${Icon} name="paused" />Pause</button>
  </form>`;
}

function Drastic({ machine, one, wiped }) {
  const { machine: name } = machine;
  async function wipe() {
    const wanted = await confirm({
      title: `Delete all recordings of ${name}?`,
      text: "Every clip and picture of this machine is deleted, also where another machine is in it. What is known of its states stays.",
      yes: "Delete all",
      sure: `This cannot be undone. Delete all recordings of ${name}?`,
    });
    const done = wanted && (await attempt(() => send(`${one}/clips/delete`, { confirm: name })));
    if (!done) return;
    wiped();
    toast(done.deleted ? `Deleted: ${count(done.deleted)}.` : "There was nothing to delete.");
  }
  async function restart() {
    const wanted = await confirm({
      title: `Restart the tracker of ${name}?`,
      text: "It ends, and whoever manages it (a service, pm2) starts it again. Run by hand in a terminal it just ends.",
      yes: "Restart",
      sure: `The tracker of ${name} ends now, and with it that of all machines it tracks. Restart it?`,
    });
    const done = wanted && (await attempt(() => send(`${one}/restart`, { confirm: name })));
    if (done) toast("Its tracker ends now, and comes back in a moment.");
  }
  return html`<div class="row">
    <button type="button" class="quiet" onClick=${restart} disabled=${!machine.tracking}>Stop or restart tracker …</button>
    <button type="button" class="quiet" onClick=${wipe}>Delete all recordings …</button>
  </div>`;
}
