"""
How is a machine learned from a recording?
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from motion_tracking.capture import SourceError
from motion_tracking.capture.clock import Moment
from motion_tracking.capture.file import FileSource
from motion_tracking.commands.labels import Span, Spans
from motion_tracking.console import Failure
from motion_tracking.core.calibration import CANDIDATES, Learned, Observation, Observer, learn
from motion_tracking.core.motion import Grey, Roi
from motion_tracking.core.sampling import Sampler

START = Moment(0.0, 0.0)


@dataclass(slots=True)
class _State:
    span: Span
    samples: list[Observation] = field(default_factory=list)
    picture: Grey | None = None

    def covers(self, at: float) -> bool:
        return self.span[0] <= at < self.span[1]


def learned(video: Path, rois: Iterable[Roi], spans: Spans) -> list[Learned]:
    """
    Learn the machine in each ROI from one decoding; spans in seconds of the video.

    Raise `SourceError` for a video that cannot be read, `CalibrationError` for spans that teach
    nothing, `ValueError` for a ROI that leaves the picture.
    """
    rois = list(rois)
    observers: list[Observer] = []
    running = [_State(spans.running) for _ in rois]
    stopped = [_State(spans.stopped) for _ in rois]
    end = max(spans.running[1], spans.stopped[1])
    sampler = Sampler(START.at, CANDIDATES)
    try:
        for frame in FileSource(str(video), lambda: START, paced=False).frames():
            if frame.at > end:
                break
            sample = sampler.pick(frame)
            if sample is None:
                continue
            observers = observers or [_observer(roi, frame.size) for roi in rois]
            for states in (running, stopped):
                for state, observer in zip(states, observers, strict=True):
                    if state.covers(sample.at):
                        state.samples.append(observer.observe(sample))
                        state.picture = observer.picture
    except SourceError as error:
        if not observers:
            raise
        del error  # the end of the file, or of what can be read of it
    return [
        learn(observer.patch, ran.samples, stood.samples, (_shown(ran), _shown(stood)))
        for observer, ran, stood in zip(observers, running, stopped, strict=True)
    ]


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


def _shown(state: _State) -> Grey:
    import numpy as np

    return state.picture if state.picture is not None else np.zeros((1, 1), np.uint8)
