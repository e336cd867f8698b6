// How is each machine of the plant, the worst first?

import { acknowledge } from "./alarm.js";
import { Icon } from "./icons.js";
import { follow, may, titled } from "./place.js";
import { now, useNow, usePlant } from "./plant.js";
import { ShiftNow } from "./shifts.js";
import { REASONS, WORDS, duration, look, percent, worstFirst } from "./words.js";
import { html, useEffect, useState } from "./vendor/preact-htm.js";

const CHIPS = ["running", "stopped", "deep_sleep", "no_signal", "paused", "unknown"];

export function Floor() {
  const { machines } = usePlant();
  const [only, setOnly] = useState(null);
  const [worst, setWorst] = useState(localStorage.order !== "fixed");
  useEffect(() => titled("Floor"), []);

  function order(first) {
    localStorage.order = first ? "worst" : "fixed";
    setWorst(first);
  }
  const ordered = worst ? worstFirst(machines) : machines;
  const shown = only ? ordered.filter((machine) => look(machine) === only) : ordered;
  return html`
    <div class="row head">
      <h1>Floor</h1>
      <${ShiftNow} />
      <div class="row chips" role="group" aria-label="Show only">
        ${CHIPS.map((state) => [state, machines.filter((machine) => look(machine) === state).length])
          .filter(([state, n]) => n || state === only)
          .map(
            ([state, n]) => html`<button type="button" class="chip" key=${state} aria-pressed=${only === state} onClick=${() => setOnly(only === state ? null : state)}>
              <span class="dot face s-${state}"><${Icon} name=${state} /></span>${n} ${WORDS[state].toLowerCase()}
            </button>`,
          )}
      </div>
      <label class="check"><input type="checkbox" checked=${worst} onChange=${(event) => order(event.target.checked)} /> Worst first</label>
    </div>
    ${machines.length === 0 && html`<p class="card">No machine is set up yet. <code>motion-track init NAME</code> sets one up.</p>`}
    <ul class="tiles">${shown.map((machine) => html`<${Tile} key=${machine.machine} machine=${machine} />`)}</ul>`;
}

export function Tile({ machine, still = false }) {
  const state = look(machine);
  const unheard = machine.alarm && !machine.alarm.acknowledged && machine.alarm.kind === "deep_sleep";
  const where = `m/${encodeURIComponent(machine.machine)}`;
  return html`<li class="tile card" data-machine=${machine.machine} data-state=${state}>
    <h2>${still ? machine.machine : html`<a href=${where} onClick=${follow(where)}>${machine.machine}</a>`}</h2>
    <div class="face s-${state} ${unheard ? "urgent" : ""}">
      <span class="state"><${Icon} name=${state} /><span class="calm">${WORDS[state]}</span></span>
      <span class="since number calm"><${Since} machine=${machine} /></span>
    </div>
    <p class="why" title=${why(machine)}>${why(machine)}</p>
    <${Spark} pieces=${machine.spark} />
    <${Use} machine=${machine} />
    ${!still && machine.alarm && html`<${Acknowledged} machine=${machine} />`}
  </li>`;
}

export function Since({ machine }) {
  useNow(1);
  if (machine.paused) return html`until ${duration((Date.parse(machine.paused.until) - now()) / 1000)} from now`;
  const since = machine.state === "deep_sleep" ? machine.stopped_since : machine.since;
  return since ? duration((now() - Date.parse(since)) / 1000) : "never seen";
}

export function why(machine) {
  if (machine.paused) return `${machine.paused.reason || "no reason given"} (${machine.paused.by})`;
  if (machine.late) return "its tracker has not been heard of for 30 s";
  if (machine.state === "no_signal") {
    const reason = machine.tracking && machine.reason === "not_tracking" ? REASONS.lost : REASONS[machine.reason];
    return [reason, machine.trouble].filter(Boolean).join(": ");
  }
  if (machine.degraded) return "its calibration does not fit any more";
  if (machine.recording) return "recording";
  return "";
}

function Acknowledged({ machine }) {
  const { acknowledged } = machine.alarm;
  if (acknowledged) return html`<p class="hint taken"><${Icon} name="good" /> ${acknowledged.by} looks after it</p>`;
  if (!may.do("operate")) return null;
  return html`<button type="button" onClick=${() => acknowledge(machine)}>Acknowledge<span class="hidden"> ${machine.machine}</span></button>`;
}

// The last hour: how much of each two minutes it moved.
export function Spark({ pieces = [] }) {
  const seen = pieces.filter((share) => share !== null);
  const mean = seen.reduce((sum, share) => sum + share, 0) / Math.max(1, seen.length);
  const text = seen.length ? `The last hour: moved ${percent(mean)} of the time seen` : "Nothing seen in the last hour";
  return html`<svg class="spark" viewBox="0 0 ${pieces.length || 1} 20" preserveAspectRatio="none" role="img" aria-label=${text}>
    ${pieces.map((share, n) =>
      share === null
        ? html`<rect class="gap" x=${n} y="18.500" width="1" height="1.500" />`
        : html`<rect class="moved" x=${n + 0.1} y=${20 - Math.max(0.8, share * 20)} width="0.8" height=${Math.max(0.8, share * 20)} />`,
    )}
  </svg>`;
}

function Use({ machine }) {
  const { utilisation_today: share, coverage_today: seen } = machine;
  return html`<div class="use">
    <span class="row head"><span>Utilisation today</span><strong class="number">${percent(share)}</strong></span>
    <span class="gauge" aria-hidden="true"><span style=${{ width: percent(share ?? 0).replace(" ", "") }}></span></span>
    ${share !== null && seen !== null && seen < 0.95 && html`<span class="hint">seen ${percent(seen)} of the day</span>`}
  </div>`;
}

