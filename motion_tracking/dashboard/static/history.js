// How did a machine move?

import { Strip, iso, summary, useTimeline } from "./bands.js";
import { chart } from "./chart.js";
import { attempt, toast } from "./dialog.js";
import { Moment, Recordings } from "./moment.js";
import { now, useNow } from "./plant.js";
import { Labels, Stops } from "./stops.js";
import { ask, send } from "./talk.js";
import { count, moment } from "./words.js";
import { html, useEffect, useRef, useState } from "./vendor/preact-htm.js";

const HOUR = 3600000;
const SPANS = { "1 h": HOUR, "8 h": 8 * HOUR, Day: 24 * HOUR, Week: 168 * HOUR };
const NEWER = 15;
const POINTS = 600;

export function History({ machine, at, wiped, records }) {
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
      const { clips, missing } = done.evaluation ?? { clips: [], missing: "" };
      toast(clips.length ? `Noted, and ${clips.length === 1 ? "a clip" : `${clips.length} clips`} put beside it: motion-track evaluate measures by it.` : `Noted.${missing ? ` For motion-track evaluate: ${missing}` : ""}`);
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
    ${chosen !== null && html`<${Moment} ...${{ one, name, at: chosen, row, label, records, leave: () => setChosen(null) }} />`}
    <${Recordings} ...${{ one, from, to, anew: `${machine.recording} ${wiped}`, see: setChosen }} />
    <${Stops} ...${{ one, from, to, see: setChosen }} />
    <${Labels} labels=${labels} />
  </div>`;
}

// What can be clicked before the scores have come.
const nothing = (from, to) => ({ start: [from / 1000, to / 1000], highest: [null, null], lowest: [null, null], mean: [null, null] });

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
        return made.show(found ?? nothing(from, to), from, to, threshold, chosen);
      },
      () => setTrouble("The chart could not be loaded. Reload the page to try again."),
    );
    return () => {
      left = true;
      drawn.current?.end();
      drawn.current = null;
    };
  }, []);
  useEffect(() => void drawn.current?.show(found ?? nothing(from, to), from, to, threshold, chosen), [found, from, to, threshold, chosen]);
  const highest = (found?.highest ?? []).filter((score) => score !== null);
  const text = highest.length
    ? `Scores from ${moment(from)} to ${moment(to)}: highest ${count(Math.max(...highest))}, threshold ${count(threshold)}`
    : `Nothing seen from ${moment(from)} to ${moment(to)}`;
  return html`<div class="chart" ref=${ref} role="img" aria-label=${text}></div>
    ${trouble && html`<p role="alert">${trouble}</p>`}
    ${found && !highest.length && html`<p class="hint">Nothing was seen in this time.</p>`}`;
}
