// Which shift is it, and which ones were there?

import { now, useNow } from "./plant.js";
import { ask } from "./talk.js";
import { clock, day, duration } from "./words.js";
import { html, useEffect, useState } from "./vendor/preact-htm.js";

const DAY = 86400000;
const CUT = 0.03; // of the width: less of a shift that began before is not named
const ANEW = 600; // seconds between two questions for the shifts of now

// The shifts that have something of a time, in order; asked for by whole days, so seldom anew.
export function useShifts(from, to) {
  const [found, setFound] = useState([]);
  const first = Math.floor(from / DAY) * DAY - DAY;
  const last = Math.ceil(to / DAY) * DAY + DAY;
  const turn = Math.floor(useNow(ANEW) / (ANEW * 1000));
  useEffect(() => {
    let left = false;
    ask(`api/shifts?from=${new Date(first).toISOString()}&to=${new Date(last).toISOString()}`).then(
      ({ shifts }) => left || setFound(shifts.map((one) => ({ ...one, start: Date.parse(one.start), end: Date.parse(one.end) }))),
      () => {}, // without shifts all else is shown
    );
    return () => (left = true);
  }, [first, last, turn]);
  return found;
}

// The shift of a moment.
const shiftAt = (shifts, at) => shifts.find(({ start, end }) => start <= at && at < end);

export const spanOfShift = ({ start, end }) => `${clock(start)} – ${clock(end)}`;

// The name of the shift that goes on, its times, and how long it still does.
export function ShiftClock({ shifts }) {
  const at = useNow(1);
  const shift = shiftAt(shifts, at);
  if (!shift) return null;
  const share = (at - shift.start) / (shift.end - shift.start);
  return html`<span class="shift-clock number"><strong>${shift.name}</strong> ${spanOfShift(shift)}
    <span class="gauge" aria-hidden="true"><span style=${{ width: `${share * 100}%` }}></span></span>
    <span class="hint">${stillToGo(shift, at)}</span></span>`;
}

// The same, where nobody has asked for the shifts yet.
export function ShiftNow() {
  const at = now();
  return html`<${ShiftClock} shifts=${useShifts(at, at)} />`;
}

export const stillToGo = ({ end }, at) => `${duration(Math.ceil((end - at) / 60000) * 60).replace(/ 00s$/, "")} to go`;

// The shifts above the rows: as broad as they are long, each with as much of its name as fits.
export function Shifts({ shifts, from, to }) {
  const shown = shifts.filter(({ start, end }) => start < to && from < end);
  if (shown.length === 0) return null;
  const share = (at) => Math.min(1, Math.max(0, (at - from) / (to - from)));
  const current = now();
  return html`<ul class="shifts" aria-label="Shifts">
    ${shown.map((one) => {
      const [left, width] = [share(one.start), share(one.end) - share(one.start)];
      const cut = one.start < from && width < CUT;
      const said = `${one.name}, ${day(one.start)}, ${spanOfShift(one)}`;
      return html`<li key=${one.start} class=${one.start <= current && current < one.end ? "current" : ""} title=${said} style=${{ left: `${left * 100}%`, width: `${width * 100}%` }}>
        <span aria-hidden="true">${cut ? "" : one.name}</span><span class="hidden">${said}</span></li>`;
    })}
  </ul>`;
}
