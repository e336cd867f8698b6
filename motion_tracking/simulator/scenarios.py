"""
Which scenes is the tracker measured by?

A scenario is a machine, what disturbs it, and how it is filmed.  The first two minutes of each
it runs, the next two it is stopped, and nothing disturbs: these are for calibration.  What comes
after that is drawn by lot, from the seed.
"""

from dataclasses import dataclass
from enum import StrEnum

from motion_tracking.simulator.machines import MACHINES
from motion_tracking.simulator.nuisances import NUISANCES
from motion_tracking.simulator.scenes import SIZE


class RoiStyle(StrEnum):
    """How well the ROI was drawn."""

    NEAT = "neat"  # close around the machine
    SLOPPY = "sloppy"  # each side 40 % too long, and not quite in the middle


@dataclass(frozen=True, slots=True)
class Turns:
    """Seconds that a run, and a stop, last after the calibration: from, to."""

    runs: tuple[float, float] = (70.0, 250.0)
    stops: tuple[float, float] = (70.0, 230.0)


@dataclass(frozen=True, slots=True)
class Scenario:
    """
    One scene; raises `ValueError` for a machine or nuisance that there is not.

    `size` is (width, height), `bits` those of a pixel in the encoded film, `noise` the deviation
    of the sensor in grey levels, `coast` the seconds from power off to standstill.
    """

    name: str
    machine: str
    nuisances: tuple[str, ...] = ()
    turns: Turns = Turns()
    roi: RoiStyle = RoiStyle.NEAT
    coast: float = 0.0
    size: tuple[int, int] = SIZE
    fps: int = 12
    bits: float = 0.05
    noise: float = 2.2

    def __post_init__(self) -> None:
        unknown = {self.machine} - set(MACHINES) | set(self.nuisances) - set(NUISANCES)
        if unknown:
            raise ValueError(f"{self.name}: there is no {', no '.join(sorted(unknown))}")


_LISTED = (
    Scenario("flywheel", "flywheel"),
    Scenario("dim_flywheel", "dim_flywheel"),
    Scenario("alias_flywheel", "alias_flywheel"),
    Scenario("alias_press", "alias_press"),
    Scenario("dwell_press", "dwell_press"),
    Scenario("sparse_conveyor", "sparse_conveyor"),
    Scenario("slow_feed", "slow_feed"),
    Scenario("vibration", "vibration"),
    Scenario("stack_light", "stack_light"),
    Scenario("people", "dim_flywheel", ("people",)),
    Scenario("bystander", "alias_press", ("bystander",)),
    Scenario("forklift", "sparse_conveyor", ("forklift",)),
    Scenario("press_shake", "alias_press", ("shake",)),
    Scenario("lighting", "flywheel", ("light_steps", "flicker", "exposure")),
    Scenario("lamp", "slow_feed", ("lamp",)),
    Scenario("infrared_insects", "flywheel", ("infrared",)),
    Scenario("clock", "alias_flywheel", ("clock",)),
    Scenario("low_bitrate", "flywheel", bits=0.05 / 3),
    Scenario("frozen_placard", "dim_flywheel", ("frozen", "placard")),
    Scenario("coast_down", "flywheel", coast=12.0),
    Scenario("short_stops", "flywheel", turns=Turns((40.0, 90.0), (35.0, 80.0))),
    Scenario("slow_camera", "flywheel", ("people",), fps=5),
    Scenario("fast_camera", "alias_press", size=(352, 240), fps=25),
    Scenario("neighbour", "dim_flywheel", ("neighbour",)),
    Scenario("sloppy_press", "dwell_press", ("people",), roi=RoiStyle.SLOPPY),
    Scenario("sloppy_vibration", "vibration", roi=RoiStyle.SLOPPY),
    Scenario("nightfall_flywheel", "flywheel", ("nightfall",)),
    Scenario("nightfall_vibration", "vibration", ("nightfall", "shake")),
    Scenario("nightfall_feed", "slow_feed", ("nightfall",), roi=RoiStyle.SLOPPY),
    Scenario("knocked", "dim_flywheel", ("moved",)),
    Scenario("covered_lens", "alias_press", ("people", "covered")),
    Scenario("out_of_focus", "sparse_conveyor", ("blurred",)),
    Scenario("everything", "alias_press", ("people", "shake", "light_steps", "exposure")),
)

SCENARIOS = {scenario.name: scenario for scenario in _LISTED}
