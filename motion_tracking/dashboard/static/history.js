// How did a machine move, when did it stop, and what was seen of a moment?

import { Strip, iso, spanOf, summary, useTimeline } from "./bands.js";
import { chart } from "./chart.js";
import { attempt, dialog, toast } from "./dialog.js";
import { may } from "./place.js";
import { now, useNow } from "./plant.js";
import { ask, send } from "./talk.js";
import { WORDS, count, duration, exact, moment } from "./words.js";
import { html, useEffect, useRef, useState } from "./vendor/preact-htm.js";

const HOUR = 3600000;
const SPANS = { "1 h": HOUR, "8 h": 8 * HOUR, Day: 24 * HOUR, Week: 168 * HOUR };
const NEWER = 15;
const POINTS = 600;
const AROUND = 15000; // milliseconds to either side of a moment
const STOPS = 20;
const LONGEST = 24 * HOUR;

export function History({ machine, at }) {
  useNow(NEWER);
  const name = machine.machine;
  const one = `api/machines/${encodeURIComponent(name)}`;
  const [span, setSpan] = useState(at ? HOUR : 8 * HOUR);
  const [chosen, setChosen] = useState(at);
  const [end, setEnd] = useState(at ? Math.min(now(), at + HOUR / 2) : null);
  const [labels, setLabels] = useState([]);
  const to = end ?? Math.ceil(now() / (NEWER * 1000)) * NEWER * 1000;
  const from = to - span;
  const { rows } = useTimeline(from, to, [name]);
  const row = rows[0];

  const freshLabels = () => ask(`${one}/labels`).then((found) => setLabels(found.labels), () => {});
  useEffect(() => void freshLabels(), [name]);

  async function label(facts) {
    const done = await attempt(() => send(`${one}/labels`, facts));
    if (done) {
      toast("Noted. motion-track evaluate learns from it.");
      await freshLabels();
    }
    return done;
  }
  return html`<div class="stack">
    <section class="card stack" aria-labelledby="past">
      <div class="row head">
        <h2 id="past">Motion</h2>
        <fieldset class="choices"><legend class="hidden">How long</legend>
          ${Object.entries(SPANS).map(
            ([word, length]) => html`<label key=${word}><input type="radio" name="past" checked=${span === length} onChange=${() => (setSpan(length), setEnd(null))} />${word}</label>`,
          )}
        </fieldset>
        <div class="row tight">
          <button type="button" onClick=${() => setEnd(to - span / 2)}>Earlier</button>
          <button type="button" onClick=${() => setEnd(to + span / 2 >= now() ? null : to + span / 2)} disabled=${end === null}>Later</button>
        </div>
      </div>
      <${Curve} ...${{ one, from, to, threshold: machine.threshold, chosen, choose: setChosen }} />
      ${row && html`<div class="chart-strip"><${Strip} ...${{ row, from, to }} open=${(_, when) => setChosen(when)} point=${(_, segment) => setChosen((before) => before ?? segment.start)} /></div>
        <p class="hint">${moment(from)} – ${end === null ? "now" : moment(to)}: ${summary(row.totals)}</p>`}
      <label class="chart-strip"><span class="hidden">Moment</span>
        <input type="range" min=${from} max=${to} step=${Math.max(1000, Math.round(span / 600))} value=${chosen ?? to} aria-valuetext=${moment(chosen ?? to)} onInput=${(event) => setChosen(Number(event.target.value))} /></label>
      <p class="hint">Click the chart, or move the handle with the arrow keys, to see a moment.</p>
    </section>
    ${chosen !== null && html`<${Moment} ...${{ one, name, at: chosen, row, label, leave: () => setChosen(null) }} />`}
    <${Stops} ...${{ one, from, to, labels, label, see: setChosen }} />
    <${Labels} labels=${labels} />
  </div>`;
}

