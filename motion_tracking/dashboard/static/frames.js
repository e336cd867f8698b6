// Which pictures are there of a moment, one after the other?

import { exact, duration } from "./words.js";
import { html, useEffect, useRef, useState } from "./vendor/preact-htm.js";

const REACH = 15000; // milliseconds before and after the moment of which frames are taken out of clips
const STEP = 3000;
const WIDTH = 208; // of a frame, in pixels of its canvas

// Take frames out of the clips around a moment, as this browser can play them: [{taken, clip, canvas}].
function useFrames(clips, at) {
  const [frames, setFrames] = useState([]);
  const known = `${at} ${clips.map(({ id }) => id).join(" ")}`;
  useEffect(() => {
    let left = false;
    setFrames([]);
    async function take() {
      const wanted = new Set();
      for (let after = -REACH; after <= REACH; after += STEP) wanted.add(at + after);
      for (const clip of clips) {
        const [start, end] = [Date.parse(clip.start), Date.parse(clip.end)];
        const inside = [...wanted].filter((when) => start <= when && when <= end);
        inside.forEach((when) => wanted.delete(when));
        const film = inside.length ? await opened(clip.url).catch(() => null) : null;
        for (const when of film && !left ? inside : []) {
          const canvas = await drawn(film, (when - start) / 1000).catch(() => null);
          if (left) break;
          if (canvas) setFrames((before) => [...before, { taken: when, clip: clip.id, canvas }]);
        }
        film?.removeAttribute("src");
        if (left) return;
      }
    }
    void take();
    return () => (left = true);
  }, [known]);
  return frames;
}

function happened(film, what) {
  return new Promise((yes, no) => {
    film.addEventListener(what, yes, { once: true });
    film.addEventListener("error", no, { once: true });
  });
}

async function opened(url) {
  const film = document.createElement("video");
  Object.assign(film, { muted: true, preload: "auto", src: url });
  await happened(film, "loadeddata");
  return film;
}

async function drawn(film, seconds) {
  film.currentTime = Math.min(seconds, Math.max(0, film.duration - 0.05));
  await happened(film, "seeked");
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = Math.round((WIDTH * film.videoHeight) / film.videoWidth);
  canvas.getContext("2d").drawImage(film, 0, 0, canvas.width, canvas.height);
  return canvas;
}

const aside = (ms) => (Math.abs(ms) < 500 ? "then" : `${duration(Math.abs(ms) / 1000 + 0.5)} ${ms < 0 ? "before" : "after"}`);

// Frames of clips, which `see` goes to, and pictures, which open: the oldest first.
export function Frames({ clips, pictures, at, shown, see }) {
  const frames = useFrames(clips, at);
  const ref = useRef(null);
  const all = [...frames, ...pictures].sort((a, b) => a.taken - b.taken);
  useEffect(() => {
    // what is nearest to the moment is in the middle of what can be seen of the strip
    const nearest = all.reduce((best, one, n) => (Math.abs(one.taken - at) < Math.abs(all[best].taken - at) ? n : best), 0);
    const [strip, one] = [ref.current, ref.current?.children[nearest]];
    if (one) strip.scrollLeft = one.offsetLeft - strip.offsetLeft - (strip.clientWidth - one.offsetWidth) / 2;
  }, [all.length, at]);
  if (all.length === 0) return null;
  function key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    const items = [...ref.current.children];
    const place = items.indexOf(document.activeElement);
    const next = items[place < 0 ? items.findIndex((item) => item.getAttribute("aria-pressed") === "true") + step : place + step];
    event.preventDefault();
    next?.focus();
    if (next?.tagName === "BUTTON") next.click();
  }
  return html`<div class="frames" ref=${ref} tabindex="0" role="region" aria-label="Pictures before and after this moment; arrow keys go from one to the next" onKeyDown=${key}>
    ${all.map((one) => {
      const said = `${exact(one.taken)}, ${aside(one.taken - at)}`;
      return one.canvas
        ? html`<button type="button" key=${`f${one.taken}`} aria-pressed=${String(one.taken === shown)} onClick=${() => see(one)}><${Drawn} canvas=${one.canvas} />${said}</button>`
        : html`<a key=${one.url} href=${one.url} target="_blank" rel="noopener"><img loading="lazy" src=${one.url} alt="" />${said}</a>`;
    })}
  </div>`;
}

function Drawn({ canvas }) {
  const ref = useRef(null);
  useEffect(() => ref.current.replaceChildren(canvas), [canvas]);
  return html`<span ref=${ref} aria-hidden="true"></span>`;
}
