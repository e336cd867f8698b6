"""
How does a change reach the hundred services that Apprise knows: Telegram, Teams, Pushover, ...?

Each address of `[apprise] urls` is tried for itself, so that one that is down repeats nothing to
the others.  Apprise says whether it worked, and in its log lines with which status; what whoever
answers slowly may cost is its own: 4 s for each silence.  Needs the extra `notify`.
"""

import logging
import re
import warnings
from collections.abc import Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Any, ClassVar

from motion_tracking.core.changes import Announcement
from motion_tracking.notify import PostponedError, RefusedError
from motion_tracking.notify.enclosed import enclosed
from motion_tracking.notify.http import LATER
from motion_tracking.notify.letter import one_line
from motion_tracking.notify.reached import Reached
from motion_tracking.notify.wording import subject, text

if TYPE_CHECKING:
    import apprise

log = logging.getLogger(__name__)

# both quote whole addresses, keys and all; its results have its lines, from warnings on
logging.getLogger("urllib3").setLevel(logging.CRITICAL)
logging.getLogger("apprise").setLevel(logging.WARNING)
logging.getLogger("apprise").propagate = False

MISSING = 'apprise is not installed: pip install "motion-track[notify]"'

_STATUS = re.compile(r"\berror=([1-5][0-9]{2})\b")


class Apprise:
    """Sends each announcement to all `urls`, none of which is ever shown."""

    gathers: ClassVar[bool] = True
    shows_pictures: ClassVar[bool] = True

    def __init__(self, urls: Sequence[str], zone: tzinfo | None = None) -> None:
        """Times are shown in `zone`, or the system's."""
        self._urls = tuple(urls)
        self._zone = zone
        self._services: dict[str, apprise.Apprise] = {}
        self._reached = Reached()

    def __repr__(self) -> str:
        return f"Apprise({len(self._urls)} addresses)"

    def send(self, announcement: Announcement) -> None:
        """Send it to those services that do not have it yet."""
        key = announcement.key
        waiting = self._reached.waiting(key, self._urls)
        message = self._message(announcement)
        passing, refused = dict[str, PostponedError](), dict[str, RefusedError]()
        for url in waiting:
            try:
                self._tell(url, message)
            except PostponedError as error:
                passing[url] = error
            except RefusedError as error:
                refused[url] = error
        if refused and len(refused) == len(waiting):
            raise next(iter(refused.values()))
        for refusal in refused.values():
            log.warning("apprise: %s is told to the others only: %s", key, refusal)
        if passing:
            self._reached.keep(key, self._urls, passing)
            raise next(iter(passing.values()))

    def close(self) -> None:
        """Nothing is kept open."""

    def _message(self, announcement: Announcement) -> dict[str, Any]:
        try:
            from apprise import NotifyFormat
            from apprise.attachment.memory import AttachMemory
        except ModuleNotFoundError:
            raise PostponedError(MISSING) from None
        pictures = [
            AttachMemory(content=data, name=name, mimetype="image/jpeg")  # type: ignore[no-untyped-call]
            for name, data in enclosed(announcement)
        ]
        return {
            "title": one_line(subject(announcement)),
            "body": text(announcement, self._zone),
            "body_format": NotifyFormat.TEXT,
            "attach": pictures or None,
        }

    def _tell(self, url: str, message: dict[str, Any]) -> None:
        name = f"address {self._urls.index(url) + 1} ({url.partition('://')[0]})"
        result = self._service(url, name).notify(**message)
        if result:
            return
        found = [_STATUS.search(entry.message) for entry in result.logs()]
        status = next((int(match[1]) for match in found if match), None)
        if status is None:
            raise PostponedError(f"{name}: could not be reached, or did not take it")
        if 300 <= status < 500 and status not in LATER:
            raise RefusedError(f"{name}: answered {status}")
        raise PostponedError(f"{name}: answered {status}")

    def _service(self, url: str, name: str) -> "apprise.Apprise":
        if url not in self._services:
            self._services[url] = _opened(url, name)
        return self._services[url]


def _opened(url: str, name: str) -> "apprise.Apprise":
    from apprise import Apprise as Library
    from apprise import AppriseAsset

    # its e-mail asks for it, though it need not be there
    warnings.filterwarnings("ignore", "'imghdr' is deprecated", DeprecationWarning)
    # in our own thread, which ends with the process whatever hangs; a redirect carries keys away
    asset = AppriseAsset(async_mode=False, service_timeout=0, http_redirects=False)
    service = Library(asset=asset)
    if not service.add(url):
        raise RefusedError(f"{name}: Apprise knows no such address")
    return service
