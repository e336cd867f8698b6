// How are scores drawn over time, with the threshold?

let loading = null;

// The library is no module: it is fetched once, with its style, when the first chart is wanted.
function library() {
  loading ??= new Promise((loaded, failed) => {
    const style = document.createElement("link");
    Object.assign(style, { rel: "stylesheet", href: "static/vendor/uplot.css" });
    const script = document.createElement("script");
    Object.assign(script, { src: "static/vendor/uplot.js", onload: () => loaded(window.uPlot), onerror: failed });
    document.head.append(style, script);
  });
  return loading;
}

const HEIGHT = 256;
const AXIS = 56; // pixels; the strip of states below begins there too
const ASIDE = 8;

// Draw into `place`; `choose` is called with the moment that is clicked. Returns {show, end}.
export async function chart(place, choose) {
  const UPlot = await library();
  let shown = null;
  const style = (name) => getComputedStyle(place).getPropertyValue(name).trim();
  const ink = { stroke: () => style("--ink"), grid: { stroke: () => style("--line"), width: 1 }, ticks: { stroke: () => style("--line"), width: 1 } };
  const when = (seconds) => new Date(seconds * 1000);
  const options = {
    width: Math.max(200, place.clientWidth),
    height: HEIGHT,
    padding: [8, ASIDE, 0, 0],
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, y: false, points: { show: false } },
    scales: { x: { time: true, range: () => shown?.range ?? [0, 1] }, y: { range: (_, low, high) => [0, Math.max(high || 0, (shown?.threshold ?? 0) * 1.6, 1) * 1.05] } },
    axes: [
      { ...ink, values: (_, marks, __, ___, step) => marks.map((at) => (shown ? labelOf(when(at), step) : "")) },
      { ...ink, size: AXIS, values: (_, marks) => marks.map((score) => (score >= 1e6 ? `${score / 1e6}M` : score >= 1e4 ? `${score / 1e3}k` : String(score))) },
    ],
    series: [
      {},
      { stroke: () => style("--edge"), width: 1, points: { show: false } },
      { stroke: () => style("--edge"), width: 1, points: { show: false } },
      { stroke: () => style("--ink"), width: 1.5, points: { show: false } },
    ],
    bands: [{ series: [1, 2], fill: () => `${style("--edge")}55` }],
    hooks: { draw: [(plot) => shown && lines(plot, shown, style)] },
  };
  const plot = new UPlot(options, [[], [], [], []], place);
  plot.over.addEventListener("click", (event) => shown && choose(Math.round(plot.posToVal(event.offsetX, "x") * 1000)));
  const seen = new ResizeObserver(() => plot.setSize({ width: Math.max(200, place.clientWidth), height: HEIGHT }));
  seen.observe(place);
  const redraw = () => plot.redraw();
  const schemes = matchMedia("(prefers-color-scheme: dark)");
  const theme = new MutationObserver(redraw);
  theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  schemes.addEventListener("change", redraw);
  return {
    show({ start, highest, lowest, mean }, from, to, threshold, chosen) {
      shown = { range: [from / 1000, to / 1000], threshold, chosen };
      plot.setData([start, highest, lowest, mean]);
    },
    end() {
      seen.disconnect();
      theme.disconnect();
      schemes.removeEventListener("change", redraw);
      plot.destroy();
    },
  };
}

function labelOf(at, step) {
  const two = (number) => String(number).padStart(2, "0");
  const date = `${at.getDate()}.${at.getMonth() + 1}.`;
  if (step >= 86400 || (at.getHours() === 0 && at.getMinutes() === 0)) return date;
  return `${two(at.getHours())}:${two(at.getMinutes())}${step < 60 ? `:${two(at.getSeconds())}` : ""}`;
}

// The threshold across, and the moment that was chosen upright.
function lines(plot, { threshold, chosen, range }, style) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = style("--ink");
  ctx.lineWidth = 2 * devicePixelRatio;
  function line(dash, ...points) {
    ctx.setLineDash(dash.map((length) => length * devicePixelRatio));
    ctx.beginPath();
    ctx.moveTo(points[0], points[1]);
    ctx.lineTo(points[2], points[3]);
    ctx.stroke();
  }
  if (threshold !== null) {
    const y = plot.valToPos(threshold, "y", true);
    line([7, 4], bbox.left, y, bbox.left + bbox.width, y);
  }
  if (chosen !== null && chosen / 1000 >= range[0] && chosen / 1000 <= range[1]) {
    const x = plot.valToPos(chosen / 1000, "x", true);
    line([], x, bbox.top, x, bbox.top + bbox.height);
  }
  ctx.restore();
}
