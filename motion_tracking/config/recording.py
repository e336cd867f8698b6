"""
Of which events is video kept, how much of each, and how much of all?
"""

from collections.abc import Mapping
from dataclasses import dataclass

from motion_tracking.config.cameras import Camera
from motion_tracking.config.settings import Meaning
from motion_tracking.config.values import Amount
from motion_tracking.core.clips import Extent, Trigger


@dataclass(frozen=True, slots=True)
class Recording:
    """What `[clips]` says; `memory` in bytes for each channel."""

    events: frozenset[Trigger]
    pictures: frozenset[Trigger]
    motion_pictures: int
    extent: Extent
    limit: Amount
    days: float
    reserve: Amount
    memory: int

    def of(self, camera: Camera) -> frozenset[Trigger]:
        """Return the events of a camera of which video is kept; none where nothing is."""
        return self.events if camera.clips is None else camera.clips


def make_recording(plant: Mapping[str, Meaning]) -> Recording:
    """Read the section."""
    values = plant["clips"].values
    return Recording(
        events=values["events"],
        pictures=values["pictures"],
        motion_pictures=values["motion_pictures"],
        extent=Extent(values["before"], values["after"], values["longest"], values["length"]),
        limit=values["limit"],
        days=values["days"],
        reserve=values["reserve"],
        memory=values["memory"].bytes,
    )
