"""
What did people see in a clip: which areas, and when did the machine in each run?
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from motion_tracking.core.machine import MachineState
from motion_tracking.core.truth import Labelled

STATES = {
    state.value: state
    for state in (MachineState.RUNNING, MachineState.STOPPED, MachineState.NO_SIGNAL)
}

Span = tuple[float, float]
"""From and to, in seconds of the clip."""

LEARNED = 60.0
"""Seconds of each state that are learned from, where the labels do not say which."""

LEAST = 20.0
"""Seconds of a state on less of which nothing is learned."""

SETTLING, MARGIN = 5.0, 2.0
"""Seconds after and before a change that are not learned from: labels are set by eye."""


class LabelError(ValueError):
    """Labels make no sense; the text says where."""


@dataclass(frozen=True, slots=True)
class Spans:
    """A time in which the machine surely runs, and one in which it surely stands."""

    running: Span
    stopped: Span


@dataclass(frozen=True, slots=True)
class Area:
    """
    One labelled area; `corners` in pixels, `truth` oldest first.

    `calibration` is None where it never runs, or never stands, for long enough to learn from.
    What comes before `judged_from` is left out of account; None takes all into account.
    """

    name: str
    corners: tuple[int, int, int, int]
    truth: tuple[Labelled, ...]
    calibration: Spans | None = None
    judged_from: float | None = None


def read_labels(path: Path) -> list[Area]:
    """Read NAME.json; raise `LabelError` where it is not what it should be."""
    try:
        labels = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise LabelError(f"cannot be read: {error.strerror}") from None
    except ValueError:
        raise LabelError("is not JSON") from None
    rois = labels.get("rois") if isinstance(labels, dict) else None
    if not isinstance(rois, list) or not rois:
        raise LabelError("names no `rois`")
    return [_area(roi, n) for n, roi in enumerate(rois)]


def _area(roi: Any, number: int) -> Area:
    name = str(roi.get("name", number)) if isinstance(roi, dict) else str(number)
    try:
        x, y, x2, y2 = (int(edge) for edge in roi["roi"])
        spans = [(float(start), float(end), STATES[state]) for start, end, state in roi["states"]]
        blurs = {float(end): float(end) - float(start) for start, end in roi.get("blurred_s", ())}
        named = {state: _span(span) for state, span in roi.get("calibration_s", {}).items()}
        judged_from = None if "judged_from_s" not in roi else float(roi["judged_from_s"])
        calibration = Spans(named["running"], named["stopped"]) if named else None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        what = repr(error.args[0]) if isinstance(error, KeyError) else error
        raise LabelError(f"area {name} is not as it should be: {what}") from None
    if not spans:
        raise LabelError(f"area {name}: no `states`")
    truth = tuple(_truth(spans, blurs, name))
    return Area(name, (x, y, x2, y2), truth, calibration or _settled(truth), judged_from)


def _span(given: Any) -> Span:
    start, end = (float(at) for at in given)
    return start, end


def _truth(
    spans: list[tuple[float, float, MachineState]], blurs: dict[float, float], name: str
) -> Iterator[Labelled]:
    """Yield the spans; what lies between two is not known, and the next begins within it."""
    if any(not 0 <= start < end for start, end, _ in spans):
        raise LabelError(f"area {name}: a span must end after its start")
    if any(after[0] < before[1] for before, after in pairwise(spans)):
        raise LabelError(f"area {name}: a span begins before the one above it ends")
    known_until = spans[0][0]
    for start, end, state in spans:
        yield Labelled(state, start, end, max(start - known_until, blurs.get(start, 0.0)))
        known_until = end


def _settled(truth: Sequence[Labelled]) -> Spans | None:
    """Find the first spans of both states that are long enough, without what is near a change."""
    found: dict[MachineState, Span] = {}
    for number, span in enumerate(truth):
        start = span.start + (SETTLING if number else 0.0)
        end = min(span.end - MARGIN, start + LEARNED)
        if end - start >= LEAST:
            found.setdefault(span.state, (start, end))
    if MachineState.RUNNING in found and MachineState.STOPPED in found:
        return Spans(found[MachineState.RUNNING], found[MachineState.STOPPED])
    return None
