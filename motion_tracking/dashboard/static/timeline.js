// What did every machine do over the last shift, day or week?

import { Bands, Legend, saidOf, useTimeline } from "./bands.js";
import { go, titled } from "./place.js";
import { now, useNow } from "./plant.js";
import { ShiftClock, spanOfShift, stillToGo, useShifts } from "./shifts.js";
import { REASONS, WORDS, day, duration, moment, percent } from "./words.js";
import { html, useEffect, useState } from "./vendor/preact-htm.js";

const HOUR = 3600000;
const SPANS = { "8 hours": 8 * HOUR, Day: 24 * HOUR, Week: 168 * HOUR };
const AROUND = [10 * 24 * HOUR, 3 * 24 * HOUR]; // before and after, where other shifts are looked for
const NOW = "now"; // whichever shift goes on, or was the last
const SHORTEST = 60000;
const LONGEST = 35 * 24 * HOUR;
const NEWER = 15; // seconds between two looks while the present is shown
const ROWS = 300; // of the table

export function Timeline() {
  useNow(NEWER);
  const [span, setSpan] = useState(24 * HOUR);
  const [fixed, setFixed] = useState(null); // the end, if it is not now
  const [table, setTable] = useState(false);
  const [told, setTold] = useState("");
  useEffect(() => titled("Timeline"), []);
  const [turn, setTurn] = useState(null); // when the shift began that is shown, if it is one
  const present = Math.ceil(now() / (NEWER * 1000)) * NEWER * 1000;
  const middle = turn === null || turn === NOW ? (fixed ?? present) : turn;
  const shifts = useShifts(Math.min(middle - span, middle - AROUND[0]), middle + AROUND[1]);
  const begun = shifts.filter(({ start }) => start <= now());
  const shift = turn === null ? null : turn === NOW ? begun.at(-1) : begun.find(({ start }) => start === turn);
  const to = shift ? shift.end : (fixed ?? present);
  const from = shift ? shift.start : to - span;
  const { rows, error } = useTimeline(from, to);
  const following = turn === null ? fixed === null : turn === NOW;

  function shown(start, end) {
    const wide = Math.min(LONGEST, Math.max(SHORTEST, end - start));
    setTurn(null);
    setSpan(wide);
    setFixed(end >= now() ? null : Math.round(end));
  }
  function next(way) {
    const other = begun[begun.indexOf(shift) + way];
    if (other) setTurn(other === begun.at(-1) ? NOW : other.start);
  }
  const zoom = (factor) => {
    const wide = Math.min(LONGEST, Math.max(SHORTEST, (to - from) * factor));
    const centre = fixed === null && !shift ? to - wide / 2 : (from + to) / 2;
    shown(centre - wide / 2, centre + wide / 2);
  };
  const move = (share) => (shift ? next(Math.sign(share)) : shown(from + span * share, to + span * share));
  function key(event) {
    const does = { "+": () => zoom(0.5), "-": () => zoom(2), PageUp: () => move(-0.5), PageDown: () => move(0.5) }[event.key];
    if (!does || ["INPUT", "SELECT"].includes(event.target.tagName)) return;
    event.preventDefault();
    does();
  }
  return html`<div onKeyDown=${key}>
    <div class="row head">
      <h1>Timeline</h1>
      <fieldset class="choices"><legend class="hidden">How long</legend>
        ${begun.length > 0 && html`<label><input type="radio" name="span" checked=${turn !== null} onChange=${() => setTurn(NOW)} />Shift</label>`}
        ${Object.entries(SPANS).slice(begun.length > 0 ? 1 : 0).map(
          ([word, length]) => html`<label key=${word}><input type="radio" name="span" checked=${turn === null && span === length} onChange=${() => (setSpan(length), setFixed(null), setTurn(null))} />${word}</label>`,
        )}
      </fieldset>
      <div class="row tight" role="group" aria-label="Where">
        <button type="button" onClick=${() => move(-0.5)}>Earlier</button>
        <button type="button" onClick=${() => move(0.5)} disabled=${following}>Later</button>
        <button type="button" onClick=${() => (turn === null ? setFixed(null) : setTurn(NOW))} disabled=${following}>Now</button>
        <button type="button" class="wide-button" aria-label="Zoom in" onClick=${() => zoom(0.5)}>+</button>
        <button type="button" class="wide-button" aria-label="Zoom out" onClick=${() => zoom(2)}>−</button>
      </div>
      <button type="button" aria-pressed=${table} onClick=${() => setTable(!table)}>As a table</button>
    </div>
    <p class="row">${!shift && html`<${ShiftClock} shifts=${shifts} />`}<span class="hint">${shift ? `Shift ${shift.name}, ${day(shift.start)}, ${spanOfShift(shift)}${shift.end > now() ? `, ${stillToGo(shift, now())}` : ""}` : `${moment(from)} – ${following ? "now" : moment(to)}`}. Percent: utilisation, running of running and stopped.</span></p>
    ${error && html`<p class="card" role="alert">${error}</p>`}
    ${table
      ? html`<${Table} rows=${rows} />`
      : html`<${Bands} ...${{ rows, from, to, shifts }} zoom=${shown}
            point=${(machine, segment) => setTold(`${machine} · ${saidOf(segment)}`)}
            open=${(machine, at) => go(`m/${encodeURIComponent(machine)}?at=${Math.round(at)}`)} />
          <p class="told card number" aria-live="polite">${told}</p>
          <${Legend} />
          <p class="hint">Point at a span, or press Tab and the arrow keys. Click or press Enter to see the machine at that time; draw a span, or press + and −, to zoom; Page Up and Page Down go earlier and later.</p>`}
  </div>`;
}

function Table({ rows }) {
  const all = rows.flatMap((row) => row.intervals.map((one) => ({ ...one, machine: row.machine }))).sort((a, b) => b.start - a.start);
  return html`<div class="scroll card" tabindex="0" role="region" aria-label="Totals"><table>
      <caption>Totals of the time that is shown</caption>
      <thead><tr>${["Machine", "Running", "Stopped", "Deep sleep", "No signal", "Stops", "Utilisation", "Seen"].map((word) => html`<th scope="col">${word}</th>`)}</tr></thead>
      <tbody>${rows.map(
        ({ machine, totals }) => html`<tr key=${machine}><th scope="row">${machine}</th>
          ${[totals.running_s, totals.stopped_s, totals.deep_sleep_s, totals.no_signal_s].map((s) => html`<td>${duration(s)}</td>`)}
          <td>${totals.stops}</td><td>${percent(totals.utilisation)}</td><td>${percent(totals.coverage)}</td></tr>`,
      )}</tbody></table></div>
    <div class="scroll card" tabindex="0" role="region" aria-label="Spans"><table>
      <caption>${all.length > ROWS ? `The newest ${ROWS} of ${all.length} spans` : `${all.length} spans, newest first`}</caption>
      <thead><tr>${["Machine", "State", "From", "To", "Lasted"].map((word) => html`<th scope="col">${word}</th>`)}</tr></thead>
      <tbody>${all.slice(0, ROWS).map(
        (one) => html`<tr key=${one.machine + one.start}><th scope="row">${one.machine}</th>
          <td>${WORDS[one.state]}${REASONS[one.reason] ? `, ${REASONS[one.reason]}` : ""}</td>
          <td>${moment(one.start)}</td><td>${one.open ? "now" : moment(one.end)}</td><td>${duration((one.end - one.start) / 1000)}</td></tr>`,
      )}</tbody></table></div>`;
}
