"""
What may a value look like, and what is made of it?
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import IPv6Address
from typing import Any
from urllib.parse import urlsplit

from motion_tracking.core.changes import Event
from motion_tracking.core.clips import Trigger

_DIGITS = re.compile(r"\+?[0-9]{1,9}")
_NUMBER = re.compile(r"[0-9]{0,9}(?:[.,][0-9]{0,9})?")
_SIZE = re.compile(r"([0-9]{1,5})\s*[xX*]\s*([0-9]{1,5})")
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?"
)
_SERVICE = re.compile(r"[A-Za-z][A-Za-z0-9]{1,30}://[^\s]+")
_AMOUNT = re.compile(r"([0-9.,]{1,15})\s*([KMGT])?B?", re.I)
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,252}[A-Za-z0-9])?\.?")

_MOST_ADDRESSES = 50

YES = frozenset({"yes", "true", "on", "1"})
NO = frozenset({"no", "false", "off", "0"})


class RefusedError(ValueError):
    """A value is not allowed.  The text, where there is one, says why, without the value."""

    def __init__(self, message: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Amount:
    """So many bytes, or a share of the disk where `share` is not None; `text` as it was written."""

    bytes: int
    share: float | None
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Kind:
    """
    A sort of value: `allowed` says in words what it may be, `read` makes it from the text.

    `read` raises `RefusedError`.  Where `tail` is set, ` ;` or ` #` ends the value and begins a
    comment; passwords and paths may hold both, so theirs end with the line.
    """

    allowed: str
    read: Callable[[str], Any]
    tail: bool = True


def whole(low: int, high: int | None = None) -> Kind:
    """Whole numbers from `low` to `high`."""

    def read(text: str) -> int:
        if not _DIGITS.fullmatch(text):
            raise RefusedError
        number = int(text)
        if number < low or (high is not None and number > high):
            raise RefusedError
        return number

    bounds = f", {low} or more" if high is None else f" from {low} to {high}"
    return Kind(f"a whole number{bounds}", read)


def number(low: float, high: float) -> Kind:
    """Numbers from `low` to `high`, with a decimal point or comma."""

    def read(text: str) -> float:
        value = _number(text)
        if not low <= value <= high:
            raise RefusedError
        return value

    return Kind(f"a number from {low:g} to {high:g}", read)


def share(low: float, high: float) -> Kind:
    """Parts of one, as `0.4` or `40%`."""

    def read(text: str) -> float:
        percent = text.endswith("%")
        value = _number(text.removesuffix("%").rstrip()) / (100 if percent else 1)
        if not low <= value <= high:
            raise RefusedError
        return value

    return Kind(f"a share from {low:g} to {high:g} (or {low:.0%} to {high:.0%})", read)


def _read_failrate(text: str) -> float | None:
    if re.fullmatch(r"\?+", text):
        return None
    value = _number(text.removesuffix("%").rstrip()) / 100
    if value > 1:
        raise RefusedError
    return value


def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text) or not any(c.isdigit() for c in text):
        raise RefusedError
    return float(text.replace(",", "."))


def _read_yes_no(text: str) -> bool:
    if text.lower() in YES:
        return True
    if text.lower() in NO:
        return False
    raise RefusedError


def one_of(*words: str) -> Kind:
    """One of a few words; capitals do not matter."""

    def read(text: str) -> str:
        if text.lower() not in words:
            near = get_close_matches(text.lower(), words, n=1)
            raise RefusedError(hint=f"did you mean {near[0]}?" if near else "")
        return text.lower()

    return Kind(" or ".join(words), read)


def _read_size(text: str) -> tuple[int, int]:
    match = _SIZE.fullmatch(text)
    if not match:
        raise RefusedError
    width, height = int(match[1]), int(match[2])
    if not (16 <= width <= 8192 and 16 <= height <= 8192):
        raise RefusedError
    return width, height


def _read_host(text: str) -> str:
    if _HOST.fullmatch(text):
        return text
    try:
        return f"[{IPv6Address(text.removeprefix('[').removesuffix(']'))}]"
    except ValueError:
        raise RefusedError from None


def _read_web_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        sound = False
    if not sound or " " in text:
        raise RefusedError
    return text


def _read_address(text: str) -> str:
    if not _ADDRESS.fullmatch(text) or ".." in text or text[0] == "." or ".@" in text:
        raise RefusedError
    return text


def _read_addresses(text: str) -> tuple[str, ...]:
    addresses = dict.fromkeys(part for part in re.split(r"[\s,;]+", text) if part)
    if not addresses or len(addresses) > _MOST_ADDRESSES:
        raise RefusedError
    return tuple(_read_address(address) for address in addresses)


def _read_services(text: str) -> tuple[str, ...]:
    # one may hold commas, and even other addresses after a `?`, but no blank
    services = dict.fromkeys(part for part in re.split(r"[\s,]+(?=[A-Za-z0-9]+://)", text) if part)
    sound = 0 < len(services) <= _MOST_ADDRESSES
    if not (sound and all(map(_SERVICE.fullmatch, services))):
        raise RefusedError
    return tuple(services)


def _read_events(text: str) -> frozenset[Event]:
    words = [word for word in re.split(r"[\s,]+", text.lower()) if word]
    if words == ["all"]:
        return frozenset(Event)
    if words == ["none"]:
        return frozenset()
    for word in words:
        if word not in [event.value for event in Event]:
            near = get_close_matches(word, [event.value for event in Event], n=1)
            raise RefusedError(hint=f"did you mean {near[0]}?" if near else "")
    return frozenset(Event(word) for word in words)


def amount(text: str) -> Amount:
    """Read 20 GB, 500 MB or 10%; raise `RefusedError`."""
    if text.endswith("%"):
        share = _number(text.removesuffix("%").rstrip()) / 100
        if not 0 < share <= 0.95:
            raise RefusedError
        return Amount(0, share, text)
    match = _AMOUNT.fullmatch(text)
    if not match:
        raise RefusedError
    return Amount(round(_number(match[1]) * _UNITS[(match[2] or "").upper()]), None, text)


def _read_bytes(text: str) -> Amount:
    read = amount(text)
    if read.share is not None:
        raise RefusedError
    return read


def _read_triggers(text: str) -> frozenset[Trigger]:
    words = [word for word in re.split(r"[\s,]+", text.lower()) if word]
    if words == ["none"]:
        return frozenset()
    for word in words:
        if word not in [trigger.value for trigger in Trigger]:
            near = get_close_matches(word, [trigger.value for trigger in Trigger], n=1)
            raise RefusedError(hint=f"did you mean {near[0]}?" if near else "")
    return frozenset(Trigger(word) for word in words)


def _read_shapes(text: str) -> tuple[tuple[tuple[int, int], ...], ...]:
    shapes = []
    for part in text.split("|"):
        points = [point.split(",") for point in part.split()]
        if len(points) < 2 or any(len(p) != 2 or not all(map(_is_pixel, p)) for p in points):
            raise RefusedError(hint="two points are a rectangle: 10,20 110,80 | 5,5 60,5 30,90")
        shapes.append(tuple((int(x), int(y)) for x, y in points))
    return tuple(shapes)


def _is_pixel(text: str) -> bool:
    return bool(re.fullmatch(r"[0-9]{1,4}", text))


def _read_site(text: str) -> str:
    if len(text) > 64 or "/" in text:
        raise RefusedError
    return text


def _read_calibration(text: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{8}", text):
        raise RefusedError
    return text.lower()


def words(events: Iterable[Event]) -> str:
    """Write a set of events as the INI file has it."""
    chosen = [event.value for event in Event if event in set(events)]
    if not chosen:
        return "none"
    return "all" if len(chosen) == len(Event) else " ".join(chosen)


TEXT = Kind("any text", str, tail=False)
FOLDER = Kind("a folder; a relative one counts from the folder above `config`", str, tail=False)
FILE = Kind("the full path of a file", str, tail=False)
FAILRATE = Kind("a percentage such as 0.5%, or ?? when it is not known", _read_failrate)
CALIBRATION = Kind("eight hexadecimal digits", _read_calibration)
YES_NO = Kind("yes or no", _read_yes_no)
SIZE = Kind("width x height in pixels, such as 704x576", _read_size)
HOST = Kind("a host name or an IP address, without a port", _read_host)
WEB_URL = Kind("an http:// or https:// address", _read_web_url, tail=False)
ADDRESS = Kind("an e-mail address, without a name", _read_address)
ADDRESSES = Kind(
    f"one to {_MOST_ADDRESSES} e-mail addresses, with commas or blanks between", _read_addresses
)
SERVICES = Kind(
    f"one to {_MOST_ADDRESSES} addresses such as tgram://..., with blanks between",
    _read_services,
    tail=False,
)
EVENTS = Kind(f"all, none, or some of: {' '.join(Event)}", _read_events)
TRIGGERS = Kind(f"none, or some of: {' '.join(Trigger)}", _read_triggers)
AMOUNT = Kind("a share of the disk such as 10%, or an amount such as 20 GB", amount)
BYTES = Kind("an amount such as 500 MB or 2 GB", _read_bytes)
SHAPES = Kind(
    "shapes between |, each two corners of a rectangle or the points of a polygon, as x,y",
    _read_shapes,
)
FILE = Kind("a file; a relative one counts from the folder above `config`", str, tail=False)
SITE = Kind("a name of up to 64 characters, without /", _read_site)
