"""
A person at a real browser, and pages that are served to it.

    with chromium() as browser, served(bench) as page:
        tab = browser.new_page()
        tab.goto(page.url)
"""

import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from motion_tracking.dashboard.calibration import Calibration
from motion_tracking.dashboard.serving import Door, serve_calibration

PATIENCE = 60.0
"""Seconds that a busy machine may take for what takes a few."""

AXE = Path(__file__).parents[2] / ".tools" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
"""The accessibility rules, as scripts/test.py brings them."""

AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

_NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium_program() -> str | None:
    """Return the path of the browser; None where there is none."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser of this machine, without a window."""
    # in a container root is all there is, and Chromium has no sandbox for root
    arguments = ["--no-sandbox"] if sys.platform == "linux" and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_program(), args=arguments, timeout=PATIENCE * 1000
        )
        try:
            yield browser
        finally:
            browser.close()


def violations(tab: Page) -> list[str]:
    """Return what of a page is not for everybody, by the accessibility rules."""
    tab.evaluate(AXE.read_text(encoding="utf-8"))  # not a script of the page: no policy
    options = {"runOnly": {"type": "tag", "values": AXE_TAGS}}
    found = tab.evaluate("options => axe.run(document, options)", options)
    assert len(found["passes"]) > 10
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


@dataclass
class Served:
    """A page, and what came of it."""

    url: str = ""
    tunnel: str = ""
    saved: list[str] | None = None
    """The machines that were saved; None until it is over."""
    stop: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        """The link without its token."""
        return self.url.partition("#")[0]

    @property
    def token(self) -> str:
        return self.url.partition("#")[2]


@contextmanager
def served(
    calibration: Calibration, door: Door | None = None, seconds: float = 2.0
) -> Iterator[Served]:
    """Serve the calibration page, in a thread of the test."""
    page = Served()
    ready = threading.Event()

    def on_ready(url: str, tunnel: str) -> None:
        page.url, page.tunnel = url, tunnel
        ready.set()

    def serve() -> None:
        try:
            page.saved = serve_calibration(
                calibration, door or Door(), on_ready, page.stop, seconds
            )
        finally:
            page.over.set()
            ready.set()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        assert ready.wait(PATIENCE)
        yield page
    finally:
        page.stop.set()
        thread.join(PATIENCE)
        assert not thread.is_alive()


if __name__ == "__main__":
    with chromium() as opened:
        opened.new_page().goto("about:blank")
