"""
Who is looking, and what has each of them not seen yet?

Whoever is slow misses points of a curve, never the newest state, and holds up nobody.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio

Json = Any

KEPT = 240
"""Points that are kept for those who come late: two minutes."""


@dataclass(eq=False)
class Watcher:
    """One page that is open somewhere."""

    _news: anyio.Event = field(default_factory=anyio.Event)
    _state: Json = None
    _points: deque[Json] = field(default_factory=lambda: deque(maxlen=KEPT))

    async def next(self) -> Json:
        """Wait until there is something new; return it as one message."""
        await self._news.wait()
        self._news = anyio.Event()
        message: dict[str, Json] = {}
        if self._state is not None:
            message["state"], self._state = self._state, None
        if self._points:
            message["points"] = list(self._points)
            self._points.clear()
        return message

    def tell(self, state: Json) -> None:
        """Have the state sent, in place of one that was not sent yet."""
        self._state = state
        self._news.set()

    def add(self, points: list[Json]) -> None:
        """Have points of the curve sent."""
        self._points.extend(points)
        self._news.set()


class Watchers:
    """All pages that are open."""

    def __init__(self) -> None:
        self._all: set[Watcher] = set()
        self._points: deque[Json] = deque(maxlen=KEPT)

    def __len__(self) -> int:
        return len(self._all)

    @contextmanager
    def joined(self, state: Json) -> Iterator[Watcher]:
        """Look on, beginning with a state and the newest points."""
        watcher = Watcher()
        watcher.tell(state)
        watcher.add(list(self._points))
        self._all.add(watcher)
        try:
            yield watcher
        finally:
            self._all.discard(watcher)

    def tell(self, state: Json) -> None:
        """Show everyone a new state."""
        for watcher in self._all:
            watcher.tell(state)

    def add(self, point: Json) -> None:
        """Show everyone a new point of the curve."""
        self._points.append(point)
        for watcher in self._all:
            watcher.add([point])

    def forget(self) -> None:
        """Begin a new curve."""
        self._points.clear()
