"""Does a plant keep the past that the old tool's logs tell of?"""

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from motion_tracking.core.changes import Change
from motion_tracking.core.intervals import intervals, totals
from motion_tracking.core.machine import MachineState, Reason
from motion_tracking.record.history import History
from servers.desk import Desk

BERLIN = ZoneInfo("Europe/Berlin")
ZONE = ("--zone", "Europe/Berlin")
PRESS = {"channel": 802, "threshold": 500, "ix": 1, "iy": 1, "ix2": 9, "iy2": 9}
SIX = datetime(2023, 10, 27, 6, tzinfo=BERLIN).astimezone(UTC)


class OldLogs:
    """Writes the three logs of one machine as the old tool did."""

    def __init__(self, folder: Path, machine: str = "press1") -> None:
        self.folder, self.machine = folder / machine, machine
        self.folder.mkdir(parents=True, exist_ok=True)

    def _add(self, kind: str, at: datetime, rest: str) -> None:
        with (self.folder / f"log_{kind}_{self.machine}.log").open("a", encoding="utf-8") as file:
            file.write(f"{at.astimezone(BERLIN):%Y/%m/%d %H:%M:%S} {rest}\n")

    def runs(self, start: datetime, end: datetime) -> None:
        """Write motion lines, one in thirty seconds, which is as good as one a second."""
        path = self.folder / f"log_motion_{self.machine}.log"
        with path.open("a", encoding="utf-8") as file:
            at = start
            while at < end:
                file.write(f"{at.astimezone(BERLIN):%Y/%m/%d %H:%M:%S} 812\n")
                at += timedelta(seconds=30)

    def moving(self, at: datetime, minutes: int) -> None:
        self._add(
            "globalstatechange",
            at,
            f"- Moving_State {self.machine} - was stopped for {minutes} min",
        )

    def stopped(self, at: datetime) -> None:
        self._add("globalstatechange", at, f"- Stopped_State {self.machine}")

    def false_stop(self, at: datetime) -> None:
        self.stopped(at + timedelta(seconds=2))
        self.moving(at + timedelta(seconds=33), 0)

    def slept(self, at: datetime) -> None:
        self._add("deepsleep", at, f"- Deep_Sleep: {self.machine} - stopped 20 mins ago")

    def woke(self, at: datetime, minutes: int) -> None:
        self._add("deepsleep", at, f"- Woke_Up: {self.machine} - Idle time: {minutes} min")


@pytest.fixture
def plant(desk: Desk) -> Desk:
    desk.configure({"press1": PRESS}, stream={"ip_address": "127.0.0.1"})
    return desk


def later(**time: float) -> datetime:
    return SIX + timedelta(**time)


def two_days(logs: OldLogs) -> None:
    """
    One day of 24 h from 6:00 on, ten minutes off, and the night in which the clocks go back.

    Each start of the old tool tells a false stop.  From 10:00 to 12:00 of the first day the machine
    stands, from 10:20 on asleep; on the second, which ends at 5:00, from 2:30 (summer) for 40 min.
    """
    logs.false_stop(SIX)
    logs.runs(SIX, later(hours=24, seconds=1))
    logs.stopped(later(hours=4))
    logs.slept(later(hours=4, minutes=20))
    logs.woke(later(hours=6), 120)
    logs.moving(later(hours=6), 120)
    again = later(hours=24, minutes=10)
    logs.false_stop(again)
    logs.runs(again, later(hours=48, seconds=1))
    logs.stopped(datetime(2023, 10, 29, 0, 30, tzinfo=UTC))
    logs.moving(datetime(2023, 10, 29, 1, 10, tzinfo=UTC), 40)


def rows(plant: Desk) -> list[tuple[datetime, str]]:
    with closing(History(plant.history, read_only=True)) as history:
        steps = history.past(
            "press1", datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
        )
        return [(step.occurred_at, step.reason or step.to_state) for step in steps]


def test_the_logs_become_history_without_the_old_tools_faults(plant: Desk) -> None:
    two_days(OldLogs(plant.logs))

    done = plant.run("import-logs", "press1", *ZONE, "--yes")

    assert done.returncode == 0, done.stderr
    assert "press1: 9 changes written\n" in done.stdout
    assert (
        rows(plant)
        == [
            (SIX, "running"),
            (later(hours=4), "stopped"),
            (later(hours=4, minutes=20), "deep_sleep"),
            (later(hours=6), "running"),
            (later(hours=24), "not_tracking"),
            (later(hours=24, minutes=10), "running"),
            (datetime(2023, 10, 29, 0, 30, tzinfo=UTC), "stopped"),
            (datetime(2023, 10, 29, 1, 10, tzinfo=UTC), "running"),
            (later(hours=48), "not_tracking"),
        ][: len(rows(plant))]
    )
    assert len(rows(plant)) == 9


