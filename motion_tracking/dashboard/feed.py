"""
How does what happens in the plant get to all who look, at the cost of one who does?

One loop looks at the plant while anybody does, and one at each machine that somebody watches.
What they find is handed to every viewer who wants it; without viewers both sleep.
"""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

import anyio
from anyio import to_thread
from anyio.abc import TaskGroup

from motion_tracking.dashboard.alarms import Alarms
from motion_tracking.dashboard.frames import packed
from motion_tracking.dashboard.plant import Plant
from motion_tracking.dashboard.refusals import RefusedError
from motion_tracking.dashboard.viewers import Viewer, Watch

Json = Any

POLL = 0.5
"""Seconds between two looks at the plant."""

QUIET = 2.0
"""Seconds between two words about a watched machine of which no pictures go out."""

RETRY = 1.0
"""Seconds until a tracker is asked again that did not answer."""

FULL = 60.0
"""Seconds after which a machine is shown anew though only its figures have changed."""

QUALITY = 70
"""Of the JPEG of a live picture."""

FIGURES = frozenset({"score", "moving_share", "fps", "seen_at", "spark", "utilisation_today"})
FIGURES |= {"coverage_today"}
"""What changes all the time; who wants it at once watches the machine."""

HEADER = ("machine", "at", "score", "threshold", "moving", "state", "size", "roi", "contours")


