// How is the past of machines drawn, one row each, so that it can be pointed at, heard and walked?

import { Icon } from "./icons.js";
import { follow } from "./place.js";
import { now, plant } from "./plant.js";
import { Shifts } from "./shifts.js";
import { ask } from "./talk.js";
import { REASONS, WORDS, clock, day, duration, moment, percent } from "./words.js";
import { html, useEffect, useRef, useState } from "./vendor/preact-htm.js";

const PARTS = [100, 1000]; // of a row; what is shorter than one is drawn with its neighbours
const PART = 0.2; // em that one is broad
const LETTER = 0.72; // em that a letter of a label takes
const ASIDE = 0.8; // em
const TICK = 4.5; // em that a time below the rows takes
const BROAD = 0.02;
const TICKS = [60, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400].map((s) => s * 1000);

// Ask for the rows between two times, anew whenever those change.
export function useTimeline(from, to, machines = null) {
  const [found, setFound] = useState({ rows: [], error: "" });
  useEffect(() => {
    let left = false;
    const named = machines ? machines.map((name) => `&machine=${encodeURIComponent(name)}`).join("") : "";
    ask(`api/timeline?from=${iso(from)}&to=${iso(to)}${named}`).then(
      (answer) => left || setFound({ rows: answer.machines.map((row) => ({ ...row, intervals: inMs(row.intervals) })), error: "" }),
      (error) => left || setFound((before) => ({ ...before, error: error.message })),
    );
    return () => (left = true);
  }, [from, to, String(machines)]);
  return found;
}

export const iso = (at) => new Date(at).toISOString();

function inMs(intervals) {
  return intervals.map((one) => ({ ...one, start: Date.parse(one.start), end: Date.parse(one.end) }));
}

// Join what is too short to be seen: the part has the state that most of it was in.
export function thinned(intervals, from, to, parts) {
  const least = (to - from) / parts;
  const segments = [];
  let crowd = [];
  function close() {
    if (crowd.length === 1) segments.push({ ...crowd[0], number: 1 });
    else if (crowd.length) segments.push(joined(crowd));
    crowd = [];
  }
  for (const one of intervals) {
    if (one.end - one.start >= least) {
      close();
      segments.push({ ...one, number: 1 });
      continue;
    }
    if (crowd.length && one.end - crowd[0].start > 2 * least) close();
    crowd.push(one);
  }
  close();
  return segments;
}

function joined(crowd) {
  const times = {};
  for (const one of crowd) times[one.state] = (times[one.state] ?? 0) + one.end - one.start;
  const state = Object.keys(times).reduce((a, b) => (times[b] > times[a] ? b : a));
  const { reason } = crowd.find((one) => one.state === state);
  return { state, reason, start: crowd[0].start, end: crowd.at(-1).end, open: crowd.at(-1).open, number: crowd.length };
}

export function spanOf(segment) {
  return `${moment(segment.start)} – ${segment.open ? "now" : moment(segment.end)}`;
}

export function saidOf(segment) {
  const lasted = duration((segment.end - segment.start) / 1000);
  if (segment.number > 1) return `${segment.number} short spans, mostly ${WORDS[segment.state]} ${lasted}: ${spanOf(segment)}`;
  const reason = segment.state === "no_signal" && REASONS[segment.reason] ? `, ${REASONS[segment.reason]}` : "";
  return `${WORDS[segment.state]} ${lasted}${reason}: ${spanOf(segment)}`;
}

// Whether no process looks at a machine now: then the end of its row is not of now.
function untracked(name) {
  return plant.machines.some(({ machine, tracking }) => machine === name && !tracking);
}

// `point` is told of the segment that is pointed at, `open` of a moment that is chosen, `zoom` of
// a span that was drawn. A `still` one only shows.
export function Bands({ rows, from, to, shifts = [], still = false, point, open, zoom }) {
  return html`<div class="bands">
    <div class="band"><${Shifts} ...${{ shifts, from, to }} /></div>
    ${rows.map(
      (row) => html`<div class="band" key=${row.machine}>
        <h2>${still ? row.machine : html`<a href=${`m/${row.machine}`} onClick=${follow(`m/${row.machine}`)}>${row.machine}</a>`}${untracked(row.machine) && html`<span class="hint"> ${REASONS.not_tracking}</span>`}</h2>
        <${Strip} ...${{ row, from, to, shifts, still, point, open, zoom }} />
        <span class="share number" title="Utilisation: running of running and stopped">${percent(row.totals.utilisation)}</span>
      </div>`,
    )}
    <div class="band"><${Scale} from=${from} to=${to} /></div>
  </div>`;
}

