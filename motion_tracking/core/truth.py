"""
What did a machine really do, and when did it change?

Labels are set by people who looked, or come from a simulator; the tracker's own words are in
`machine` and `intervals`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from motion_tracking.core.machine import MachineState


@dataclass(frozen=True, slots=True)
class Labelled:
    """
    A span of the truth: running, stopped, or no_signal where nobody could see the machine.

    `blurred` seconds before `start` it was changing over, as a wheel that coasts down: these are
    not compared, and an edge put anywhere into them is right.
    """

    state: MachineState
    start: float
    end: float
    blurred: float = 0.0


@dataclass(frozen=True, slots=True)
class TrueChange:
    """
    The machine started or stopped, somewhere from `earliest` to `at`.

    `short` changes begin or end a span that is shorter than a window: it need not be seen.
    """

    to_state: MachineState
    earliest: float
    at: float
    short: bool = False


def true_changes(truth: Sequence[Labelled], window: float) -> list[TrueChange]:
    """List the true changes from running to stopped and back, hidden ones included."""
    spans = _visible(truth)
    short = _short_edges(spans, window)
    return [
        TrueChange(
            after.state, min(before.end, after.start - after.blurred), after.start, n in short
        )
        for n, (before, after) in enumerate(pairwise(spans), 1)
    ]


def _visible(truth: Sequence[Labelled]) -> list[Labelled]:
    """Leave out what was hidden, and join what goes on after it in the same state."""
    spans: list[Labelled] = []
    for span in truth:
        state = known(span.state)
        if state is None:
            continue
        if spans and spans[-1].state is state:
            spans[-1] = Labelled(state, spans[-1].start, span.end, spans[-1].blurred)
        else:
            spans.append(Labelled(state, span.start, span.end, span.blurred))
    return spans


def _short_edges(spans: Sequence[Labelled], window: float) -> set[int]:
    """
    Return the numbers of the spans whose beginning a window need not see.

    A short span is taken out with both of its edges, so that its neighbours become one; of
    several in a row the first goes first.
    """
    starts = [(n, span.start) for n, span in enumerate(spans)]
    short: set[int] = set()
    place = 1
    while place < len(starts) - 1:
        (n, start), (after, end) = starts[place], starts[place + 1]
        if end - start < window:
            short |= {n, after}
            del starts[place : place + 2]
        else:
            place += 1
    return short


def known(state: MachineState) -> MachineState | None:
    """Return whether the machine runs or is stopped, deep sleep included; None if not known."""
    if state is MachineState.DEEP_SLEEP:
        return MachineState.STOPPED
    return state if state in (MachineState.RUNNING, MachineState.STOPPED) else None
