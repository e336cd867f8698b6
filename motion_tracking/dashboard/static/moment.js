// What was seen of a moment, and was it judged rightly?

import { iso, spanOf } from "./bands.js";
import { attempt, dialog } from "./dialog.js";
import { Frames } from "./frames.js";
import { may } from "./place.js";
import { now } from "./plant.js";
import { ask, fetched, send } from "./talk.js";
import { WORDS, duration, exact, moment } from "./words.js";
import { html, useEffect, useRef, useState } from "./vendor/preact-htm.js";

const LONGEST = 24 * 3600000; // milliseconds of a label
const SETTLED = 200; // milliseconds without a further move of the handle
const NEWER = 5000; // milliseconds until a clip may be there that is being written
const RECENT = 180000;
const REMEMBERED = 30000; // milliseconds that a tracker surely still holds

export function Moment({ one, name, at, row, label, leave, records }) {
  const { clips, pictures, available } = useAround(one, at);
  const [picked, setPicked] = useState({ clip: null, taken: null });
  const nothing = { clip: null, taken: null };
  useEffect(() => setPicked(nothing), [one, at]);
  const interval = row?.intervals.find((span) => span.start <= at && at < span.end);
  const clip = clips.find(({ id }) => id === picked.clip) ?? clips[0];
  const shown = picked.taken ?? at;
  return html`<section class="card stack" aria-labelledby="moment">
    <div class="row head"><h2 id="moment">${moment(at)}</h2>
      <div class="row tight">
        ${interval && may.do("operate") && html`<button type="button" onClick=${() => dialog("What was it really?", (close) => html`<${Wrong} ...${{ interval, at, label, close }} />`)}>This was wrong …</button>`}
        <button type="button" class="quiet" onClick=${leave}>Close</button>
      </div>
    </div>
    ${interval && html`<p><span class="tag s-${interval.state}"><span class="calm">${WORDS[interval.state]}</span></span> <span class="number">${spanOf(interval)}, ${duration((interval.end - interval.start) / 1000)}</span></p>`}
    <${Frames} ...${{ clips, pictures, at, shown }} see=${({ clip, taken }) => setPicked({ clip, taken })} />
    ${clip && html`<${Film} key=${clip.id} ...${{ name, clip, shown }} />`}
    ${clip && html`<${Beside} clip=${clip} at=${at} />`}
    ${clips.length > 1 && html`<div class="row tight" role="group" aria-label="Recordings near this moment">
      ${clips.map((other) => html`<button type="button" key=${other.id} aria-pressed=${String(other.id === clip.id)} onClick=${() => setPicked({ ...nothing, clip: other.id })}>${exact(Date.parse(other.start))}</button>`)}
    </div>`}
    ${!clip && pictures.length === 0 && html`<p class="hint">No picture was kept within a minute of this moment${available ? "" : ": this machine does not record"}.</p>`}
    ${!clip && records && may.do("operate") && now() - at < REMEMBERED && html`<${Keep} one=${one} at=${at} />`}
  </section>`;
}

