"""Processes that read one channel record it once, and none relies on another that is gone."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from motion_tracking.capture.ring import Ring
from motion_tracking.core.clips import Clip, Trigger
from motion_tracking.record import recorder, sharing
from motion_tracking.record.clips import Audience
from motion_tracking.record.history import History
from motion_tracking.record.recorder import Recorder
from motion_tracking.record.sharing import LEFT, TAKEN
from servers.footage import fill, packets
from servers.studio import PATIENCE, Clock, Studio, stop, wish
from waiting import until


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look more often, so that nobody waits for the tests."""
    monkeypatch.setattr(recorder, "TICK", 0.05)


@pytest.fixture
def first(tmp_path: Path) -> Studio:
    studio = Studio(tmp_path, "press1")
    fill(studio.ring, packets(0.0, 400))
    studio.clock.at = 26.0
    return studio


@pytest.fixture
def second(tmp_path: Path) -> Studio:
    studio = Studio(tmp_path, "press2")
    fill(studio.ring, packets(0.0, 400))
    studio.clock.at = 26.0
    return studio


@contextmanager
def both(first: Studio, second: Studio) -> Iterator[tuple[Recorder, Recorder]]:
    with first.recording() as one, second.recording() as other:
        yield one, other


def left(studio: Studio, kind: str) -> list[Path]:
    return sorted(studio.channel.glob(f"*{kind}"))


def go_on(at: float, *studios: Studio) -> None:
    for studio in studios:
        studio.clock.at = at


def kept(studio: Studio) -> list[Clip]:
    return studio.clips()


@contextmanager
def somebody_records(studio: Studio) -> Iterator[None]:
    """Another process holds the channel, and does nothing."""
    studio.channel.mkdir(parents=True)
    with FileLock(studio.channel / "recorder.lock"):
        yield


def test_the_machines_of_two_processes_become_one_clip_and_both_are_told(
    first: Studio, second: Studio
) -> None:
    change = stop("press2", 13.0, 25.5)
    with History(first.path) as history:
        history.append(change)
    with both(first, second) as (one, other):
        one.wish(wish(stop()))
        until(lambda: bool(one._sharing._locks))
        other.wish(wish(change))
        until(lambda: bool(left(first, TAKEN)))
        go_on(40.0, first, second)
        assert first.told.acquire(timeout=PATIENCE)
        until(lambda: not left(first, TAKEN))

    [clip] = kept(first)
    assert clip.machines == ("press2", "press1")
    assert first.numbers(clip) == list(range(100, 286))
    with History(first.path) as history:
        due = {d.announcement.change.machine: d for d in history.due(["press1", "press2"], 0.0)}
    told = due["press2"].announcement
    assert (told.clip, told.change, told.seq, told.machineid) == (clip, change, 1, 17)
    assert len(due) == 2
    assert not left(first, LEFT)


