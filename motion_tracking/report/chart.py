"""
How does a machine's log look in a browser, where it can be zoomed and read off?

plotly draws it.  The page is one file with plotly.js inside: it opens from a USB stick, on a
computer without a network, and asks nobody for anything.
"""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from motion_tracking.core.changes import human_duration
from motion_tracking.core.intervals import Interval
from motion_tracking.report.appearance import (
    LOOKS,
    MOTION,
    OUTLINE,
    THRESHOLD,
    period_in_words,
    totals_in_words,
)
from motion_tracking.report.bundle import plotly_script
from motion_tracking.report.series import MotionSeries
from motion_tracking.report.spans import Looked
from motion_tracking.report.whole import whole

_HOURS = (1, 4, 12)
_ALL = {"label": "all", "step": "all"}


def chart(machine: str, looked: Looked, threshold: int | None, output: Path) -> Path:
    """
    Write the page: score, threshold and states over local time, buttons and a slider for the range.

    Raise `OSError` where it cannot be written.
    """
    start, end = looked.start, looked.end
    words = [
        f"{period_in_words(start, end)} (local time)",
        totals_in_words(looked.tiles),
        looked.left_out,
    ]
    figure = _figure(looked, threshold)
    page = _PAGE.format(
        machine=escape(machine),
        words=escape(" · ".join(filter(None, words))),
        plotly=plotly_script(),
        figure=figure,
    )
    with whole(output) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return output


def _figure(looked: Looked, threshold: int | None) -> str:
    """Return the chart as HTML, for a page that has plotly.js."""
    from plotly import graph_objects

    # the states come first, so that the motion is drawn over them in the slider
    series, tiles, start, end = looked.series, looked.drawn, looked.start, looked.end
    traces = _states(tiles)
    if len(series):
        traces.append(_motion(series))
        if threshold is not None:
            traces.append(_threshold(threshold, start, end))
    motion = len(series) > 0
    layout = _layout(start, end, motion=motion, states=bool(tiles) or not motion)
    figure = graph_objects.Figure(traces, layout)
    return str(
        figure.to_html(
            full_html=False,
            include_plotlyjs=False,
            div_id="chart",
            config={"responsive": True, "displaylogo": False, "scrollZoom": True},
            post_script=_PAINT,
        )
    )


def _states(tiles: Sequence[Interval[datetime]]) -> list[dict[str, Any]]:
    traces = []
    for state, look in LOOKS.items():
        of_state = [tile for tile in tiles if tile.state is state]
        if not of_state:
            continue
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": look.word,
                "base": [tile.start.isoformat() for tile in of_state],
                "x": [tile.duration.total_seconds() * 1000 for tile in of_state],
                "y": [0.5] * len(of_state),
                "width": 1,
                "customdata": [human_duration(t.duration.total_seconds()) for t in of_state],
                "text": look.word,
                "textposition": "inside",
                "insidetextanchor": "middle",
                "textangle": 0,
                "insidetextfont": {"color": look.text},
                "marker": {
                    "color": look.fill,
                    "line": {"color": OUTLINE, "width": 0.5 if len(tiles) < 300 else 0},
                    "pattern": {
                        "shape": look.hatch,
                        "bgcolor": look.fill,
                        "fgcolor": OUTLINE,
                        "size": 8,
                    },
                },
                "hovertemplate": f"<b>{look.word}</b> %{{customdata}}<br>"
                "%{base|%d %b %H:%M:%S} – %{x|%d %b %H:%M:%S}<extra></extra>",
            }
        )
    return traces


def _motion(series: MotionSeries) -> dict[str, Any]:
    at, score = series.thinned()
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "motion score",
        "x": np.datetime_as_string(at).tolist(),
        "y": [None if np.isnan(value) else int(value) for value in score],
        "yaxis": "y2",
        "fill": "tozeroy",
        "line": {"color": MOTION, "width": 1},
        "hovertemplate": "%{y:,} changed pixels<br>%{x|%d %b %H:%M:%S}<extra></extra>",
    }


