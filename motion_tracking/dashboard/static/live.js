// What does the camera of a machine see, and what is judged of it?

import { plant, usePlant, watch } from "./plant.js";
import { count, exact } from "./words.js";
import { html, useEffect, useRef, useState } from "./vendor/preact-htm.js";

const MODES = { off: "Off", detect: "Detect", live: "Live" };
const WIDTH = 640;
const FPS = { detect: 5, live: 10 };
const SLOW = 2; // pictures a second where every byte is paid for
const MARK = 0.6; // where on its scale the threshold lies

export function Live({ machine, facts }) {
  usePlant();
  const [mode, setMode] = useState(localStorage.mode in MODES ? localStorage.mode : "detect");
  const [said, setSaid] = useState(null);
  const [framed, setFramed] = useState(null); // what was said of the picture that is shown
  const canvas = useRef(null);

  useEffect(() => {
    localStorage.mode = mode;
    setSaid(null);
    if (mode === "off") return undefined;
    const fps = navigator.connection?.saveData ? SLOW : FPS[mode];
    let newest = 0;
    return watch({ machine: machine.machine, mode, fps, width: WIDTH, contours: true }, async (news, picture) => {
      setSaid(news);
      if (!picture) return;
      const number = (newest += 1);
      const bitmap = await createImageBitmap(picture).catch(() => null);
      if (bitmap && number === newest && canvas.current) {
        canvas.current.width = bitmap.width;
        canvas.current.height = bitmap.height;
        canvas.current.getContext("2d").drawImage(bitmap, 0, 0);
        setFramed(news);
      }
      bitmap?.close();
    });
  }, [mode, machine.machine]);

  const [width, height] = framed?.size ?? facts.size ?? [16, 9];
  const veil = veilOf(mode, said, framed);
  return html`<section class="card stack" aria-labelledby="seen">
    <div class="row head">
      <h2 id="seen">Seen now</h2>
      <fieldset class="choices"><legend class="hidden">Pictures</legend>
        ${Object.entries(MODES).map(
          ([one, word]) => html`<label key=${one}><input type="radio" name="mode" value=${one} checked=${mode === one} onChange=${() => setMode(one)} />${word}</label>`,
        )}
      </fieldset>
    </div>
    <div class="seen" style=${{ aspectRatio: `${width} / ${height}` }}>
      <canvas ref=${canvas} role="img" aria-label="What the camera of ${machine.machine} sees, in grey"></canvas>
      ${framed && mode !== "off" && html`<${Judged} framed=${framed} />`}
      ${veil && html`<p class="veil">${veil}</p>`}
    </div>
    <p class="hint">${hintOf(mode, framed)}</p>
    <${Against} said=${said ?? machine} threshold=${machine.threshold} known=${said !== null} />
  </section>`;
}

function veilOf(mode, said, framed) {
  if (mode === "off") return "Pictures are off.";
  if (!plant.contact) return "No contact with motion-track.";
  if (said?.trouble) return said.trouble;
  return framed ? "" : "Waiting for the first picture …";
}

function hintOf(mode, framed) {
  if (mode === "off" || !framed) return "";
  const at = exact(Date.parse(framed.at));
  return mode === "detect" ? `Picture of ${at}. New ones come while it moves.` : `Picture of ${at}.`;
}

function Judged({ framed }) {
  const { size, roi, contours } = framed;
  if (!size) return null;
  const [left, top, right, bottom] = roi ?? [];
  const box = { x: left, y: top, width: right - left, height: bottom - top };
  return html`<svg viewBox="0 0 ${size[0]} ${size[1]}" preserveAspectRatio="none" aria-hidden="true">
    ${(contours ?? []).map((points) => html`<polygon class="contour" points=${points.join(" ")} />`)}
    ${roi && html`<rect class="under" ...${box} /><rect class="roi" ...${box} />`}
  </svg>`;
}

// The score against the threshold; the scale is bent so that both ends can be seen.
function Against({ said, threshold, known }) {
  const { score } = said;
  const unknown = score === null || score === undefined;
  const moves = !unknown && score > threshold;
  const share = unknown ? 0 : score / (score + (threshold || 1) * ((1 - MARK) / MARK));
  return html`<div class="stack">
    <div class="row">
      <span class="badge ${moves ? "moving" : ""}">${unknown ? "–" : moves ? "moving" : "still"}</span>
      <span class="number">score ${count(score)} against ${count(threshold)}</span>
      ${!known && html`<span class="hint">when last heard of</span>`}
    </div>
    <div class="against" aria-hidden="true"><div class="level" style=${{ width: `${share * 100}%` }}></div><div class="mark" style=${{ left: `${MARK * 100}%` }}></div></div>
  </div>`;
}
