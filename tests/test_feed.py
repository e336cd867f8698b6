"""Does everybody who looks at the plant see the newest of it, at the cost of one?"""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import anyio
import pytest

from motion_tracking.dashboard import feed as feed_module
from motion_tracking.dashboard.alarms import Alarms
from motion_tracking.dashboard.feed import Feed
from motion_tracking.dashboard.frames import LONGEST, packed, unpacked
from motion_tracking.dashboard.viewers import Viewer, Watch
from motion_tracking.record.small import put
from servers.stage import JPEG, Stage

PATIENCE = 30.0


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "POLL", 0.01)
    monkeypatch.setattr(feed_module, "RETRY", 0.01)


def run(folder: Path, test: Callable[[Feed, Stage], Awaitable[None]]) -> None:
    async def main() -> None:
        plant = Stage()
        clock = iter(range(1_800_000_000, 1_900_000_000))
        feed = Feed(plant, Alarms(folder / "said.json", put), lambda: float(next(clock)))
        with anyio.fail_after(PATIENCE):
            async with feed.held():
                await test(feed, plant)

    anyio.run(main)


async def states(viewer: Viewer, machine: str, wanted: str) -> int:
    """Wait until a viewer is told that a machine is so; return how many messages that took."""
    count = 0
    while True:
        messages, tiles = await viewer.next()
        count += 1
        shown = [t for m in messages if isinstance(m, Mapping) for t in m.get("machines", ())]
        if any(t["machine"] == machine and t["state"] == wanted for t in (*shown, *tiles)):
            return count


async def picture(viewer: Viewer) -> tuple[int, dict[str, Any], bytes]:
    while True:
        messages, _ = await viewer.next()
        for message in messages:
            if isinstance(message, bytes):
                return unpacked(message)


def test_a_change_is_shown_to_all_who_look(tmp_path: Path) -> None:
    async def test(feed: Feed, plant: Stage) -> None:
        with feed.joined() as one, feed.joined() as other:
            await states(one, "press2", "running")
            await states(other, "press2", "running")
            plant.states["press2"] = "stopped"
            await states(one, "press2", "stopped")
            await states(other, "press2", "stopped")

    run(tmp_path, test)


def test_who_is_slow_gets_the_newest_and_once(tmp_path: Path) -> None:
    async def test(feed: Feed, plant: Stage) -> None:
        with feed.joined() as slow, feed.joined() as quick:
            for state in ("stopped", "running", "deep_sleep", "running", "stopped"):
                plant.states["press1"] = state
                await states(quick, "press1", state)
            assert await states(slow, "press1", "stopped") == 1

    run(tmp_path, test)


def test_nobody_looking_costs_nothing(tmp_path: Path) -> None:
    async def test(feed: Feed, plant: Stage) -> None:
        with feed.joined() as viewer:
            await states(viewer, "press1", "running")
            feed.watch(viewer, Watch("press1", "live", 10))
            await picture(viewer)
        await anyio.sleep(0.2)
        before = plant.polls, len(plant.looks)
        await anyio.sleep(0.1)
        assert (plant.polls, len(plant.looks)) == before

    run(tmp_path, test)


def test_figures_alone_are_no_news(tmp_path: Path) -> None:
    async def test(feed: Feed, plant: Stage) -> None:
        feed._utc = lambda: 1_800_000_000.0
        await feed.refresh()
        with feed.joined() as viewer:
            polls = plant.polls
            while plant.polls < polls + 5:
                await anyio.sleep(0.01)
            assert not viewer._tiles

    run(tmp_path, test)


def test_pictures_are_asked_for_once_for_all_and_only_as_wanted(tmp_path: Path) -> None:
    async def test(feed: Feed, plant: Stage) -> None:
        with feed.joined() as one, feed.joined() as other:
            feed.watch(one, Watch("press1", "live", 10, 320, contours=True))
            feed.watch(other, Watch("press1", "live", 10, 640))
            flags, header, jpeg = await picture(one)
            assert (flags, jpeg, header["machine"]) == (3, JPEG, "press1")
            assert header["contours"] == [[1, 2, 3, 4]]
            flags, header, _ = await picture(other)
            assert (flags, header["contours"]) == (1, [])
            assert plant.looks[-1]["width"] == 640

    run(tmp_path, test)


def test_detect_shows_one_picture_and_then_only_what_moves(tmp_path: Path) -> None:
    async def test(feed: Feed, plant: Stage) -> None:
        plant.moving = False
        with feed.joined() as viewer:
            feed.watch(viewer, Watch("press1", "detect", 10))
            await picture(viewer)
            looks = len(plant.looks)
            while len(plant.looks) < looks + 2:
                messages, _ = await viewer.next()
                assert not any(isinstance(message, bytes) for message in messages)
            assert plant.looks[-1]["moving_only"]
            plant.moving = True
            await picture(viewer)

    run(tmp_path, test)


def test_a_tracker_that_does_not_answer_is_told_of(tmp_path: Path) -> None:
    async def test(feed: Feed, plant: Stage) -> None:
        plant.answers = False
        with feed.joined() as viewer:
            feed.watch(viewer, Watch("press1", "live", 10))
            while True:
                messages, _ = await viewer.next()
                live = [m for m in messages if isinstance(m, Mapping) and m["type"] == "live"]
                if live:
                    break
            assert live[0]["trouble"] == "no tracker answers"
            plant.answers = True
            await picture(viewer)

    run(tmp_path, test)


def test_a_history_that_cannot_be_read_is_told_and_the_last_states_stay(tmp_path: Path) -> None:
    async def test(feed: Feed, plant: Stage) -> None:
        await feed.refresh()
        plant.broken = True
        await feed.refresh()
        said = feed.state()
        assert said["trouble"] == "the history is damaged"
        assert [tile["machine"] for tile in said["machines"]] == ["press1", "press2"]
        plant.broken = False
        await feed.refresh()
        assert feed.state()["trouble"] == ""

    run(tmp_path, test)


def test_a_header_that_is_too_long_goes_without_contours() -> None:
    header = {"machine": "</script>", "moving": False, "contours": [[1] * LONGEST]}
    flags, shown, jpeg = unpacked(packed(header, JPEG, contours=True))
    assert (flags, shown["contours"], shown["machine"], jpeg) == (2, [], "</script>", JPEG)
