/* What can be done on the page that paper cannot do: zoom the motion curve, and print. */
"use strict";

const print = document.getElementById("print");
print.hidden = false;
print.addEventListener("click", () => window.print());

const dark = window.matchMedia("(prefers-color-scheme: dark)");

function read(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

function moments(curve) {
  let at = curve.start;
  return [at, ...curve.step.map((step) => (at += step))].map((second) => second * 1000);
}

/* A line is broken where nobody looked. */
function broken(curve) {
  const x = [], y = [];
  const at = moments(curve);
  at.forEach((moment, n) => {
    if (n && moment - at[n - 1] > curve.gap * 1000) {
      x.push(at[n - 1], at[n - 1], moment);
      y.push(0, null, 0);
    }
    x.push(moment);
    y.push(curve.score[n]);
  });
  return { x, y };
}

function states(curve, looks) {
  return Object.entries(looks).map(([state, look]) => {
    const own = curve.states.filter(([name]) => name === state);
    return {
      type: "bar", orientation: "h", name: look.word, showlegend: false,
      base: own.map(([, from]) => from * 1000), x: own.map(([, from, to]) => (to - from) * 1000),
      y: own.map(() => 0.5), width: 1, yaxis: "y2",
      marker: { color: look.fill, line: { width: 0 }, pattern: { shape: look.hatch, fgcolor: "#4B5563", bgcolor: look.fill, size: 6 } },
      hovertemplate: `<b>${look.word}</b><br>%{base|%d %b %H:%M:%S} – %{x|%H:%M:%S}<extra></extra>`,
    };
  }).filter((trace) => trace.x.length);
}

function traces(curve, looks) {
  const score = {
    type: "scatter", mode: "lines", fill: "tozeroy", ...broken(curve), showlegend: false,
    hovertemplate: "%{y:,} changed pixels<br>%{x|%d %b %H:%M:%S}<extra></extra>",
  };
  const drawn = [score, ...states(curve, looks)];
  if (curve.threshold !== null) {
    drawn.push({
      type: "scatter", mode: "lines", showlegend: false, hoverinfo: "skip",
      x: [curve.from * 1000, curve.to * 1000], y: [curve.threshold, curve.threshold],
      line: { width: 1.5, dash: "dash" },
    });
  }
  return drawn;
}

function layout(curve) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const parts = curve.states.length > 0;
  return {
    height: 240, margin: { l: 56, r: 8, t: 8, b: 36 }, barmode: "overlay", dragmode: "zoom",
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", hovermode: "closest",
    font: { family: "system-ui, sans-serif", size: 12, color: colour("dim") },
    xaxis: {
      type: "date", range: [curve.from * 1000, curve.to * 1000], gridcolor: colour("line"),
      minallowed: curve.from * 1000, maxallowed: curve.to * 1000, anchor: parts ? "y2" : "y",
      tickformatstops: [
        { dtickrange: [null, 59999], value: "%H:%M:%S\n%a %-d %b" },
        { dtickrange: [60000, 86399999], value: "%H:%M\n%a %-d %b" },
        { dtickrange: [86400000, null], value: "%a %-d %b" },
      ],
    },
    yaxis: {
      domain: [parts ? 0.13 : 0, 1], rangemode: "tozero", fixedrange: true, tickformat: "~s",
      gridcolor: colour("line"), zerolinecolor: colour("line"), nticks: 5,
    },
    yaxis2: { domain: [0, 0.1], range: [0, 1], visible: false, fixedrange: true },
  };
}

function draw(figure, looks) {
  const curve = read(figure.dataset.curve);
  const style = getComputedStyle(document.documentElement);
  const all = traces(curve, looks);
  figure.classList.add("drawn"); // what cannot be seen has no width to draw in
  all[0].line = { width: 1, color: style.getPropertyValue("--curve").trim() };
  if (curve.threshold !== null) all.at(-1).line.color = style.getPropertyValue("--limit").trim();
  Plotly.react(figure.querySelector(".motion"), all, layout(curve), {
    responsive: true, displayModeBar: false,
  });
}

const curves = [...document.querySelectorAll("[data-curve]")];
if (curves.length) {
  const looks = read("looks");
  /* only what comes into view: a page of twelve machines is there at once */
  const waiting = new IntersectionObserver((entries) => {
    for (const entry of entries.filter((one) => one.isIntersecting)) {
      waiting.unobserve(entry.target);
      draw(entry.target, looks);
    }
  }, { rootMargin: "400px" });
  curves.forEach((figure) => waiting.observe(figure));
  dark.addEventListener("change", () => {
    curves.filter((figure) => figure.classList.contains("drawn")).forEach((figure) => draw(figure, looks));
  });
}