def _threshold(threshold: int, start: datetime, end: datetime) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": f"threshold {threshold:,}",
        "x": [start.isoformat(), end.isoformat()],
        "y": [threshold, threshold],
        "yaxis": "y2",
        "line": {"color": THRESHOLD, "width": 2, "dash": "dash"},
        "hovertemplate": f"threshold {threshold:,}<extra></extra>",
    }


def _layout(start: datetime, end: datetime, *, motion: bool, states: bool) -> dict[str, Any]:
    height, above, below = (640 if motion else 320), 92, 40
    pixel = 1 / (height - above - below)
    layout = {
        "template": {},
        "height": height,
        "margin": {"l": 70, "r": 24, "t": above, "b": below},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "system-ui, sans-serif", "size": 13},
        "barmode": "overlay",
        "uniformtext": {"minsize": 10, "mode": "hide"},
        "hovermode": "closest",
        "dragmode": "zoom",
        "showlegend": True,
        "legend": {"orientation": "h", "x": 0, "y": 1 + 46 * pixel, "yanchor": "bottom"},
        "xaxis": {**_time_axis(start, end, 1 + 12 * pixel), "anchor": "y" if states else "y2"},
    }
    if states:
        layout["yaxis"] = {
            "domain": [0, 0.14 if motion else 1],
            "range": [0, 1],
            "visible": False,
            "fixedrange": True,
        }
    if motion:
        layout["yaxis2"] = {
            "domain": [0.18 if states else 0, 1],
            "title": {"text": "motion score (changed pixels)"},
            "rangemode": "tozero",
            "tickformat": ",",
            "fixedrange": True,
        }
    return layout


def _time_axis(start: datetime, end: datetime, buttons_at: float) -> dict[str, Any]:
    hours = [{"count": count, "label": f"{count} h", "step": "hour"} for count in _HOURS]
    axis = {
        "type": "date",
        "showgrid": True,
        "tickformatstops": [
            {"dtickrange": [None, 59_999], "value": "%H:%M:%S\n%-d %b %Y"},
            {"dtickrange": [60_000, 86_399_999], "value": "%H:%M\n%-d %b %Y"},
            {"dtickrange": [86_400_000, None], "value": "%-d %b\n%Y"},
        ],
        "rangeselector": {
            "buttons": [*hours, {"count": 1, "label": "1 d", "step": "day"}, _ALL],
            "x": 0,
            "y": buttons_at,
            "yanchor": "bottom",
        },
        "rangeslider": {"visible": True, "thickness": 0.1},
    }
    if start < end:
        axis |= {"minallowed": start.isoformat(), "maxallowed": end.isoformat()}
    return axis


# the page follows the light or dark setting of the computer, also while it is open
_PAINT = """
const chart = document.getElementById('{plot_id}');
const dark = window.matchMedia('(prefers-color-scheme: dark)');
function paint() {
  const ink = dark.matches ? '#E5E7EB' : '#1F2937';
  const line = dark.matches ? '#374151' : '#E5E7EB';
  const raised = dark.matches ? '#272B33' : '#F3F4F6';
  const pressed = dark.matches ? '#4B5563' : '#D1D5DB';
  Plotly.relayout(chart, {
    'font.color': ink,
    'xaxis.gridcolor': line,
    'yaxis2.gridcolor': line,
    'yaxis2.zerolinecolor': line,
    'xaxis.rangeselector.bgcolor': raised,
    'xaxis.rangeselector.activecolor': pressed,
    'xaxis.rangeslider.bordercolor': line,
    'xaxis.rangeslider.borderwidth': 1,
  });
}
dark.addEventListener('change', paint);
paint();
"""

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:">
<title>{machine} – motion</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 1.5rem; font: 15px/1.5 system-ui, sans-serif; background: #fff; color: #1f2937; }}
h1 {{ margin: 0; font-size: 1.5rem; overflow-wrap: anywhere; }}
.rangeslider-rangeplot .bartext {{ display: none; }}
p {{ margin: 0 0 1rem; color: #4b5563; }}
@media (prefers-color-scheme: dark) {{
  body {{ background: #15181d; color: #e5e7eb; }}
  p {{ color: #9ca3af; }}
}}
</style>
</head>
<body>
<h1>{machine}</h1>
<p>{words}</p>
<script>{plotly}</script>
{figure}
</body>
</html>
"""
