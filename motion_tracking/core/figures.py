"""
What do the times and stops of a machine come to: availability, coverage, mean times?

Figures of shifts add up to those of a day, those of days to those of a week: times are exact, and
a stop is counted once, where it began.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from motion_tracking.core.reasons import Category
from motion_tracking.core.stops import Stop

NONE = timedelta()


@dataclass(frozen=True, slots=True)
class Limits:
    """From which coverage on availability is said, which stops are micro, which are none."""

    coverage: float = 0.9
    micro: timedelta = timedelta(minutes=5)
    shortest: timedelta = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Tally:
    """
    Stops that began in some planned time, and what of planned time they cost.

    `closed` are those whose length is known, `failures` those whose reason is one, `mended` the
    closed ones of these, `micro` the closed ones below the limit.  `longest` is what one stop cost
    at most, also one that began before planned time; it is `longest_open` where its length is not
    known.
    """

    stops: int = 0
    closed: int = 0
    closed_time: timedelta = NONE
    failures: int = 0
    mended: int = 0
    mended_time: timedelta = NONE
    micro: int = 0
    micro_time: timedelta = NONE
    longest: timedelta = NONE
    longest_open: bool = False

    def __add__(self, other: "Tally") -> "Tally":
        longer = max(self, other, key=lambda tally: tally.longest)
        return Tally(
            self.stops + other.stops,
            self.closed + other.closed,
            self.closed_time + other.closed_time,
            self.failures + other.failures,
            self.mended + other.mended,
            self.mended_time + other.mended_time,
            self.micro + other.micro,
            self.micro_time + other.micro_time,
            longer.longest,
            longer.longest_open,
        )


NOTHING = Tally()


@dataclass(frozen=True, slots=True)
class Figures:
    """
    What some planned time came to.  `running`, `stopped` and `unseen` add up to `planned`.

    Where no shift calendar says what is planned, `scheduled` is False: `planned` is then all of
    the time, and nothing is said of availability.  Shares are from 0 to 1, or None where they
    would mean nothing.
    """

    running: timedelta = NONE
    stopped: timedelta = NONE
    unseen: timedelta = NONE
    tally: Tally = NOTHING
    scheduled: bool = True
    least_coverage: float = 0.9

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            self.running + other.running,
            self.stopped + other.stopped,
            self.unseen + other.unseen,
            self.tally + other.tally,
            self.scheduled and other.scheduled,
            self.least_coverage,
        )

    @property
    def planned(self) -> timedelta:
        """P, the time in which the machine should have run."""
        return self.running + self.stopped + self.unseen

    @property
    def seen(self) -> timedelta:
        """R + S."""
        return self.running + self.stopped

    @property
    def coverage(self) -> float | None:
        """(R + S) / P."""
        return self.seen / self.planned if self.planned else None

    @property
    def covered(self) -> bool:
        """Whether enough was seen to say more than bounds."""
        return self.coverage is not None and self.coverage >= self.least_coverage

    @property
    def availability(self) -> float | None:
        """R / P; None without a calendar, and where too little was seen."""
        return self.lowest if self.covered else None

    @property
    def lowest(self) -> float | None:
        """R / P: the availability if the machine stood whenever it was not seen."""
        return self.running / self.planned if self.scheduled and self.planned else None

    @property
    def highest(self) -> float | None:
        """(R + U) / P: the availability if the machine ran whenever it was not seen."""
        if not self.scheduled or not self.planned:
            return None
        return (self.running + self.unseen) / self.planned

    @property
    def utilisation(self) -> float | None:
        """R / (R + S), of the time that was seen."""
        return self.running / self.seen if self.seen else None

    @property
    def mtbs(self) -> timedelta | None:
        """R / N: mean running time between stops."""
        return self.running / self.tally.stops if self.tally.stops else None

    @property
    def mean_downtime(self) -> timedelta | None:
        """Mean of the planned time that a stop cost, of those whose length is known."""
        return self.tally.closed_time / self.tally.closed if self.tally.closed else None

    @property
    def mtbf(self) -> timedelta | None:
        """R / number of failures."""
        return self.running / self.tally.failures if self.tally.failures else None

    @property
    def mttr(self) -> timedelta | None:
        """Mean planned time from a failure to running again, waiting included."""
        return self.tally.mended_time / self.tally.mended if self.tally.mended else None


def tally(stops: Iterable[Stop], limits: Limits, earlier: Iterable[Stop] = ()) -> Tally:
    """
    Count stops, all of which began in planned time, but for those too short to count.

    Of the `earlier` ones, which began before it, only the longest is of interest.
    """
    counted = [stop for stop in stops if stop.seen >= limits.shortest]
    costly = [*counted, *(stop for stop in earlier if stop.seen >= limits.shortest)]
    if not costly:
        return NOTHING
    closed = [stop for stop in counted if stop.closed]
    failures = [stop for stop in counted if stop.why.category is Category.FAILURE]
    mended = [stop for stop in failures if stop.closed]
    micro = [stop for stop in closed if stop.seen < limits.micro]
    longest = max(costly, key=lambda stop: stop.lost)
    return Tally(
        stops=len(counted),
        closed=len(closed),
        closed_time=_lost(closed),
        failures=len(failures),
        mended=len(mended),
        mended_time=_lost(mended),
        micro=len(micro),
        micro_time=_lost(micro),
        longest=longest.lost,
        longest_open=not longest.closed,
    )


def _lost(stops: Iterable[Stop]) -> timedelta:
    return sum((stop.lost for stop in stops), NONE)
