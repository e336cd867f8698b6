"""
How is a message posted, so that a bad receiver costs little and a bad answer means something?

No redirects: they would carry the key to another host.  Of the answer only the head is read, so
a receiver cannot keep us by dripping a body.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from motion_tracking.core.changes import Announcement
from motion_tracking.notify import PostponedError, RefusedError

if TYPE_CHECKING:
    from requests import Response

LATER = frozenset({408, 425, 429})
"""Answers below 500 that may change if we ask again."""

LONGEST_WAIT = 24 * 3600.0
"""Seconds; a receiver that asks for more is asked again after a day."""


@dataclass(frozen=True, slots=True)
class Patience:
    """
    How many seconds a receiver may take.

    `connect` is for each of its addresses, `read` for the silence between two pieces of its
    answer, `total` for everything up to the end of the head of its answer.
    """

    connect: float = 3.0
    read: float = 7.0
    total: float = 10.0


PATIENCE = Patience()


def identified(announcement: Announcement, key: str | None) -> dict[str, str]:
    """
    Return the headers by which a receiver knows a message that it has already, and us.

    `Idempotency-Key` is percent-encoded as in an URL: a site may be named in any alphabet.
    """
    secret = {} if key is None else {"key": key}
    return {"Idempotency-Key": quote(announcement.key)} | secret


def post(
    url: str, patience: Patience, headers: Mapping[str, str] | None = None, **body: Any
) -> None:
    """
    Post a `json` or form `data` body; return when the receiver took it.

    Raise `PostponedError` or `RefusedError`; both name the host, and nothing else of the URL.
    """
    from requests import RequestException
    from urllib3 import Timeout

    from motion_tracking.notify.deadline import session

    host = _host(url)
    budget = Timeout(patience.total, patience.connect, patience.read)
    try:
        with (
            session(budget) as opened,
            opened.post(
                url,
                headers=headers,
                timeout=(patience.connect, patience.read),
                allow_redirects=False,
                stream=True,
                **body,
            ) as response,
        ):
            _judge(response, host)
    except ValueError:  # of which requests has many, and sockets one for odd names
        raise RefusedError(f"{host}: the address, or the key, cannot be sent") from None
    except RequestException as error:
        # its text quotes the URL, and a key may be part of that
        raise PostponedError(f"{host}: {_in_words(type(error).__name__)}") from None


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "the receiver"
    except ValueError:  # half an IPv6 address
        return "the receiver"


def _judge(response: "Response", host: str) -> None:
    status = response.status_code
    if 200 <= status < 300:
        return
    if status in LATER or status >= 500:
        after = retry_after(response.headers.get("Retry-After"), response.headers.get("Date"))
        raise PostponedError(f"{host}: answered {status}", after)
    if 300 <= status < 400:
        raise RefusedError(f"{host}: answered {status}, and redirects are not followed")
    raise RefusedError(f"{host}: answered {status}")


def retry_after(header: str | None, date: str | None) -> float | None:
    """
    Return the seconds that a `Retry-After` header asks for; None where it says nothing.

    It holds seconds or a date; a date counts from the receiver's own `Date`, not from our clock.
    """
    if header is None:
        return None
    if re.fullmatch(r"\s*[0-9]{1,9}\s*", header):
        return min(float(header), LONGEST_WAIT)
    try:
        wait = parsedate_to_datetime(header) - parsedate_to_datetime(date or "")
    except (TypeError, ValueError):
        return None
    return min(max(wait.total_seconds(), 0.0), LONGEST_WAIT)


def _in_words(name: str) -> str:
    """Turn the name of an exception into words: ConnectTimeout is `connect timeout`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
