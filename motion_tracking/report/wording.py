"""
How are times, shares and lengths said in a report?

In words of the shop floor, and in the site's own time; data files have their own way, in which
every time has its offset and every length is in seconds.
"""

from datetime import date, datetime, timedelta, tzinfo

from motion_tracking.core.changes import human_duration, human_limit

NOTHING = "–"
"""What stands where there is no figure."""


WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def percent(share: float | None) -> str:
    """Say a share; 100% and 0% are only what is exactly so."""
    if share is None:
        return NOTHING
    if 0 < share < 1:
        share = min(max(share, 0.001), 0.999)
    return f"{share:.1%}"


def length(time: timedelta | None) -> str:
    """Say a duration; the hours of a week's work stay hours: 93h 20m."""
    if time is None:
        return NOTHING
    hours, rest = divmod(time, timedelta(hours=1))
    if hours < 24:
        return human_duration(time.total_seconds())
    return f"{hours:,}h {rest // timedelta(minutes=1):02}m"


def limit(time: timedelta) -> str:
    """Say a length that somebody has set: 5 min, 15 s."""
    return human_limit(time.total_seconds())


def day_text(day: date) -> str:
    """Say a day: Mon 16 Nov."""
    return f"{day:%a} {day.day} {day:%b}"


def week_text(week: tuple[int, int]) -> str:
    """Say a week, by its ISO year and number: week 47."""
    return f"week {week[1]}, {week[0]}"


def moment_text(at: datetime, zone: tzinfo) -> str:
    """Say a moment in local time: Mon 16 Nov 2026, 06:00."""
    local = at.astimezone(zone)
    return f"{day_text(local)} {local.year}, {local:%H:%M}"


def clock(at: datetime, zone: tzinfo, seconds: bool = False) -> str:
    """Say the local time of day."""
    return f"{at.astimezone(zone):{'%H:%M:%S' if seconds else '%H:%M'}}"


def span_text(start: datetime, end: datetime, zone: tzinfo) -> str:
    """Say from when to when, the day once where it is one."""
    first, last = start.astimezone(zone), end.astimezone(zone)
    until = clock(end, zone) if first.date() == last.date() else moment_text(end, zone)
    return f"{moment_text(start, zone)} – {until}"


def title_text(start: datetime, end: datetime, zone: tzinfo) -> str:
    """Name a period in as few words as possible: Mon 16 Nov 2026, 16 – 22 Nov 2026."""
    # what ends in the small hours belongs to the day before, as its last shift does
    first = start.astimezone(zone).date()
    last = max(first, (end.astimezone(zone) - timedelta(hours=12)).date())
    if first == last:
        return f"{day_text(first)} {first.year}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} – {last.day} {last:%b %Y}"
    year = "" if first.year == last.year else f" {first.year}"
    return f"{first.day} {first:%b}{year} – {last.day} {last:%b %Y}"


def heading(site: str) -> str:
    """Say whose report it is; a plant that was not named is called `site`."""
    return "Machine report" if site == "site" else f"Machine report · {site}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """Say how many: 1 stop, 4 stops."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
