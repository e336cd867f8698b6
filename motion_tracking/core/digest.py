"""
What is there to report of each machine of a plant in some time?

The data that every output draws, computed once: figures by shift, day and week, stops with their
reasons, where the time went, and at which hours the machine ran.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo

from motion_tracking.core.figures import Figures, Limits
from motion_tracking.core.intervals import Interval
from motion_tracking.core.pareto import Bar
from motion_tracking.core.shifts import ShiftSpan
from motion_tracking.core.stops import Stop


@dataclass(frozen=True, slots=True)
class HeatRow:
    """
    The utilisation of a machine in each hour of a day, or of all days of one weekday.

    `hours` are 24, from midnight local time on, None where nothing was seen; in the hour that
    comes twice in autumn both are one.  `label` is a day, or the number of a weekday, Monday 0.
    """

    label: date | int
    hours: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class ScorePoint:
    """The scores of a piece of time: of `samples` the part `moving` moved; `at` is its start."""

    at: datetime
    lowest: int
    highest: int
    mean: float
    moving: float


@dataclass(frozen=True, slots=True)
class MachineReport:
    """
    All about one machine.

    `tiles` tile the time from `start` to `end`.  `figures` are those of planned time; `everything`
    those of all time, without its stops.  `stops` are all that touch the time, also unplanned and
    too short ones, in order.  `days` are production days, `weeks` their ISO year and week.
    `threshold` and `scores` are for the motion curve, which is there for a few days only.
    `imported_until` is the end of what came from another program's logs.
    """

    machine: str
    start: datetime
    end: datetime
    tiles: tuple[Interval[datetime], ...]
    stops: tuple[Stop, ...]
    figures: Figures
    everything: Figures
    shifts: tuple[tuple[ShiftSpan, Figures], ...]
    days: tuple[tuple[date, Figures], ...]
    weeks: tuple[tuple[tuple[int, int], Figures], ...]
    by_reason: tuple[Bar, ...]
    by_length: tuple[Bar, ...]
    heat: tuple[HeatRow, ...]
    scores: tuple[ScorePoint, ...] = ()
    threshold: int | None = None
    imported_until: datetime | None = None

    @property
    def calendar_utilisation(self) -> float | None:
        """Running / all time asked for, planned or not, seen or not."""
        whole = self.everything.planned
        return self.everything.running / whole if whole else None


@dataclass(frozen=True, slots=True)
class PlantReport:
    """
    All machines of a site.  Times are aware, in UTC; `zone` is where people read them.

    Without `has_calendar` nothing is said of availability.  `figures` are all machines together.
    """

    site: str
    zone: tzinfo
    start: datetime
    end: datetime
    made_at: datetime
    has_calendar: bool
    machines: tuple[MachineReport, ...]
    limits: Limits = field(default_factory=Limits)

    @property
    def zone_name(self) -> str:
        """The zone as people call it: its IANA name, if the calendar says one."""
        return str(self.zone)

    @property
    def figures(self) -> Figures:
        """Return what all machines come to together."""
        whole = Figures(scheduled=self.has_calendar, least_coverage=self.limits.coverage)
        for machine in self.machines:
            whole += machine.figures
        return whole