HOLDER = """
import sys
from filelock import FileLock
with FileLock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_who_holds_the_channel_and_is_killed_leaves_the_clip_to_the_other(second: Studio) -> None:
    second.channel.mkdir(parents=True)
    command = [sys.executable, "-c", HOLDER, str(second.channel / "recorder.lock")]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder,
        second.recording() as other,
    ):
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"held"
        other.wish(wish(stop("press2")))
        until(lambda: bool(left(second, LEFT)))
        left(second, LEFT)[0].replace(left(second, LEFT)[0].with_suffix(TAKEN))
        go_on(40.0, second)
        assert not second.told.acquire(timeout=0.3)
        holder.kill()
        assert second.told.acquire(timeout=PATIENCE)

    [clip] = kept(second)
    assert clip.machines == ("press2",)
    assert second.numbers(clip) == list(range(120, 281))
    assert not left(second, "*")[1:]  # but for the lock


def test_who_holds_the_channel_and_hears_nothing_is_not_waited_for(second: Studio) -> None:
    with second.recording() as other, somebody_records(second):
        other.wish(wish(stop("press2")))
        until(lambda: bool(left(second, LEFT)))
        go_on(40.0, second)
        assert second.told.acquire(timeout=PATIENCE)
        assert not left(second, LEFT)

    assert [clip.machines for clip in kept(second)] == [("press2",)]


def test_who_has_no_pictures_leaves_the_clip_to_who_has(first: Studio, second: Studio) -> None:
    """One session of two was refused, or has only just begun."""
    first.ring = Ring("line", 60.0, 10**8)
    fill(first.ring, packets(24.0, 100))
    with both(first, second) as (one, other):
        one.wish(wish(stop(occurred=25.5, detected=26.0)))
        until(lambda: bool(one._sharing._locks))
        other.wish(wish(stop("press2", 13.0, 25.5)))
        until(lambda: bool(left(first, LEFT)))
        go_on(40.0, first, second)
        assert first.told.acquire(timeout=PATIENCE)
        assert second.told.acquire(timeout=PATIENCE)

    early, late = kept(first)
    assert (early.machines, late.machines) == (("press2",), ("press1",))
    assert second.numbers(early) == list(range(100, 286))


def test_what_goes_on_after_its_clip_is_not_recorded_again(first: Studio, second: Studio) -> None:
    movement = replace(wish(stop("press2")), trigger=Trigger.MOTION, longest=20.0)
    with both(first, second) as (one, other):
        one.wish(wish(stop()))
        until(lambda: bool(one._sharing._locks))
        other.wish(movement)
        until(lambda: bool(left(first, TAKEN)))
        go_on(40.0, first, second)
        assert first.told.acquire(timeout=PATIENCE)
        for end in (29.0, 31.0, 33.0):
            other.wish(replace(movement, end=end))
        until(lambda: not (left(first, TAKEN) or left(first, LEFT)))

    assert len(kept(first)) == 1


@pytest.mark.parametrize("crossed", [False, True])
def test_a_wish_that_is_fulfilled_while_it_grows_is_fulfilled(
    tmp_path: Path, crossed: bool
) -> None:
    clock = Clock()
    clock.at = 40.0
    one, other = (
        sharing.Sharing({"line": tmp_path}, {name: Audience()}, clock)
        for name in ("press1", "press2")
    )
    moving = wish(stop("press2"))
    assert one.ours(wish(stop()))
    assert not other.ours(moving)
    [taken] = one.handed(lambda _: True)
    assert taken == replace(moving, audience=Audience())
    one.listed(taken)
    longer = replace(moving, end=39.0)
    if crossed:
        other._leave(longer)  # it had looked just before
    else:
        assert not other.ours(longer)
    assert list(one.handed(lambda _: True)) == []
    one.let_go(lambda _: False)
    assert list(other.returned()) == []
    assert [found.end for found in other.fulfilled()] == [longer.end if crossed else moving.end]
    other.let_go(lambda _: False)


def test_who_is_asked_to_stop_leaves_what_is_not_over(first: Studio, second: Studio) -> None:
    first.ring = Ring("line", 60.0, 10**8)
    fill(first.ring, packets(0.0, 290))
    with second.recording() as other:
        with first.recording() as one:
            one.wish(wish(stop()))
            until(lambda: bool(one._sharing._locks))
            go_on(27.0, first, second)
            other.wish(wish(stop("press2", 20.0, 33.0)))
            until(lambda: bool(left(first, TAKEN)))
        go_on(39.0, second)
        assert second.told.acquire(timeout=PATIENCE)

    whole = [clip for clip in kept(first) if second.numbers(clip)[-1] == 360]
    assert [clip.machines for clip in whole] == [("press2",)]


@pytest.mark.parametrize(
    "held",
    [
        "no wish",
        "[1]",
        {"machine": "../../etc"},
        {"boot_id": "another computer"},
        {"span": [1.0, 2.0]},
        {"trigger": "war"},
        {"event": "soon"},
    ],
)
def test_what_is_no_wish_is_thrown_away(
    first: Studio, second: Studio, held: str | dict[str, object]
) -> None:
    good = sharing._written(replace(wish(stop("press2")), audience=first.audience), "")
    good["boot_id"] = sharing.boot_id()
    text = json.dumps({**good, **held}) if isinstance(held, dict) else held
    with first.recording() as one:
        first.channel.mkdir(parents=True)
        (first.channel / f"press2-1-stop{LEFT}").write_text(text, encoding="utf-8")
        one.wish(wish(stop()))
        until(lambda: not left(first, LEFT))
        go_on(40.0, first)
        assert first.told.acquire(timeout=PATIENCE)

    assert [clip.machines for clip in kept(first)] == [("press1",)]
    assert not left(first, TAKEN)


def test_where_no_lock_can_be_had_everybody_records(second: Studio) -> None:
    second.channel.parent.mkdir()
    second.channel.write_bytes(b"in the way")
    with second.recording() as other:
        other.wish(wish(stop("press2")))
        go_on(40.0, second)
        assert second.told.acquire(timeout=PATIENCE)

    assert len(kept(second)) == 1
