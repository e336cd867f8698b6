"""What does `motion-track status` say of machines whose past is known?"""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from motion_tracking.core.changes import Change
from motion_tracking.core.machine import MachineState, Reason
from motion_tracking.record.degraded import Degraded, keep_degraded
from motion_tracking.record.history import Heartbeat, History, MotionSpan
from motion_tracking.record.lock import hold
from servers.desk import PRESS, STREAM, Desk
from servers.plant import Plant

UNKNOWN, RUNNING, STOPPED = MachineState.UNKNOWN, MachineState.RUNNING, MachineState.STOPPED
DEEP_SLEEP, NO_SIGNAL = MachineState.DEEP_SLEEP, MachineState.NO_SIGNAL


def ago(seconds: float) -> datetime:
    return datetime.now(UTC) - timedelta(seconds=seconds)


class Past:
    """Writes what a tracker would have written, and holds the lock that it would hold."""

    def __init__(self, plant: Plant, locks: ExitStack) -> None:
        self._plant = plant
        self._locks = locks

    def was(
        self, machine: str, *states: tuple[MachineState, float], reason: Reason | None = None
    ) -> None:
        """Let a machine go from one state to the next; each began so many seconds ago."""
        before, since = UNKNOWN, ago(states[0][1])
        with History(self._plant.history) as history:
            for state, seconds in states:
                at = ago(seconds)
                why = reason if state is NO_SIGNAL else None
                stopped = at if state is STOPPED else None
                change = Change(machine, before, state, why, at, at, since, stopped)
                history.append(change)
                before, since = state, at

    def beat(self, machine: str, seconds: float = 1.0, **differs: object) -> None:
        """Let the tracker's last heartbeat be so many seconds ago."""
        values = {"score": 812, "threshold": 300, "fps": 12.5, "seen_at": ago(seconds)} | differs
        with History(self._plant.history) as history:
            beat = Heartbeat(machine, ago(seconds), os.getpid(), RUNNING, None, ago(60), **values)
            history.beat(beat)

    def tracked(self, machine: str) -> None:
        self._locks.enter_context(hold(self._plant.logs / machine, os.getpid()))


@pytest.fixture
def past(desk: Desk) -> Iterator[Past]:
    desk.configure(dict.fromkeys(("press1", "press2", "belt"), PRESS), stream=STREAM)
    with ExitStack() as locks:
        yield Past(desk, locks)


def row(desk: Desk, machine: str) -> str:
    """The line of a machine, with one space between its cells."""
    lines = desk.run("status", machine).stdout.splitlines()
    return " ".join(next(line for line in lines if line.startswith(machine)).split())


def fields(desk: Desk, machine: str) -> dict[str, object]:
    listed: list[dict[str, object]] = json.loads(desk.run("status", "--json").stdout)["machines"]
    return next(fields for fields in listed if fields["machine"] == machine)


def test_a_running_machine_is_told_with_its_evidence(desk: Desk, past: Past) -> None:
    past.was("press1", (STOPPED, 9000), (RUNNING, 8042))
    past.beat("press1")
    past.tracked("press1")

    assert row(desk, "press1").startswith("press1 RUNNING 2h 14m ")
    assert " 812 300 12.5 " in row(desk, "press1")
    told = fields(desk, "press1")
    assert (told["state"], told["reason"], told["pid"]) == ("running", None, os.getpid())
    assert told["for_s"] == pytest.approx(8042, abs=20)
    assert (told["score"], told["threshold"], told["fps"]) == (812, 300, 12.5)


def test_a_stopped_machine_is_told_with_since_when(desk: Desk, past: Past) -> None:
    past.was("press1", (RUNNING, 4000), (STOPPED, 362))
    past.beat("press1")
    past.tracked("press1")

    assert row(desk, "press1").startswith("press1 STOPPED 6m 0")
    since = datetime.fromisoformat(str(fields(desk, "press1")["since"]))
    assert since.tzinfo is not None
    assert since.timestamp() == pytest.approx(ago(362).timestamp(), abs=20)


def test_a_calibration_that_no_longer_fits_is_told_beside_the_state(desk: Desk, past: Past) -> None:
    past.was("press1", (STOPPED, 9000), (RUNNING, 8042))
    past.beat("press1")
    past.tracked("press1")
    assert fields(desk, "press1")["degraded"] is None

    note = Degraded("0a", "slipped", "the area is 6 pixels beside", "2026-01-02T03:04:05+00:00")
    keep_degraded(desk.logs / "press1", note, b"jpeg")
    assert row(desk, "press1").startswith("press1 RUNNING, degraded 2h 14m ")
    assert fields(desk, "press1")["degraded"] == asdict(note)


def test_a_deep_sleep_is_told(desk: Desk, past: Past) -> None:
    past.was("press1", (RUNNING, 9000), (STOPPED, 8000), (DEEP_SLEEP, 6090))
    past.beat("press1")
    past.tracked("press1")

    assert row(desk, "press1").startswith("press1 DEEP SLEEP 1h 41m ")
    assert desk.run("status", "press1", "--exit-code").returncode == 0