// What was kept around a moment: clips, the nearest first, and pictures, the oldest first.
function useAround(one, at) {
  const nothing = { clips: [], pictures: [], available: true };
  const [found, setFound] = useState(nothing);
  useEffect(() => {
    let left = false;
    async function look() {
      const answer = await ask(`${one}/around?at=${iso(at)}`).catch(() => null);
      if (left) return;
      const shots = [...(answer?.pictures ?? []), ...(answer?.snapshots ?? [])].map((shot) => ({ ...shot, taken: Date.parse(shot.at ?? shot.start) }));
      shots.sort((a, b) => a.taken - b.taken);
      setFound(answer ? { ...answer, pictures: shots } : nothing);
      if (now() - at < RECENT) timer = setTimeout(look, NEWER);
    }
    let timer = setTimeout(look, SETTLED);
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [one, at]);
  return found;
}

// How far the nearest recording is, where it does not hold the moment.
function Beside({ clip, at }) {
  const [start, end] = [Date.parse(clip.start), Date.parse(clip.end)];
  if (start <= at && at <= end) return null;
  const far = duration(Math.ceil(Math.max(start - at, at - end) / 1000));
  return html`<p class="hint">Nothing was recorded at this moment itself: the nearest recording ${at < start ? `begins ${far} after it` : `ended ${far} before it`}.</p>`;
}

// What a tracker holds in memory goes after half a minute, unless somebody wants it kept.
function Keep({ one, at }) {
  const [asked, setAsked] = useState(false);
  async function keep() {
    if (await attempt(() => send(`${one}/keep`, { at: iso(at) }))) setAsked(true);
  }
  return html`<div class="row"><button type="button" onClick=${keep} disabled=${asked}>Keep what the camera sent then</button>
    <span class="hint" role="status">${asked ? "It is being written, and is here in some seconds." : "Its tracker remembers the last half minute."}</span></div>`;
}

const CODECS = { hevc: "H.265", h264: "H.264" };

// A clip stands at the moment that was asked for, and goes along with it.
function Film({ name, clip, shown }) {
  const ref = useRef(null);
  const [trouble, setTrouble] = useState(false);
  const [converted, setConverted] = useState({});
  const start = moment(Date.parse(clip.start));
  function seek() {
    const film = ref.current;
    const seconds = Math.max(0, (shown - Date.parse(clip.start)) / 1000);
    if (film?.readyState) film.currentTime = Math.min(seconds, Math.max(0, film.duration - 0.1));
  }
  useEffect(seek, [shown]);
  useEffect(() => () => converted.url && URL.revokeObjectURL(converted.url), [converted.url]);
  async function convert() {
    setConverted({ busy: true });
    try {
      const { content } = await fetched(`${clip.url}/playable`);
      setConverted({ url: URL.createObjectURL(content) });
      setTrouble(false);
    } catch (refused) {
      setConverted({ refused: [refused.message, refused.hint].filter(Boolean).join(": ") });
    }
  }
  const facts = `${start}, ${duration((Date.parse(clip.end) - Date.parse(clip.start)) / 1000)}${clip.why ? `: ${clip.why.replaceAll("_", " ")}` : ""}`;
  return html`<figure class="stack">
    ${!trouble && html`<video ref=${ref} controls muted playsinline preload="metadata" src=${converted.url ?? clip.url} aria-label="Recording of ${name}, ${start}" onLoadedMetadata=${seek} onError=${() => setTrouble(true)}></video>`}
    ${trouble && html`<p role="alert">This browser cannot play what the camera sent (${CODECS[clip.codec] ?? clip.codec}).</p>
      <p><button type="button" disabled=${converted.busy} onClick=${convert}>${converted.busy ? "Converting …" : "Convert and play"}</button></p>
      ${converted.refused && html`<p role="alert">${converted.refused}. Save the recording, and open it with another program.</p>`}`}
    <figcaption class="row head"><span class="hint">${facts}</span><a class="button" href=${clip.url} download=${`${name}-${clip.id}.mp4`}>Save the recording</a></figcaption>
  </figure>`;
}

// What was recorded in a span of time: each leads to its moment.
export function Recordings({ one, from, to, anew, see }) {
  const [clips, setClips] = useState([]);
  useEffect(() => {
    let left = false;
    ask(`${one}/clips?from=${iso(from)}&to=${iso(to)}`).then((found) => left || setClips(found.clips), () => {});
    return () => (left = true);
  }, [one, from, to, anew]);
  if (clips.length === 0) return null;
  return html`<section class="card stack" aria-labelledby="recordings"><h2 id="recordings">Recordings</h2>
    <div class="row tight">${clips.map((clip) => html`<button type="button" class="quiet" key=${clip.id} onClick=${() => see(Date.parse(clip.start))}>${moment(Date.parse(clip.start))}</button>`)}</div>
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
