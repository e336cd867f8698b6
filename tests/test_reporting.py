"""Does a report hold what the history and the plant's calendar say, up to now and no further?"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from motion_tracking.commands.knowing import working_time
from motion_tracking.commands.reporting import plant_report
from motion_tracking.config import Config, load
from motion_tracking.console import Exit, Failure
from motion_tracking.core.changes import Change
from motion_tracking.core.machine import MachineState
from motion_tracking.core.reasons import Assignment
from motion_tracking.record.history import Heartbeat, History, MotionSpan
from servers.plant import Plant

RUNNING, STOPPED = MachineState.RUNNING, MachineState.STOPPED
START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
AREA = {"channel": 802, "threshold": 300, "ix": 10, "iy": 20, "ix2": 110, "iy2": 70}
SHIFTS = "[calendar]\nzone=UTC\n[shift early]\nstart=06:00\nend=14:00\n"


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    """The press ran from 05:00 on, and stood from 07:00 to 08:00."""
    plant = Plant(tmp_path)
    plant.configure(
        {"press1": AREA, "press2": AREA}, stream={"ip_address": "x"}, site={"name": "N"}
    )
    (plant.config / "config_shifts.ini").write_text(SHIFTS, encoding="utf-8")
    with History(plant.history) as history:
        for since, old, when, new in (
            (-61, MachineState.UNKNOWN, -60, RUNNING),
            (-60, RUNNING, 60, STOPPED),
            (60, STOPPED, 120, RUNNING),
        ):
            history.append(Change("press1", old, new, None, at(when), at(when), at(since)))
        history.assign(Assignment("press1", at(60), "failure", "", "ann", at(130)))
    return plant


def configuration(plant: Plant) -> Config:
    return load(plant.config, {})


def test_a_report_is_made_of_the_history_and_the_calendar(plant: Plant) -> None:
    report = plant_report(configuration(plant), ["press1"], at(0), at(480), at(900))

    assert (report.site, str(report.zone), report.has_calendar) == ("N", "UTC", True)
    [machine] = report.machines
    assert machine.figures.availability == 420 / 480
    assert machine.figures.mttr == timedelta(hours=1)
    assert (machine.stops[0].reason, machine.threshold) == ("failure", 300)
    assert report.figures == machine.figures


def test_all_machines_are_reported_those_never_seen_too(plant: Plant) -> None:
    report = plant_report(configuration(plant), [], at(0), at(480), at(900))

    assert [machine.machine for machine in report.machines] == ["press1", "press2"]
    assert report.machines[1].figures.coverage == 0
    assert report.figures.planned == timedelta(hours=16)


def test_a_machine_that_is_configured_no_more_can_be_reported(plant: Plant) -> None:
    plant.configure({"saw": AREA}, stream={"ip_address": "x"})

    [machine] = plant_report(configuration(plant), ["press1"], at(0), at(480), at(900)).machines
    assert machine.figures.availability == 420 / 480
    with pytest.raises(Failure, match="no camera called 'press7'"):
        plant_report(configuration(plant), ["press7"], at(0), at(480), at(900))


def test_what_is_still_to_come_is_not_reported(plant: Plant) -> None:
    report = plant_report(configuration(plant), ["press1"], at(0), at(480), at(240))

    assert report.end == at(240)
    assert report.machines[0].figures.planned == timedelta(hours=4)
    with pytest.raises(Failure, match="still to come"):
        plant_report(configuration(plant), ["press1"], at(300), at(480), at(240))


@pytest.mark.parametrize(
    ("beat", "ended", "now", "unseen"),
    [
        pytest.param(239.9, False, 240, 0, id="it beats"),
        pytest.param(230, False, 240, 10, id="killed ten minutes ago"),
        pytest.param(239.9, True, 240, 0.1, id="stopped in good order"),
        pytest.param(100, True, 240, 120, id="not before the last change"),
    ],
)
def test_where_no_heart_beats_nothing_is_claimed(
    plant: Plant, beat: float, ended: bool, now: float, unseen: float
) -> None:
    with History(plant.history) as history:
        history.beat(Heartbeat("press1", at(beat), 1, RUNNING, None, at(120), ended=ended))

    report = plant_report(configuration(plant), ["press1"], at(0), at(480), at(now))

    assert report.machines[0].figures.unseen == timedelta(minutes=unseen)


def test_a_short_time_has_a_motion_curve_and_a_long_one_none(plant: Plant) -> None:
    with History(plant.history) as history:
        for second in range(0, 600, 10):
            start = int(at(0).timestamp()) + second
            history.add_motion(MotionSpan("press1", start, 20, 5, second, 1000 + second, 4000))

    [machine] = plant_report(configuration(plant), ["press1"], at(0), at(480), at(900)).machines
    assert [(point.at, point.lowest, point.highest) for point in machine.scores[:2]] == [
        (at(0), 0, 1050),
        (at(1), 60, 1110),
    ]
    assert {(point.mean, point.moving) for point in machine.scores} == {(200, 0.25)}
    week = plant_report(configuration(plant), ["press1"], at(0), at(8 * 1440), at(99999))
    assert len(week.machines[0].scores) == 2  # of six minutes each
    month = plant_report(configuration(plant), ["press1"], at(0), at(30 * 1440), at(99999))
    assert month.machines[0].scores == ()


def test_a_wrong_calendar_is_told_and_no_report_made(plant: Plant) -> None:
    (plant.config / "config_shifts.ini").write_text(
        SHIFTS + "[shift late]\nstart=13:00\nend=22:00\n", encoding="utf-8"
    )

    with pytest.raises(Failure, match="the shifts early and late overlap"):
        plant_report(configuration(plant), [], at(0), at(480), at(900))
    with pytest.raises(Failure, match=r"config_shifts\.ini:6"):
        working_time(configuration(plant))


def test_without_a_history_there_is_no_data(plant: Plant) -> None:
    plant.history.unlink()

    with pytest.raises(Failure, match="nothing was recorded") as failure:
        plant_report(configuration(plant), [], at(0), at(480), at(900))
    assert failure.value.code is Exit.NO_DATA
