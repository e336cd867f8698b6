"""
In which state was a machine when, going by the lines of its logs?
"""

from collections.abc import Sequence
from datetime import datetime

from motion_tracking.core.intervals import Interval
from motion_tracking.core.loglines import LogLine
from motion_tracking.core.machine import MachineState, Reason
from motion_tracking.core.oldtool import understand
from motion_tracking.report.series import MotionSeries


def period(series: MotionSeries, events: Sequence[LogLine]) -> tuple[datetime, datetime]:
    """Return the first and the last moment that is told of; raise `ValueError` if none is."""
    moments = [event.at for event in (*events[:1], *events[-1:])]
    if len(series):
        moments += [series.at[0].item(), series.at[-1].item()]
    if not moments:
        raise ValueError("nothing to draw: the logs hold no line")
    return min(moments), max(moments)


def spans(series: MotionSeries, events: Sequence[LogLine]) -> list[Interval[datetime]]:
    """
    Return the stretches whose state the logs tell, oldest first; naive local time.

    Where the motion log has a gap nobody was looking, so that time is no signal, whatever the
    line before it said.
    """
    tiles = understand(series.watches(), events).tiles
    if tiles and tiles[0].reason is Reason.NOT_TRACKING:
        del tiles[0]
    return [tile for tile in tiles if tile.state is not MachineState.UNKNOWN]
