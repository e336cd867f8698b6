"""
A drawn machine on a bench, which can be calibrated: as much as the calibration page asks for.

    bench = Bench(tmp_path)
    bench.runs = False    # somebody has stopped the machine

Scores are those of the `difference` detector, and what is saved goes into a real config_cam.ini.
"""

import threading
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from motion_tracking.capture.clock import system_now
from motion_tracking.config.writing import changed_bytes, difference, read_bytes, write_values
from motion_tracking.core.detectors import open_detector
from motion_tracking.core.machine import MachineState
from motion_tracking.core.motion import Frame, Polygon, Roi
from motion_tracking.core.sampling import Sampler
from motion_tracking.simulator.scenes import Noise, Press

FPS = 12
BINS = 20
INI = "[press1]\nchannel=802  ; by the door\n\n[feeder1]\nchannel=802\n"


@dataclass(frozen=True)
class Proposal:
    roi: Roi
    separation: float


@dataclass(frozen=True)
class Live:
    at: float
    score: int
    threshold: int


@dataclass(frozen=True)
class Progress:
    part: float
    live: Live | None


@dataclass(frozen=True)
class Advice:
    text: str
    hint: str


@dataclass(frozen=True)
class Outcome:
    threshold: int
    share: float
    margin: float
    expected_error: float | None
    separable: bool
    verdict: str
    warnings: Sequence[Advice]
    edges: Sequence[float]
    running: Sequence[int]
    stopped: Sequence[int]
    decoded: str


class Bench:
    """A press, and a second section on its channel that has no area yet."""

    def __init__(self, folder: Path, ini: str = INI) -> None:
        self.ini = folder / "config_cam.ini"
        self.ini.write_text(ini, encoding="utf-8")
        self.runs = True
        self.broken = False
        """Whether the camera gives no picture."""
        self.scene = Press()
        self.machine = "press1"
        self.machines: dict[str, Roi | None] = {"press1": None, "feeder1": None}
        self.roi: Roi | None = None
        self.size = self.scene.size
        self.ignored: tuple[Polygon, ...] = ()
        self._noise = Noise(self.size)
        self._tick = threading.Event()
        self._phase = 0.0
        self._scores: dict[MachineState, list[int]] = {}
        self._outcome: Outcome | None = None
        self._threshold = 0

    @property
    def recorded(self) -> dict[MachineState, float]:
        return {state: len(scores) / 2 for state, scores in self._scores.items()}

    def ignore(self, shapes: Sequence[Polygon]) -> None:
        self.ignored = tuple(shapes)
        self._forget()

    def take_up(self, machine: str) -> None:
        self.machine, self.roi = machine, self.machines[machine]
        self._forget()

    def picture(self) -> Frame:
        if self.broken:
            raise OSError("press1: the camera does not answer")
        self._phase += 1 / FPS if self.runs else 0.0
        return Frame(self._noise.add(self.scene.draw(self._phase)), *system_now())

    def proposals(self) -> list[Proposal]:
        return [Proposal(self.scene.roi, 3.2), Proposal(Roi(10, 200, 60, 50), 0.4)]

    def choose(self, roi: Roi) -> None:
        if not roi.fits(*self.size):
            raise ValueError("the area ends outside the picture")
        self.roi = self.machines[self.machine] = roi
        self._forget()

    def live(self) -> Live | None:
        return next(self._samples())

    def record(self, state: MachineState, seconds: float) -> Generator[Progress, None, None]:
        scores: list[int] = []
        samples = self._samples()
        while len(scores) < max(2, 2 * seconds):
            live = next(samples)
            if live is not None:
                scores.append(live.score)
            yield Progress(len(scores) / max(2, 2 * seconds), live)
        self._scores[state] = scores

    def judge(self, threshold: int | None = None) -> Outcome:
        running, stopped = (
            self._scores[state] for state in (MachineState.RUNNING, MachineState.STOPPED)
        )
        high, low = float(np.quantile(running, 0.3)), max(stopped)
        self._threshold = round((high + low) / 2) if threshold is None else threshold
        apart = high > 1.5 * low + 50
        edges = np.linspace(0, max(*running, *stopped, 1), BINS + 1)
        missed = sum(score <= self._threshold for score in running)
        wrong = missed + sum(score > self._threshold for score in stopped)
        self._outcome = Outcome(
            self._threshold,
            0.5,
            3.1 if apart else 0.6,
            wrong / (len(running) + len(stopped)) if apart else None,
            apart,
            "Well separated" if apart else "Not separable: running and stopped look alike",
            () if apart else (Advice("Both states score alike.", "Mark a part that moves more."),),
            edges.tolist(),
            np.histogram(running, edges)[0].tolist(),
            np.histogram(stopped, edges)[0].tolist(),
            "decoded: one picture of 17 while nothing changes",
        )
        return self._outcome

    def diff(self) -> str:
        before = read_bytes(self.ini)
        after = changed_bytes(self.ini, before, self.machine, self._values())
        return difference(Path(self.ini.name), before, after)

    def save(self, force: bool = False) -> None:
        write_values(self.ini, self.machine, self._values())

    def _values(self) -> dict[str, str]:
        assert self.roi is not None
        roi = self.roi
        corners = (roi.x, roi.y, roi.x + roi.width, roi.y + roi.height)
        values = dict(zip(("ix", "iy", "ix2", "iy2"), map(str, corners), strict=True))
        return values | {"threshold": str(self._threshold)}

    def _forget(self) -> None:
        self._scores, self._outcome = {}, None

    def _samples(self) -> Generator[Live | None, None, None]:
        """Yield the score of each sample when it is due, None for the first."""
        assert self.roi is not None
        detector = open_detector("difference", self.roi, 50)
        sampler = Sampler(system_now().at)
        while True:
            frame = self.picture()
            if sampler.take(frame.at):
                score = detector.score(frame)
                if score is not None:
                    threshold = self._threshold or self.roi.area // 50
                    yield Live(frame.at, score, threshold)
            self._tick.wait(1 / FPS)
