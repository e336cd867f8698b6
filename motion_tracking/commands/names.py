"""
Which names does a shell offer where a camera is asked for?
"""

from motion_tracking.commands.configuration import configured
from motion_tracking.console import Settings


def names(settings: Settings) -> list[str]:
    """Return the names of all sound cameras."""
    return list(configured(settings, needed=False).cameras)
