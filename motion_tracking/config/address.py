"""
From where do a camera's pictures come: which kind of source, which place, which credentials?
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from motion_tracking.config.values import Kind, RefusedError

_NUMBER = re.compile(r"[0-9]{1,9}")
_WEBCAM = re.compile(r"(?i:webcam)(?::(?P<device>[0-9]{1,3}|/dev/[\w./:-]+))?")
_LOCAL = re.compile(r"(?i:(?P<kind>file|simulated)):(?P<place>.+)")
_RTSP = re.compile(r"(?i:rtsps?)://.+")
_PASSWORD_INSIDE = re.compile(r"(?i:(?:password|passwd|pass|pwd)=)([^&/;\s]+)")

HIKVISION_PATH = "/Streaming/Channels/{channel}"
ENCODE = (
    "characters such as @ : / # ? % of a user or password are written as %40 %3A %2F %23 %3F %25"
    " in an address; `username` and `password` in [stream] take them as they are"
)


@dataclass(frozen=True, slots=True)
class Address:
    """
    A source of pictures.  Cameras of equal address share one session.

    `kind` is rtsp, file, webcam or simulated; `location` an URL without credentials, a path, the
    number of a device, or the name of a scene.
    """

    kind: str
    location: str
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    transport: str = "tcp"


def _channel(text: str) -> str:
    for form in (_NUMBER, _WEBCAM, _LOCAL):
        if form.fullmatch(text):
            return text
    bare = _without_comment(text)
    if bare != text:
        return _channel(bare)
    return _rtsp_url(text)


def _rtsp_url(text: str) -> str:
    bare = _without_comment(text)
    rtsp_address(bare)
    return bare


def _without_comment(text: str) -> str:
    """Take a comment away from what holds no spaces, unless it may be half a password."""
    bare, *comment = re.split(r"\s+[;#]", text, maxsplit=1)
    return text if comment and "@" in comment[0] else bare


def _path(text: str) -> str:
    path = text if text.startswith("/") else f"/{text}"
    rtsp_address(f"rtsp://host{path}")
    return path


CHANNEL = Kind(
    "a number such as 802, webcam, webcam:1, file:PATH, simulated:SCENE, or an rtsp:// address",
    _channel,
    tail=False,
)
RTSP_URL = Kind("an address that begins with rtsp:// or rtsps://", _rtsp_url, tail=False)

PATH = Kind("a path such as /Streaming/Channels/{channel}", _path, tail=False)


def is_number(channel: str) -> bool:
    """Whether a channel is a number of the recorder."""
    return _NUMBER.fullmatch(channel) is not None


def is_rtsp(channel: str) -> bool:
    """Whether a channel is a whole address."""
    return _RTSP.fullmatch(channel) is not None


def doubt(channel: str) -> str:
    """Return why a number is hardly one of a Hikvision recorder; empty when it may be."""
    number = int(channel)
    if number >= 101 and number % 10 in (1, 2, 3):
        return ""
    return "is unusual: 802 is camera 8, stream 2 (stream 1 is the main one, 2 the small one)"


def rtsp_address(url: str, transport: str = "tcp") -> Address:
    """Take an URL apart; raise `RefusedError`, without quoting it, where it is none."""
    if not _RTSP.fullmatch(url):
        raise RefusedError
    if " " in url:
        raise RefusedError("an address holds no spaces (write %20)")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise RefusedError("the address cannot be understood", ENCODE) from None
    credentials, _, host = parts.netloc.rpartition("@")
    if not parts.hostname or port == 0 or "@" in urlunsplit(parts._replace(netloc="")):
        raise RefusedError("the address cannot be understood", ENCODE)
    username, _, password = credentials.partition(":")
    location = urlunsplit(parts._replace(netloc=host))
    user, secret = unquote(username) or None, unquote(password) or None
    return Address("rtsp", location, user, secret, transport)


def local_address(channel: str, base: Path) -> Address | None:
    """Return the address of a webcam, a file (relative to `base`) or a scene; None for others."""
    match = _WEBCAM.fullmatch(channel)
    if match:
        return Address("webcam", match["device"] or "0")
    match = _LOCAL.fullmatch(channel)
    if not match:
        return None
    kind, place = match["kind"].lower(), match["place"].strip()
    return Address(kind, str(base / place) if kind == "file" else place)


def source_address(source: str) -> Address:
    """
    Take what was given on the command line: an URL, `webcam`, `simulated:SCENE`, or a file.

    Raise `RefusedError` for an address of another kind.
    """
    if is_rtsp(source):
        return rtsp_address(source)
    known = local_address(source, Path())
    if known is None and "://" in source:
        raise RefusedError(
            f"a source must be {RTSP_URL.allowed}, webcam, simulated:SCENE, or a file"
        )
    return known or Address("file", source)


def hidden_in(url: str) -> set[str]:
    """Return the passwords an URL holds; the whole URL where it cannot be taken apart."""
    found = set(_PASSWORD_INSIDE.findall(url))
    try:
        parts = urlsplit(url)
    except ValueError:
        return {url}
    credentials, sign, _ = parts.netloc.rpartition("@")
    password = credentials.partition(":")[2]
    if password:
        found |= {password, unquote(password)}
    elif not sign and "@" in url:
        found.add(url)
    return found
