// What does the wall in the hall show, to be read from ten metres?

import { soundOn, sounding, textOf, useAlarms } from "./alarm.js";
import { Contact } from "./contact.js";
import { Since, why } from "./floor.js";
import { Icon } from "./icons.js";
import { titled } from "./place.js";
import { useNow, usePlant } from "./plant.js";
import { WORDS, clock, day, look } from "./words.js";
import { Bands, useTimeline } from "./bands.js";
import { ShiftNow, useShifts } from "./shifts.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "./vendor/preact-htm.js";

const TURN = 20; // seconds of each view
const HOURS = 8;
const NEWER = 30; // seconds between two looks at the timeline
const PANE = 1.7; // how much broader than high a pane is best

export function Kiosk() {
  const { machines, site, known } = usePlant();
  const alarms = useAlarms();
  const at = useNow(1);
  useAwake();
  useEffect(() => titled("Kiosk"), []);
  const wish = new URLSearchParams(location.search).get("show") ?? "both";
  const turned = wish === "timeline" || (wish === "both" && Math.floor(at / 1000 / TURN) % 2 === 1);
  return html`<main class="kiosk">
    <header class="headline">
      <h1>${site || "motion-track"}</h1>
      <${Counts} machines=${machines} />
      <${ShiftNow} />
      <${SoundButton} />
      <span class="clock number">${day(at)}, ${clock(at)}</span>
    </header>
    <${Contact} />
    <p class="hidden" role="status">${alarms.map(textOf).join(". ")}</p>
    ${known ? html`<${turned ? Lines : Wall} machines=${machines} />` : html`<p role="status">One moment …</p>`}
  </main>`;
}

function Counts({ machines }) {
  const states = ["deep_sleep", "no_signal", "stopped", "running"];
  const number = (state) => machines.filter((machine) => look(machine) === state).length;
  return html`<span class="number">${states.filter(number).map((state) => `${number(state)} ${WORDS[state].toLowerCase()}`).join(" · ")}</span>`;
}

function SoundButton() {
  const [on, setOn] = useState(sounding());
  if (on) return null;
  return html`<button type="button" class="quiet iconic" onClick=${async () => (await soundOn(true), setOn(sounding()))}><${Icon} name="mute" />Sound off</button>`;
}

// Every machine has its place, always the same: who looks up knows where.
function Wall({ machines }) {
  const ref = useRef(null);
  const columns = useColumns(ref, machines.length);
  return html`<ul class="wall" ref=${ref} style=${{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
    ${machines.map((machine) => {
      const state = look(machine);
      const urgent = machine.alarm?.kind === "deep_sleep" && !machine.alarm.acknowledged;
      const reason = why(machine);
      return html`<li class="pane" key=${machine.machine} data-machine=${machine.machine} data-state=${state}>
        <div class="face s-${state} ${urgent ? "urgent" : ""}">
          <h2><span class="calm">${machine.machine}</span></h2>
          <span class="state"><${Icon} name=${state} /><span class="calm">${WORDS[state]}</span></span>
          <span class="since number calm"><${Since} machine=${machine} /></span>
          ${reason && html`<p class="why calm">${reason}</p>`}
        </div>
      </li>`;
    })}
  </ul>`;
}

// As many columns as make the panes largest.
function useColumns(ref, number) {
  const [columns, setColumns] = useState(1);
  useLayoutEffect(() => {
    function fit() {
      const { clientWidth: width, clientHeight: height } = ref.current;
      const size = (n) => Math.min(width / n / PANE, height / Math.ceil(number / n));
      let best = 1;
      for (let n = 2; n <= number; n += 1) if (size(n) > size(best)) best = n;
      setColumns(width < 640 ? 1 : best);
    }
    const seen = new ResizeObserver(fit);
    seen.observe(ref.current);
    return () => seen.disconnect();
  }, [number]);
  return columns;
}

function Lines() {
  const at = useNow(NEWER);
  const to = Math.ceil(at / 60000) * 60000;
  const { rows } = useTimeline(to - HOURS * 3600000, to);
  const shifts = useShifts(to - HOURS * 3600000, to);
  return html`<${Bands} ...${{ rows, shifts, from: to - HOURS * 3600000, to }} still=${true} />`;
}

// The screen must not go dark while somebody may look up at it.
function useAwake() {
  useEffect(() => {
    let lock = null;
    let over = false;
    async function hold() {
      if (document.hidden || over) return;
      lock = await navigator.wakeLock?.request("screen").catch(() => null);
      if (over) void lock?.release();
    }
    void hold();
    document.addEventListener("visibilitychange", hold);
    return () => {
      over = true;
      document.removeEventListener("visibilitychange", hold);
      void lock?.release();
    };
  }, []);
}

