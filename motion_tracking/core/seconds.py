"""
Second by second, what was true and what was said of a machine?
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motion_tracking.core.intervals import Interval
from motion_tracking.core.machine import MachineState
from motion_tracking.core.truth import Labelled, true_changes

SETTLING = 45.0
"""Seconds after a true change, and after the beginning, that are not compared."""

RUNNING, STOPPED = MachineState.RUNNING, MachineState.STOPPED
NO_SIGNAL = MachineState.NO_SIGNAL

_Codes = NDArray[np.int8]
_CODES = {state: n for n, state in enumerate(MachineState)} | {
    MachineState.DEEP_SLEEP: list(MachineState).index(STOPPED)
}


@dataclass(frozen=True, slots=True)
class Seconds:
    """What was true and what was said in each second of the time judged, as `_CODES`."""

    true: _Codes
    said: _Codes
    settled: NDArray[np.bool_]

    def called(self, true: MachineState, said: MachineState | None = None) -> float:
        """Count the settled seconds of a true state that were called `said`, or anything."""
        chosen = self.settled & (self.true == _CODES[true])
        return float((chosen if said is None else chosen & (self.said == _CODES[said])).sum())

    def share(self, state: MachineState) -> float | None:
        """Return the share of the settled seconds of a true state that were called so."""
        seconds = self.called(state)
        return self.called(state, state) / seconds if seconds else None

    def unseen(self) -> float:
        """Count the settled seconds of a visible machine in which it was said not to be seen."""
        visible = self.settled & (self.true != _CODES[NO_SIGNAL])
        return float((visible & ~np.isin(self.said, (_CODES[RUNNING], _CODES[STOPPED]))).sum())

    def blank(self, said: MachineState | None = None) -> float:
        """Count all seconds truly without signal, or those of them that were called `said`."""
        blank = self.true == _CODES[NO_SIGNAL]
        return float((blank if said is None else blank & (self.said == _CODES[said])).sum())


def seconds_of(
    truth: Sequence[Labelled], intervals: Sequence[Interval[float]], after: float
) -> Seconds:
    """Go through the seconds from `after` to the end of the truth; both tile that time."""
    middles = np.arange(after, truth[-1].end - 0.5) + 0.5
    settled = middles > truth[0].start + SETTLING
    for change in true_changes(truth, window=0.0):
        settled &= (middles < change.earliest) | (middles > change.at + SETTLING)
    for span in truth:
        if span.state is NO_SIGNAL:
            settled &= (middles < span.start) | (middles > span.end + SETTLING)
    return Seconds(
        _coded(middles, [span.state for span in truth], [span.end for span in truth]),
        _coded(middles, [span.state for span in intervals], [span.end for span in intervals]),
        settled,
    )


def _coded(
    middles: NDArray[np.float64], states: Sequence[MachineState], ends: Sequence[float]
) -> _Codes:
    """Return the code of the span that each moment falls into; beyond the last it is unknown."""
    codes = np.array([*(_CODES[state] for state in states), _CODES[MachineState.UNKNOWN]], np.int8)
    return codes[np.searchsorted(np.array(ends, np.float64), middles, side="right")]