export function Strip({ row, from, to, shifts = [], still, point = () => {}, open = () => {}, zoom = () => {} }) {
  const [wanted, setWanted] = useState(-1);
  const [drawn, setDrawn] = useState(null);
  const ref = useRef(null);
  const room = useWidth(ref);
  const parts = Math.min(PARTS[1], Math.max(PARTS[0], room / PART));
  const segments = thinned(row.intervals, from, to, parts);
  const chosen = Math.min(wanted, segments.length - 1); // of another time there may be fewer
  const share = (at) => Math.min(1, Math.max(0, (at - from) / (to - from)));
  const at = (event) => {
    const box = ref.current.getBoundingClientRect();
    return from + Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * (to - from);
  };
  const under = (when) => segments.findIndex((one) => one.start <= when && when < one.end);

  function choose(n) {
    const inside = Math.min(segments.length - 1, Math.max(0, n));
    setWanted(inside);
    if (segments[inside]) point(row.machine, segments[inside]);
  }
  function key(event) {
    const steps = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
    const others = [...document.querySelectorAll("[role=listbox]")];
    const place = others.indexOf(ref.current);
    if (event.key in steps) choose(chosen < 0 ? segments.length - 1 : chosen + steps[event.key]);
    else if (event.key === "ArrowUp") others[place - 1]?.focus();
    else if (event.key === "ArrowDown") others[place + 1]?.focus();
    else if (event.key === "Enter" && segments[chosen]) open(row.machine, segments[chosen].start);
    else return;
    event.preventDefault();
  }
  const pointer = {
    onPointerDown: (event) => event.button === 0 && setDrawn({ first: at(event), last: at(event) }),
    onPointerMove(event) {
      const n = under(at(event));
      if (n >= 0) point(row.machine, segments[n]);
      if (!drawn) return;
      if (!ref.current.hasPointerCapture(event.pointerId)) ref.current.setPointerCapture(event.pointerId);
      setDrawn({ ...drawn, last: at(event) });
    },
    onPointerUp(event) {
      if (!drawn) return;
      const [start, end] = [drawn.first, at(event)].sort((a, b) => a - b);
      setDrawn(null);
      if (share(end) - share(start) > 0.01) return zoom(start, end);
      choose(under(start));
      return open(row.machine, start);
    },
    onPointerCancel: () => setDrawn(null),
  };
  const id = (n) => `seg-${row.machine}-${n}`;
  const drawnSpan = drawn && [drawn.first, drawn.last].sort((a, b) => a - b).map(share);
  const live = still ? { role: "img" } : { role: "listbox", tabIndex: 0, "aria-activedescendant": chosen >= 0 ? id(chosen) : null, "aria-orientation": "horizontal", onKeyDown: key, onFocus: () => choose(chosen < 0 ? segments.length - 1 : chosen), ...pointer };
  const label = still ? `${row.machine}: ${summary(row.totals)}` : `${row.machine}, ${segments.length} spans`;
  return html`<div class="strip" ref=${ref} aria-label=${label} ...${live}>
    ${segments.map((one, n) => {
      const [left, width] = [share(one.start), share(one.end) - share(one.start)];
      const state = one.state;
      const classes = `seg s-${state} ${one.number > 1 ? "mixed" : ""} ${width > BROAD ? "broad" : ""} ${n === chosen && !still ? "chosen" : ""}`;
      const role = still ? {} : { role: "option", id: id(n), "aria-selected": n === chosen ? "true" : "false", "aria-label": saidOf(one) };
      return html`<div class=${classes} key=${one.start} style=${{ left: `${left * 100}%`, width: `${width * 100}%` }} ...${role}>
        <span class="calm">${labelOf(one, width * room)}</span>
      </div>`;
    })}
    ${shifts.filter(({ start }) => from < start && start < to).map(({ start }) => html`<div class="turn" key=${`turn${start}`} style=${{ left: `${share(start) * 100}%` }}></div>`)}
    ${to - now() > 60000 && now() > from && html`<div class="present" style=${{ left: `${share(now()) * 100}%` }}></div>`}
    ${drawnSpan && html`<div class="drawn" style=${{ left: `${drawnSpan[0] * 100}%`, width: `${(drawnSpan[1] - drawnSpan[0]) * 100}%` }}></div>`}
  </div>`;
}

// As much of word and duration as there is room for.
function labelOf({ state, start, end }, room) {
  const letters = (room - ASIDE) / LETTER;
  const whole = `${WORDS[state]} ${duration((end - start) / 1000)}`;
  return whole.length <= letters ? whole : WORDS[state].length <= letters ? WORDS[state] : "";
}

// How broad an element is, in em of it.
function useWidth(ref) {
  const [width, setWidth] = useState(60);
  useEffect(() => {
    function measure() {
      if (ref.current) setWidth(ref.current.clientWidth / parseFloat(getComputedStyle(ref.current).fontSize));
    }
    const seen = new ResizeObserver(measure);
    seen.observe(ref.current);
    return () => seen.disconnect();
  }, []);
  return width;
}

export function summary(totals) {
  return `running ${duration(totals.running_s)}, stopped ${duration(totals.stopped_s)}, deep sleep ${duration(totals.deep_sleep_s)}, no signal ${duration(totals.no_signal_s)}`;
}

function Scale({ from, to }) {
  const ref = useRef(null);
  const width = useWidth(ref);
  const room = Math.max(2, Math.floor(width / TICK));
  const step = TICKS.find((tick) => (to - from) / tick <= room) ?? 7 * 86400000;
  const zone = new Date(from).getTimezoneOffset() * 60000;
  const ticks = [];
  for (let at = Math.ceil((from - zone) / step) * step + zone; at < to; at += step) ticks.push(at);
  const midnight = (at) => new Date(at).getHours() === 0 && new Date(at).getMinutes() === 0;
  return html`<div class="scale number" ref=${ref} aria-hidden="true">
    ${ticks.map((at) => html`<span key=${at} style=${{ left: `${((at - from) / (to - from)) * 100}%` }}>${midnight(at) ? day(at) : clock(at)}</span>`)}
  </div>`;
}

export function Legend() {
  return html`<div class="legend">
    ${["running", "stopped", "deep_sleep", "no_signal", "unknown"].map(
      (state) => html`<span key=${state}><span class="dot face s-${state}"><${Icon} name=${state} /></span>${WORDS[state]}</span>`,
    )}
  </div>`;
}