function Curve({ one, from, to, threshold, chosen, choose }) {
  const ref = useRef(null);
  const drawn = useRef(null);
  const [found, setFound] = useState(null);
  const [trouble, setTrouble] = useState("");
  useEffect(() => {
    let left = false;
    ask(`${one}/motion?from=${iso(from)}&to=${iso(to)}&points=${POINTS}`).then(
      (answer) => left || (setFound(answer), setTrouble("")),
      (error) => left || setTrouble(error.message),
    );
    return () => (left = true);
  }, [one, from, to]);
  useEffect(() => {
    let left = false;
    void chart(ref.current, choose).then(
      (made) => {
        if (left) return made.end();
        drawn.current = made;
        return found && made.show(found, from, to, threshold, chosen);
      },
      () => setTrouble("The chart could not be loaded. Reload the page to try again."),
    );
    return () => {
      left = true;
      drawn.current?.end();
      drawn.current = null;
    };
  }, []);
  useEffect(() => void (found && drawn.current?.show(found, from, to, threshold, chosen)), [found, from, to, threshold, chosen]);
  const highest = (found?.highest ?? []).filter((score) => score !== null);
  const text = highest.length
    ? `Scores from ${moment(from)} to ${moment(to)}: highest ${count(Math.max(...highest))}, threshold ${count(threshold)}`
    : `Nothing seen from ${moment(from)} to ${moment(to)}`;
  return html`<div class="chart" ref=${ref} role="img" aria-label=${text}></div>
    ${trouble && html`<p role="alert">${trouble}</p>`}
    ${found && !highest.length && html`<p class="hint">Nothing was seen in this time.</p>`}`;
}

