"""Is a report the same in every form, whole, and harmless whatever its names and notes are?"""

import csv
import json
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from motion_tracking.core.digest import PlantReport
from motion_tracking.core.digesting import Digester
from motion_tracking.core.explaining import Known, Plan
from motion_tracking.core.machine import MachineState, Reason
from motion_tracking.core.reasons import Assignment
from motion_tracking.core.shifts import Calendar, Shift
from motion_tracking.core.spans import Span
from motion_tracking.record.past import PastStep
from motion_tracking.report import EXTRAS, OUTPUTS, plant_output
from motion_tracking.report.cells import harmless, write_cells
from motion_tracking.report.curve import curve
from motion_tracking.report.document import document, share
from motion_tracking.report.findings import lead, ranked
from motion_tracking.report.page import html
from motion_tracking.report.strips import day_strips, pieces, ticks
from motion_tracking.report.wording import length, limit, percent, title_text
from plants import BERLIN, LOOSE, plant

HOSTILE = "=cmd|' /C calc'!A0 <img src=x onerror=alert(1)>&\"'$\\press$ {{ 7*7 }} 冲床 \u202e"
RUNNING, STOPPED = MachineState.RUNNING, MachineState.STOPPED

REPORTS = {
    "a day": lambda: plant(3, 1),
    "one machine": lambda: plant(1, 1),
    "no calendar": lambda: plant(2, 1, LOOSE),
    "a week": lambda: plant(2, 7),
    "ten weeks": lambda: plant(2, 70),
    "a Sunday": lambda: plant(2, 1, start=datetime(2026, 11, 22, 6)),
    "hostile": lambda: plant(2, 1, names=(HOSTILE, "x" * 300), note=HOSTILE, site=HOSTILE),
    "nothing seen": lambda: unseen(),
    "a minute": lambda: plant(1, 1 / 1440, LOOSE),
}


def unseen() -> PlantReport:
    """A plant in which nobody looked."""
    made = plant(1, 1, LOOSE)
    machine = Digester(Plan(LOOSE), made.start, made.end).machine(Known("press1", ()))
    return replace(made, machines=(machine,))


@pytest.mark.slow
@pytest.mark.parametrize("what", REPORTS)
@pytest.mark.parametrize("suffix", OUTPUTS)
def test_every_output_writes_its_files_whatever_is_in_them(
    tmp_path: Path, suffix: str, what: str
) -> None:
    report = REPORTS[what]()
    output = tmp_path / f"report{suffix.upper()}"

    written = plant_output(output)(report, output)

    assert written[0] == output
    assert sorted(written) == sorted(tmp_path.iterdir())
    assert all(path.stat().st_size > 90 for path in written)


@pytest.mark.parametrize("suffix", [".csv", ".json", ".html"])
def test_an_output_that_cannot_be_written_leaves_nothing_behind(
    tmp_path: Path, suffix: str
) -> None:
    (tmp_path / f"report{suffix}").mkdir()

    with pytest.raises(OSError, match="report"):
        plant_output(Path(suffix[1:] + suffix))(plant(1, 1), tmp_path / f"report{suffix}")

    assert list(tmp_path.iterdir()) == [tmp_path / f"report{suffix}"]


def test_a_file_that_nobody_can_write_says_which_there_are() -> None:
    with pytest.raises(ValueError, match=r"x\.doc: must end in \.html, \.pdf, .*\.xlsx"):
        plant_output(Path("x.doc"))


@pytest.mark.slow
def test_a_picture_is_sound_xml_whatever_was_typed(tmp_path: Path) -> None:
    report = plant(1, 1, LOOSE, names=("a\x07\x1b[31m\nb<&>",), site="c\x00")

    [picture] = plant_output(Path("x.svg"))(report, tmp_path / "x.svg")

    assert ElementTree.parse(picture).getroot().tag.endswith("svg")


def test_extras_are_those_of_outputs() -> None:
    assert set(EXTRAS) <= set(OUTPUTS)


# one machine of a small day, worked out by hand


