"""
Which sections and keys has config_stream.ini, and what may they be?
"""

from collections.abc import Iterable

from motion_tracking.config import values
from motion_tracking.config.address import HIKVISION_PATH, PATH
from motion_tracking.config.schema import Key
from motion_tracking.core.changes import Event

PLANT_FILE = "config_stream.ini"
OLD_FILE = "config_network.ini"  # where the old tool had [ifttt] and [factsystem]


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
    "apprise": "Apprise, once `[apprise]` is filled in",
}

NOTIFIERS = {
    "log": (),
    "toast": (),
    "ifttt": ("ifttt_key", "ifttt_event"),
    "webhook": ("url",),
    "factsystem": ("api_url",),
    "email": ("host", "sender", "recipients"),
    "apprise": ("urls",),
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
        Key(
            "format",
            values.one_of("json", "form", "multipart"),
            "How a message is written; multipart has the pictures themselves in it.",
            "multipart",
            "json",
        ),
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
    "apprise": (
        Key(
            "urls",
            values.SERVICES,
            "Where Apprise sends messages: one address for each service, as its pages say.",
            "tgram://BOT_TOKEN/CHAT_ID pover://USER@TOKEN",
            secret=True,
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
    "dashboard": (
        Key(
            "host_power",
            values.YES_NO,
            "Whether an admin may restart and shut down this computer from the dashboard.",
            "yes",
            False,
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
        Key(
            "dashboard",
            values.WEB_URL,
            "Where people reach `motion-track serve`; messages then have a link to their moment.",
            "http://plant-pc:8787/",
        ),
    ),
}
"""The sections of config_stream.ini."""
