"""
How is a machine learned from a recording?
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from pathlib import Path

import numpy as np

from motion_tracking.capture import SourceError
from motion_tracking.capture.clock import Moment
from motion_tracking.capture.file import FileSource
from motion_tracking.capture.recording import rhythm
from motion_tracking.commands.labels import Span, Spans
from motion_tracking.console import Failure
from motion_tracking.core.calibration import CANDIDATES, Learned, Observation, Observer, learn
from motion_tracking.core.heads import LONGEST as LONGEST_GROUP
from motion_tracking.core.heads import Group
from motion_tracking.core.masking import NOTHING, Ignored
from motion_tracking.core.motion import Frame, Grey, Roi
from motion_tracking.core.patches import Patch
from motion_tracking.core.sampling import Sampler

START = Moment(0.0, 0.0)

SHORTEST, LONGEST = 120.0, 8 * 3600.0
"""Seconds without labels: both states have to come up, and all samples are looked at together."""


@dataclass(slots=True)
class Recorded:
    """The samples of one area, in a span of each state, and a picture of each."""

    patch: Patch
    running: list[Observation] = field(default_factory=list)
    stopped: list[Observation] = field(default_factory=list)
    pictures: list[Grey] = field(default_factory=list)
    mask: str = ""  # the key of what was ignored
    group: Group | None = None  # how key frames come; None for a `reason`
    reason: str = ""

    def learn(self) -> Learned:
        """Raise `CalibrationError` where nothing can be learned."""
        first, last = self.pictures or [np.zeros((1, 1), np.uint8)] * 2
        found = learn(self.patch, self.running, self.stopped, (first, last))
        return replace(found, profile=replace(found.profile, mask=self.mask))


def samples(
    video: Path, end: float = inf, ignored: Ignored = NOTHING, more: Sequence[float] = ()
) -> Iterator[Frame]:
    """
    Yield the samples of a video up to `end` seconds, each with what calibration compares it to.

    Those are the pictures its lags, and these `more` lags, before.  What is `ignored` is not seen
    in them.

    Raise `SourceError` for a video of which nothing can be read.
    """
    sampler = Sampler(START.at, (*CANDIDATES, *more))
    seen = False
    try:
        for frame in FileSource(str(video), lambda: START, paced=False).frames():
            seen = True
            if frame.at > end:
                return
            sample = sampler.pick(frame)
            if sample is not None:
                yield ignored.hide(sample)
    except SourceError:
        if not seen:
            raise  # else it is the end of the file, or of what can be read of it


def recorded(video: Path, roi: Roi, spans: Spans, ignored: Ignored = NOTHING) -> Recorded:
    """
    Collect samples of an area from spans of a video.

    Raise `SourceError` for a video that cannot be read, `ValueError` for a ROI that leaves it.
    """
    observer: Observer | None = None
    found: Recorded | None = None
    shown: dict[str, Grey] = {}
    group, reason = rhythm(str(video))
    more = group.lags if group is not None and group.seconds <= LONGEST_GROUP else ()
    for sample in samples(video, max(spans.running[1], spans.stopped[1]), ignored, more):
        if observer is None or found is None:
            observer = _observer(roi, sample.size, more)
            found = Recorded(observer.patch, mask=ignored.key, group=group, reason=reason)
        if covers(spans.running, sample.at):
            found.running.append(observer.observe(sample))
            shown["running"] = observer.picture
        if covers(spans.stopped, sample.at):
            found.stopped.append(observer.observe(sample))
            shown["stopped"] = observer.picture
    if found is None:
        raise ValueError(f"{video} ends before the first span")
    if len(shown) == 2:
        found.pictures = [shown["running"], shown["stopped"]]
    return found


def learned(video: Path, roi: Roi, spans: Spans, ignored: Ignored = NOTHING) -> Learned:
    """Learn a machine from spans of a video; raises as `recorded` and `Recorded.learn` do."""
    return recorded(video, roi, spans, ignored).learn()


def covers(span: Span, at: float) -> bool:
    """Whether a moment lies in a span."""
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


def parse_duration(text: str) -> float:
    """Read 90, 90s, 30m or 2h as seconds; raise `Failure` where it is something else."""
    unit = {"s": 1.0, "m": 60.0, "h": 3600.0}.get(text[-1:].lower())
    try:
        seconds = float(text if unit is None else text[:-1]) * (unit or 1.0)
    except ValueError:
        seconds = 0.0
    if not SHORTEST <= seconds <= LONGEST:
        raise Failure(
            f"{text!r} is no time to learn in",
            f"write seconds, or 30m, or 1.5h: at least {SHORTEST / 60:.0f}m,"
            f" and at most {LONGEST / 3600:.0f}h",
        )
    return seconds


def _seconds(text: str) -> float:
    minutes, colon, seconds = text.strip().rpartition(":")
    return float(seconds) + (60 * int(minutes) if colon else 0)


def _observer(roi: Roi, size: tuple[int, int], more: Sequence[float]) -> Observer:
    if not roi.fits(*size):
        raise ValueError(f"the area leaves the picture of {size[0]}x{size[1]}")
    return Observer(roi, size, more)