def small_day() -> PlantReport:
    """
    Planned from 06:00 to 10:00 without the break from 08:00 to 08:15, so 3 h 45 m.

    It ran from 05:50, stood from 07:50 to 08:20 (20 minutes of it planned), was not seen from 09:00
    to 09:05, and stood from 09:57 on.  In plan it ran 06:00-07:50, 08:20-09:00 and 09:05-09:57:
    110 + 40 + 52 = 202 minutes; stood 10 + 5 + 3 = 18; was not seen for 5.  202 + 18 + 5 = 225.
    """
    shift = Shift("early", at(6).time(), at(10).time(), breaks=((at(8).time(), at(8, 15).time()),))
    calendar = Calendar(UTC, (shift,))
    steps = (
        step(MachineState.UNKNOWN, RUNNING, 5, 50),
        step(RUNNING, STOPPED, 7, 50),
        step(STOPPED, RUNNING, 8, 20),
        step(RUNNING, MachineState.NO_SIGNAL, 9, 0, Reason.LOST),
        step(MachineState.NO_SIGNAL, RUNNING, 9, 5),
        step(RUNNING, STOPPED, 9, 57),
    )
    said = (Assignment("press1", at(7, 50), "failure", "belt, torn", "Kim", at(9)),)
    digester = Digester(Plan(calendar), at(6), at(10))
    machine = digester.machine(Known("press1", steps, None, said))
    return PlantReport("Hall 3", UTC, at(6), at(10), at(10, 1), True, (machine,))


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 2, hour, minute, tzinfo=UTC)


def step(
    old: MachineState, new: MachineState, hour: int, minute: int, why: Reason | None = None
) -> PastStep:
    return PastStep(old, new, why, at(hour, minute), at(hour, minute))


def test_the_json_of_a_small_day_is_what_was_worked_out_by_hand() -> None:
    made = document(small_day())
    assert made["machines"][0]["all_time"] == {
        "whole_s": 4 * 3600.0,
        "running_s": 202 * 60.0,
        "stopped_s": 33 * 60.0,
        "unseen_s": 300.0,
        "coverage": share(235 / 240),
        "utilisation": share(202 / 235),
    }

    [machine] = made.pop("machines")
    assert made.pop("figures") == machine["figures"]
    assert made == {
        "schema": 1,
        "site": "Hall 3",
        "zone": "UTC",
        "start": "2026-03-02T06:00:00.000+00:00",
        "end": "2026-03-02T10:00:00.000+00:00",
        "made_at": "2026-03-02T10:01:00.000+00:00",
        "has_calendar": True,
        "limits": {"coverage": 0.9, "micro_stop_s": 300.0, "shortest_stop_s": 15.0},
    }
    assert machine["figures"] == {
        "planned_s": 225 * 60.0,
        "running_s": 202 * 60.0,
        "stopped_s": 18 * 60.0,
        "unseen_s": 5 * 60.0,
        "coverage": round(220 / 225, 6),
        "availability": round(202 / 225, 6),
        "availability_lowest": round(202 / 225, 6),
        "availability_highest": round(207 / 225, 6),
        "utilisation": round(202 / 220, 6),
        "stops": 2,
        "micro_stops": 0,  # the last one goes on, so nobody knows
        "micro_stops_s": 0.0,
        "mtbs_s": 101 * 60.0,
        "mean_downtime_s": 15 * 60.0,
        "failures": 1,
        "mtbf_s": 202 * 60.0,
        "mttr_s": 15 * 60.0,
        "longest_stop_s": 15 * 60.0,
        "longest_stop_open": False,
    }
    assert [stop["seconds"] for stop in machine["stops"]] == [30 * 60.0, 3 * 60.0]
    assert machine["stops"][0] | {"seconds": 0} == {
        "start": "2026-03-02T07:50:00.000+00:00",
        "end": "2026-03-02T08:20:00.000+00:00",
        "seconds": 0,
        "lost_s": 15 * 60.0,
        "planned": False,
        "at_least": False,
        "ongoing": False,
        "continued": False,
        "deep_sleep": False,
        "micro": False,
        "reason": "failure",
        "category": "failure",
        "source": "person",
        "note": "belt, torn",
        "who": "Kim",
    }
    assert (machine["stops"][1]["end"], machine["stops"][1]["at_least"]) == (None, True)
    assert sum(tile["seconds"] for tile in machine["intervals"]) == 4 * 3600
    assert [shift["shift"] for shift in machine["shifts"]] == ["early"]
    assert machine["weeks"][0]["week"] == "2026-W10"
    assert machine["hours"][0]["day"] == "2026-03-02"