def test_a_lost_picture_is_told_with_its_reason_and_is_a_finding(desk: Desk, past: Past) -> None:
    past.was("press1", (RUNNING, 9000), (NO_SIGNAL, 125), reason=Reason.LOST)
    past.beat("press1", trouble="nothing answers", seen_at=ago(125))
    past.tracked("press1")

    assert row(desk, "press1").startswith("press1 NO SIGNAL (lost) 2m 0")
    assert fields(desk, "press1")["trouble"] == "nothing answers"
    assert desk.run("status", "press1").returncode == 0
    assert desk.run("status", "press1", "--exit-code").returncode == 1


def test_a_tracker_that_is_gone_cannot_say_what_the_machine_does(desk: Desk, past: Past) -> None:
    past.was("press1", (RUNNING, 9000))
    past.beat("press1", 3)

    assert row(desk, "press1").startswith("press1 NO SIGNAL (not tracking) ")
    told = fields(desk, "press1")
    assert (told["pid"], told["reason"]) == (None, "not_tracking")
    assert told["for_s"] == pytest.approx(3, abs=20)


def test_a_tracker_that_hangs_cannot_either(desk: Desk, past: Past) -> None:
    """It holds its lock, but has not said anything for longer than it takes to say it six times."""
    past.was("press1", (RUNNING, 9000))
    past.beat("press1", 100)
    past.tracked("press1")

    assert row(desk, "press1").startswith("press1 NO SIGNAL (not tracking) 1m 4")
    assert desk.run("status", "press1", "--exit-code").returncode == 1


def test_a_clock_that_was_set_back_does_not_look_like_a_hang(desk: Desk, past: Past) -> None:
    past.was("press1", (RUNNING, -3000))
    past.beat("press1", -3600)
    past.tracked("press1")

    assert row(desk, "press1").startswith("press1 RUNNING 0s ")


def test_a_machine_that_was_never_tracked_is_told_as_such(desk: Desk, past: Past) -> None:
    past.was("press1", (RUNNING, 60))

    assert row(desk, "belt") == "belt NO SIGNAL (not tracking) never never"
    told = fields(desk, "belt")
    assert (told["since"], told["for_s"], told["seen_at"]) == (None, None, None)


def test_one_that_is_tracked_and_warms_up_is_starting(desk: Desk, past: Past) -> None:
    past.beat("press1", 2)
    past.tracked("press1")

    assert row(desk, "press1").startswith("press1 STARTING 1m 0")


def test_without_any_history_all_are_listed_and_nothing_is_made(desk: Desk, past: Past) -> None:
    done = desk.run("status")

    assert (done.returncode, done.stderr) == (0, "")
    names = [line.split()[0] for line in done.stdout.splitlines()[1:]]
    assert names == ["press1", "press2", "belt"]
    assert not desk.logs.exists()


def test_utilisation_is_of_today_as_far_as_it_was_watched(desk: Desk, past: Past) -> None:
    now = datetime.now().astimezone()
    today = (now - now.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()
    past.was("press1", (RUNNING, today + 9000), (STOPPED, today / 2))
    past.beat("press1", 0)

    assert fields(desk, "press1")["utilisation_today"] == pytest.approx(0.5, abs=0.05)


def test_a_change_newer_than_the_last_heartbeat_is_believed(desk: Desk, past: Past) -> None:
    past.was("press1", (RUNNING, 9000), (STOPPED, 2))
    past.beat("press1", 5)
    past.tracked("press1")

    assert row(desk, "press1").startswith("press1 STOPPED ")


def test_the_last_hour_is_drawn_in_ten_pieces(desk: Desk, past: Past) -> None:
    past.was("press1", (RUNNING, 9000))
    with History(desk.history) as history:
        for minutes, moving in ((57, 0), (33, 10), (3, 20)):
            start = int(ago(minutes * 60).timestamp()) // 10 * 10
            history.add_motion(MotionSpan("press1", start, 20, moving, 0, 900, 9000))
    past.beat("press1")
    past.tracked("press1")

    line = next(
        line for line in desk.run("status").stdout.splitlines() if line.startswith("press1")
    )
    assert "▁   ▅    █" in line


@pytest.mark.slow
def test_a_pipe_without_the_letters_for_it_gets_the_rest(tmp_path: Path) -> None:
    plant = Plant(tmp_path, {"PYTHONIOENCODING": "cp1252"})
    plant.configure({"press1": PRESS}, stream=STREAM)
    with ExitStack() as locks:
        past = Past(plant, locks)
        past.was("press1", (RUNNING, 9000))
        past.beat("press1")
        with History(plant.history) as history:
            start = int(ago(600).timestamp()) // 10 * 10
            history.add_motion(MotionSpan("press1", start, 20, 20, 0, 900, 9000))
        done = plant.run("status")

    assert (done.returncode, done.stderr) == (0, "")
    assert "?" in done.stdout


def test_only_the_machines_that_were_named_are_told(desk: Desk, past: Past) -> None:
    machines = json.loads(desk.run("status", "belt", "press1", "--json").stdout)["machines"]

    assert [machine["machine"] for machine in machines] == ["belt", "press1"]


def test_a_history_that_cannot_be_read_is_said(desk: Desk, past: Past) -> None:
    desk.logs.mkdir(parents=True)
    desk.history.write_text("this is no database", encoding="utf-8")

    done = desk.run("status")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert "history.sqlite3" in done.stderr


def test_no_camera_with_an_area_is_no_data(desk: Desk) -> None:
    desk.configure({"gate": {"channel": 802}}, stream=STREAM)

    assert desk.run("status").returncode == 4
