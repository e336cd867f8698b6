"""
Which keys are there, what may they be, and what do they mean?

The one table behind reading, checking, the environment variables and `docs/configuration.md`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from motion_tracking.config import values
from motion_tracking.config.address import CHANNEL, HIKVISION_PATH, PATH, RTSP_URL
from motion_tracking.config.values import Kind
from motion_tracking.core.changes import Event

CAMERA_FILE = "config_cam.ini"
PLANT_FILE = "config_stream.ini"
OLD_FILE = "config_network.ini"  # where the old tool had [ifttt] and [factsystem]
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


def _events(notifier: str, default: Iterable[Event]) -> Key:
    return Key(
        notifier,
        values.EVENTS,
        f"Of which changes to tell by {_NOTIFIER_NAMES[notifier]}.",
        "stop start no_signal",
        frozenset(default),
    )


_NOTIFIER_NAMES = {
    "log": "a line in the program's log",
    "toast": "a Windows notification",
    "ifttt": "IFTTT, once `[ifttt]` is filled in",
    "webhook": "HTTP, once `[webhook]` is filled in",
    "factsystem": "the plant's own system, once `[factsystem]` is filled in",
    "email": "e-mail, once `[email]` is filled in",
}

NOTIFIERS = {
    "log": (),
    "toast": (),
    "ifttt": ("ifttt_key", "ifttt_event"),
    "webhook": ("url",),
    "factsystem": ("api_url",),
    "email": ("host", "sender", "recipients"),
}
"""The notifiers, and the keys of their section without which they stay silent."""

_SLEEP = (Event.DEEP_SLEEP, Event.WAKE_UP)

PLANT = {
    "stream": (
        Key(
            "ip_address",
            values.HOST,
            "The recorder (NVR), or the camera where there is none.",
            "192.168.1.64",
            aliases=("host",),
        ),
        Key("port", values.whole(1, 65535), "Its RTSP port.", "554", 554),
        Key(
            "username", values.TEXT, "User of the recorder; best one that may only watch.", "viewer"
        ),
        Key(
            "password",
            values.TEXT,
            "That user's password; any character is allowed.",
            "YOUR_STREAM_PASSWORD",
            secret=True,
        ),
        Key(
            "path",
            PATH,
            "What follows the address; `{channel}` is the camera's channel.",
            HIKVISION_PATH,
            HIKVISION_PATH,
        ),
        Key(
            "transport",
            values.one_of("tcp", "udp"),
            "How the pictures travel; udp only where tcp fails.",
            "tcp",
            "tcp",
        ),
    ),
    "notify": tuple(_events(name, Event if name == "log" else _SLEEP) for name in NOTIFIERS),
    "ifttt": (
        Key(
            "ifttt_key",
            values.TEXT,
            "Key of your IFTTT Webhooks service.",
            "YOUR_KEY",
            secret=True,
            aliases=("key",),
        ),
        Key(
            "ifttt_event",
            values.TEXT,
            "Name of the event there.",
            "machine_alert",
            aliases=("event",),
        ),
    ),
    "webhook": (
        Key(
            "url",
            values.WEB_URL,
            "Address that each message is sent to.",
            "https://example.com/hook",
            secret=True,
        ),
        Key("key", values.TEXT, "Sent along in the header `key`.", "YOUR_KEY", secret=True),
        Key("format", values.one_of("json", "form"), "How a message is written.", "form", "json"),
    ),
    "factsystem": (
        Key(
            "api_url",
            values.WEB_URL,
            "Address that the status of a machine is sent to.",
            "https://example.com/status",
            secret=True,
            aliases=("url",),
        ),
        Key(
            "api_key",
            values.TEXT,
            "Sent along in the header `key`.",
            "YOUR_KEY",
            secret=True,
            aliases=("key",),
        ),
    ),
    "email": (
        Key(
            "host",
            values.HOST,
            "The mail server that takes messages; reports go there too.",
            "smtp.example.com",
        ),
        Key(
            "port",
            values.whole(1, 65535),
            "Its port; if not set, 587 for starttls, 465 for tls, 25 for none.",
            "587",
        ),
        Key(
            "security",
            values.one_of("starttls", "tls", "none"),
            "How the line is secured; none sends the password readable.",
            "tls",
            "starttls",
        ),
        Key(
            "ca_file",
            values.FILE,
            "The plant's own authority, for a certificate that no public one signed.",
            "D:/motion-track/plant-ca.pem",
        ),
        Key(
            "user",
            values.TEXT,
            "User of the mail server; without one we do not log in.",
            "alerts@example.com",
            aliases=("username",),
        ),
        Key("password", values.TEXT, "That user's password.", "YOUR_PASSWORD", secret=True),
        Key("sender", values.ADDRESS, "From whom messages come.", "alerts@example.com"),
        Key(
            "recipients",
            values.ADDRESSES,
            "Who gets them.",
            "shift@example.com, lead@example.com",
        ),
    ),
    "storage": (
        Key(
            "logs",
            values.FOLDER,
            "Folder of the logs and the history.",
            "D:/motion-track/logs",
            "logs",
        ),
        Key(
            "spill",
            values.FOLDER,
            "Folder, best on another disk, where changes wait while the history takes none.",
            "E:/motion-track/spill",
        ),
        Key(
            "video_dir",
            values.FOLDER,
            "Folder of clips and pictures; if not set, `video` in that of the logs.",
            "D:/motion-track/video",
        ),
    ),
    "clips": (
        Key(
            "events",
            values.TRIGGERS,
            "Of which events video is kept; `manual` allows `motion-track clips --record`.",
            "stop start manual",
            frozenset(),
        ),
        Key(
            "pictures",
            values.TRIGGERS,
            "Of which events pictures are kept, from before and after, and told along.",
            "stop",
            frozenset(),
        ),
        Key(
            "motion_pictures",
            values.whole(0, 100_000),
            "How many pictures of the latest movements of a machine are kept.",
            "500",
            100,
        ),
        Key("before", values.number(0, 60), "Seconds shown before the event.", "5", 3.0),
        Key("after", values.number(0, 600), "Seconds shown after it was found out.", "10", 3.0),
        Key(
            "longest",
            values.number(5, 3600),
            "Seconds after which a clip ends, whatever goes on.",
            "60",
            120.0,
        ),
        Key(
            "length",
            values.number(1, 3600),
            "Seconds of every clip, whatever the event; `after` means nothing then.",
            "30",
        ),
        Key(
            "limit",
            values.AMOUNT,
            "What all clips together may take; the oldest go first.",
            "20 GB",
            values.amount("10%"),
        ),
        Key("days", values.number(0.01, 3660), "Days after which a clip goes.", "14", 30.0),
        Key(
            "reserve",
            values.BYTES,
            "What stays free on their disk, for the history; with less, clips go or are not made.",
            "5 GB",
            values.amount("1 GB"),
        ),
        Key(
            "memory",
            values.BYTES,
            "What a channel may hold of the last half minute in memory.",
            "128 MB",
            values.amount("64 MB"),
        ),
    ),
    "site": (
        Key(
            "name",
            values.SITE,
            "Name of the plant, in messages and reports.",
            "plant-north",
            "site",
        ),
    ),
}
"""The sections of config_stream.ini."""


def refused_name(name: str) -> str:
    """Return what is wrong with the name of a camera; empty when nothing is."""
    if not CAMERA_NAME.fullmatch(name):
        return "a camera's name must be 1 to 64 of the letters A-Z a-z 0-9 _ -"
    if name.lower() in (DEFAULTS, "default"):
        return "this name is kept for what holds for all cameras; take another"
    if _DEVICES.fullmatch(name):
        return "Windows keeps this name for a device; take another"
    return ""
