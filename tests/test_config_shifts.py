"""Is config_shifts.ini read as it is meant, and each mistake in it named with its place?"""

import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motion_tracking.config.shift_schema import NEEDED, REASONS, SHIFTS
from motion_tracking.config.shifts import WorkingTime, read_shifts
from motion_tracking.config.zone import ComputersZone
from motion_tracking.core.reasons import Category
from servers.desk import PRESS, STREAM, Desk

ROOT = Path(__file__).parents[1]
EXAMPLE = (ROOT / "config" / "config_shifts.ini").read_text("utf-8")
USED = re.sub(r"(?m)^; (?=\[|[a-z_ ]+ = )", "", EXAMPLE)
"""The example with each comment taken away that hides a line."""

NEXT_MONTH = datetime(2026, 4, 1, tzinfo=UTC)
EARLY = "[shift early]\nstart = 06:00\nend = 14:00\n"


def read(folder: Path, text: str | bytes, machines: tuple[str, ...] = ()) -> WorkingTime:
    data = text if isinstance(text, bytes) else text.encode()
    (folder / "config_shifts.ini").write_bytes(data)
    return read_shifts(folder, machines)


def told(plant: WorkingTime) -> list[str]:
    """Return the problems from the number of the line on, with their hints."""
    return [f"{p}".rpartition(".ini")[2].lstrip(":") + f" | {p.hint}" for p in plant.problems]


def test_without_the_file_nothing_is_planned(tmp_path: Path) -> None:
    plant = read_shifts(tmp_path)

    assert (plant.exists, plant.problems, plant.rules) == (False, (), ())
    assert not plant.calendar.scheduled
    assert isinstance(plant.calendar.zone, ComputersZone)


def test_the_example_as_it_is_says_nothing(tmp_path: Path) -> None:
    plant = read(tmp_path, EXAMPLE)

    assert (plant.exists, plant.problems) == (True, ())
    assert not plant.calendar.scheduled


def test_the_example_with_its_comments_taken_away_says_what_it_seems_to(tmp_path: Path) -> None:
    plant = read(tmp_path, USED)

    assert plant.problems == ()
    calendar = plant.calendar
    assert calendar.zone == ZoneInfo("Europe/Berlin")
    assert [(shift.name, shift.start, shift.end) for shift in calendar.shifts] == [
        ("early", time(6), time(14)),
        ("late", time(14), time(22)),
        ("night", time(22), time(6)),
    ]
    assert calendar.shifts[0].breaks == ((time(9), time(9, 15)), (time(12), time(12, 30)))
    assert calendar.shifts[2].days == {0, 1, 2, 3}
    assert len(calendar.holidays) == 7
    [stop] = calendar.planned_stops
    assert (stop.machine, stop.reason) == (None, "maintenance")
    assert stop.start == datetime(2026, 11, 30, 7, tzinfo=UTC)
    assert plant.catalogue.category("bearing") is Category.FAILURE
    assert plant.catalogue.category("No Pallets") is Category.MATERIAL
    [rule] = plant.rules
    assert (rule.machine, rule.shift, rule.days) == (None, "early", {0})
    assert (rule.longer_than, rule.shorter_than) == (timedelta(minutes=5), timedelta(hours=2))
    assert plant.limits.coverage == 0.9


def test_the_example_holds_every_key() -> None:
    for section, keys in SHIFTS.items():
        found = re.search(rf"(?ms)^\[{section}\b[^\]]*\](.*?)(?=^\[|\Z)", USED)
        assert found is not None, section
        assert set(re.findall(r"(?m)^(\w+) =", found[1])) == {key.name for key in keys}
    assert f"[{REASONS}]" in USED


@pytest.mark.parametrize("key", [key for keys in SHIFTS.values() for key in keys])
def test_every_example_of_the_schema_is_allowed(key) -> None:
    key.kind.read(key.example)


