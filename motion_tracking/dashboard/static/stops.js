// When did a machine stop, and what do people say of it?

import { iso } from "./bands.js";
import { attempt, dialog, toast } from "./dialog.js";
import { may } from "./place.js";
import { ask, send } from "./talk.js";
import { WORDS, duration, moment } from "./words.js";
import { html, useEffect, useState } from "./vendor/preact-htm.js";

const SHOWN = 20;
const LONGEST = 200; // letters of a note

export function Stops({ one, from, to, see }) {
  const [stops, setStops] = useState(null);
  const [trouble, setTrouble] = useState("");
  useEffect(() => {
    let left = false;
    ask(`${one}/stops?from=${iso(from)}&to=${iso(to)}`).then(
      (found) => left || (setStops(found.stops), setTrouble("")),
      (error) => left || setTrouble(error.message),
    );
    return () => (left = true);
  }, [one, from, to]);

  async function why(stop) {
    const known = await attempt(() => ask("api/reasons"));
    if (known) dialog("Why did it stop?", (close) => html`<${Reason} ...${{ one, stop, known, said, close }} />`);
  }
  const said = (stop) => setStops((before) => before.map((other) => (other.start === stop.start ? stop : other)));
  return html`<section class="card stack" aria-labelledby="stops">
    <h2 id="stops">Stops</h2>
    ${trouble && html`<p role="alert">${trouble}</p>`}
    ${stops?.length === 0 && html`<p class="hint">None in this time.</p>`}
    ${stops?.length > 0 && html`<div class="scroll" tabindex="0" role="region" aria-label="List of stops"><table>
      <thead><tr>${["Began", "Lasted", "Reason", ""].map((word) => (word ? html`<th scope="col">${word}</th>` : html`<td></td>`))}</tr></thead>
      <tbody>${stops.slice(0, SHOWN).map((stop) => {
        const start = Date.parse(stop.start);
        return html`<tr key=${stop.start}>
          <td><button type="button" class="quiet" onClick=${() => see(start)}>${moment(start)}</button></td>
          <td>${stop.at_least && !stop.open ? "at least " : ""}${duration(stop.duration_s)}${stop.open ? ", goes on" : ""}${stop.deep_sleep ? html` <span class="tag s-deep_sleep"><span class="calm">${WORDS.deep_sleep}</span></span>` : ""}</td>
          <td class="note"><${Given} stop=${stop} /></td>
          <td>${may.do("operate") && html`<button type="button" class="quiet" onClick=${() => why(stop)}>${stop.reason ? "Change" : "Reason"} …<span class="hidden"> for the stop of ${moment(start)}</span></button>`}</td>
        </tr>`;
      })}</tbody></table></div>`}
    ${stops?.length > SHOWN && html`<p class="hint">The newest ${SHOWN} of ${stops.length}.</p>`}
  </section>`;
}

// The reason, of what kind it is where its name does not say so, the note, and whose word it is.
function Given({ stop }) {
  const { reason, category, source, by, note } = stop;
  if (!reason && !note) return null;
  const who = source === "person" ? by || "somebody" : source === "nobody" ? "" : source;
  return html`${reason && html`<strong>${reason}</strong>`}${category && category !== reason ? ` (${category})` : ""}${note ? `${reason ? ": " : ""}${note}` : ""}
    ${who && html` <span class="hint">– ${who}</span>`}`;
}

function Reason({ one, stop, known, said, close }) {
  const [trouble, setTrouble] = useState(known.trouble);
  async function keep(event) {
    event.preventDefault();
    const { reason, note } = Object.fromEntries(new FormData(event.target));
    try {
      said((await send(`${one}/reason`, { start: stop.start, reason, note })).stop);
      toast(reason ? "The reason is kept." : "What was said is taken back.");
      close();
    } catch (error) {
      setTrouble([error.message, error.hint].filter(Boolean).join(": "));
    }
  }
  const mine = stop.source === "person";
  const named = known.reasons.map(({ reason, category }) => [reason, reason === category ? reason : `${reason} (${category})`]);
  return html`<form class="stack" onSubmit=${keep}>
    <p>Stopped ${moment(Date.parse(stop.start))}, for ${stop.at_least && !stop.open ? "at least " : ""}${duration(stop.duration_s)}.</p>
    <label class="field">Reason <select name="reason" required=${!mine}>
      <option value="">${mine ? "none: take back what was said" : "choose one"}</option>
      ${named.map(([reason, text]) => html`<option key=${reason} value=${reason} selected=${mine && reason === stop.reason}>${text}</option>`)}
    </select></label>
    <label class="field">Note <input name="note" maxlength=${LONGEST} defaultValue=${mine ? stop.note : ""} /></label>
    ${trouble && html`<p class="refused" role="alert">${trouble}</p>`}
    <p class="hint">It is kept under the name you are signed in with, and counts in reports.</p>
    <div class="row"><button type="button" class="quiet" onClick=${close}>Cancel</button><button type="submit" class="main">Keep</button></div>
  </form>`;
}

export function Labels({ labels }) {
  if (labels.length === 0) return null;
  return html`<details class="card"><summary>What people said of it (${labels.length})</summary>
    <ul class="stack">${labels.slice(0, SHOWN).map((said) => html`<li key=${said.at} class="note">
      ${moment(Date.parse(said.from))} – ${moment(Date.parse(said.to))}: <strong>${WORDS[said.state]}</strong>${said.note ? `, ${said.note}` : ""} <span class="hint">(${said.by || "somebody"}, ${moment(Date.parse(said.at))})</span></li>`)}</ul>
  </details>`;
}
