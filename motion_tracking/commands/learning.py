"""
How is a machine learned from a recording?
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from motion_tracking.capture import SourceError
from motion_tracking.capture.clock import Moment
from motion_tracking.capture.file import FileSource
from motion_tracking.commands.labels import Span, Spans
from motion_tracking.console import Failure
from motion_tracking.core.calibration import CANDIDATES, Learned, Observation, Observer, learn
from motion_tracking.core.motion import Grey, Roi
from motion_tracking.core.patches import Patch
from motion_tracking.core.sampling import Sampler

START = Moment(0.0, 0.0)


@dataclass(slots=True)
class Recorded:
    """The samples of one area, in a span of each state, and a picture of each."""

    patch: Patch
    running: list[Observation] = field(default_factory=list)
    stopped: list[Observation] = field(default_factory=list)
    pictures: list[Grey] = field(default_factory=list)

    def learn(self) -> Learned:
        """Raise `CalibrationError` where nothing can be learned."""
        first, last = self.pictures or [np.zeros((1, 1), np.uint8)] * 2
        return learn(self.patch, self.running, self.stopped, (first, last))


def recorded(video: Path, roi: Roi, spans: Spans) -> Recorded:
    """
    Collect samples of an area from spans of a video.

    Raise `SourceError` for a video that cannot be read, `ValueError` for a ROI that leaves it.
    """
    sampler = Sampler(START.at, CANDIDATES)
    observer: Observer | None = None
    found: Recorded | None = None
    shown: dict[str, Grey] = {}
    try:
        for frame in FileSource(str(video), lambda: START, paced=False).frames():
            if frame.at > max(spans.running[1], spans.stopped[1]):
                break
            sample = sampler.pick(frame)
            if sample is None:
                continue
            if observer is None or found is None:
                observer = _observer(roi, frame.size)
                found = Recorded(observer.patch)
            if _covers(spans.running, sample.at):
                found.running.append(observer.observe(sample))
                shown["running"] = observer.picture
            if _covers(spans.stopped, sample.at):
                found.stopped.append(observer.observe(sample))
                shown["stopped"] = observer.picture
    except SourceError:
        if found is None:
            raise  # else it is the end of the file, or of what can be read of it
    if found is None:
        raise ValueError(f"{video} ends before the first span")
    if len(shown) == 2:
        found.pictures = [shown["running"], shown["stopped"]]
    return found


def learned(video: Path, roi: Roi, spans: Spans) -> Learned:
    """Learn a machine from spans of a video; raises as `recorded` and `Recorded.learn` do."""
    return recorded(video, roi, spans).learn()


def _covers(span: Span, at: float) -> bool:
    return span[0] <= at < span[1]


def parse_span(text: str) -> Span:
    """Read A-B, each in seconds or as MM:SS; raise `Failure` where it is something else."""
    parts = text.split("-")
    try:
        start, end = (_seconds(part) for part in parts)
    except ValueError:
        start = end = 0.0
    if not 0 <= start < end:
        raise Failure(
            f"{text!r} is no span", "write A-B in seconds or MM:SS, such as 0-60 or 1:10-2:10"
        )
    return start, end


def _seconds(text: str) -> float:
    minutes, colon, seconds = text.strip().rpartition(":")
    return float(seconds) + (60 * int(minutes) if colon else 0)


def _observer(roi: Roi, size: tuple[int, int]) -> Observer:
    if not roi.fits(*size):
        raise ValueError(f"the area leaves the picture of {size[0]}x{size[1]}")
    return Observer(roi, size)