def test_notepad_is_understood(tmp_path: Path) -> None:
    plain = read(tmp_path, USED)
    windows = read(tmp_path, b"\xef\xbb\xbf" + USED.replace("\n", "\r\n").encode())

    assert (windows.calendar, windows.rules, windows.problems) == (
        plain.calendar,
        plain.rules,
        (),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[calendar]\nzone = Europe/Berlln\n", ["2 [calendar] zone = Europe/Berlln: must be an IANA"
         " time zone such as Europe/Berlin | did you mean Europe/Berlin?"]),
        ("[calendar]\nzone = ../secret\n", ["2 [calendar] zone = ../secret: must be an IANA time"
         " zone such as Europe/Berlin | "]),
        ("[calendar]\nholidays = 2026-12-25 26.12.\n", ["2 [calendar] holidays = 2026-12-25 26.12.:"
         " must be dates such as 2026-12-25, and ranges such as 2026-12-24..2027-01-01 | "]),
        ("[calendar]\nholidays = 2026-12-25..2026-12-24\n", ["2 [calendar] holidays ="
         " 2026-12-25..2026-12-24: a range must go from an earlier day to one within a year | "]),
        ("[shift early]\nstart = 06:00\n", ["1 [shift early]: end is not set | "]),
        ("[shift early]\nstart = 6 am\nend = 14:00\n", ["2 [shift early] start = 6 am: must be a"
         " time of day such as 06:00 | "]),
        (EARLY + "days = mon-fry\n", ["4 [shift early] days = mon-fry: must be days such as"
         " mon-fri, or sat sun, or all | did you mean fri?"]),
        (EARLY + "breaks = 15:00-15:10\n", ["1 [shift early]: the break 15:00-15:10 is not within"
         " the shift early, 06:00-14:00 | "]),
        (EARLY + "[shift late]\nstart = 13:00\nend = 22:00\n", ["4 [shift late]: the shifts early"
         " and late overlap | at any time a machine has one shift or none"]),
        (EARLY + "[Shift early]\nstart = 14:00\nend = 22:00\n", ["4 [Shift early]: another shift"
         " has this name | "]),
        ("[shift]\nstart = 06:00\nend = 14:00\n", ["1 [shift]: the section has no name | give it"
         " one, as in [shift early]"]),
        ("[report daily]\n", ["1 [report daily]: the section is called [report] and no more | "]),
        ("[shft early]\n", ["1 [shft early]: nobody reads this section | did you mean shift?"]),
        (EARLY + "brakes = 09:00-09:10\n", ["4 [shift early] brakes: nobody reads this key |"
         " did you mean breaks?"]),
        ("[planned x]\nstart = 2026-11-30T08:00\nend = 2026-11-30T07:00\n", ["3 [planned x] end ="
         " 2026-11-30T07...: must be after the start | "]),
        ("[planned x]\nmachine = pres1\nstart = 2026-11-30T08:00\nend = 2026-11-30T09:00\n",
         ["2 [planned x] machine = pres1: no camera is called so | did you mean press1?"]),
        ("[planned x]\nstart = 2026-11-30T08:00Z\nend = 2026-11-30T09:00\n", ["2 [planned x]"
         " start = 2026-11-30T08...: must be local time, without an offset | "]),
        ("[planned x]\nstart = 0001-01-01T00:00\nend = 2026-11-30T09:00\n", ["2 [planned x] start ="
         " 0001-01-01T00...: the year must be from 1990 to 2199 | "]),
        ("[calendar]\nholidays = 9999-12-30..9999-12-31\n", ["2 [calendar] holidays ="
         " 9999-12-30..9999-12-31: the year must be from 1990 to 2199 | "]),
        ("[rule x]\nreason = bering\n[reasons]\nbearing = failure\n", ["2 [rule x] reason = bering:"
         " there is no such reason | did you mean bearing?"]),
        ("[rule x]\nreason = xyzzy\n", ["2 [rule x] reason = xyzzy: there is no such reason |"
         " list it below [reasons]"]),
        ("[rule x]\nreason = other\nshift = earyl\n" + EARLY, ["3 [rule x] shift = earyl: there is"
         " no such shift | did you mean early?"]),
        ("[rule x]\nreason = other\nlonger_than = 5\n", ["3 [rule x] longer_than = 5: must be a"
         " length such as 90 s, 5 min or 2 h | "]),
        ("[reasons]\nbearing = defect\n", ["2 [reasons] bearing = defect: must be failure or"
         " changeover or material or break or planned or other | "]),
        ("[reasons]\nbearing =\n", ["2 [reasons] bearing: must be failure or changeover or material"
         " or break or planned or other | "]),
        ("[report]\ncoverage = 130%\n", ["2 [report] coverage = 130%: must be a share from 0 to 1"
         " (or 0% to 100%) | "]),
        (EARLY + EARLY, ["4 [shift early]: the section stands twice, first in line 1 | give one of"
         " the two another name, or remove it", "5 [shift early] start: stands twice in the"
         " section, first in line 2 | remove one of the two", "6 [shift early] end: stands twice"
         " in the section, first in line 3 | remove one of the two"]),
        ("early\n", ["1: stands before the first [section] | put a [section] above it"]),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert told(read(tmp_path, text, ("press1", "saw"))) == expected


