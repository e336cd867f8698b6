"""A real tracker on a real camera, looked at and steered over its link.  (commands/steering.py)"""

import os
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import cv2
import numpy as np
import pytest

from motion_tracking.fleet import RefusedError, note
from motion_tracking.fleet.asking import Line, NobodyError
from motion_tracking.record.history import History
from motion_tracking.record.pausing import pause_of
from motion_tracking.simulator.camera import Camera
from motion_tracking.simulator.channel import Channel
from servers.plant import PATIENCE, Plant, Tracking, area

pytestmark = pytest.mark.slow


@pytest.fixture
def camera() -> Iterator[Camera]:
    with Camera([Channel(802, "flywheel")]) as camera:
        yield camera


@pytest.fixture
def plant(tmp_path: Path, camera: Camera) -> Plant:
    shown = camera.channels[802]
    keys = {"channel": 802, "threshold": shown.threshold, "window_seconds": 5, **area(shown.roi)}
    plant = Plant(tmp_path)
    plant.configure({"press1": keys}, stream={"ip_address": "127.0.0.1", "port": camera.port})
    return plant


@pytest.fixture
def tracker(plant: Plant) -> Iterator[Tracking]:
    with plant.tracking("press1") as tracker:
        tracker.wait_for("running")
        yield tracker


@pytest.fixture
def line(plant: Plant) -> Iterator[Line]:
    line = Line(plant.logs / "press1")
    yield line
    line.close()


def look(line: Line, **wish: Any) -> tuple[dict[str, Any], bytes]:
    said, picture = line.ask({"do": "look", "machine": "press1", **wish})
    return dict(said), picture


def until(
    line: Line, wanted: Callable[[dict[str, Any], bytes], bool], **wish: Any
) -> tuple[dict[str, Any], bytes]:
    deadline = monotonic() + PATIENCE
    while monotonic() < deadline:
        said, picture = look(line, **wish)
        if wanted(said, picture):
            return said, picture
        threading.Event().wait(0.05)
    raise AssertionError(said)


def test_who_looks_sees_the_picture_and_what_is_judged(tracker: Tracking, line: Line) -> None:
    said, picture = look(line, picture=True, width=200)
    assert said["state"] == "running"
    assert said["size"] == [352, 288]
    assert said["score"] > said["threshold"]
    shown = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert shown is not None
    assert shown.shape[1] == 200
    _, again = look(line, picture=True, width=200, after=said["frame"])
    newer, _ = until(line, lambda _said, picture: bool(picture), picture=True, after=said["frame"])
    assert not again or newer["frame"] > said["frame"]
    said, _ = until(
        line,
        lambda said, _picture: bool(said["contours"]),
        picture=True,
        contours=True,
    )
    left, top, right, bottom = said["roi"]
    xs, ys = said["contours"][0][0::2], said["contours"][0][1::2]
    assert left <= min(xs) <= max(xs) <= right
    assert top <= min(ys) <= max(ys) <= bottom


def test_a_threshold_counts_at_once(tracker: Tracking, line: Line) -> None:
    line.ask({"do": "threshold", "machine": "press1", "threshold": 900_000})
    until(line, lambda said, _: said["threshold"] == 900_000 and not said["moving"])
    tracker.wait_for("stopped")
    for senseless in (-1, "5", None, 1.5, True):
        with pytest.raises(RefusedError):
            line.ask({"do": "threshold", "machine": "press1", "threshold": senseless})
    with pytest.raises(RefusedError):
        line.ask({"do": "threshold", "machine": "other", "threshold": 5})
    with pytest.raises(RefusedError):
        line.ask({"do": "anything", "machine": "press1"})


def test_a_pause_is_our_own_gap_and_ends_by_itself(
    plant: Plant, tracker: Tracking, line: Line
) -> None:
    wish = {"do": "pause", "machine": "press1", "reason": "tool change", "by": "anna"}
    line.ask({**wish, "seconds": 600})
    said, _ = until(line, lambda said, _: said["state"] == "no_signal")
    assert said["reason"] == "not_tracking"
    assert said["paused"]["reason"] == "tool change"
    line.ask({**wish, "seconds": 2})
    said, _ = until(line, lambda said, _: said["state"] == "running")
    assert said["paused"] is None
    with History(plant.history, read_only=True) as history:
        states = [change.to_state.value for _, change in history.changes("press1")]
    assert states[-3:] == ["no_signal", "unknown", "running"]
    assert pause_of(plant.logs / "press1") is None


def test_a_pause_outlives_a_hard_kill(plant: Plant, tracker: Tracking, line: Line) -> None:
    wish = {"do": "pause", "machine": "press1", "reason": "", "by": "anna", "seconds": 600}
    line.ask(wish)
    until(line, lambda said, _: said["paused"] is not None and said["state"] == "no_signal")
    tracker.kill()
    assert note.find(plant.logs / "press1") is not None, "a killed tracker leaves its note"
    with pytest.raises(NobodyError):
        look(line)
    with plant.tracking("press1"):
        said = None
        deadline = monotonic() + PATIENCE
        while said is None and monotonic() < deadline:
            try:
                said, _ = look(line)
            except NobodyError:
                threading.Event().wait(0.1)
        assert said is not None
        assert said["paused"]["by"] == "anna"
        line.ask({"do": "resume", "machine": "press1"})
        until(line, lambda said, _: said["state"] == "running")


def test_the_note_is_for_its_owner_and_goes_with_the_tracker(
    plant: Plant, tracker: Tracking, line: Line
) -> None:
    path = plant.logs / "press1" / note.NAME
    assert os.name == "nt" or stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(RefusedError, match="recorded"):
        line.ask({"do": "record", "machine": "press1", "on": True})
    with pytest.raises(RefusedError, match="recorded"):
        line.ask({"do": "keep", "machine": "press1", "at": 0.0, "seconds": 15})
    line.ask({"do": "end", "machine": "press1"})
    assert tracker.process.wait(PATIENCE) == 0
    assert not path.exists()