function Moment({ one, name, at, row, label, leave }) {
  const [found, setFound] = useState({ snapshots: [], clips: [], available: true });
  useEffect(() => {
    let left = false;
    const timer = setTimeout(async () => {
      const [clips, snapshots] = await Promise.all([
        ask(`${one}/clips?from=${iso(at - AROUND)}&to=${iso(at + AROUND)}`).catch(() => ({ clips: [], available: false })),
        ask(`${one}/snapshots`).catch(() => ({ snapshots: [] })),
      ]);
      const near = snapshots.snapshots.filter((shot) => Math.abs(Date.parse(shot.at) - at) <= AROUND);
      if (!left) setFound({ ...clips, snapshots: near });
    }, 200);
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [one, at]);
  const interval = row?.intervals.find((span) => span.start <= at && at < span.end);
  const [clip] = found.clips;
  return html`<section class="card stack" aria-labelledby="moment">
    <div class="row head"><h2 id="moment">${moment(at)}</h2>
      <div class="row tight">
        ${interval && may.do("operate") && html`<button type="button" onClick=${() => dialog("What was it really?", (close) => html`<${Wrong} ...${{ interval, at, label, close }} />`)}>This was wrong …</button>`}
        <button type="button" class="quiet" onClick=${leave}>Close</button>
      </div>
    </div>
    ${interval && html`<p><span class="tag s-${interval.state}"><span class="calm">${WORDS[interval.state]}</span></span> <span class="number">${spanOf(interval)}, ${duration((interval.end - interval.start) / 1000)}</span></p>`}
    ${clip && html`<video controls preload="metadata" src=${clip.url} aria-label="Recording of ${name}, ${moment(Date.parse(clip.start))}"></video>`}
    ${found.snapshots.length > 0 && html`<div class="frames" tabindex="0" role="region" aria-label="Pictures of this moment">
      ${found.snapshots.map((shot) => html`<a key=${shot.id} href=${shot.url} target="_blank" rel="noopener"><img loading="lazy" src=${shot.url} alt="" />${exact(Date.parse(shot.at))}</a>`)}
    </div>`}
    ${!clip && found.snapshots.length === 0 && html`<p class="hint">No picture was kept of this moment${found.available ? "" : ": this machine does not record"}.</p>`}
  </section>`;
}

// A time as the box for it takes it, in the zone of the browser.
function boxed(at) {
  const zone = new Date(at).getTimezoneOffset() * 60000;
  return new Date(Math.round(at / 1000) * 1000 - zone).toISOString().slice(0, 19);
}

function Wrong({ interval, at, label, close }) {
  const start = Math.max(interval.start, at - LONGEST / 2);
  const end = Math.min(interval.end, start + LONGEST, now());
  const other = interval.state === "running" ? "stopped" : "running";
  async function keep(event) {
    event.preventDefault();
    const { from, to, state, note } = Object.fromEntries(new FormData(event.target));
    if (await label({ from: iso(from), to: iso(to), state, note })) close();
  }
  return html`<form class="stack" onSubmit=${keep}>
    <p>It was judged ${WORDS[interval.state]}. What you say is kept beside it, and used to measure and to better the settings; the history itself is never rewritten.</p>
    <label class="field">From <input type="datetime-local" name="from" step="1" value=${boxed(start)} required /></label>
    <label class="field">To <input type="datetime-local" name="to" step="1" value=${boxed(end)} required /></label>
    <fieldset class="row"><legend>It was</legend>
      ${["running", "stopped", "no_signal"].map((state) => html`<label class="check"><input type="radio" name="state" value=${state} defaultChecked=${state === other} /> ${WORDS[state].toLowerCase()}</label>`)}
    </fieldset>
    <label class="field">Note <input name="note" maxlength="200" /></label>
    <div class="row"><button type="button" class="quiet" onClick=${close}>Cancel</button><button type="submit" class="main">Keep</button></div>
  </form>`;
}

function Stops({ one, from, to, labels, label, see }) {
  const [stops, setStops] = useState(null);
  useEffect(() => {
    let left = false;
    ask(`${one}/stops?from=${iso(from)}&to=${iso(to)}`).then((found) => left || setStops(found.stops), () => {});
    return () => (left = true);
  }, [one, from, to]);
  const inside = (stop) => (said) => said.state === "stopped" && said.note && Date.parse(said.from) < Date.parse(stop.end ?? iso(now())) && Date.parse(said.to) > Date.parse(stop.start);
  return html`<section class="card stack" aria-labelledby="stops">
    <h2 id="stops">Stops</h2>
    ${stops && stops.length === 0 && html`<p class="hint">None in this time.</p>`}
    ${stops && stops.length > 0 && html`<div class="scroll" tabindex="0" role="region" aria-label="List of stops"><table>
      <thead><tr>${["Began", "Lasted", "Reason", ""].map((word) => (word ? html`<th scope="col">${word}</th>` : html`<td></td>`))}</tr></thead>
      <tbody>${stops.slice(0, STOPS).map((stop) => {
        const start = Date.parse(stop.start);
        const reason = labels.find(inside(stop))?.note;
        return html`<tr key=${stop.seq ?? stop.start}>
          <td><button type="button" class="quiet" onClick=${() => see(start)}>${moment(start)}</button></td>
          <td>${duration(stop.duration_s)}${stop.open ? ", goes on" : ""}${stop.deep_sleep ? html` <span class="tag s-deep_sleep"><span class="calm">DEEP SLEEP</span></span>` : ""}</td>
          <td class="note">${reason ?? ""}</td>
          <td>${may.do("operate") && !reason && html`<button type="button" class="quiet" onClick=${() => dialog("Why did it stop?", (close) => html`<${Reason} ...${{ stop, label, close }} />`)}>Reason …<span class="hidden"> for the stop of ${moment(start)}</span></button>`}</td>
        </tr>`;
      })}</tbody></table></div>`}
    ${stops && stops.length > STOPS && html`<p class="hint">The newest ${STOPS} of ${stops.length}.</p>`}
  </section>`;
}

// A reason is a note to the label that it really was stopped.
function Reason({ stop, label, close }) {
  async function keep(event) {
    event.preventDefault();
    const start = Date.parse(stop.start);
    const end = Math.min(stop.end ? Date.parse(stop.end) : now(), start + LONGEST);
    const { note } = Object.fromEntries(new FormData(event.target));
    if (await label({ from: iso(start), to: iso(end), state: "stopped", note })) close();
  }
  return html`<form class="stack" onSubmit=${keep}>
    <p>Stopped ${moment(Date.parse(stop.start))}, for ${duration(stop.duration_s)}.</p>
    <label class="field">Reason <input name="note" maxlength="200" required placeholder="no material" /></label>
    <div class="row"><button type="button" class="quiet" onClick=${close}>Cancel</button><button type="submit" class="main">Keep</button></div>
  </form>`;
}

function Labels({ labels }) {
  if (labels.length === 0) return null;
  return html`<details class="card"><summary>What people said of it (${labels.length})</summary>
    <ul class="stack">${labels.slice(0, STOPS).map((said) => html`<li key=${said.at} class="note">
      ${moment(Date.parse(said.from))} – ${moment(Date.parse(said.to))}: <strong>${WORDS[said.state]}</strong>${said.note ? `, ${said.note}` : ""} <span class="hint">(${said.by || "somebody"}, ${moment(Date.parse(said.at))})</span></li>`)}</ul>
  </details>`;
}