def test_it_says_what_it_understood_before_it_writes(plant: Desk) -> None:
    logs = OldLogs(plant.logs)
    two_days(logs)
    with (logs.folder / "log_motion_press1.log").open("ab") as file:
        file.write(b"\xff\xfegarbage\n2023/10/29 05:0")

    done = plant.run("import-logs", *ZONE, "--dry-run")

    assert (done.returncode, done.stderr) == (0, "")
    # 48 h less 10 min unseen, less 2 h and 40 min stopped: 45 h 10 min; 45.17 / 47.83 h = 94.4 %
    assert done.stdout.splitlines() == [
        "press1",
        "  read        log_motion_press1.log, log_globalstatechange_press1.log,"
        " log_deepsleep_press1.log",
        "  from        27 Oct 2023, 06:00 – 29 Oct 2023, 05:00 (Europe/Berlin)",
        "  it says     running 1d 21h · stopped 2h 40m in 2 stops · not seen 10m 00s"
        " · utilisation 94.4%",
        "  left out    2 stops that the old tool told at its start, though the machine ran",
        "              2 lines that say nothing",
        "  not seen    1 time the old tool was not running",
    ]
    assert not plant.history.exists()


def test_the_zone_is_that_of_the_plants_calendar(plant: Desk) -> None:
    two_days(OldLogs(plant.logs))
    calendar = "[calendar]\nzone = Asia/Tokyo\n"
    (plant.config / "config_shifts.ini").write_text(calendar, encoding="utf-8")

    assert "(Asia/Tokyo)" in plant.run("import-logs", "--dry-run").stdout
    assert "(Europe/Berlin)" in plant.run("import-logs", *ZONE, "--dry-run").stdout


def test_importing_twice_changes_nothing(plant: Desk) -> None:
    two_days(OldLogs(plant.logs))
    plant.run("import-logs", *ZONE, "--yes")
    before = rows(plant)

    done = plant.run("import-logs", "press1", *ZONE, "--yes")

    assert done.stdout.endswith("press1: the history has it already\n")
    assert rows(plant) == before


def test_logs_that_went_on_meanwhile_take_the_place_of_what_was_imported(plant: Desk) -> None:
    logs = OldLogs(plant.logs)
    two_days(logs)
    plant.run("import-logs", *ZONE, "--yes")
    logs.runs(later(hours=48, seconds=30), later(hours=50, seconds=1))
    logs.stopped(later(hours=49))

    done = plant.run("import-logs", *ZONE, "--yes")

    assert done.stdout.endswith("press1: 3 changes written\n")
    assert rows(plant)[-2:] == [(later(hours=49), "stopped"), (later(hours=50), "not_tracking")]


def own_record(plant: Desk, at: datetime) -> None:
    with closing(History(plant.history)) as history:
        first = Change(
            "press1",
            MachineState.NO_SIGNAL,
            MachineState.UNKNOWN,
            None,
            at,
            at,
            at,
        )
        history.append(first)
        history.append(
            replace(
                first,
                from_state=MachineState.UNKNOWN,
                to_state=MachineState.STOPPED,
                since=at,
                occurred_at=at + timedelta(seconds=15),
                detected_at=at + timedelta(seconds=15),
            )
        )


def test_the_logs_count_only_before_our_own_record(plant: Desk) -> None:
    """Which writes into the same files: what came later is ours, and known better."""
    two_days(OldLogs(plant.logs))
    own_record(plant, later(hours=5))

    done = plant.run("import-logs", *ZONE, "--yes")

    assert "6 lines from 2023-10-27 09:00:00 UTC on: our own record begins" in done.stdout
    assert rows(plant) == [
        (SIX, "running"),
        (later(hours=4), "stopped"),
        (later(hours=4, minutes=20), "deep_sleep"),
        (later(hours=5), "unknown"),
        (later(hours=5, seconds=15), "stopped"),
    ]
    with closing(History(plant.history, read_only=True)) as history:
        assert history.verify() == []
        tiles = intervals(history.past("press1", SIX, later(hours=6)), SIX, later(hours=6))
    assert totals(tiles).running == timedelta(hours=4)
    assert totals(tiles).stopped == timedelta(hours=2, seconds=-15)