class Feed:
    """What the plant looks like, for all who look."""

    def __init__(self, plant: Plant, alarms: Alarms, utc: Callable[[], float]) -> None:
        """`utc` are seconds since 1970."""
        self._plant = plant
        self._alarms = alarms
        self._utc = utc
        self._viewers: set[Viewer] = set()
        self._watched: set[str] = set()
        self._tasks: TaskGroup | None = None
        self._stirred = anyio.Event()
        self._alone = anyio.Lock()
        self._number = 0
        self._tiles: dict[str, dict[str, Json]] = {}
        self._shown_at: dict[str, float] = {}
        self._trouble = ""
        self._looked_at = float("-inf")

    def __len__(self) -> int:
        return len(self._viewers)

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Look while somebody does."""
        async with anyio.create_task_group() as self._tasks:
            self._tasks.start_soon(self._follow)
            try:
                yield
            finally:
                self._tasks.cancel_scope.cancel()

    @contextmanager
    def joined(self) -> Iterator[Viewer]:
        """Look on."""
        viewer = Viewer()
        self._viewers.add(viewer)
        self._stir()
        try:
            yield viewer
        finally:
            self._viewers.discard(viewer)

    def start(self, what: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Have something done meanwhile, for as long as we are there."""
        assert self._tasks is not None, "only while held"
        self._tasks.start_soon(what)

    def watch(self, viewer: Viewer, watch: Watch) -> None:
        """Have a viewer shown a machine, in place of the one before."""
        viewer.look(None if watch.mode == "off" else watch)
        if watch.mode != "off" and watch.machine not in self._watched:
            self._watched.add(watch.machine)
            self.start(partial(self._look_at, watch.machine))

    def server_time(self) -> str:
        """Say what time it is here."""
        return datetime.fromtimestamp(self._utc(), UTC).isoformat(timespec="milliseconds")

    def beat(self) -> Json:
        """Say that we are there."""
        return self._said("beat") | {"number": self._number}

    def changed(self, tiles: Json) -> Json:
        """Say which machines are not as they were."""
        return self._said("machines") | {"number": self._number, "machines": tiles}

    def state(self) -> Json:
        """Say how the whole plant was when it was last looked at."""
        return self._said("plant") | {
            "number": self._number,
            "site": self._plant.site,
            "trouble": self._trouble,
            "machines": list(self._tiles.values()),
        }

    async def newest(self) -> Json:
        """Say how the whole plant is."""
        await self.refresh(POLL)
        return self.state()

    async def tile(self, machine: str) -> dict[str, Json] | None:
        """Say how one machine is."""
        await self.refresh(POLL)
        return self._tiles.get(machine)

    async def refresh(self, at_most: float = 0.0) -> None:
        """Look at the plant, unless that was done less than so many seconds ago; tell of it."""
        async with self._alone:
            if 0 <= self._utc() - self._looked_at < at_most:
                return
            before, trouble = self._trouble, ""
            try:
                found = await to_thread.run_sync(self._plant.tiles, abandon_on_cancel=True)
            except RefusedError as error:
                found, trouble = list(self._tiles.values()), str(error)
            self._trouble = trouble
            self._looked_at = self._utc()
            self._take({tile["machine"]: dict(tile) for tile in found}, before != trouble)

    def _take(self, found: dict[str, dict[str, Json]], whole: bool) -> None:
        for tile in found.values():
            tile["alarm"] = self._alarms.alarm(tile)
        news = [tile for name, tile in found.items() if self._is_news(name, tile)]
        whole = whole or list(found) != list(self._tiles)
        self._tiles = found
        if news or whole:
            self._number += 1
        for tile in news:
            self._shown_at[tile["machine"]] = self._utc()
        for viewer in self._viewers:
            if whole:
                viewer.tell("plant", self.state())
            elif news:
                viewer.tell_tiles(news)

    def _is_news(self, name: str, tile: Mapping[str, Json]) -> bool:
        before = self._tiles.get(name)
        if before is None or self._utc() - self._shown_at.get(name, 0.0) > FULL:
            return True
        return any(tile[key] != before.get(key) for key in tile if key not in FIGURES)

    def _said(self, type_: str) -> dict[str, Json]:
        return {"schema": 1, "type": type_, "server_time": self.server_time()}

    def _stir(self) -> None:
        self._stirred.set()
        self._stirred = anyio.Event()

    async def _follow(self) -> None:
        while True:
            if not self._viewers:
                await self._stirred.wait()
                continue
            await self.refresh()
            with anyio.move_on_after(POLL):
                await self._stirred.wait()

    async def _look_at(self, machine: str) -> None:
        """Show a machine to all who watch it, until nobody does."""
        after: float | None = None
        while viewers := self._watching(machine):
            started = self._utc()
            watches = [viewer.watch for viewer in viewers if viewer.watch is not None]
            first = any(viewer.pictured_at is None for viewer in viewers)
            wish = {
                "picture": True,
                "moving_only": not first and all(watch.mode == "detect" for watch in watches),
                "after": None if first else after,
                "width": max(watch.width for watch in watches),
                "quality": QUALITY,
                "contours": any(watch.contours for watch in watches),
            }
            try:
                said, picture = await to_thread.run_sync(
                    self._plant.look, machine, wish, abandon_on_cancel=True
                )
            except RefusedError as error:
                self._tell_of_none(machine, {"trouble": str(error)}, pause=RETRY)
                await anyio.sleep(RETRY)
                continue
            after = said.get("frame", after)
            self._show(machine, said, picture)
            fastest = max(watch.fps for watch in watches)
            await anyio.sleep(max(0.0, 1 / fastest - max(0.0, self._utc() - started)))
        self._watched.discard(machine)

    def _watching(self, machine: str) -> list[Viewer]:
        return [one for one in self._viewers if one.watch and one.watch.machine == machine]

    def _show(self, machine: str, said: Mapping[str, Json], picture: bytes) -> None:
        if not picture or not said["moving"]:
            self._tell_of_none(machine, said)
        if not picture:
            return
        header = {key: said.get(key) for key in HEADER} | {"server_time": self.server_time()}
        coded: dict[bool, bytes] = {}
        now = self._utc()
        for viewer in self._watching(machine):
            watch = viewer.watch
            assert watch is not None
            wanted = viewer.pictured_at is None or watch.mode == "live" or said["moving"]
            if not wanted or now - (viewer.pictured_at or 0.0) < 0.9 / watch.fps:
                continue
            viewer.pictured_at = now
            if watch.contours not in coded:
                shown = header if watch.contours else {**header, "contours": []}
                coded[watch.contours] = packed(shown, picture, watch.contours)
            viewer.tell("picture", coded[watch.contours])

    def _tell_of_none(self, machine: str, said: Mapping[str, Json], pause: float = QUIET) -> None:
        """Say every few seconds how a machine is of which no picture goes out."""
        now = self._utc()
        for viewer in self._watching(machine):
            trouble = said.get("trouble", "")
            live = viewer.watch is not None and viewer.watch.mode == "live" and not trouble
            if live or 0 <= now - viewer.told_at < pause:
                continue
            viewer.told_at = now
            facts = {key: said.get(key) for key in HEADER[1:6]}
            message = self._said("live") | facts | {"machine": machine, "trouble": trouble}
            viewer.tell("live", message)
