"""What does the dashboard say of a plant that is written in a history?  (commands/overseeing.py)"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motion_tracking.capture.clock import Moment
from motion_tracking.commands.overseeing import Overseen
from motion_tracking.commands.reviewing import curve
from motion_tracking.config import load
from motion_tracking.core.changes import Change
from motion_tracking.core.machine import MachineState, Reason
from motion_tracking.dashboard.plant import Range
from motion_tracking.dashboard.refusals import NotThereError, RefusedError
from motion_tracking.record.history import Heartbeat, History
from motion_tracking.record.motion import MotionSpan
from motion_tracking.record.pausing import Pause, keep_pause
from servers.plant import Plant

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
RUNNING, STOPPED = MachineState.RUNNING, MachineState.STOPPED
ASLEEP, LOST = MachineState.DEEP_SLEEP, MachineState.NO_SIGNAL
CAMERA = {"channel": 802, "ix": 30, "iy": 0, "ix2": 0, "iy2": 20, "threshold": 300}


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    plant = Plant(tmp_path)
    storage = {"logs": tmp_path / "logs"}
    plant.configure({"press1": CAMERA}, stream={"ip_address": "127.0.0.1"}, storage=storage)
    return plant


@pytest.fixture
def overseen(plant: Plant) -> Iterator[Overseen]:
    overseen = Overseen(load(plant.config, {}), lambda: Moment(1000.0, at(60).timestamp()))
    yield overseen
    overseen.close()


def write(
    plant: Plant, *steps: tuple[float, MachineState, MachineState], seen: float | None = 60
) -> None:
    """
    Write changes of press1: at which minute, from which state, to which.

    Its tracker was last heard of at the minute `seen`.
    """
    since, stop = at(-60), None
    with History(plant.history) as history:
        for minute, before, after in steps:
            stop = at(minute) if after is STOPPED and before is RUNNING else stop
            reason = Reason.LOST if after is LOST else None
            history.append(
                Change("press1", before, after, reason, at(minute), at(minute), since, stop)
            )
            since = at(minute)
        if seen is not None:
            history.beat(Heartbeat("press1", at(seen), 1, steps[-1][2], None, since))


def test_without_a_history_nobody_tracks_and_nothing_fails(overseen: Overseen) -> None:
    (tile,) = overseen.tiles()
    assert (tile["state"], tile["reason"], tile["since"]) == ("no_signal", "not_tracking", None)
    overseen.ready()
    with pytest.raises(RefusedError, match="nothing has been tracked"):
        overseen.stops("press1", Range(at(0), at(60)))


def test_a_history_that_is_damaged_is_told(plant: Plant, overseen: Overseen) -> None:
    plant.logs.mkdir(parents=True)
    plant.history.write_bytes(b"no database" * 100)
    for ask in (overseen.tiles, overseen.ready, overseen.notifiers):
        with pytest.raises(RefusedError):
            ask()


def test_stops_are_listed_newest_first_and_lost_pictures_do_not_end_them(
    plant: Plant, overseen: Overseen
) -> None:
    write(
        plant,
        (-50, RUNNING, STOPPED),
        (10, STOPPED, RUNNING),
        (20, RUNNING, STOPPED),
        (25, STOPPED, LOST),
        (27, LOST, STOPPED),
        (40, STOPPED, ASLEEP),
        (50, ASLEEP, RUNNING),
        (55, RUNNING, STOPPED),
    )
    newest, long, first = overseen.stops("press1", Range(at(0), at(60)))
    assert (newest["open"], newest["end"], newest["duration_s"]) == (True, None, 300)
    assert (long["duration_s"], long["deep_sleep"], long["open"]) == (28 * 60, True, False)
    assert (first["before"], first["start"]) == (True, at(-50).isoformat())
    assert (first["duration_s"], first["at_least"], long["at_least"]) == (3600, True, False)
    assert newest["seq"] == 8
    (row,) = overseen.timeline(["press1"], Range(at(0), at(60)))
    assert row["totals"]["running_s"] == 15 * 60
    assert row["totals"]["no_signal_s"] == 2 * 60
    starts = [span["start"] for span in row["intervals"]]
    assert starts[1:] == [span["end"] for span in row["intervals"][:-1]]


def test_nothing_is_said_of_what_is_to_come(plant: Plant, overseen: Overseen) -> None:
    write(plant, (10, RUNNING, STOPPED))
    (row,) = overseen.timeline(["press1"], Range(at(0), at(600)))
    assert row["intervals"][-1]["end"] == at(60).isoformat()


@pytest.mark.parametrize(("seen", "known"), [(60, 60), (59.6, 60), (30, 30), (None, 10)])
def test_a_state_is_known_until_somebody_last_looked(
    plant: Plant, overseen: Overseen, seen: float | None, known: float
) -> None:
    write(plant, (10, RUNNING, STOPPED), seen=seen)
    (row,) = overseen.timeline(["press1"], Range(at(0), at(600)))
    *before, last = row["intervals"]
    assert (last["end"], last["open"]) == (at(60).isoformat(), True)
    if known < 60:
        assert (last["reason"], before[-1]["open"]) == ("not_tracking", False)
    assert row["totals"]["stopped_s"] == 60 * (known - 10)


def test_shifts_are_those_of_the_calendar_and_none_while_it_is_wrong(
    plant: Plant, overseen: Overseen
) -> None:
    asked = Range(at(0), at(9 * 60))
    assert overseen.shifts(asked) == {"shifts": [], "trouble": ""}
    path = plant.config / "config_shifts.ini"
    path.write_text(
        "[calendar]\nzone = Europe/Berlin\n[shift early]\nstart = 06:00\nend = 14:00\n"
        "[shift night]\nstart = 22:00\nend = 06:00\n"
    )
    assert [(s["name"], s["day"], s["start"]) for s in overseen.shifts(asked)["shifts"]] == [
        ("early", "2026-03-02", "2026-03-02T05:00:00+00:00"),
    ]
    night = overseen.shifts(Range(at(9 * 60), at(18 * 60)))["shifts"]
    assert [(s["name"], s["day"]) for s in night] == [
        ("night", "2026-03-02"),
        ("early", "2026-03-03"),
    ]
    late = "[shift late]\nstart = 14:00\nend = 22:00\n"
    path.write_text(f"[shift early]\nstart = 25:00\nend = 14:00\n{late}")
    wrong = overseen.shifts(asked)
    assert (wrong["shifts"], "time of day" in wrong["trouble"]) == ([], True)


def test_a_pause_is_shown_until_it_is_over(plant: Plant, overseen: Overseen) -> None:
    folder = plant.logs / "press1"
    folder.mkdir(parents=True)
    for minute, shown in ((61, True), (59, False)):
        keep_pause(folder, Pause(at(minute).timestamp(), "tools", "anna"))
        (tile,) = overseen.tiles()
        assert (tile["paused"] is not None) == shown


def test_a_machine_that_is_added_or_taken_away_is_seen_at_once(
    plant: Plant, overseen: Overseen
) -> None:
    path = plant.config / "config_cam.ini"
    text = path.read_text()
    path.write_text(text + text.replace("press1", "press2"))
    overseen.tiles()
    assert overseen.names() == ["press1", "press2"]
    path.write_text(text.replace("press1", "press3"))
    overseen.tiles()
    assert overseen.names() == ["press3"]
    with pytest.raises(NotThereError):
        overseen.machine("press1")


def test_a_threshold_that_cannot_be_written_is_told(plant: Plant, overseen: Overseen) -> None:
    done = overseen.set_threshold("press1", 555)
    assert (done["was"], done["applied"]) == (300, False)
    assert "threshold=555" in (plant.config / "config_cam.ini").read_text()
    assert overseen.tiles()[0]["threshold"] == 555
    (plant.config / "config_cam.ini").write_bytes(b"\xff\xfe[press1\x00")
    with pytest.raises(RefusedError):
        overseen.set_threshold("press1", 556)


def test_there_is_no_way_to_other_files(plant: Plant, overseen: Overseen) -> None:
    folder = plant.logs / "press1" / "snapshots"
    folder.mkdir(parents=True)
    (folder / "20260302T120000000000Z.jpg").write_bytes(b"picture")
    assert overseen.snapshot("press1", "20260302T120000000000Z").path is not None
    for number in ("../link", "..", "", "*", "20260302T120000000000Z.jpg", "/etc/passwd"):
        with pytest.raises(NotThereError):
            overseen.snapshot("press1", number)


@given(
    spans=st.lists(
        st.tuples(st.integers(0, 3600), st.integers(0, 999), st.integers(0, 999)), max_size=40
    ),
    points=st.integers(10, 400),
)
@settings(max_examples=30)
def test_thinning_loses_no_highest_and_no_lowest(
    spans: list[tuple[int, int, int]], points: int
) -> None:
    begin = int(at(0).timestamp())
    moved = [
        MotionSpan("press1", begin + 10 * (second // 10), 20, 5, min(a, b), max(a, b), a + b)
        for second, a, b in spans
        if second < 3600
    ]
    found = curve(moved, at(0), at(60), points)
    assert len({len(found[key]) for key in ("start", "lowest", "highest", "mean", "moving")}) == 1
    assert len(found["start"]) <= points + 1
    highest = [value for value in found["highest"] if value is not None]
    lowest = [value for value in found["lowest"] if value is not None]
    assert max(highest, default=None) == max((span.highest for span in moved), default=None)
    assert min(lowest, default=None) == min((span.lowest for span in moved), default=None)
