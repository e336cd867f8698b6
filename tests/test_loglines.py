"""Do the three old logs keep their wording, and is every other line refused without a fuss?"""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motion_tracking.core.loglines import (
    LogKind,
    LogLine,
    deep_sleep_line,
    motion_line,
    parse_line,
    state_change_line,
)

AT = datetime(2023, 9, 30, 14, 5, 6)

GOLDEN = [
    ("2023/09/30 14:05:06 812", LogLine(LogKind.MOTION, AT, score=812)),
    (
        "2023/09/30 14:05:06 - Moving_State press1 - was stopped for 12 min",
        LogLine(LogKind.MOVING, AT, "press1", minutes=12),
    ),
    ("2023/09/30 14:05:06 - Stopped_State press1", LogLine(LogKind.STOPPED, AT, "press1")),
    (
        "2023/09/30 14:05:06 - Deep_Sleep: press1 - stopped 20 mins ago",
        LogLine(LogKind.DEEP_SLEEP, AT, "press1", minutes=20),
    ),
    (
        "2023/09/30 14:05:06 - Woke_Up: press1 - Idle time: 47 min",
        LogLine(LogKind.WOKE_UP, AT, "press1", minutes=47),
    ),
]


def written(line: LogLine) -> str:
    machine, minutes = line.machine or "", line.minutes or 0
    match line.kind:
        case LogKind.MOTION:
            return motion_line(line.at, line.score or 0)
        case LogKind.MOVING:
            return state_change_line(line.at, machine, moving=True, stopped_minutes=minutes)
        case LogKind.STOPPED:
            return state_change_line(line.at, machine, moving=False)
        case LogKind.DEEP_SLEEP:
            return deep_sleep_line(line.at, machine, woke=False, minutes=minutes)
        case LogKind.WOKE_UP:
            return deep_sleep_line(line.at, machine, woke=True, minutes=minutes)


@pytest.mark.parametrize(("text", "line"), GOLDEN)
def test_a_line_is_written_as_the_old_tool_did_to_the_byte(text: str, line: LogLine) -> None:
    assert written(line) == text


@pytest.mark.parametrize(("text", "line"), GOLDEN)
@pytest.mark.parametrize(
    ("before", "after"),
    [("", ""), ("", "\n"), ("", "\r\n"), ("\ufeff", "\r\n"), ("  ", " \t \n"), ("\0\0\0", "\0\n")],
)
def test_what_stands_around_a_line_does_not_matter(
    text: str, line: LogLine, before: str, after: str
) -> None:
    assert parse_line(before + text + after) == line


def test_the_time_is_shown_as_it_is_without_its_zone_and_its_fraction() -> None:
    assert motion_line(datetime(988, 1, 2, 3, 4, 5, 678901, UTC), 0) == "0988/01/02 03:04:05 0"


@pytest.mark.parametrize("machine", ["press 1", "Füller - west", "a - was stopped for 3 min", "-"])
def test_a_machine_may_have_any_name(machine: str) -> None:
    line = LogLine(LogKind.MOVING, AT, machine, minutes=3)

    assert parse_line(written(line)) == line


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2023/09/30 14:05:06",
        "2023/09/30 14:05:06 ",
        "2023/09/30 14:05:06 -",
        "2023/09/30 14:05:06 -5",
        "2023/09/30 14:05:06 8.5",
        "2023/09/30 14:05:06 ٣",
        "2023/09/30 14:05:06 1_000",
        "2023/09/30 14:05:06 " + "9" * 5000,
        "2023/09/30 14:05:06 82023/09/30 14:05:09 812",
        "2023/09/30 14:05:06 - Moving_State press1 - was stopped for 12 mi",
        "2023/09/30 14:05:06 - Moving_State press1",
        "2023/09/30 14:05:06 - Stopped_State",
        "2023/09/30 14:05:06 - Deep_Sleep: press1 - stopped",
        "2023/09/30 14:05:06 - Woke_Up: press1 - Idle time:  min",
        "2023/02/29 14:05:06 812",
        "2023/09/30 24:05:06 812",
        "2023/09/30 14:05:60 812",
        "0000/01/01 00:00:00 1",
        "2023-09-30 14:05:06 812",
        "/09/30 14:05:06 812",
        "Traceback (most recent call last):",
    ],
)
def test_garbage_and_cut_lines_say_nothing(text: str) -> None:
    assert parse_line(text) is None


names = st.text(
    st.characters(min_codepoint=33, max_codepoint=1000, exclude_characters="\xa0"), min_size=1
)
moments = st.datetimes().map(lambda at: at.replace(microsecond=0))
minutes = st.integers(0, 10**9 - 1)
lines = (
    st.builds(LogLine, st.just(LogKind.MOTION), moments, score=minutes)
    | st.builds(LogLine, st.just(LogKind.STOPPED), moments, names)
    | st.builds(
        LogLine,
        st.sampled_from([LogKind.MOVING, LogKind.DEEP_SLEEP, LogKind.WOKE_UP]),
        moments,
        names,
        minutes=minutes,
    )
)


@given(lines)
def test_what_is_written_is_read_back(line: LogLine) -> None:
    assert parse_line(written(line)) == line


garbage = st.binary(max_size=40).map(lambda data: data.decode("utf-8", "replace"))
near_misses = st.sampled_from([text for text, _ in GOLDEN]).flatmap(
    lambda text: st.tuples(st.integers(0, len(text)), garbage).map(
        lambda cut: text[: cut[0]] + cut[1] + text[cut[0] + len(cut[1]) :]
    )
)


@given(garbage | near_misses)
def test_no_text_makes_it_raise(text: str) -> None:
    line = parse_line(text)

    assert line is None or isinstance(line, LogLine)
