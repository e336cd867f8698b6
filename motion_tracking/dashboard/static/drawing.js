// How are SVG elements made, and charts drawn with them?

const SVG = "http://www.w3.org/2000/svg";

export function draw(name, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

export function count(number) {
  return number.toLocaleString("en", { maximumFractionDigits: 0 });
}

// Draw scores over the last `seconds`, and the threshold; `points` are [at, score, threshold].
export function drawCurve(svg, points, seconds) {
  const [width, height] = [600, 120];
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("preserveAspectRatio", "none");
  if (points.length === 0) {
    svg.replaceChildren();
    return;
  }
  const [now, , threshold] = points.at(-1);
  const shown = points.filter(([at]) => now - at <= seconds);
  const top = Math.max(1, threshold * 1.6, ...shown.map(([, score]) => score)) * 1.05;
  const x = (at) => (width - 6 - ((now - at) / seconds) * (width - 6)).toFixed(1);
  const y = (score) => (height - 2 - (score / top) * (height - 6)).toFixed(1);
  const line = shown.map(([at, score]) => `${x(at)} ${y(score)}`).join("L");
  const [first, last] = [shown[0], shown.at(-1)];
  svg.replaceChildren(
    draw("path", { class: "ground", d: `M${x(first[0])} ${height}L${line}L${x(last[0])} ${height}Z` }),
    draw("path", { class: "line", d: `M${line}` }),
    draw("line", { class: "threshold", x1: 0, x2: width, y1: y(threshold), y2: y(threshold) }),
  );
}

// Draw how often which score came: running upwards, stopped downwards, the threshold between.
export function drawScores(svg, { edges, running, stopped, threshold }) {
  const [width, height, middle, reach] = [600, 224, 112, 100];
  const bins = running.length;
  const step = width / bins;
  const part = (counts) => {
    const most = Math.max(1, ...counts);
    // a root, so that the few samples that are mistaken can be seen beside the many
    return counts.map((n) => (n ? Math.max(2, Math.sqrt(n / most) * reach) : 0));
  };
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const bars = [];
  part(running).forEach((length, n) => {
    if (length) bars.push(bar("running", n, middle - length, length));
  });
  part(stopped).forEach((length, n) => {
    if (length) bars.push(bar("stopped", n, middle, length));
  });
  function bar(state, n, y, length) {
    return draw("rect", { class: state, x: n * step + 1, y, width: step - 2, height: length });
  }
  const at = place(edges, threshold) * step;
  svg.replaceChildren(
    ...bars,
    draw("line", { class: "axis", x1: 0, x2: width, y1: middle, y2: middle }),
    draw("line", { class: "threshold", x1: at, x2: at, y1: 0, y2: height }),
  );
  const share = (counts, from, to) => {
    const all = counts.reduce((sum, n) => sum + n, 0);
    const some = counts.slice(from, to).reduce((sum, n) => sum + n, 0);
    return `${Math.round((100 * some) / Math.max(1, all))} %`;
  };
  const cut = Math.round(at / step);
  svg.setAttribute(
    "aria-label",
    `Scores of both recordings. About ${share(running, cut)} of the running samples lie above ` +
      `the threshold of ${count(threshold)} pixels, about ${share(stopped, 0, cut)} of the ` +
      "stopped ones below.",
  );
}

// Where a score lies among the edges, in bins.
function place(edges, score) {
  const last = edges.length - 1;
  const above = edges.findIndex((edge) => edge > score);
  if (above === 0) return 0;
  if (above < 0) return last;
  return above - 1 + (score - edges[above - 1]) / (edges[above] - edges[above - 1]);
}
