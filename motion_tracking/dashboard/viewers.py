"""
Who looks at the plant, at which machine, and what has each of them not been sent yet?

Whoever is slow misses pictures and states in between, never the newest, and holds up nobody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import anyio

Json = Any

Message = Mapping[str, Json] | bytes
"""What goes over a websocket: text, or a picture."""

MODES = ("off", "detect", "live")


@dataclass(frozen=True, slots=True)
class Watch:
    """Which machine somebody watches, and how; `fps` is the most that is wanted."""

    machine: str
    mode: str
    fps: float = 5.0
    width: int = 640
    contours: bool = False


@dataclass(eq=False)
class Viewer:
    """One page that is open somewhere; what was not sent yet is kept once for each `key`."""

    watch: Watch | None = None
    pictured_at: float | None = None
    """When the last picture of the watched machine went out; None before the first."""
    told_at: float = 0.0
    """When it was last said that there is no picture."""
    _news: anyio.Event = field(default_factory=anyio.Event)
    _waiting: dict[str, Message] = field(default_factory=dict)
    _tiles: dict[str, Json] = field(default_factory=dict)

    def tell(self, key: str, message: Message) -> None:
        """Have a message sent, in place of one of this key that was not sent yet."""
        self._waiting[key] = message
        self._news.set()

    def tell_tiles(self, tiles: Sequence[Json]) -> None:
        """Have some machines shown anew."""
        self._tiles |= {tile["machine"]: tile for tile in tiles}
        self._news.set()

    async def next(self) -> tuple[Sequence[Message], Sequence[Json]]:
        """Wait until there is something new; return messages, and machines that changed."""
        await self._news.wait()
        self._news = anyio.Event()
        messages, self._waiting = list(self._waiting.values()), {}
        tiles, self._tiles = list(self._tiles.values()), {}
        return messages, tiles

    def look(self, watch: Watch | None) -> None:
        """Watch another machine, or none; pictures of the one before are dropped."""
        self.watch, self.pictured_at, self.told_at = watch, None, 0.0
        for key in ("picture", "live"):
            self._waiting.pop(key, None)