def test_between_the_old_tool_and_us_nobody_looked(plant: Desk) -> None:
    logs = OldLogs(plant.logs)
    logs.false_stop(SIX)
    logs.runs(SIX, later(hours=1, seconds=1))
    own_record(plant, later(hours=10))
    plant.run("import-logs", *ZONE, "--yes")

    with closing(History(plant.history, read_only=True)) as history:
        tiles = intervals(history.past("press1", SIX, later(hours=11)), SIX, later(hours=11))

    assert [(t.state, t.start) for t in tiles if t.reason is None][:1] == [
        (MachineState.RUNNING, SIX)
    ]
    blind = [tile for tile in tiles if tile.state is MachineState.NO_SIGNAL]
    assert (blind[0].start, blind[-1].end) == (later(hours=1), later(hours=10))
    assert blind[0].reason is Reason.NOT_TRACKING


def test_without_the_motion_log_it_says_what_cannot_be_known(plant: Desk) -> None:
    logs = OldLogs(plant.logs)
    two_days(logs)
    (logs.folder / "log_motion_press1.log").unlink()

    done = plant.run("import-logs", *ZONE, "--dry-run")

    assert (
        "doubtful    without its log_motion_ file nobody knows when it did not look" in done.stdout
    )
    assert "left out" not in done.stdout


def test_a_zone_that_is_not_the_clocks_is_doubted(plant: Desk) -> None:
    """It ran through the morning on which the clocks of the zone were put forward."""
    logs = OldLogs(plant.logs)
    path = logs.folder / "log_motion_press1.log"
    minutes = (f"2024/03/31 {n // 60:02}:{n % 60:02}:00 812\n" for n in range(300))
    path.write_text("".join(minutes), encoding="utf-8")
    logs.stopped(datetime(2024, 3, 31, 0, 30, tzinfo=UTC))

    done = plant.run("import-logs", *ZONE, "--dry-run")
    right = plant.run("import-logs", "--zone", "Etc/GMT-1", "--dry-run")

    assert "doubtful    its clock did not follow the summer time of this zone" in done.stdout
    assert "doubtful" not in right.stdout


def test_a_stop_in_the_second_of_two_hours_is_known_by_its_length(plant: Desk) -> None:
    """Stopped at 2:30 of a night that has it twice, running at 3:10 "for 40 min": the second."""
    logs = OldLogs(plant.logs)
    logs.moving(datetime(2023, 10, 28, 20, tzinfo=UTC), 0)
    logs.stopped(datetime(2023, 10, 29, 1, 30, tzinfo=UTC))
    logs.moving(datetime(2023, 10, 29, 2, 10, tzinfo=UTC), 40)

    done = plant.run("import-logs", *ZONE, "--yes")

    assert rows(plant)[1][0] == datetime(2023, 10, 29, 1, 30, tzinfo=UTC)
    assert "of the hour that comes twice" not in done.stdout


def test_a_machine_that_was_called_otherwise_is_taken_under_its_new_name(plant: Desk) -> None:
    logs = OldLogs(plant.folder, "oldname")
    two_days(logs)
    files = [arg for path in sorted(logs.folder.iterdir()) for arg in ("--log", str(path))]

    done = plant.run("import-logs", "press1", *files, *ZONE, "--yes")

    assert "  once called 'oldname'\n" in done.stdout
    assert len(rows(plant)) == 9


def test_lines_about_other_machines_are_left_out_and_counted(plant: Desk) -> None:
    logs = OldLogs(plant.logs)
    two_days(logs)
    path = logs.folder / "log_globalstatechange_press1.log"
    with path.open("a", encoding="utf-8") as file:
        file.write("2023/10/27 07:00:00 - Stopped_State lathe\n")

    done = plant.run("import-logs", *ZONE, "--yes")

    assert "1 line about 'lathe'" in done.stdout
    assert len(rows(plant)) == 9


def test_nobody_at_the_terminal_has_agreed(plant: Desk) -> None:
    two_days(OldLogs(plant.logs))

    done = plant.run("import-logs", *ZONE)

    assert done.returncode == 2
    assert done.stderr.endswith("hint:  --yes agrees\n")
    assert not plant.history.exists()


def test_without_logs_there_is_no_data(plant: Desk) -> None:
    assert plant.run("import-logs").returncode == 4
    assert plant.run("import-logs", "press1").returncode == 4