def test_json_says_the_offset_of_the_site_and_is_pure(tmp_path: Path) -> None:
    [written] = plant_output(Path("x.json"))(plant(1, 1), tmp_path / "x.json")

    made = json.loads(written.read_text(encoding="utf-8"), parse_constant=pytest.fail)

    assert made["start"] == "2026-11-16T06:00:00.000+01:00"
    assert made["zone"] == "Europe/Berlin"


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_csv_has_a_file_of_stops_and_one_of_intervals(tmp_path: Path) -> None:
    stops, intervals = write_cells(small_day(), tmp_path / "x.csv")

    assert intervals.name == "x_intervals.csv"
    first, second = read_csv(stops)
    assert (first["machine"], first["start"]) == ("press1", "2026-03-02T07:50:00+00:00")
    assert (first["seconds"], first["lost_seconds"]) == ("1800.0", "900.0")
    assert (first["reason"], first["note"]) == ("failure", "belt, torn")
    assert (second["end"], second["ongoing"], second["at_least"]) == ("", "yes", "yes")
    assert [row["state"] for row in read_csv(intervals)] == [
        "running", "stopped", "running", "no_signal", "running", "stopped",
    ]  # fmt: skip


def test_csv_begins_with_a_bom_only_for_excel(tmp_path: Path) -> None:
    plain, _ = write_cells(small_day(), tmp_path / "plain.csv")
    excel, _ = write_cells(small_day(), tmp_path / "excel.csv", bom=True)

    assert plain.read_bytes().startswith(b"machine,")
    assert excel.read_bytes() == b"\xef\xbb\xbf" + plain.read_bytes()


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_no_cell_begins_like_a_formula(begin: str) -> None:
    assert harmless(f"{begin}1+1") == f"'{begin}1+1"
    assert harmless(f"press{begin}") == f"press{begin}"


def test_names_and_notes_are_no_formulas_in_csv(tmp_path: Path) -> None:
    report = plant(1, 1, names=("=1+1",), note="@SUM(A1)", reasons=("-2+3",))
    for path in write_cells(report, tmp_path / "x.csv"):
        rows = read_csv(path)
        assert rows
        for row in rows:
            assert row["machine"] == "'=1+1"
            assert all(cell[:1] not in ("=", "+", "-", "@") for cell in row.values())


EXCEL = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheets_of(path: Path) -> dict[str, list[list[Any]]]:
    """Read a workbook as a reader of its own would, from the XML in the archive."""
    with zipfile.ZipFile(path) as book:
        assert book.testzip() is None
        root = ElementTree.fromstring(book.read("xl/workbook.xml"))
        names = [sheet.attrib["name"] for sheet in root.iter(f"{EXCEL}sheet")]
        shared = []
        if "xl/sharedStrings.xml" in book.namelist():
            strings = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
            shared = ["".join(t.text or "" for t in si.iter(f"{EXCEL}t")) for si in strings]
        sheets = {}
        for number, name in enumerate(names, 1):
            root = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
            assert not list(root.iter(f"{EXCEL}f")), "a formula"
            sheets[name] = [
                [_value(cell, shared) for cell in row] for row in root.iter(f"{EXCEL}row")
            ]
    return sheets


def _value(cell: ElementTree.Element, shared: list[str]) -> str | float | None:
    if cell.attrib.get("t") == "inlineStr":
        return "".join(t.text or "" for t in cell.iter(f"{EXCEL}t"))
    value = cell.find(f"{EXCEL}v")
    if value is None or value.text is None:
        return None
    return shared[int(value.text)] if cell.attrib.get("t") == "s" else float(value.text)