def test_a_file_of_another_encoding_is_named(tmp_path: Path) -> None:
    plant = read(tmp_path, USED.encode("utf-16"))

    assert len(plant.errors) == 1
    assert "UTF-16" in str(plant.errors[0])


@pytest.mark.parametrize(
    ("text", "days"),
    [("all", range(7)), ("fri-mon", [4, 5, 6, 0]), ("Saturday, sun", [5, 6]), ("wed", [2])],
)
def test_days_are_written_as_people_do(tmp_path: Path, text: str, days: list[int]) -> None:
    [shift] = read(tmp_path, f"{EARLY}days = {text}").calendar.shifts

    assert shift.days == set(days)


def test_midnight_may_be_written_as_the_end_of_the_day(tmp_path: Path) -> None:
    [shift] = read(tmp_path, "[shift late]\nstart = 16:00\nend = 24:00").calendar.shifts

    assert (shift.end, shift.length) == (time(0), timedelta(hours=8))


def test_each_needed_key_is_one() -> None:
    for section, keys in NEEDED.items():
        assert set(keys) <= {key.name for key in SHIFTS[section]}


def test_the_zone_of_the_computer_knows_its_own_summer(monkeypatch: pytest.MonkeyPatch) -> None:
    import time as clock

    if not hasattr(clock, "tzset"):
        pytest.skip("the zone of a Windows computer is set for all programs")
    monkeypatch.setenv("TZ", "Europe/Berlin")
    clock.tzset()
    try:
        zone, berlin = ComputersZone(), ZoneInfo("Europe/Berlin")
        for begin in (datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC)):
            for half_hours in range(96):
                at = begin + timedelta(minutes=30) * half_hours
                ours, theirs = at.astimezone(zone), at.astimezone(berlin)
                assert ours.isoformat() == theirs.isoformat()
                assert ours.fold == theirs.fold
                assert ours.astimezone(UTC) == at
    finally:
        monkeypatch.undo()
        clock.tzset()


def test_check_says_what_the_calendar_says_and_what_is_wrong_with_it(desk: Desk) -> None:
    desk.configure({"press1": PRESS}, stream=STREAM)
    assert "Shifts" not in desk.run("check", "--offline").stdout
    file = desk.folder / "config" / "config_shifts.ini"
    file.write_text(f"[calendar]\nzone = Europe/Berlin\n{EARLY}", encoding="utf-8")
    assert "config_shifts.ini: early; Europe/Berlin" in desk.run("check", "--offline").stdout

    file.write_text(f"{EARLY}days = someday\n", encoding="utf-8")
    done = desk.run("check", "--offline")

    assert done.returncode == 1
    assert "config_shifts.ini:4 [shift early] days = someday: must be days" in done.stdout


def test_a_mistake_in_the_calendar_costs_no_other_command(desk: Desk) -> None:
    desk.configure({"press1": PRESS}, stream=STREAM)
    (desk.folder / "config" / "config_shifts.ini").write_text("[shift", encoding="utf-8")

    assert desk.run("cameras", "--names").stdout == "press1\n"


def test_holidays_are_days(tmp_path: Path) -> None:
    plant = read(tmp_path, "[calendar]\nholidays = 2026-12-24..2026-12-26, 2027-01-01 ; new year")

    assert plant.calendar.holidays == {
        *(date(2026, 12, day) for day in (24, 25, 26)),
        date(2027, 1, 1),
    }


SLIPS = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.integers(0, 30),
        st.sampled_from(
            [
                b"",
                b"\n",
                b"[",
                b"]",
                b"=",
                b"..",
                b"-",
                b"99",
                b"24:00",
                b"0001-01-01",
                b"\xff",
                b"\0",
            ]
        ),
    ),
    max_size=6,
)


@given(SLIPS)
@settings(max_examples=60)
def test_any_slip_of_the_keyboard_gives_a_calendar_and_named_problems(
    tmp_path_factory: pytest.TempPathFactory, slips: list[tuple[float, int, bytes]]
) -> None:
    data = USED.encode()
    for place, length, scrap in slips:
        at = int(place * len(data))
        data = data[:at] + scrap + data[at + length :]

    plant = read(tmp_path_factory.getbasetemp(), data, ("press1",))

    assert all(f"{problem}{problem.hint}".isprintable() for problem in plant.problems)
    assert len(plant.errors) <= len(plant.problems)
    plant.calendar.shifts_between("press1", datetime(2026, 3, 1, tzinfo=UTC), NEXT_MONTH)
