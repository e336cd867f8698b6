"""
Nuisances: what changes a picture although the machine does nothing, or hides what it does.

A nuisance is built for a setting, plans when it acts, and changes pictures at these times only.
To add one, write a class and one line in `NUISANCES`; `tests/test_scenarios.py` finds it.
"""

from bisect import bisect_right
from dataclasses import dataclass
from enum import IntEnum
from importlib import import_module
from typing import ClassVar, NamedTuple, cast

import numpy as np

from motion_tracking.core.motion import Grey, Roi


class Stage(IntEnum):
    """Where between the hall and the recorder a nuisance comes in; in this order."""

    HALL = 0  # before the lens
    LENS = 1  # what the lens and the sensor make of it
    CAMERA = 2  # drawn over the picture, noise and all
    RECORDER = 3  # what the recorder makes of the stream


class Span(NamedTuple):
    """Seconds of the film."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and when: size (width, height) of the picture, the ROI, and the seconds to disturb."""

    size: tuple[int, int]
    roi: Roi
    start: float
    end: float


class Nuisance:
    """
    Acts in each of its `spans`; a class says how often, and what it does to a picture.

    `gap` and `lasts` are the seconds between two spans, and of one.  `hides` says that the
    machine cannot be seen meanwhile.
    """

    stage: ClassVar[Stage] = Stage.HALL
    words: ClassVar[str]
    gap: ClassVar[tuple[float, float]]
    lasts: ClassVar[tuple[float, float]]
    hides: ClassVar[bool] = False

    def __init__(self, setting: Setting, random: np.random.Generator) -> None:
        """Plan everything; `random` makes it one of a kind."""
        self.setting = setting
        self.random = random
        self.spans = self.plan()
        self._starts = [span.start for span in self.spans]

    def plan(self) -> list[Span]:
        """Spread spans over the setting's time."""
        spans: list[Span] = []
        at = self.setting.start + self.random.uniform(0.2, 1.0) * self.gap[1]
        while (end := at + self.random.uniform(*self.lasts)) < self.setting.end:
            spans.append(Span(at, end))
            at = end + self.random.uniform(*self.gap)
        return spans

    def now(self, at: float) -> int | None:
        """Return the number of the span that `at` falls into."""
        n = bisect_right(self._starts, at) - 1
        return n if n >= 0 and at < self.spans[n].end else None

    def furnish(self, hall: Grey) -> None:
        """Draw into the empty hall what is there all the time, calibration included."""

    def change(self, picture: Grey, at: float) -> Grey:
        """Return the picture as it is at `at`, (height, width); may write into the one given."""
        n = self.now(at)
        return picture if n is None else self.act(picture, at, n)

    def act(self, picture: Grey, at: float, n: int) -> Grey:
        """Change a picture within span `n`."""
        raise NotImplementedError

    def noise(self, at: float) -> float:
        """By which factor the noise of the sensor grows."""
        return 1.0


_HERE = "motion_tracking.simulator.nuisances"

NUISANCES = {
    "people": f"{_HERE}.people:People",
    "bystander": f"{_HERE}.people:Bystander",
    "forklift": f"{_HERE}.forklift:Forklift",
    "neighbour": f"{_HERE}.neighbour:Neighbour",
    "lamp": f"{_HERE}.light:Lamp",
    "light_steps": f"{_HERE}.light:LightSteps",
    "flicker": f"{_HERE}.light:Flicker",
    "exposure": f"{_HERE}.lens:Exposure",
    "shake": f"{_HERE}.lens:Shake",
    "nightfall": f"{_HERE}.night:Nightfall",
    "infrared": f"{_HERE}.night:Infrared",
    "clock": f"{_HERE}.overlay:Clock",
    "moved": f"{_HERE}.view:Moved",
    "covered": f"{_HERE}.view:Covered",
    "blurred": f"{_HERE}.view:Blurred",
    "frozen": f"{_HERE}.recorder:Frozen",
    "placard": f"{_HERE}.recorder:Placard",
}


def build_nuisance(name: str, setting: Setting, random: np.random.Generator) -> Nuisance:
    """Build the nuisance of a name in `NUISANCES`."""
    module, _, cls = NUISANCES[name].partition(":")
    return cast(Nuisance, getattr(import_module(module), cls)(setting, random))
