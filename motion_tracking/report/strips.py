"""
Where in a strip of time does each state begin, and how long is it?

A strip is as wide as the paper or the screen, so all lengths are percents of it.  On a day of 23
or 25 hours the strip is that long.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from motion_tracking.core.intervals import Interval
from motion_tracking.core.machine import MachineState
from motion_tracking.core.shifts import ShiftSpan, local, moment
from motion_tracking.core.spans import Span, subtraction
from motion_tracking.report.appearance import LOOKS
from motion_tracking.report.wording import clock, day_text, length

PLANNED = "planned"
"""Time in which nobody expects the machine to run, and it did not."""

LONG = timedelta(hours=36)
"""A longer period is drawn a day a row."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of a strip, in percent of it; `words` are said of it, if any."""

    x: float
    width: float
    words: str = ""


@dataclass(frozen=True, slots=True)
class Strip:
    """What happened from `start` to `end`: the bars of each state, and ticks of the clock."""

    start: datetime
    end: datetime
    name: str
    lanes: dict[str, list[Bar]]
    ticks: list["Tick"]
    day: date


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of the time axis at `x` percent."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch in one state as it is drawn: `look` is a state, or `PLANNED`."""

    look: str
    start: datetime
    end: datetime


def pieces(tiles: Iterable[Interval[datetime]], planned: Sequence[Span] | None) -> Iterator[Piece]:
    """
    Yield what is drawn of a machine's intervals, in order of time.

    What lies outside the planned spans is `PLANNED` unless the machine ran; without a calendar
    (None) everything is as it was seen.
    """
    ends = [span.end for span in planned or ()]
    for tile in tiles:
        begin = tile.start
        if planned is not None and tile.state is not MachineState.RUNNING:
            for span in planned[bisect_right(ends, tile.start) :]:
                if span.start >= tile.end:
                    break
                if span.start > begin:
                    yield Piece(PLANNED, begin, span.start)
                begin = min(span.end, tile.end)
                yield Piece(tile.state.value, max(span.start, tile.start), begin)
            if begin < tile.end:
                yield Piece(PLANNED, begin, tile.end)
        else:
            yield Piece(tile.state.value, begin, tile.end)


def strip(drawn: Sequence[Piece], period: Span, name: str, zone: tzinfo, *, words: bool) -> Strip:
    """Lay the pieces of a period on a strip; `words` names each, for a short one."""
    lanes: dict[str, list[Bar]] = {}
    first = bisect_right(drawn, period.start, key=lambda piece: piece.end)
    last = bisect_left(drawn, period.end, key=lambda piece: piece.start)
    for piece in drawn[first:last]:
        span = Span(max(piece.start, period.start), min(piece.end, period.end))
        said = _words(piece, zone) if words else ""
        lanes.setdefault(piece.look, []).append(_bar(span, period, said))
    if not words:
        lanes = _overlaid(lanes, drawn[first:last], period)
    day = period.start.astimezone(zone).date()
    return Strip(period.start, period.end, name, lanes, ticks(period, zone), day)


def _overlaid(
    lanes: dict[str, list[Bar]], drawn: Sequence[Piece], period: Span
) -> dict[str, list[Bar]]:
    """Draw running as the ground that all else lies on, which halves what a month takes."""
    if MachineState.RUNNING.value not in lanes:
        return lanes
    whole = Span(max(drawn[0].start, period.start), min(drawn[-1].end, period.end))
    ground = {MachineState.RUNNING.value: [_bar(whole, period)], "ground": lanes.get(PLANNED, [])}
    return {**ground, **{look: bars for look, bars in lanes.items() if look not in ground}}


def _words(piece: Piece, zone: tzinfo) -> str:
    word = "PLANNED" if piece.look == PLANNED else LOOKS[MachineState(piece.look)].word
    lasted = length(piece.end - piece.start)
    return f"{word} {clock(piece.start, zone)} – {clock(piece.end, zone)} · {lasted}"


def day_strips(drawn: Sequence[Piece], period: Span, begins: time, zone: tzinfo) -> list[Strip]:
    """Lay the pieces on a strip for each day, which begins at a local time; none is cut short."""
    strips = []
    for span in days(period, begins, zone):
        hours = span.duration / timedelta(hours=1)
        name = day_text(span.start.astimezone(zone)) + ("" if hours == 24 else f" ({hours:.0f} h)")
        strips.append(strip(drawn, span, name, zone, words=False))
    return strips


def days(period: Span, begins: time, zone: tzinfo) -> Iterator[Span]:
    """Yield the days that a period touches; each begins at a local time."""
    begin = datetime.combine(local(period.start, zone).date(), begins) - timedelta(days=1)
    while (start := moment(begin, zone)) < period.end:
        begin += timedelta(days=1)
        if (end := moment(begin, zone)) > period.start:
            yield Span(start, end)


@dataclass(frozen=True, slots=True)
class Band:
    """A shift over a strip; `rests` are its breaks and other time in which nothing was planned."""

    name: str
    x: float
    width: float
    words: str
    rests: list[Bar]


def bands(shifts: Iterable[ShiftSpan], period: Span, zone: tzinfo) -> list[Band]:
    """Lay the shifts over a strip of this period."""
    made = []
    for shift in shifts:
        span = Span(max(shift.start, period.start), min(shift.end, period.end))
        if span.start >= span.end:
            continue
        bar = _bar(span, period)
        rests = [_bar(rest, period) for rest in subtraction([span], shift.planned)]
        words = f"{shift.name} {clock(shift.start, zone)} – {clock(shift.end, zone)}"
        made.append(Band(shift.name, bar.x, bar.width, words, rests))
    return made


def _bar(span: Span, period: Span, words: str = "") -> Bar:
    x = (span.start - period.start) / period.duration * 100
    return Bar(round(x, 2), max(round(span.duration / period.duration * 100, 2), 0.02), words)


def ticks(period: Span, zone: tzinfo) -> list[Tick]:
    """Return the marks of a time axis: round hours of the local clock, or days."""
    start, whole = period.start, period.duration
    step = next((s for s in (1, 2, 3, 6, 12) if whole <= timedelta(hours=12 * s)), 24)
    marks: list[Tick] = []
    at = start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    while at <= period.end:
        wall = local(at, zone)
        if at >= start and wall.minute == 0 and wall.hour % step == 0:
            x = round((at - start) / whole * 100, 2)
            marks.append(Tick(x, _tick_text(wall, step, whole)))
        at += timedelta(minutes=15)  # zones are not all whole hours apart
    return marks


def _tick_text(wall: datetime, step: int, whole: timedelta) -> str:
    if step == 24 or (whole > LONG and wall.hour == 0):
        return day_text(wall)
    return f"{wall:%H:%M}"
