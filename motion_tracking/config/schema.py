"""
Which keys has a camera, what may they be, and what do they mean?

With `plant_schema` and `shift_schema`, each for another file, the one table behind reading,
checking, the environment variables and `docs/configuration.md`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from motion_tracking.config import values
from motion_tracking.config.address import CHANNEL, RTSP_URL
from motion_tracking.config.values import Kind
from motion_tracking.core.heads import Sampling

CAMERA_FILE = "config_cam.ini"
DEFAULTS = "defaults"

OWN_KEYS = frozenset(
    {"channel", "url", "machineid", "ix", "iy", "ix2", "iy2", "calibration", "mask", "mask_file"}
)
"""Keys of a camera that make no sense in `[defaults]`."""

CAMERA_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_DEVICES = re.compile(r"(?i:con|prn|aux|nul|com[0-9]|lpt[0-9])")


@dataclass(frozen=True, slots=True)
class Key:
    """
    One key of a section.

    A `secret` value is never shown.  A wrong value of a `lenient` key is only warned of: the old
    tool never read it, so its files may hold anything there.
    """

    name: str
    kind: Kind
    meaning: str
    example: str
    default: Any = None
    secret: bool = False
    lenient: bool = False
    aliases: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The name, and the others it goes by."""
        return (self.name, *self.aliases)


def camera_keys(detectors: Iterable[str] = ("difference", "calibrated")) -> tuple[Key, ...]:
    """Return the keys of a camera, and of `[defaults]`, where these detectors exist."""
    pixel = values.whole(0)
    return (
        Key("channel", CHANNEL, "Where the pictures come from: see the forms below.", "802"),
        Key(
            "url",
            RTSP_URL,
            "Full address, instead of a channel.",
            "rtsp://10.0.0.7/live",
            None,
            True,
        ),
        Key("threshold", values.whole(0), "Score above which a picture counts as moving.", "500"),
        Key(
            "failrate",
            values.FAILRATE,
            "Wrongly judged pictures at calibration.",
            "0.5%",
            lenient=True,
        ),
        Key("ix", pixel, "Area to watch: left or right edge, in pixels.", "120"),
        Key("iy", pixel, "Area to watch: upper or lower edge.", "80"),
        Key("ix2", pixel, "Area to watch: the edge opposite to `ix`.", "310"),
        Key("iy2", pixel, "Area to watch: the edge opposite to `iy`.", "260"),
        Key(
            "machineid",
            values.whole(0),
            "Number of the machine in the plant's own system; 0 is none.",
            "17",
            0,
        ),
        Key(
            "enabled", values.YES_NO, "`no` leaves the camera out when all are started.", "no", True
        ),
        Key(
            "share",
            values.share(0.02, 0.8),
            "Part of the window that must move for running.",
            "0.3",
            0.5,
        ),
        Key(
            "window_seconds",
            values.number(5, 600),
            "Seconds over which movement is judged: at least two cycles of the machine.",
            "60",
            30.0,
        ),
        Key(
            "deep_sleep_minutes",
            values.number(0.1, 1440),
            "Minutes after which a stop is a deep sleep.",
            "45",
            20.0,
        ),
        Key(
            "frame",
            values.SIZE,
            "Size of the picture that the area was drawn in; in another it means nothing.",
            "704x576",
        ),
        Key(
            "pixel_threshold",
            values.whole(1, 255),
            "Grey levels by which a pixel must change to count.",
            "30",
            50,
        ),
        Key(
            "detector",
            values.one_of(*detectors),
            "How movement is measured.",
            "difference",
            "difference",
        ),
        Key(
            "sampling",
            values.one_of(*Sampling),
            "How much of the video is decoded: `auto` takes what `init` has shown to do.",
            "all",
            "auto",
        ),
        Key(
            "calibration",
            values.CALIBRATION,
            "Which calibration threshold and share are of; `init` writes it. Without it, any.",
            "9f02c4d1",
        ),
        Key(
            "mask",
            values.SHAPES,
            "Parts of the picture to ignore, in its pixels.",
            "10,20 110,80 | 5,5 60,5 30,90",
        ),
        Key(
            "mask_file",
            values.FILE,
            "A PGM or PNG picture whose dark parts are ignored; it is stretched to the camera's.",
            "masks/press1.png",
        ),
        Key(
            "clips",
            values.TRIGGERS,
            "Of which events video is kept; those of `[clips]` if not set.",
            "stop start",
        ),
        Key(
            "transport",
            values.one_of("tcp", "udp"),
            "How the pictures travel; that of `[stream]` if not set.",
            "udp",
        ),
    )


CAMERA = camera_keys()


def refused_name(name: str) -> str:
    """Return what is wrong with the name of a camera; empty when nothing is."""
    if not CAMERA_NAME.fullmatch(name):
        return "a camera's name must be 1 to 64 of the letters A-Z a-z 0-9 _ -"
    if name.lower() in (DEFAULTS, "default"):
        return "this name is kept for what holds for all cameras; take another"
    if _DEVICES.fullmatch(name):
        return "Windows keeps this name for a device; take another"
    return ""
