"""
Which time does the clock on the wall show where nobody says in which zone it hangs?
"""

from datetime import UTC, datetime, timedelta, tzinfo


class ComputersZone(tzinfo):
    """The time zone that this computer is set to, with its changes over the year."""

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        return None if moment is None else self._local(moment).utcoffset()

    def dst(self, moment: datetime | None) -> timedelta | None:
        return None

    def tzname(self, moment: datetime | None) -> str | None:
        return None if moment is None else self._local(moment).tzname()

    def fromutc(self, moment: datetime) -> datetime:
        known = moment.replace(tzinfo=UTC).astimezone()
        ours = known.replace(tzinfo=self)
        # of an hour that comes twice, the second
        return ours if ours.utcoffset() == known.utcoffset() else ours.replace(fold=1)

    def __str__(self) -> str:
        return "local time"

    @staticmethod
    def _local(moment: datetime) -> datetime:
        return moment.replace(tzinfo=None).astimezone()
