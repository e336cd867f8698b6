"""
Which texts must never be shown?
"""

from collections.abc import Iterable, Iterator

from motion_tracking.config.address import CHANNEL, PATH, RTSP_URL, hidden_in
from motion_tracking.config.schema import Key
from motion_tracking.config.settings import Layer, texts
from motion_tracking.config.values import WEB_URL
from motion_tracking.core.redaction import spellings

SHORTEST_TARGET = 8
"""Characters of what follows the host in an URL, so that it may hold a key."""


def secrets(keys: Iterable[Key], layers: Iterable[Layer]) -> Iterator[str]:
    """
    Yield the secrets of a section, in each spelling that an URL gives them.

    Those too that a stronger layer hides.  Of a camera's address only the password is secret; the
    address of a web hook often is a key as a whole, and libraries quote it without the host.
    """
    layers = list(layers)
    for key in keys:
        for text in texts(key, layers):
            for secret in _secrets_of(key, text):
                yield from spellings(secret)


def _secrets_of(key: Key, text: str) -> Iterator[str]:
    if key.kind in (CHANNEL, PATH, RTSP_URL):
        yield from hidden_in(text)
    elif key.kind is WEB_URL:
        yield text
        yield from hidden_in(text)
        target = text.partition("://")[2].partition("/")[2]
        if len(target) >= SHORTEST_TARGET:
            yield f"/{target}"
    elif key.secret:
        yield text