def test_the_workbook_has_real_times_lengths_and_percents(tmp_path: Path) -> None:
    [book] = plant_output(Path("x.xlsx"))(small_day(), tmp_path / "x.xlsx")

    sheets = sheets_of(book)

    assert list(sheets) == ["Summary", "Shifts", "Stops", "Hours"]
    heads, press, whole = sheets["Summary"][2:]
    row = dict(zip(heads, press, strict=True))
    assert row["Machine"] == "press1"
    assert row["Planned"] == pytest.approx(225 / 1440)
    assert row["Availability"] == pytest.approx(202 / 225)
    assert row["Stops"] == 2
    assert whole[0] == "All machines"
    stop = dict(zip(*sheets["Stops"][2:4], strict=True))
    begin = datetime(1899, 12, 30) + timedelta(days=stop["Start"])
    assert abs(begin - datetime(2026, 3, 2, 7, 50)) < timedelta(seconds=1)
    assert (stop["Reason"], stop["Note"]) == ("failure", "belt, torn")
    assert stop["Of planned time"] == pytest.approx(15 / 1440)
    with zipfile.ZipFile(book) as file:
        assert "[h]:mm" in file.read("xl/styles.xml").decode()


def test_names_are_no_formulas_and_no_links_in_the_workbook(tmp_path: Path) -> None:
    names = ("=1+1", "http://example.org/x")
    [book] = plant_output(Path("x.xlsx"))(plant(2, 1, names=names), tmp_path / "x.xlsx")

    machines = [row[0] for row in sheets_of(book)["Summary"][3:]]

    assert machines == [*names, "All machines"]
    with zipfile.ZipFile(book) as file:
        assert not [name for name in file.namelist() if "rels" in name and "sheet" in name]


# the page without a browser


def test_names_reasons_and_notes_are_text_in_the_page() -> None:
    page = html(plant(2, 1, names=(HOSTILE, "b"), note=HOSTILE, reasons=("failure",), site=HOSTILE))

    own = re.sub(r"<script[^>]*>.*?</script>", "", page, flags=re.DOTALL)
    assert "<img" not in own
    assert "&lt;img src=x onerror=alert(1)&gt;" in own
    assert "{{ 7*7 }}" in own
    assert "49" not in re.findall(r"<h2[^>]*>(.*?)</h2>", own)[1]
    for script in re.findall(r"<script[^>]*>(.*?)</script>", page, flags=re.DOTALL):
        assert "<img" not in script


def test_the_page_asks_nobody_and_lets_no_script_in_but_its_own() -> None:
    page = html(plant(6, 1))

    own = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    [policy] = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy.replace("&#39;", "'").startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]
    assert not re.search(r"https?:|\bsrc=|@import|\burl\((?!#)", own)


@pytest.mark.slow
@pytest.mark.parametrize(("machines", "days"), [(1, 1), (4, 1), (12, 1), (4, 7), (12, 7)])
def test_a_page_of_a_day_or_a_week_can_be_sent(machines: int, days: int) -> None:
    assert len(html(plant(machines, days)).encode()) < 1_500_000


@pytest.mark.slow
@pytest.mark.parametrize("days", [31, 120])
def test_a_month_or_a_longer_time_of_twelve_machines_can_be_sent(days: int) -> None:
    report = plant(12, days, start=datetime(2025, 6, 1, 6))

    assert len(html(report).encode()) < 1_500_000


def test_the_machine_that_lost_most_comes_first_and_the_unseen_last() -> None:
    report = plant(4, 1)
    blind = replace(unseen().machines[0], machine="blind")

    order = ranked([blind, *report.machines])

    lost = [machine.figures.stopped for machine in order[:-1]]
    assert lost == sorted(lost, reverse=True)
    assert order[-1].machine == "blind"


def test_the_sentence_at_the_top_says_what_counts() -> None:
    assert lead(small_day()) == [
        "press1 ran 89.8% of the planned 3h 45m.",
        "It stood 18m 00s in 2 stops; main reason given: failure, 15m 00s.",
    ]
    assert lead(unseen()) == ["Nothing was seen of press1 in this time."]


