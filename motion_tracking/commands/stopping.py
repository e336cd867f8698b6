"""
How is it said to other programs when a machine stopped, for how long, and why?
"""

from datetime import tzinfo
from typing import Any

from motion_tracking.core.stops import Stop


def stop_fields(stop: Stop, zone: tzinfo) -> dict[str, Any]:
    """Say it in the words of `motion-track reason --json`; `seconds` are those seen standing."""
    return {
        "machine": stop.machine,
        "start": stop.start.astimezone(zone).isoformat(),
        "end": None if stop.ongoing else stop.end.astimezone(zone).isoformat(),
        "seconds": stop.seconds,
        **reason_fields(stop, zone),
    }


def reason_fields(stop: Stop, zone: tzinfo) -> dict[str, Any]:
    """Say why it stopped, and whether it is known for how long."""
    why = stop.why
    return {
        "at_least": not stop.closed,
        "reason": why.reason or None,
        "category": str(why.category),
        "source": str(why.source),
        "by": why.who or None,
        "note": why.note,
        "said_at": why.at.astimezone(zone).isoformat() if why.at else None,
    }
