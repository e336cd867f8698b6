"""What does the dashboard show of clips and pictures, and what does it keep of labels?"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from motion_tracking.capture.clock import Moment
from motion_tracking.commands.labels import read_labels
from motion_tracking.commands.overseeing import Overseen
from motion_tracking.config import load
from motion_tracking.core.clips import JPEG, Clip, Trigger
from motion_tracking.core.machine import MachineState
from motion_tracking.dashboard.plant import Range
from motion_tracking.dashboard.refusals import NotThereError, RefusedError
from motion_tracking.record.clips import Shown
from motion_tracking.record.history import History
from servers.plant import Plant

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CAMERA = {"channel": 802, "ix": 30, "iy": 0, "ix2": 0, "iy2": 20, "threshold": 300}
RUNNING = {"state": "running", "note": "", "by": "otto"}
STOPPED = {**RUNNING, "state": "stopped"}


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def span(start: float, end: float) -> Range:
    return Range(at(start), at(end))


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    plant = Plant(tmp_path)
    plant.configure(
        {"press1": CAMERA, "press2": CAMERA, "blind": {**CAMERA, "clips": "none"}},
        stream={"ip_address": "127.0.0.1"},
        storage={"logs": tmp_path / "logs", "video_dir": tmp_path / "video"},
        clips={"events": "stop", "reserve": "0"},
    )
    plant.logs.mkdir(parents=True)
    return plant


@pytest.fixture
def overseen(plant: Plant) -> Iterator[Overseen]:
    overseen = Overseen(load(plant.config, {}), lambda: Moment(1000.0, at(3600).timestamp()))
    yield overseen
    overseen.close()


def kept(plant: Plant, start: float, end: float, *machines: str, file: str = "") -> Path:
    """Put a clip on the disk, or a picture where it ends as it starts; return its path."""
    machines = machines or ("press1",)
    picture = start == end
    suffix = "jpg" if picture else "mp4"
    file = file or f"{machines[0]}/{machines[0]}-{at(start):%Y%m%dT%H%M%S000}Z-stop.{suffix}"
    video = plant.folder / "video"
    path = video / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(f"from {start} to {end}".encode())
    codec = JPEG if picture else "h264"
    clip = Clip(0, file, video.as_posix(), at(start), at(end), 20, codec, (352, 288))
    with History(plant.history) as history:
        history.add_clip(clip, [Shown(name, Trigger.STOP, at(start)) for name in machines])
    return path


def test_clips_of_a_time_are_listed_with_pictures_apart(plant: Plant, overseen: Overseen) -> None:
    assert overseen.clips("press1", span(0, 60)) == {"available": True, "clips": [], "pictures": []}
    assert not overseen.clips("blind", span(0, 60))["available"]
    for start, end in ((0, 10), (50, 70), (100, 110), (5, 5)):
        kept(plant, start, end)
    kept(plant, 20, 30, "press2")
    found = overseen.clips("press1", span(8, 60))
    assert [clip["id"] for clip in found["clips"]] == ["2", "1"]
    assert found["pictures"] == []
    first = found["clips"][1]
    assert (first["why"], first["start"], first["end"]) == (
        "stop",
        *(moment.isoformat() for moment in (at(0), at(10))),
    )
    assert first["url"] == "api/machines/press1/clips/1"
    [picture] = overseen.clips("press1", span(0, 10))["pictures"]
    file = overseen.clip("press1", picture["id"])
    assert (file.media_type, file.path and file.path.suffix) == ("image/jpeg", ".jpg")
    assert overseen.clip("press1", "1").media_type == "video/mp4"


def test_a_clip_is_found_by_its_number_and_its_machine_alone(
    plant: Plant, overseen: Overseen
) -> None:
    with pytest.raises(NotThereError):
        overseen.clip("press1", "1")
    path = kept(plant, 0, 10)
    kept(plant, 20, 30, "press2")
    for number in ("2", "3", "0", "-1", "1.0", "", " 1", "١", "../1", "9" * 30, path.name):
        with pytest.raises(NotThereError):
            overseen.clip("press1", number)
    path.unlink()
    assert overseen.clips("press1", span(0, 60))["clips"] == []
    with pytest.raises(NotThereError, match="gone"):
        overseen.clip("press1", "1")


def test_a_row_of_another_file_shows_and_removes_nothing(plant: Plant, overseen: Overseen) -> None:
    """Who can write the history, but not read all that the dashboard can, gains nothing by it."""
    secret = plant.folder / "accounts.mp4"
    secret.write_text("secret")
    inside = plant.folder / "video" / "notes.txt"
    inside.parent.mkdir()
    inside.write_text("notes")
    for number, file in enumerate(("../accounts.mp4", "press1/../../accounts.mp4", "notes.txt"), 1):
        (plant.folder / "video" / "press1").mkdir(exist_ok=True)
        kept(plant, 0, 10, file=file)
        for refused in (overseen.clip, overseen.delete_clip):
            with pytest.raises(NotThereError):
                refused("press1", str(number))
    with pytest.raises(NotThereError):
        overseen.delete_clips("press1")
    assert secret.exists()
    assert inside.exists()


def test_one_clip_is_deleted_or_all_of_a_machine(plant: Plant, overseen: Overseen) -> None:
    assert overseen.delete_clips("press1") == 0
    mine = [kept(plant, start, start + 10) for start in (0, 20, 40)]
    other, both = kept(plant, 60, 70, "press2"), kept(plant, 80, 90, "press2", "press1")
    overseen.delete_clip("press1", "2")
    assert [path.exists() for path in mine] == [True, False, True]
    with pytest.raises(NotThereError):
        overseen.delete_clip("press1", "2")
    assert overseen.delete_clips("press1") == 3
    assert [path.exists() for path in (*mine, other, both)] == [False, False, False, True, False]
    assert overseen.clips("press1", span(0, 100))["clips"] == []
    assert len(overseen.clips("press2", span(0, 100))["clips"]) == 1


def test_a_moment_has_what_is_next_to_it_first(plant: Plant, overseen: Overseen) -> None:
    for start, end in ((0, 10), (30, 50), (70, 80), (33, 33), (500, 510)):
        kept(plant, start, end)
    folder = plant.logs / "press1" / "snapshots"
    folder.mkdir(parents=True)
    for second in (36, 31, 500):
        (folder / f"{at(second):%Y%m%dT%H%M%S%f}Z.jpg").write_bytes(b"picture")
    found = overseen.around("press1", at(35), 60)
    assert [(clip["id"], clip["offset_s"]) for clip in found["clips"]] == [
        ("2", 5.0),
        ("1", 10.0),
        ("3", 0.0),
    ]
    assert [picture["id"] for picture in found["pictures"]] == ["4"]
    assert [shot["at"] for shot in found["snapshots"]] == [at(36).isoformat(), at(31).isoformat()]


def test_a_label_lies_beside_a_copy_of_its_clip(plant: Plant, overseen: Overseen) -> None:
    path = kept(plant, 0, 100, "press1", "press2")
    said = overseen.add_label("press1", span(-50, 40), RUNNING)["evaluation"]
    assert (said["clips"], said["missing"]) == ([path.name], "")
    overseen.add_label("press1", span(30, 60), STOPPED)
    overseen.add_label("press2", span(10, 20), STOPPED)
    copy = plant.folder / "logs" / "labelled" / path.name
    assert copy.read_bytes() == path.read_bytes()
    first, second = read_labels(copy.with_suffix(".json"))
    assert (first.name, first.corners, second.name) == ("press1", (0, 0, 30, 20), "press2")
    assert [(t.start, t.end, t.state) for t in first.truth] == [
        (0, 30, MachineState.RUNNING),
        (30, 60, MachineState.STOPPED),
    ]
    overseen.delete_clips("press1")
    assert copy.exists()


def test_what_a_label_misses_is_said_and_the_label_is_kept(
    plant: Plant, overseen: Overseen
) -> None:
    said = overseen.add_label("press1", span(0, 40), RUNNING)["evaluation"]
    assert (said["clips"], said["missing"]) == ([], "no video was kept of that time")
    kept(plant, 100, 106)
    assert "short" in overseen.add_label("press1", span(100, 110), RUNNING)["evaluation"]["missing"]
    overseen._config = replace(
        overseen._config,
        recording=replace(
            overseen._config.recording,
            reserve=replace(overseen._config.recording.reserve, bytes=10**18),
        ),
    )
    kept(plant, 200, 290)
    said = overseen.add_label("press1", span(200, 240), RUNNING)["evaluation"]
    assert "would be free" in said["missing"]
    assert len(overseen.labels("press1")) == 3


def test_a_history_that_cannot_be_read_is_told(plant: Plant, overseen: Overseen) -> None:
    plant.history.write_bytes(b"no database" * 100)
    with pytest.raises(RefusedError):
        overseen.clips("press1", span(0, 60))
    with pytest.raises(RefusedError):
        overseen.delete_clips("press1")
