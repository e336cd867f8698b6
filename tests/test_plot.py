"""Is a log drawn where there is no display, and a window opened only where there is one?"""

import sys
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from motion_tracking.core.loglines import LogKind, LogLine
from motion_tracking.report.plot import NoDisplayError, has_display, plot
from motion_tracking.report.series import MotionSeries
from motion_tracking.report.spans import looked

SIX = datetime(2023, 9, 30, 6)
SERIES = MotionSeries(
    np.datetime64(SIX, "s") + np.arange(3600), np.arange(3600, dtype=np.int32) % 900
)
EVENTS = [LogLine(LogKind.STOPPED, SIX + timedelta(minutes=30), "press1")]


@pytest.mark.parametrize(
    ("environ", "platform", "there"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "freebsd14", False),
        ({}, "win32", True),
        ({}, "darwin", True),
    ],
)
def test_a_display_is_there_where_the_system_always_has_one_or_names_one(
    environ: dict[str, str], platform: str, there: bool
) -> None:
    assert has_display(environ, platform) is there


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="these always have a display")
def test_without_a_display_no_window_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)

    with pytest.raises(NoDisplayError, match="no display"):
        plot("press1", looked(SERIES, EVENTS), 500, None)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="these always have a display")
@pytest.mark.parametrize("name", ["DISPLAY", "WAYLAND_DISPLAY"])
def test_a_display_that_does_not_answer_is_none(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv(name, ":97")

    with pytest.raises(NoDisplayError, match="no window can be opened"):
        plot("press1", looked(SERIES, EVENTS), 500, None)


@pytest.mark.slow
def test_a_window_is_shown_and_then_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib import pyplot

    shown: list[tuple[int, list[str]]] = []
    switch = pyplot.switch_backend
    monkeypatch.setenv("DISPLAY", ":97")
    monkeypatch.setattr(pyplot, "switch_backend", lambda _: switch("Agg"))
    monkeypatch.setattr(
        pyplot,
        "show",
        lambda: shown.append(
            (len(pyplot.get_fignums()), [axis.get_title("left") for axis in pyplot.gcf().axes])
        ),
    )

    assert plot("press1", looked(SERIES, EVENTS), 500, None) is None

    assert len(shown) == 1
    figures, titles = shown[0]
    assert figures == 1
    assert "30 Sep 2023, 06:00 – 06:59" in titles[0]
    assert pyplot.get_fignums() == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("suffix", "beginning"), [(".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF")]
)
def test_a_picture_is_what_its_suffix_says(tmp_path: Path, suffix: str, beginning: bytes) -> None:
    output = tmp_path / f"press1{suffix}"

    assert plot("press1", looked(SERIES, EVENTS), 500, output) == output

    assert output.read_bytes().startswith(beginning)


@pytest.mark.slow
def test_a_place_that_does_not_exist_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        plot("press1", looked(SERIES, EVENTS), 500, tmp_path / "nowhere" / "press1.png")
