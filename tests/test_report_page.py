"""Is the report's page sound in a real browser: silent, offline, for everybody, and on paper?"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from motion_tracking.core.digest import PlantReport
from motion_tracking.report.page import write_page
from plants import LOOSE, plant
from servers.browser import AXE, PATIENCE, violations

pytestmark = pytest.mark.slow

HOSTILE = "<img src=x onerror=alert(1)>&\"'{{ 7*7 }} 冲床"

PAGES: dict[str, Callable[[], PlantReport]] = {
    "day": lambda: plant(4, 1),
    "one": lambda: plant(1, 1),
    "week": lambda: plant(6, 7),
    "month": lambda: plant(2, 30, start=datetime(2026, 10, 1, 6)),
    "year": lambda: plant(2, 90, start=datetime(2026, 8, 3, 6)),
    "loose": lambda: plant(2, 1, LOOSE),
    "hostile": lambda: plant(2, 1, names=(HOSTILE, "x" * 120), note=HOSTILE, site=HOSTILE),
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    return {name: write_page(make(), folder / f"{name}.html")[0] for name, make in PAGES.items()}


@dataclass
class Opened:
    """A page in a tab, and what it complained of or asked for."""

    tab: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


def opened(browser: Browser, file: Path, *, width: int = 1280, scheme: str = "light") -> Opened:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
        bypass_csp=False,
    )
    tab = context.new_page()
    tab.set_default_timeout(PATIENCE * 1000)
    page = Opened(tab)
    tab.on("console", lambda message: page.complaints.append(message.text))
    tab.on("pageerror", lambda error: page.complaints.append(str(error)))
    tab.on("request", lambda request: page.requests.append(request.url))
    tab.goto(file.as_uri())
    expect(tab.get_by_role("button", name="Print")).to_be_visible()
    return page


def drawn(page: Opened) -> None:
    """Bring every curve into view, and wait until it is drawn."""
    for figure in page.tab.locator("[data-curve]").all():
        figure.scroll_into_view_if_needed()
        expect(figure.locator(".main-svg").first).to_be_visible()


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_silent_asks_nobody_and_fits_every_screen(
    browser: Browser, pages: dict[str, Path], name: str
) -> None:
    page = opened(browser, pages[name], width=1920)
    drawn(page)
    wide = page.tab.evaluate("document.documentElement.scrollWidth")
    page.tab.set_viewport_size({"width": 360, "height": 900})
    page.tab.wait_for_function("() => document.documentElement.scrollWidth <= 360")

    assert wide <= 1920
    assert page.complaints == []
    assert page.requests == [pages[name].as_uri()]
    page.tab.context.close()


@pytest.mark.skipif(not AXE.exists(), reason="no axe-core: python3 scripts/test.py brings it")
@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [
        ("day", 360, "light"),
        ("day", 1280, "dark"),
        ("month", 1280, "light"),
        ("year", 1280, "dark"),
        ("hostile", 360, "dark"),
    ],
)
def test_the_page_is_for_everybody(
    browser: Browser, pages: dict[str, Path], name: str, width: int, scheme: str
) -> None:
    page = opened(browser, pages[name], width=width, scheme=scheme)
    drawn(page)
    for summary in page.tab.locator("summary").all()[:6]:
        summary.click()

    assert violations(page.tab) == []
    page.tab.context.close()


def test_the_page_is_walked_through_by_keyboard(browser: Browser, pages: dict[str, Path]) -> None:
    page = opened(browser, pages["day"])
    reached = set()
    for _ in range(12):
        page.tab.keyboard.press("Tab")
        reached.add(page.tab.evaluate("document.activeElement.textContent.trim()"))

    assert {"Print or save as PDF", "press1", "all machines"} <= reached
    page.tab.keyboard.press("Enter")
    page.tab.context.close()


def test_a_stretch_says_what_it_is_when_it_is_pointed_at(
    browser: Browser, pages: dict[str, Path]
) -> None:
    page = opened(browser, pages["one"])

    titles = page.tab.locator(".strip.tall .running title").all_text_contents()

    assert titles
    assert titles[0].startswith("RUNNING 06:")
    page.tab.context.close()


def test_the_curve_is_zoomed_by_dragging(browser: Browser, pages: dict[str, Path]) -> None:
    page = opened(browser, pages["one"])
    drawn(page)
    begin = page.tab.evaluate("document.querySelector('.motion').layout.xaxis.range[0]")
    area = page.tab.locator(".motion .nsewdrag").first.bounding_box()
    assert area is not None

    page.tab.mouse.move(area["x"] + area["width"] * 0.4, area["y"] + 40)
    page.tab.mouse.down()
    page.tab.mouse.move(area["x"] + area["width"] * 0.6, area["y"] + 40, steps=5)
    page.tab.mouse.up()

    page.tab.wait_for_function(
        "before => document.querySelector('.motion').layout.xaxis.range[0] !== before", arg=begin
    )
    assert page.complaints == []
    page.tab.context.close()


def test_without_scripts_the_page_shows_the_same(browser: Browser, pages: dict[str, Path]) -> None:
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(pages["one"].as_uri())

    expect(tab.locator(".still")).to_be_visible()
    expect(tab.get_by_role("button")).to_have_count(0)
    context.close()


def test_it_is_printed_on_whole_pages_of_a4(browser: Browser, pages: dict[str, Path]) -> None:
    page = opened(browser, pages["day"])
    drawn(page)

    page.tab.emulate_media(media="print")
    hidden = page.tab.locator("button, summary, .motion").all()
    printed = page.tab.pdf(prefer_css_page_size=True)

    assert not any(each.is_visible() for each in hidden)
    assert page.tab.locator(".still").first.is_visible()
    assert printed.startswith(b"%PDF")
    assert b"/MediaBox [0 0 594.95996 841.91998]" in printed or b"/MediaBox [0 0 595" in printed
    page.tab.context.close()
