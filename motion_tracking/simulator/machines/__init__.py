"""
Machines that scenarios film: what stands still of them, what moves, and how.

A machine is built for its box in the picture; `build` draws what never moves into the hall, once,
`paint` what does into each picture.  To add one, write a class and one line in `MACHINES`;
`tests/test_scenarios.py` finds it.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

import numpy as np

from motion_tracking.core.motion import Grey, Roi


@dataclass(frozen=True, slots=True)
class Pose:
    """A moment: `at` seconds of the film, of which the machine `ran` so many, at full speed."""

    at: float
    ran: float
    running: bool


class Machine(Protocol):
    """One machine; what is drawn depends on the arguments only."""

    def build(self, hall: Grey) -> None:
        """Draw what never moves."""

    def paint(self, picture: Grey, pose: Pose) -> None:
        """Draw what moves, as it is at that moment; only inside the box."""


class Builder(Protocol):
    """
    A class of machines; `shape` is the width of its box over its height.

    `box` is where the machine stands, `random` makes it one of a kind.
    """

    shape: float

    def __call__(self, box: Roi, random: np.random.Generator, /) -> Machine: ...


_HERE = "motion_tracking.simulator.machines"

MACHINES = {
    "flywheel": f"{_HERE}.flywheel:Flywheel",
    "dim_flywheel": f"{_HERE}.flywheel:DimFlywheel",
    "alias_flywheel": f"{_HERE}.flywheel:AliasFlywheel",
    "alias_press": f"{_HERE}.press:AliasPress",
    "dwell_press": f"{_HERE}.press:DwellPress",
    "sparse_conveyor": f"{_HERE}.conveyor:SparseConveyor",
    "slow_feed": f"{_HERE}.feed:SlowFeed",
    "vibration": f"{_HERE}.feeder:Vibration",
    "stack_light": f"{_HERE}.stacklight:StackLight",
}


def machine_class(name: str) -> Builder:
    """Return the class of a name in `MACHINES`."""
    module, _, cls = MACHINES[name].partition(":")
    return cast(Builder, getattr(import_module(module), cls))


def build_machine(name: str, box: Roi, random: np.random.Generator) -> Machine:
    """Build the machine of a name in `MACHINES` for its box."""
    return machine_class(name)(box, random)
