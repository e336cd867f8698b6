"""Are old logs read whatever happened to them, and do the reports show what they say?"""

import hashlib
import json
import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from motion_tracking.core.intervals import Interval
from motion_tracking.core.loglines import (
    LogKind,
    LogLine,
    deep_sleep_line,
    motion_line,
    parse_line,
    state_change_line,
)
from motion_tracking.core.machine import MachineState, Reason
from motion_tracking.report import REPORTS, bundle, report
from motion_tracking.report.appearance import LOOKS, period_in_words, totals_in_words
from motion_tracking.report.logfiles import LOG_KINDS, Log, read_log
from motion_tracking.report.series import MotionSeries, no_motion
from motion_tracking.report.spans import MOST_DRAWN, looked, period
from motion_tracking.report.whole import whole

SIX = datetime(2023, 9, 30, 6)


def later(**time: float) -> datetime:
    return SIX + timedelta(**time)


def seconds(first: datetime, scores: list[int]) -> str:
    return "".join(
        motion_line(first + timedelta(seconds=n), score) + "\n" for n, score in enumerate(scores)
    )


def series(*runs: tuple[datetime, list[int]]) -> MotionSeries:
    at = [first + timedelta(seconds=n) for first, scores in runs for n in range(len(scores))]
    scores = [score for _, scores in runs for score in scores]
    return MotionSeries(np.array(at, "datetime64[s]"), np.array(scores, np.int32))


def scores_of(log: Log) -> list[tuple[datetime, int]]:
    return list(zip(log.series.at.tolist(), log.series.score.tolist(), strict=True))


@pytest.fixture
def motion_log(tmp_path: Path) -> Path:
    path = tmp_path / "log_motion_press1.log"
    path.write_text(seconds(later(seconds=50), list(range(100, 120))), encoding="utf-8")
    return path


