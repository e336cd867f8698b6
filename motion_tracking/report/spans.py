"""
In which state was a machine when, going by the lines of its logs and by what is known better?
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from motion_tracking.core.intervals import Interval
from motion_tracking.core.loglines import LogLine
from motion_tracking.core.machine import MachineState, Reason
from motion_tracking.core.oldtool import laid_over, understand
from motion_tracking.report.series import MotionSeries

MOST_DRAWN = 20_000
"""More stretches than a screen can show; a page of years would be slow, and large."""


@dataclass(frozen=True, slots=True)
class Looked:
    """
    What is drawn of one machine, from `start` to `end`; naive local time.

    `tiles` are the stretches whose state is known, oldest first.
    """

    series: MotionSeries
    tiles: list[Interval[datetime]]
    start: datetime
    end: datetime

    @property
    def drawn(self) -> list[Interval[datetime]]:
        """The tiles that are worth drawing: of very many the longest, still in order."""
        if len(self.tiles) <= MOST_DRAWN:
            return self.tiles
        lengths = sorted((tile.duration for tile in self.tiles), reverse=True)
        return [tile for tile in self.tiles if tile.duration > lengths[MOST_DRAWN]]

    @property
    def left_out(self) -> str:
        """Which tiles are not drawn, in words; empty where all are."""
        missing = len(self.tiles) - len(self.drawn)
        return f"the {missing:,} shortest stretches are not drawn" if missing else ""


def looked(
    series: MotionSeries,
    events: Sequence[LogLine],
    recorded: Sequence[Interval[datetime]] = (),
) -> Looked:
    """
    Put the motion log, the lines of the other logs and what is on record together.

    Where the motion log has a gap nobody was looking, whatever the line before it said.  The
    record knows when a change really was; the lines tell when it was noticed.  Raise `ValueError`
    where there is no line at all.
    """
    start, end = period(series, events)
    known = [tile for tile in recorded if tile.reason is not Reason.NOT_TRACKING]
    tiles = laid_over(understand(series.watches(), events).tiles, known)
    if tiles and tiles[0].reason is Reason.NOT_TRACKING:
        del tiles[0]
    told = [tile for tile in tiles if tile.state is not MachineState.UNKNOWN]
    return Looked(series, told, start, end)


def period(series: MotionSeries, events: Sequence[LogLine]) -> tuple[datetime, datetime]:
    """Return the first and the last moment that is told of; raise `ValueError` if none is."""
    moments = [event.at for event in (*events[:1], *events[-1:])]
    if len(series):
        moments += [series.at[0].item(), series.at[-1].item()]
    if not moments:
        raise ValueError("nothing to draw: the logs hold no line")
    return min(moments), max(moments)
