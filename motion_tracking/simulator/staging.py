"""
What is to be seen in a scenario at each moment, and what is the truth about it?
"""

from collections.abc import Iterator
from itertools import pairwise
from math import floor
from zlib import crc32

import numpy as np

from motion_tracking.core.machine import MachineState
from motion_tracking.core.motion import Grey, Roi
from motion_tracking.core.truth import Labelled
from motion_tracking.simulator.hall import hall
from motion_tracking.simulator.machines import Pose, build_machine, machine_class
from motion_tracking.simulator.nuisances import Nuisance, Setting, Span, Stage, build_nuisance
from motion_tracking.simulator.scenarios import RoiStyle, Scenario
from motion_tracking.simulator.scenes import Noise
from motion_tracking.simulator.schedule import Schedule

CALIBRATION = 120.0
"""Seconds of the run at the beginning, and of the stop after it, that nothing disturbs."""

_QUIET = 2.0  # seconds at the ends of these that are not offered for calibration


class Staging:
    """A scenario with everything drawn by lot: the same again for the same seed."""

    def __init__(self, scenario: Scenario, seed: int, seconds: float) -> None:
        """Set the scene for a film of `seconds`; no shorter than the calibration."""
        if seconds < 2 * CALIBRATION:
            raise ValueError(f"{seconds} s are too short: calibration takes {2 * CALIBRATION} s")
        self.scenario = scenario
        self.seconds = float(seconds)
        self._seed = seed
        self.schedule = self._plan()
        self._course = _Course(self.schedule, scenario.coast, self.seconds)
        self.box, self.roi = self._place()
        self.machine = build_machine(scenario.machine, self.box, self._lot("machine"))
        setting = Setting(scenario.size, self.roi, 2 * CALIBRATION, self.seconds)
        self.nuisances: list[Nuisance] = sorted(
            (build_nuisance(name, setting, self._lot(name)) for name in scenario.nuisances),
            key=lambda nuisance: nuisance.stage,
        )
        self._hall = hall(scenario.size, self._number("hall"))
        for nuisance in self.nuisances:
            nuisance.furnish(self._hall)
        self.machine.build(self._hall)

    def pictures(self) -> Iterator[Grey]:
        """Yield the whole film, picture by picture; (height, width) uint8, grey levels 0..255."""
        noise = _Grain(self.scenario.size, self._number("noise"), self.scenario.noise)
        for n in range(floor(self.seconds * self.scenario.fps)):
            at = n / self.scenario.fps
            picture = self.scene(at)
            picture = noise.add(picture, max((x.noise(at) for x in self.nuisances), default=1.0))
            for nuisance in self.nuisances:
                if nuisance.stage > Stage.LENS:
                    picture = nuisance.change(picture, at)
            yield picture

    def scene(self, at: float) -> Grey:
        """Return what reaches the sensor at `at`, without noise and what comes after it."""
        picture = self._hall.copy()
        self.machine.paint(picture, Pose(at, self._course.ran(at), self.schedule.running_at(at)))
        for nuisance in self.nuisances:
            if nuisance.stage <= Stage.LENS:
                picture = nuisance.change(picture, at)
        return picture

    def truth(self) -> list[Labelled]:
        """Return what the machine does, and where nobody can see it, tiling the film."""
        hidden = sorted(span for x in self.nuisances if x.hides for span in x.spans)
        cuts = {0.0, self.seconds, *(at for at, _ in self.schedule.edges(self.seconds))}
        cuts |= {moment for span in hidden for moment in span}
        spans: list[Labelled] = []
        for start, end in pairwise(sorted(cuts)):
            state, middle = MachineState.STOPPED, (start + end) / 2
            if any(span.start < middle < span.end for span in hidden):
                state = MachineState.NO_SIGNAL
            elif self.schedule.running_at(middle):
                state = MachineState.RUNNING
            if spans and spans[-1].state is state:
                start = spans.pop().start
            spans.append(Labelled(state, start, end, self._blur(start, state)))
        return spans

    def calibration(self) -> dict[str, Span]:
        """Return the seconds in which it may be watched to learn it, by state."""
        return {
            "running": Span(_QUIET, CALIBRATION - self.scenario.coast - _QUIET),
            "stopped": Span(CALIBRATION + _QUIET, 2 * CALIBRATION - _QUIET),
        }

    def _blur(self, start: float, state: MachineState) -> float:
        stops = (at for at, running in self.schedule.edges(self.seconds) if not running)
        return self.scenario.coast if state is MachineState.STOPPED and start in stops else 0.0

    def _plan(self) -> Schedule:
        lot, turns = self._lot("schedule"), self.scenario.turns
        spans = [CALIBRATION, CALIBRATION]
        while sum(spans) < self.seconds:
            lasts = turns.stops if len(spans) % 2 else turns.runs
            spans.append(round(float(lot.uniform(*lasts)), 2))
        return Schedule(True, tuple(spans))

    def _place(self) -> tuple[Roi, Roi]:
        """Return where the machine stands, and what somebody took for its ROI."""
        lot, (width, height) = self._lot("place"), self.scenario.size
        tall = height * float(lot.uniform(0.27, 0.4))
        wide = min(tall * machine_class(self.scenario.machine).shape, width * 0.42)
        x = float(lot.uniform(0.15 * width, 0.85 * width - wide))
        y = float(lot.uniform(0.25 * height, 0.88 * height - tall))
        box = Roi(round(x), round(y), round(wide), round(tall))
        more = lot.uniform(-0.02, 0.04, 4)
        if self.scenario.roi is RoiStyle.SLOPPY:
            more = 0.2 + lot.uniform(-0.12, 0.12) * np.array([1, 0, -1, 0])
            more += lot.uniform(-0.12, 0.12) * np.array([0, 1, 0, -1])
        left, top, right, bottom = (
            round(part * side) for part, side in zip(more, (wide, tall) * 2, strict=True)
        )
        return box, Roi.from_corners(
            max(0, box.x - left),
            max(0, box.y - top),
            min(width, box.x + box.width + right),
            min(height, box.y + box.height + bottom),
        )

    def _number(self, purpose: str) -> int:
        return crc32(f"{self._seed} {self.scenario.name} {purpose}".encode())

    def _lot(self, purpose: str) -> np.random.Generator:
        return np.random.default_rng(self._number(purpose))


class _Course:
    """How far the machine has come; to each stop it coasts, slower and slower, for `coast` s."""

    def __init__(self, schedule: Schedule, coast: float, seconds: float) -> None:
        self._schedule = schedule
        self._coast = coast
        self._stops = [at for at, running in schedule.edges(seconds + coast) if not running]

    def ran(self, at: float) -> float:
        """Return the seconds at full speed that take it as far."""
        lost = 0.0
        if self._coast:
            late = (min(self._coast, max(0.0, at - stop + self._coast)) for stop in self._stops)
            lost = sum(passed**2 for passed in late) / (2 * self._coast)
        return self._schedule.ran(at) - lost


class _Grain:
    """The noise of a sensor whose gain changes."""

    def __init__(self, size: tuple[int, int], seed: int, deviation: float) -> None:
        self._size, self._seed, self._deviation = size, seed, deviation
        self._sheets: dict[int, Noise] = {}

    def add(self, picture: Grey, factor: float) -> Grey:
        """Return the picture with noise that is `factor` times the sensor's own."""
        step = round(8 * factor)
        if step not in self._sheets:
            self._sheets[step] = Noise(self._size, self._seed + step, self._deviation * step / 8)
        return self._sheets[step].add(picture)