def test_a_motion_log_is_read_second_by_second(motion_log: Path) -> None:
    log = read_log(motion_log)

    assert scores_of(log) == [(later(seconds=50 + n), 100 + n) for n in range(20)]
    assert log.series.score.dtype == np.int32
    assert (log.events, log.skipped) == ([], 0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_encoding_and_the_line_ends_do_not_matter(
    tmp_path: Path, encoding: str, end: str
) -> None:
    text = seconds(SIX, [5, 6, 7]) + state_change_line(SIX, "Füller 1", moving=False) + "\n"
    data = text.replace("\n", end).encode(encoding)
    path = tmp_path / "log.log"
    path.write_bytes(b"\xfe\xff" + data if encoding == "utf-16-be" else data)

    log = read_log(path)

    assert log.series.score.tolist() == [5, 6, 7]
    assert log.events == [LogLine(LogKind.STOPPED, SIX, "Füller 1")]
    assert log.skipped == 0


def test_garbage_and_cut_lines_are_skipped_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "log.log"
    path.write_bytes(
        motion_line(SIX, 1).encode()
        + b"\n\n  \n2023/09/30 06:00:01 8"  # cut by a kill; the next line follows on it
        + motion_line(later(seconds=2), 2).encode()
        + b"\nTraceback (most recent call last):\n\x81\xff\x00\xfe\n"
        + b"\0" * 10_000  # what a power cut leaves
        + motion_line(later(seconds=3), 3).encode()
        + b"\n2023/09/30 06:00:61 4\n2023/09/30 06:00:0\xb2 4\n2023/09/30 06:00:05 4\xb2\n"
        + b"x" * 10_000
        + b"\n"
        + motion_line(later(seconds=6), 6).encode()
        + b"\n"
    )

    log = read_log(path)

    assert log.series.score.tolist() == [1, 3, 6]
    assert log.skipped == 3 + 3 + 3  # the run of x counts once for every 4 kB


def test_a_last_number_without_a_line_end_may_be_cut_and_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "log.log"
    path.write_text(seconds(SIX, [811, 812])[:-2], encoding="utf-8")

    log = read_log(path)

    assert (log.series.score.tolist(), log.skipped) == ([811], 1)


def test_rotated_files_in_any_order_are_one_log_in_order_of_time(tmp_path: Path) -> None:
    old, new = tmp_path / "log.1", tmp_path / "log"
    stop, start = LogLine(LogKind.STOPPED, SIX, "p"), LogLine(LogKind.MOVING, SIX, "p", minutes=0)
    old.write_text(seconds(SIX, [1, 2]) + state_change_line(SIX, "p", moving=False) + "\n")
    new.write_text(seconds(later(days=1), [3]) + state_change_line(SIX, "p", moving=True) + "\n")

    log = read_log(new, old)

    assert log.series.score.tolist() == [1, 2, 3]
    assert log.events == [start, stop]


def test_an_empty_file_is_an_empty_log_and_a_missing_one_an_error(tmp_path: Path) -> None:
    (tmp_path / "log").touch()

    assert read_log(tmp_path / "log").empty
    with pytest.raises(FileNotFoundError):
        read_log(tmp_path / "none")


def test_each_kind_of_line_belongs_to_one_of_the_three_logs() -> None:
    assert sorted(kind for kinds in LOG_KINDS.values() for kind in kinds) == sorted(LogKind)


def words(*parts: str) -> st.SearchStrategy[str]:
    return st.sampled_from(parts)


any_log = st.lists(
    words(
        "2023/09/30 06:00:",
        "2023/09/30 06:01:",
        "05 812",
        "60 812",
        "06 ٣",
        "07 - Stopped_State p",
        " - Woke_Up: p - Idle time: 999999999 min",
        "\n",
        "\r\n",
        "\ufeff",
        "\0",
        "²",
    ),
    max_size=30,
).map("".join)


@given(any_log, st.sampled_from(["utf-8", "utf-16"]))
def test_the_fast_way_through_a_file_reads_what_line_by_line_reads(
    tmp_path_factory: pytest.TempPathFactory, text: str, encoding: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.log"
    path.write_bytes(text.encode(encoding))

    log = read_log(path)

    *lines, last = text.replace("\r\n", "\n").split("\n")
    slowly = [line for line in map(parse_line, lines) if line]
    assert log.series.score.tolist() == [
        line.score for line in sorted(slowly, key=lambda line: line.at) if line.score is not None
    ]
    assert len(log.events) == sum(line.score is None for line in slowly) + (
        (end := parse_line(last)) is not None and end.score is None
    )


@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda data: b"\xff\xfe" + data))
def test_no_bytes_make_reading_fail(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.log"
    path.write_bytes(data)

    assert read_log(path).skipped >= 0


def test_a_gap_is_a_minute_without_a_line() -> None:
    watched = series((SIX, [1, 2, 3]), (later(seconds=62), [4]), (later(seconds=123), [5]))

    assert watched.watches() == [(SIX, later(seconds=62)), (later(seconds=123),) * 2]
    assert no_motion().watches() == []


def test_a_short_series_keeps_every_point() -> None:
    at, score = series((SIX, [3, 1, 2])).thinned()

    assert at.tolist() == [later(seconds=n) for n in range(3)]
    assert score.tolist() == [3, 1, 2]


def test_a_long_series_keeps_its_peaks_and_its_holes_in_few_points() -> None:
    scores = [500 + n % 7 for n in range(10_000)]
    scores[2_345], scores[6_567] = 99_999, 0
    watched = series((SIX, scores), (later(days=1), scores))

    at, score = watched.thinned(400)

    assert len(at) == len(score) <= 400
    assert {99_999, 0} <= set(score)
    assert np.isnan(score).sum() == 1
    hole = int(np.flatnonzero(np.isnan(score))[0])
    assert at[hole - 1].item() == later(seconds=9_999)
    assert at[hole + 1].item() == later(days=1)
    assert score[[hole - 1, hole + 1]].tolist() == [0, 0]
    assert np.all(np.diff(at).astype(int) >= 0)


def test_of_too_many_gaps_the_longest_are_drawn() -> None:
    steps = np.full(3000, 90)
    steps[[1000, 2000]] = 5000
    at = np.cumsum(steps).astype("datetime64[s]")

    drawn_at, score = MotionSeries(at, np.ones(3000, np.int32)).thinned(100)

    assert len(drawn_at) <= 100
    holes = drawn_at[np.isnan(score)]
    assert len(holes) == 100 // 16
    assert {at[999], at[1999]} <= set(holes)


@given(
    st.lists(st.tuples(st.integers(0, 100), st.integers(0, 10_000)), min_size=1, max_size=300),
    st.integers(40, 200),
)
def test_no_series_is_drawn_with_more_points_than_asked_for(
    steps: list[tuple[int, int]], points: int
) -> None:
    at = np.cumsum([step for step, _ in steps]).astype("datetime64[s]")
    watched = MotionSeries(at, np.array([score for _, score in steps], np.int32))

    at, score = watched.thinned(points)

    assert len(at) == len(score) <= points
    assert np.nanmax(score) == watched.score.max()
    assert (at[0], at[-1]) == (watched.at[0], watched.at[-1])


def told(watched: MotionSeries, *events: LogLine) -> list[tuple[str, datetime, datetime]]:
    return [(tile.state.value, tile.start, tile.end) for tile in looked(watched, events).tiles]


def line(kind: LogKind, hours: float, minutes: int | None = None) -> LogLine:
    return LogLine(kind, later(hours=hours), "press1", minutes=minutes)


def test_the_two_event_logs_together_tell_the_states() -> None:
    events = [
        line(LogKind.STOPPED, 1),
        line(LogKind.DEEP_SLEEP, 1.5, 20),
        line(LogKind.WOKE_UP, 2, 60),
        line(LogKind.MOVING, 2, 60),
        line(LogKind.STOPPED, 3),
    ]

    assert told(no_motion(), *events) == [
        ("stopped", later(hours=1), later(hours=1.5)),
        ("deep_sleep", later(hours=1.5), later(hours=2)),
        ("running", later(hours=2), later(hours=3)),
    ]


def test_the_stop_before_the_first_line_is_known_by_the_length_that_it_tells() -> None:
    watched = series((SIX, [0]), (later(hours=3), [0]))

    assert told(no_motion(), line(LogKind.MOVING, 1, 30), line(LogKind.STOPPED, 2)) == [
        ("running", later(hours=1), later(hours=2)),
    ]
    # a line where there is no motion log: that of this time is lost
    assert told(watched, line(LogKind.MOVING, 1, 30)) == [
        ("stopped", later(hours=0.5), later(hours=1)),
        ("running", later(hours=1), later(hours=3)),
    ]


def test_a_stop_whose_line_is_lost_is_filled_in_where_it_can_be_true() -> None:
    filled = told(no_motion(), line(LogKind.MOVING, 0, 5), line(LogKind.MOVING, 2, 30))
    contradicted = told(no_motion(), line(LogKind.MOVING, 0, 5), line(LogKind.MOVING, 2, 500))

    assert filled == [
        ("running", SIX, later(hours=1.5)),
        ("stopped", later(hours=1.5), later(hours=2)),
    ]
    assert contradicted == [("running", SIX, later(hours=2))]


def test_the_deep_sleep_log_alone_tells_when_the_machine_slept() -> None:
    assert told(
        no_motion(),
        line(LogKind.WOKE_UP, 0, 40),
        line(LogKind.DEEP_SLEEP, 2, 20),
        line(LogKind.WOKE_UP, 3, 80),
    ) == [
        ("running", SIX, later(minutes=100)),
        ("stopped", later(minutes=100), later(hours=2)),
        ("deep_sleep", later(hours=2), later(hours=3)),
    ]


def test_what_nobody_watched_is_no_signal_and_never_a_stop() -> None:
    hour = [0] * 3600
    watched = series((SIX, hour), (later(hours=2), hour), (later(hours=3.5), hour))

    tiles = told(watched, line(LogKind.STOPPED, 0.5), line(LogKind.MOVING, 3.75, 0))

    assert tiles == [
        ("stopped", later(hours=0.5), later(seconds=3599)),
        ("no_signal", later(seconds=3599), later(hours=2)),
        ("stopped", later(hours=2), later(hours=3, seconds=-1)),
        ("no_signal", later(hours=3, seconds=-1), later(hours=3.5)),
        ("stopped", later(hours=3.5), later(hours=3.75)),
        ("running", later(hours=3.75), later(hours=4.5, seconds=-1)),
    ]


def test_before_the_first_event_no_state_is_shown() -> None:
    watched = series((SIX, [0] * 7200))

    assert told(watched, line(LogKind.STOPPED, 1))[0][1] == later(hours=1)


def test_what_is_on_record_is_believed_more_than_when_it_was_noticed() -> None:
    """The lines say 1:00 and 2:00; on record is 0:59:30, and that nobody tracked from 1:30 on."""
    stop = later(hours=1, seconds=-30)
    recorded = [
        Interval(MachineState.RUNNING, None, later(minutes=10), stop),
        Interval(MachineState.STOPPED, None, stop, later(hours=1.5)),
        Interval(MachineState.NO_SIGNAL, Reason.NOT_TRACKING, later(hours=1.5), later(hours=9)),
    ]
    events = [line(LogKind.MOVING, 0), line(LogKind.STOPPED, 1), line(LogKind.MOVING, 2, 60)]
    watched = series((SIX, [0] * 10801))

    assert [(t.state.value, t.start, t.end) for t in looked(watched, events, recorded).tiles] == [
        ("running", SIX, stop),
        ("stopped", stop, later(hours=2)),
        ("running", later(hours=2), later(hours=3)),
    ]


def test_of_very_many_stretches_the_longest_are_drawn_and_it_is_said() -> None:
    """A minute each, but the one from 5000 to 5003; the time of all is added up all the same."""
    events = [
        line(LogKind.STOPPED if n % 2 else LogKind.MOVING, (n + 2 * (n > 5000)) / 60)
        for n in range(MOST_DRAWN + 2)
    ]
    many = looked(no_motion(), events)

    assert len(many.tiles) == MOST_DRAWN + 1
    assert [tile.duration for tile in many.drawn] == [timedelta(minutes=3)]
    assert many.left_out == "the 20,000 shortest stretches are not drawn"
    assert looked(no_motion(), events[:9]).left_out == ""


def test_an_unbelievable_length_in_the_first_year_of_all_does_no_harm() -> None:
    event = LogLine(LogKind.MOVING, datetime(1, 1, 1), "press1", minutes=999_999_999)

    assert looked(no_motion(), [event]).tiles == []


def test_nothing_at_all_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        period(no_motion(), [])


def test_times_and_totals_are_said_in_words() -> None:
    tiles = looked(
        series((SIX, [0] * 7201)),
        [line(LogKind.MOVING, 0.5, 0), line(LogKind.STOPPED, 1.25)],
    ).tiles

    assert period_in_words(SIX, later(hours=8)) == "30 Sep 2023, 06:00 – 14:00"
    assert period_in_words(SIX, later(days=1)) == "30 Sep 2023, 06:00 – 1 Oct 2023, 06:00"
    assert totals_in_words(tiles) == (
        "running 45m 00s · stopped 45m 00s in 1 stop · utilisation 50.0%"
    )
    assert totals_in_words([]) == ""


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("old")

    def fail() -> None:
        with whole(path) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    with whole(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


WATCHED = series((SIX, [900] * 3000), (later(hours=1), [20] * 2000))
EVENTS = [line(LogKind.MOVING, 0.1, 3), line(LogKind.STOPPED, 1), line(LogKind.DEEP_SLEEP, 1.4, 24)]


@pytest.mark.slow
@pytest.mark.parametrize("suffix", REPORTS)
@pytest.mark.parametrize(
    ("watched", "events", "threshold"),
    [
        pytest.param(WATCHED, EVENTS, 500, id="all"),
        pytest.param(WATCHED, [], None, id="motion alone"),
        pytest.param(no_motion(), EVENTS, 500, id="events alone"),
        pytest.param(series((SIX, [0])), [], 0, id="one second"),
        pytest.param(no_motion(), EVENTS[:1], None, id="one event"),
    ],
)
def test_every_report_writes_its_file_with_any_name_in_it(
    tmp_path: Path,
    suffix: str,
    watched: MotionSeries,
    events: list[LogLine],
    threshold: int | None,
) -> None:
    output = tmp_path / f"chart{suffix.upper()}"

    name = "$\\press$ <b>&amp; 冲床 {x}"
    written = report(output)(name, looked(watched, events), threshold, output)

    assert written == output
    assert output.stat().st_size > 1000
    assert list(tmp_path.iterdir()) == [output]


def test_a_report_that_nobody_can_write_says_which_there_are() -> None:
    with pytest.raises(ValueError, match=r"x\.bmp: must end in \.html, \.png, \.svg, \.pdf"):
        report(Path("x.bmp"))


def page_parts(page: str) -> tuple[str, list[dict[str, Any]], dict[str, Any]]:
    """Take a page apart: its own HTML without plotly.js, the traces and the layout."""
    scripts = re.split(r"<script[^>]*>(.*?)</script>", page, flags=re.DOTALL)
    drawing = scripts[-2]
    decoder = json.JSONDecoder()
    at = drawing.index("[", drawing.index('"chart"'))
    traces, end = decoder.raw_decode(drawing, at)
    layout, end = decoder.raw_decode(drawing, drawing.index("{", end))
    return "".join(scripts[0::2]) + drawing, traces, layout


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    output = tmp_path_factory.mktemp("page") / "chart_motion_press1.html"
    report(output)("<img src=x>&", looked(WATCHED, EVENTS), 500, output)
    return output.read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_page_shows_the_motion_the_threshold_and_the_states_in_words(page: str) -> None:
    _, traces, layout = page_parts(page)

    names = [trace["name"] for trace in traces]
    assert names == [
        "RUNNING", "STOPPED", "DEEP SLEEP", "NO SIGNAL", "motion score", "threshold 500",
    ]  # fmt: skip
    running = traces[0]
    assert running["base"] == [later(hours=0.1).isoformat()]
    assert running["x"] == [(3000 - 1 - 360) * 1000]
    motion = traces[4]
    assert len(motion["x"]) == len(motion["y"]) <= 4000
    assert motion["x"][0] == "2023-09-30T06:00:00"
    assert motion["y"].count(None) == 1
    buttons = layout["xaxis"]["rangeselector"]["buttons"]
    assert [button["label"] for button in buttons] == ["1 h", "4 h", "12 h", "1 d", "all"]
    assert layout["xaxis"]["rangeslider"]["visible"]


@pytest.mark.slow
def test_the_time_axis_ends_where_the_log_does_if_it_lasts_at_all(
    tmp_path: Path, page: str
) -> None:
    output = tmp_path / "moment.html"
    report(output)("press1", looked(series((SIX, [5])), []), None, output)
    moment = output.read_text(encoding="utf-8")

    assert page_parts(page)[2]["xaxis"]["maxallowed"] == WATCHED.at[-1].item().isoformat()
    assert "maxallowed" not in page_parts(moment)[2]["xaxis"]


@pytest.mark.slow
def test_the_page_asks_nobody_for_anything(page: str) -> None:
    own, _, _ = page_parts(page)

    assert "Plotly" in page
    assert 1_000_000 < len(page) < 1_400_000  # plotly.js is inside, in its small form
    assert "Content-Security-Policy\" content=\"default-src 'none'; " in own
    assert not re.search(r"https?:|//\w|\bsrc=(?!x)|\bhref=|@import|url\(", own)


@pytest.mark.slow
def test_a_name_is_text_in_the_page_and_never_markup(page: str) -> None:
    assert "<img" not in page_parts(page)[0]
    assert "<h1>&lt;img src=x&gt;&amp;</h1>" in page


@pytest.mark.slow
def test_a_month_is_hardly_more_than_plotly_itself(tmp_path: Path, page: str) -> None:
    rng = np.random.default_rng(1)
    at = np.datetime64(SIX, "s") + np.arange(30 * 86_400)
    month = MotionSeries(at, rng.integers(0, 5000, len(at), np.int32))
    output = tmp_path / "month.html"

    report(output)("press1", looked(month, []), None, output)

    _, traces, _ = page_parts(output.read_text(encoding="utf-8"))
    assert len(traces[0]["x"]) <= 4000
    assert output.stat().st_size - len(page) < 150_000


@pytest.mark.slow
def test_neither_plotly_nor_matplotlib_is_paid_for_before_it_draws() -> None:
    program = (
        "import sys, pkgutil, importlib, motion_tracking.report as room\n"
        "for module in pkgutil.iter_modules(room.__path__, room.__name__ + '.'):\n"
        "    importlib.import_module(module.name)\n"
        "sys.exit(bool({'plotly', 'matplotlib', 'cv2'} & sys.modules.keys()))\n"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_every_state_has_its_own_word_and_colour() -> None:
    assert list(LOOKS) == list(MachineState)
    assert len({look.word for look in LOOKS.values()}) == len(LOOKS)
    assert len({look.fill for look in LOOKS.values()}) == len(LOOKS)


def test_lines_of_all_three_logs_are_read_from_one_file(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text(
        seconds(SIX, [7])
        + deep_sleep_line(SIX, "p", woke=False, minutes=20)
        + "\n"
        + deep_sleep_line(SIX, "p", woke=True, minutes=47)
    )

    log = read_log(path)

    assert [event.kind for event in log.events] == [LogKind.DEEP_SLEEP, LogKind.WOKE_UP]
    assert (len(log.series), log.skipped, log.empty) == (1, 0, False)


def test_the_drawing_program_is_the_one_that_its_makers_published() -> None:
    static = Path(bundle.__file__).parent / "static"
    script = (static / "plotly-basic.min.js").read_bytes()

    assert hashlib.sha256(script).hexdigest() == bundle.SHA256
    assert f"plotly.js (basic - minified) v{bundle.VERSION}".encode() in script[:200]
    assert b"</script" not in script.lower()
    assert "MIT License" in (static / "plotly-basic.LICENSE.txt").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_drawing_program_is_of_the_major_that_the_figures_are_made_for() -> None:
    from plotly.offline import get_plotlyjs_version

    assert get_plotlyjs_version().split(".")[0] == bundle.VERSION.split(".")[0]
