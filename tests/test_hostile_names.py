"""A name in a report is text, whatever it looks like to a browser, a shell or a log."""

import json
import logging
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser

from motion_tracking.console import Settings, start_logging
from motion_tracking.core.loglines import LogKind, LogLine
from motion_tracking.report.chart import chart
from motion_tracking.report.series import MotionSeries
from motion_tracking.report.spans import looked

SIX = datetime(2023, 9, 30, 6)
NAMES = [
    "</script><img src=x onerror=document.title='owned'>",
    "<svg onload=document.title='owned'>",
    "\"'><script>document.title='owned'</script>",
    "{{constructor.constructor(\"document.title='owned'\")()}}",
    "javascript:document.title='owned'//<a href=",
    "<b>bold</b>&lt;<!--",
    "%{x}<br>{machine}",
]


@pytest.mark.slow
def test_no_name_in_a_chart_runs_as_a_script(tmp_path: Path, browser: Browser) -> None:
    """Names come from the folders and logs of the old tool, where anything may stand."""
    at = [SIX + timedelta(seconds=n) for n in range(600)]
    series = MotionSeries(np.array(at, "datetime64[s]"), np.arange(600, dtype=np.int32))
    said: list[str] = []
    with browser.new_context() as context:
        for n, name in enumerate(NAMES):
            events = [
                LogLine(LogKind.STOPPED, SIX + timedelta(seconds=60), name),
                LogLine(LogKind.MOVING, SIX + timedelta(seconds=200), name, minutes=2),
            ]
            page = chart(name, looked(series, events), 300, tmp_path / f"{n}.html")
            tab = context.new_page()
            tab.on("dialog", lambda dialog: said.append(dialog.message))
            tab.on("pageerror", lambda error: said.append(str(error)))
            tab.goto(page.as_uri())
            tab.locator(".plotly .main-svg").first.wait_for()
            assert "owned" not in tab.title().replace(name, "")
            assert name in tab.title()
            assert tab.locator("body img, body b, body svg[onload]").count() == 0
            tab.close()
    assert said == []


def test_a_line_break_or_an_escape_in_a_message_makes_no_second_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What a camera answers, or a file is called, must not look like a line of ours."""
    hostile = 'no\r\n{"event": "stop"}\x1b[2K\x1b]0;owned\x07\u2028 stop'
    for style in ("json", "text"):
        start_logging(Settings(log_format=style))
        logging.getLogger("motion_tracking.capture").warning("press1: %s", hostile)
        said = capsys.readouterr().err
        assert len(said.splitlines()) == 1, said
        assert "\x1b" not in said
        if style == "json":
            assert json.loads(said)["msg"] == f"press1: {hostile}"