def test_the_sentence_at_the_top_tells_stops_from_before_apart() -> None:
    early = Calendar(UTC, (Shift("early", at(6).time(), at(14).time()),))
    before = (step(RUNNING, STOPPED, 5, 0), step(STOPPED, RUNNING, 8, 0))
    within = (step(RUNNING, STOPPED, 10, 0), step(STOPPED, RUNNING, 10, 30))
    said = []
    for steps in (before, before + within):
        machine = Digester(Plan(early), at(6), at(14)).machine(Known("press1", steps))
        report = PlantReport("Hall 3", UTC, at(6), at(14), at(14), True, (machine,))
        said.append(lead(report)[1])

    assert said == [
        "It stood 2h 00m in 1 stop from before.",
        "It stood 2h 30m in 1 stop and 1 from before.",
    ]


def test_outside_the_plan_only_running_is_shown() -> None:
    report = plant(1, 7)
    [machine] = report.machines
    planned = [span for shift, _ in machine.shifts for span in shift.planned]

    drawn = list(pieces(machine.tiles, planned))

    assert drawn[0].start == report.start
    assert drawn[-1].end == report.end
    assert all(a.end == b.start for a, b in pairwise(drawn))
    for piece in drawn:
        inside = any(span.start <= piece.start and piece.end <= span.end for span in planned)
        assert piece.look == "running" or (piece.look == "planned") != inside


def test_where_nobody_looked_the_curve_has_a_hole() -> None:
    report = plant(1, 1, LOOSE)
    [machine] = report.machines
    noon = report.start + timedelta(hours=12)
    seen = [
        replace(machine.scores[0], at=report.start + timedelta(minutes=n)) for n in range(24 * 60)
    ]
    scores = tuple(
        point for point in seen if not timedelta() <= point.at - noon <= timedelta(minutes=20)
    )
    holed = replace(machine, scores=scores)

    made = curve(holed, [], report.zone, 1)

    assert made is not None
    areas = made.outline.split("Z")[:-1]
    assert [area.split("L")[0] for area in areas] == ["M0 100", "M514.6 100"]
    assert areas[0].endswith("L499.3 100")
    assert made.data is not None
    assert max(made.data["step"]) == 22 * 60
    assert made.data["gap"] == 180


def test_a_day_in_which_the_clocks_change_is_a_strip_of_its_own_length() -> None:
    report = plant(1, 3, LOOSE, start=datetime(2026, 10, 24))
    drawn = list(pieces(report.machines[0].tiles, None))

    strips = day_strips(drawn, report_span(report), datetime.min.time(), BERLIN)

    assert [strip.name for strip in strips] == ["Sat 24 Oct", "Sun 25 Oct (25 h)", "Mon 26 Oct"]
    assert (strips[1].end - strips[1].start) == timedelta(hours=25)
    marks = {tick.text: tick.x for tick in ticks(report_span(plant(1, 1)), BERLIN)}
    assert marks["06:00"] == 100
    assert marks["18:00"] == 50


def report_span(report: PlantReport) -> Span:
    return Span(report.start, report.end)


def test_lengths_shares_and_periods_are_said_in_words() -> None:
    assert length(timedelta(hours=93, minutes=20)) == "93h 20m"
    assert length(timedelta(minutes=6, seconds=2)) == "6m 02s"
    assert length(None) == percent(None) == "–"
    assert (percent(0.99999), percent(1.0), percent(0.00001)) == ("99.9%", "100.0%", "0.1%")
    assert (limit(timedelta(minutes=5)), limit(timedelta(seconds=15))) == ("5 min", "15 s")
    week = plant(1, 7)
    assert title_text(week.start, week.end, BERLIN) == "16 – 22 Nov 2026"


@pytest.mark.skipif(sys.platform == "win32", reason="a slow start of processes")
@pytest.mark.slow
def test_what_draws_is_imported_only_by_what_it_draws() -> None:
    code = (
        "import sys; from motion_tracking.report import plant_output; from pathlib import Path;"
        "plant_output(Path('x.json')); plant_output(Path('x.html'));"
        "bad = {'matplotlib', 'plotly', 'xlsxwriter', 'jinja2'} & set(sys.modules); print(bad)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
