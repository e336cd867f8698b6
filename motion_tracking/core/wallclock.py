"""
When was it in UTC, going by what a clock on the wall showed?

In autumn an hour is shown twice.  Which of the two is meant is told by order: a clock that goes
back by itself has begun the second.  In spring an hour is left out; a time in it was shown by a
clock that had not been put forward yet.
"""

from datetime import UTC, datetime, timedelta, tzinfo

JITTER = timedelta(seconds=10)
"""By so much a clock that is corrected may go back, at any time of the year."""


class WallClock:
    """
    Reads naive local times, in the order in which they were shown.

    `guessed` counts times of the hour that comes twice which nothing told apart, taken for the
    first; `moved` those of the hour that is left out.
    """

    def __init__(self, zone: tzinfo | None = None) -> None:
        """`zone` is by default the system's."""
        self.guessed = 0
        self.moved = 0
        self.unmoved = 0
        self._zone = zone
        self._last: datetime | None = None
        self._second = False

    def utc(self, shown: datetime, expected: datetime | None = None) -> datetime:
        """
        Return the aware time in UTC.

        Of two that are possible it is the one nearer to `expected`, where that is known, else
        told by order.
        """
        first, second = self._both(shown)
        if first > second:  # no such time
            self.moved += 1
        if first >= second:
            self._last, self._second = shown, False
            return first
        before, self._last = self._last, shown
        if expected is not None:
            self._second = abs(second - expected) < abs(first - expected)
        elif before is None or not self.twice(before) or before.date() != shown.date():
            self._second = False
            self.guessed += 1
        elif shown < before - JITTER:
            self._second = True
        return second if self._second else first

    def stretch(self, start: datetime, end: datetime) -> tuple[datetime, datetime]:
        """
        Return both ends in UTC of a time in which the clock never jumped.

        `unmoved` counts those over which it should have: then the zone is another.
        """
        length = end - start
        if self.twice(start) and not self.twice(end):
            finish = self.utc(end)
            return finish - length, finish
        begin = self.utc(start)
        finish = self.utc(end, begin + length if self.twice(end) else None)
        self.unmoved += finish - begin != length
        return begin, finish

    def twice(self, shown: datetime) -> bool:
        """Whether the clock shows this time twice."""
        first, second = self._both(shown)
        return first < second

    def _both(self, shown: datetime) -> tuple[datetime, datetime]:
        """Return what it is at first, and what it is an hour later if it is shown again."""
        first, second = (self._zoned(shown.replace(fold=fold)) for fold in (0, 1))
        return first, second

    def _zoned(self, shown: datetime) -> datetime:
        if self._zone is not None:
            shown = shown.replace(tzinfo=self._zone)
        return shown.astimezone(UTC)
