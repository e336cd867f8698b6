"""Do people see and steer the plant in a real browser?  Real Chromium, `serve` and trackers."""

import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    ViewportSize,
    WebSocketRoute,
    expect,
)

from motion_tracking.core.changes import Change
from motion_tracking.core.machine import MachineState
from motion_tracking.record.history import History
from servers.browser import PATIENCE, violations
from servers.dashboard import Dashboard, account, measured
from servers.hall import ASLEEP, MACHINES, PEOPLE, UNTRACKED, Hall, hall
from servers.plant import Plant

pytestmark = pytest.mark.slow

SIZES: dict[str, ViewportSize] = {
    "desktop": {"width": 1920, "height": 1080},
    "phone": {"width": 360, "height": 740},
}
WALL: ViewportSize = {"width": 3840, "height": 2160}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PAGES = ["", "timeline", "m/press1", "reports", "setup"]
HOSTILE = "</script><img src=x onerror=\"document.title='taken'\"><b>"
FINGER = 44
SHIFTS = """[shift early]
start = 06:00
end = 14:00
[shift late]
start = 14:00
end = 22:00
[shift night]
start = 22:00
end = 06:00
[reasons]
bearing = failure
<b>no pallets</b> = material
"""

Json = Any


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with hall(tmp_path_factory.mktemp("hall")) as built:
        (built.plant.config / "config_shifts.ini").write_text(SHIFTS, "utf-8")
        yield built


@contextmanager
def person(browser: Browser, built: Any, role: str | None = "admin", **how: Any) -> Iterator[Page]:
    """Open a browser of somebody; an error, or a request to anywhere else, fails the test."""
    how = {"viewport": {"width": 1366, "height": 900}, "reduced_motion": "reduce"} | how
    with browser.new_context(**how) as context:
        if role is not None:
            sign_in(context, built, role)
        tab = context.new_page()
        tab.set_default_timeout(PATIENCE * 1000)
        expect.set_options(timeout=PATIENCE * 1000)
        complaints: list[str] = []
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("request", lambda request: complaints.extend(foreign(request.url, built)))
        yield tab
        # the browser itself notes answers that say no, and connections that end
        noted = ("Failed to load resource", "WebSocket connection")
        assert [text for text in complaints if not text.startswith(noted)] == []


FITS = "width => document.documentElement.scrollWidth <= width"


def foreign(url: str, built: Any) -> list[str]:
    ours = url.startswith(("blob:", "data:")) or urlsplit(url).netloc == urlsplit(built.url).netloc
    return [] if ours else [url]


SESSIONS: dict[tuple[str, str], Any] = {}
"""Cookies of who has signed in already, by address and password."""


def sign_in(context: BrowserContext, built: Any, role: str) -> None:
    who = PEOPLE[role]
    known = (built.url, built.passwords[who])
    if known in SESSIONS:
        return context.add_cookies(SESSIONS[known])
    answer = context.request.post(
        f"{built.url}api/session",
        data={"user": who, "password": built.passwords[who]},
        headers={"Origin": built.url.rstrip("/")},
    )
    assert answer.ok, answer.text()
    SESSIONS[known] = context.cookies()
    return None


def opened(tab: Page, built: Any, page: str = "") -> Page:
    tab.goto(built.url + page)
    expect(tab.locator("main h1").first).to_be_visible()
    return tab


def tile(tab: Page, machine: str) -> Any:
    return tab.locator(f".tile[data-machine='{machine}']")


@pytest.mark.parametrize("page", [*PAGES, "kiosk?show=floor", "kiosk?show=timeline", "login"])
def test_a_page_is_for_everybody(browser: Browser, built: Hall, page: str) -> None:
    """Both themes, phone and television: nothing to complain of, nothing beyond the edge."""
    role = None if page == "login" else "admin"
    with person(browser, built, role, viewport=SIZES["desktop"]) as tab:
        opened(tab, built, page)
        settled = {"m/press1": ".chart canvas", "timeline": ".band .seg"}.get(page, "main")
        tab.locator(settled).first.wait_for(state="attached")
        if page == "timeline":
            tab.get_by_label("Shift", exact=True).check()  # of a day there is more to look at
        for size, theme in product(SIZES, THEMES):
            tab.set_viewport_size(SIZES[size])
            tab.emulate_media(color_scheme=theme)
            tab.wait_for_function(FITS, arg=SIZES[size]["width"])
            assert violations(tab) == []
        tab.set_viewport_size(WALL)
        tab.wait_for_function(FITS, arg=WALL["width"])


def test_who_is_not_signed_in_sees_nothing_and_gets_in_with_the_password(
    browser: Browser, built: Hall
) -> None:
    with person(browser, built, None) as tab:
        opened(tab, built, "timeline")
        tab.get_by_label("Name").fill("vera")
        tab.get_by_label("Password").fill("wrong")
        tab.get_by_role("button", name="Sign in").click()
        expect(tab.get_by_role("alert")).to_contain_text("not right")
        assert tab.get_by_text("press1").count() == 0
        tab.get_by_label("Password").fill(built.passwords["vera"])
        tab.keyboard.press("Enter")
        expect(tab.get_by_role("heading", name="Timeline")).to_be_visible()
        tab.locator(".menu summary").click()
        tab.get_by_role("button", name="Change password").click()
        tab.get_by_label("Password so far").fill("wrong")
        tab.get_by_label("New password").fill("long enough for anybody")
        tab.get_by_role("button", name="Change", exact=True).click()
        expect(tab.get_by_role("alert")).to_contain_text("not the password")
        tab.get_by_label("Password so far").fill(built.passwords["vera"])
        tab.get_by_role("button", name="Change", exact=True).click()
        expect(tab.get_by_text("Your password is changed")).to_be_visible()
        built.passwords["vera"] = "long enough for anybody"
        tab.get_by_role("button", name="Sign out").click()
        expect(tab.get_by_role("button", name="Sign in")).to_be_visible()


def test_each_role_is_shown_what_it_may_do(browser: Browser, built: Hall) -> None:
    expected = {"view": (0, 0), "operate": (1, 0), "admin": (1, 1)}
    for role, (steers, sets_up) in expected.items():
        with person(browser, built, role) as tab:
            opened(tab, built, "m/press2")
            expect(tab.locator(".seen canvas")).to_be_visible()
            assert tab.get_by_role("heading", name="Steer").count() == steers
            assert tab.get_by_role("link", name="Setup").count() == sets_up


def test_every_state_is_told_by_word_sign_and_pattern(browser: Browser, built: Hall) -> None:
    with person(browser, built, "view") as tab:
        opened(tab, built)
        shown = {
            "packer": ("deep_sleep", "DEEP SLEEP"),
            "labeller": ("no_signal", "NO SIGNAL"),
            "conveyor_B": ("stopped", "STOPPED"),
            "press2": ("running", "RUNNING"),
        }
        looks = set()
        for machine, (state, word) in shown.items():
            one = tile(tab, machine)
            expect(one).to_have_attribute("data-state", state)
            expect(one).to_contain_text(word)
            sign = one.locator(".state svg path").get_attribute("d")
            pattern = one.locator(".face").evaluate(
                "e => getComputedStyle(e).backgroundImage + getComputedStyle(e).borderLeft"
            )
            looks.add((sign, pattern))
        assert len({sign for sign, _ in looks}) == len({pattern for _, pattern in looks}) == 4
        names = tab.locator(".tile").evaluate_all("all => all.map(e => e.dataset.machine)")
        assert names[0] == ASLEEP
        assert set(names[-3:]) >= {"press2", "mixer"}
        tab.get_by_role("button", name="1 deep sleep").click()
        expect(tab.locator(".tile")).to_have_count(1)
        tab.get_by_role("button", name="1 deep sleep").click()
        tab.get_by_label("Worst first").uncheck()
        names = tab.locator(".tile").evaluate_all("all => all.map(e => e.dataset.machine)")
        assert names[: len(MACHINES)] == list(MACHINES)


def test_a_transition_reaches_the_tile_within_two_seconds(browser: Browser, built: Hall) -> None:
    with person(browser, built, "view") as tab:
        opened(tab, built)
        tile(tab, "press1").wait_for()
        changes = tab.evaluate(
            """() => new Promise((done) => {
              const tile = document.querySelector(".tile[data-machine=press1]");
              const seen = [];
              new MutationObserver(() => {
                seen.push([tile.dataset.state, Date.now() / 1000]);
                if (seen.length === 3) done(seen);
              }).observe(tile, { attributes: true, attributeFilter: ["data-state"] });
            })"""
        )
    start = datetime.now(UTC) - timedelta(minutes=5)
    with History(built.plant.history, read_only=True) as history:
        found = [change for _, change in history.changes("press1", start)]
    lags = []
    for state, shown_at in changes:
        before = [
            change.detected_at.timestamp()
            for change in found
            if change.to_state == state and change.detected_at.timestamp() <= shown_at
        ]
        lags.append(shown_at - max(before))
    measured("s_to_the_tile", [round(lag, 2) for lag in lags])
    assert max(lags) <= 2.0


def received(tab: Page) -> list[int]:
    """Return a list that grows with the bytes of every message of the feed."""
    sizes: list[int] = []
    tab.on(
        "websocket", lambda socket: socket.on("framereceived", lambda raw: sizes.append(len(raw)))
    )
    return sizes


def test_pictures_come_as_they_are_asked_for(browser: Browser, built: Hall) -> None:
    with person(browser, built) as tab:
        sizes = received(tab)
        opened(tab, built, "m/press2")
        expect(tab.get_by_label("Detect")).to_be_checked()
        expect(tab.locator(".seen .contour").first).to_be_attached()
        expect(tab.locator(".seen .roi")).to_be_attached()
        expect(tab.locator(".badge")).to_have_text("moving")
        painted = tab.locator(".seen canvas").evaluate(
            "e => new Set(e.getContext('2d').getImageData(0, 0, e.width, e.height).data).size"
        )
        assert painted > 20, "a picture, not a plain ground"
        tab.get_by_label("Off", exact=True).check()
        expect(tab.locator(".seen")).to_contain_text("Pictures are off")
        tab.wait_for_timeout(1000)
        before = len(sizes)
        tab.wait_for_timeout(2000)
        assert sum(sizes[before:]) < 5000
        opened(tab, built, "m/conveyor_B")
        tab.get_by_label("Live", exact=True).check()
        expect(tab.locator(".badge")).to_have_text("still")
        first = tab.locator(".seen + .hint").inner_text()
        expect(tab.locator(".seen + .hint")).not_to_have_text(first)


def test_an_idle_machine_in_detect_costs_next_to_nothing(browser: Browser, built: Hall) -> None:
    with person(browser, built, "view") as tab:
        sizes = received(tab)
        opened(tab, built, "m/conveyor_B")
        expect(tab.locator(".seen + .hint")).to_contain_text("Picture of")
        tab.wait_for_timeout(3000)
        # press1 changes its state meanwhile: what the page hears of it is not of this machine
        frames = len(sizes)
        tab.wait_for_timeout(10_000)
    measured("bytes_a_s", sum(sizes[frames:]) / 10)
    assert sum(sizes[frames:]) / 10 <= 1000


def test_the_trigger_is_written_back_and_can_be_taken_back(browser: Browser, built: Hall) -> None:
    path = built.plant.config / "config_cam.ini"
    path.write_text(path.read_text("utf-8").replace("[mixer]", "; stirs\n[mixer]"), "utf-8")
    with person(browser, built, "operate") as tab:
        opened(tab, built, "m/mixer")
        box = tab.get_by_label("Threshold", exact=True)
        was = int(box.input_value())
        step = int(was / 10 + 0.5)
        tab.get_by_role("button", name="Raise the threshold").click()
        expect(box).to_have_value(str(was + step))
        assert f"threshold={was + step}" in path.read_text("utf-8").replace(" ", "")
        tab.get_by_role("button", name="Undo").click()
        expect(box).to_have_value(str(was))
        tab.get_by_role("button", name="Lower the threshold").click(modifiers=["Shift"])
        expect(box).to_have_value(str(was - 5 * step))
        box.fill(str(was))
        box.press("Enter")
        expect(tab.get_by_role("status").get_by_text(f"→ {was:,}")).to_be_visible()
    assert "; stirs\n[mixer]" in path.read_text("utf-8")


def test_what_people_write_is_shown_as_they_wrote_it(browser: Browser, built: Hall) -> None:
    with person(browser, built, "operate") as tab:
        opened(tab, built, "m/mixer")
        tab.get_by_label("because of").fill(HOSTILE)
        tab.get_by_role("button", name="Pause").click()
        expect(tab.locator("h1 + .tag")).to_contain_text("PAUSED")
        expect(tab.get_by_text(HOSTILE).first).to_be_visible()
        opened(tab, built)
        expect(tile(tab, "mixer")).to_contain_text(HOSTILE)
        opened(tab, built, "kiosk?show=floor")
        expect(tab.locator("[data-machine=mixer]")).to_contain_text(HOSTILE)
        opened(tab, built, "m/mixer")
        tab.get_by_role("button", name="Go on now").click()
        expect(tab.locator("h1 + .tag")).not_to_contain_text("PAUSED")
        opened(tab, built, "m/mixer")
        reasoned(tab, "<b>no pallets</b>", HOSTILE)
        expect(tab.locator("td.note").get_by_text(HOSTILE)).to_be_visible()
        assert tab.locator("img").count() == 0
        assert "taken" not in tab.title()


def reasoned(tab: Page, reason: str, note: str) -> None:
    """Give a reason of the newest stop."""
    tab.locator("td button", has_text="…").first.click()
    tab.get_by_role("dialog").get_by_label("Reason").select_option(reason)
    tab.get_by_role("dialog").get_by_label("Note").fill(note)
    tab.get_by_role("button", name="Keep").click()
    expect(tab.get_by_role("dialog")).to_have_count(0)


def test_a_stop_is_given_a_reason_of_the_catalogue(browser: Browser, built: Hall) -> None:
    with person(browser, built, "operate") as tab:
        opened(tab, built, "m/press2")
        first = tab.locator("td.note").first
        reasoned(tab, "bearing", "the left one")
        expect(first).to_have_text("bearing (failure): the left one – otto")
        tab.reload()
        expect(first).to_have_text("bearing (failure): the left one – otto")
        otto = built.dashboard.sign_in("otto", built.passwords["otto"])
        [said] = [
            stop
            for stop in otto.json("GET", "/api/machines/press2/stops")["stops"]
            if stop["source"] == "person"
        ]
        assert (said["reason"], said["by"], said["note"]) == ("bearing", "otto", "the left one")
        tab.get_by_role("button", name="Change …").first.click()
        expect(tab.get_by_label("Note")).to_have_value("the left one")
        expect(tab.get_by_label("Reason")).to_have_value("bearing")
        assert violations(tab) == []
        offered = tab.get_by_label("Reason").locator("option").all_inner_texts()
        assert "failure" in offered
        assert "<b>no pallets</b> (material)" in offered
        tab.keyboard.press("Escape")
        reasoned(tab, "", "")
        expect(first).to_have_text("")
    with person(browser, built, "view") as tab:
        opened(tab, built, "m/press2")
        expect(tab.locator("td.note").first).to_be_visible()
        assert tab.get_by_role("button", name="Reason …").count() == 0


def test_a_clip_is_recorded_played_at_its_moment_and_deleted(browser: Browser, built: Hall) -> None:
    with person(browser, built) as tab:
        opened(tab, built, "m/press1")
        tab.get_by_role("button", name="Record now").click()
        stop = tab.get_by_role("button", name="Stop recording")
        expect(stop).to_be_visible()
        tab.get_by_role("button", name="Snapshot").click()
        expect(tab.get_by_text("Snapshot kept")).to_be_visible()
        tab.wait_for_timeout(5000)
        stop.click()
        recordings = tab.get_by_role("region", name="Recordings", exact=True)
        recordings.get_by_role("button").first.click()
        tab.wait_for_function("() => document.querySelector('video')?.readyState >= 2")
        seconds = tab.locator("video").evaluate("video => video.duration")
        assert seconds >= 5.5
        anna = built.dashboard.sign_in("anna", built.passwords["anna"])
        [clip] = anna.json("GET", "/api/machines/press1/clips")["clips"]
        start = round(datetime.fromisoformat(clip["start"]).timestamp() * 1000)
        opened(tab, built, f"m/press1?at={start + 1000}")
        at = "at => Math.abs(document.querySelector('video')?.currentTime - at) < 0.3"
        tab.wait_for_function(at, arg=1)
        tab.get_by_role("slider").evaluate(
            """(slider, at) => {
              slider.step = 1;
              slider.value = at;
              slider.dispatchEvent(new Event("input", { bubbles: true }));
            }""",
            start + 2000,
        )
        tab.wait_for_function(at, arg=2)
        expect(tab.locator(".frames a")).to_contain_text([re.compile("s (before|after)$|then$")])
        frames = tab.locator(".frames button")
        expect(frames.first).to_contain_text("then")
        expect(frames.nth(1)).to_contain_text("3s after")
        looks = frames.locator("canvas").evaluate_all(
            """all => all.map((e) => {
              const { data } = e.getContext("2d").getImageData(0, 0, e.width, e.height);
              return [new Set(data).size, data.join("")];
            })"""
        )
        assert min(colours for colours, _ in looks) > 20, "pictures, not plain grounds"
        assert looks[0][1] != looks[1][1]
        frames.first.focus()
        tab.keyboard.press("ArrowRight")
        if frames.nth(1).get_attribute("aria-pressed") == "false":
            tab.keyboard.press("ArrowRight")  # the snapshot is between them
        expect(frames.nth(1)).to_have_attribute("aria-pressed", "true")
        tab.wait_for_function(at, arg=5)
        video = tab.locator("video")
        video.evaluate("video => video.play()")
        tab.wait_for_function("() => document.querySelector('video').currentTime > 2.3")
        partial = tab.evaluate(
            """async () => {
              const url = document.querySelector("video").currentSrc;
              return (await fetch(url, { headers: { Range: "bytes=0-99" } })).status;
            }"""
        )
        assert partial == 206
        assert violations(tab) == []
        deletes: list[str] = []
        tab.on("request", lambda r: deletes.append(r.url) if r.url.endswith("delete") else None)
        tab.get_by_role("button", name="Delete all recordings").click()
        tab.get_by_role("button", name="Delete all …").click()
        expect(tab.get_by_role("dialog")).to_contain_text("cannot be undone")
        assert deletes == []
        tab.get_by_role("button", name="Delete all", exact=True).click()
        expect(tab.get_by_text("Deleted: 1.")).to_be_visible()
        expect(recordings).to_have_count(0)


def test_a_report_is_chosen_made_and_saved(browser: Browser, built: Hall) -> None:
    with person(browser, built, "view", accept_downloads=True) as tab:
        opened(tab, built, "reports")
        tab.get_by_label("Format").select_option("json")
        tab.get_by_label("Period").select_option("From … to")
        tab.get_by_label("From", exact=True).fill("2026-11-20T00:00")
        tab.get_by_label("To", exact=True).fill("2026-11-19T00:00")
        make = tab.get_by_role("button", name="Make the report")
        expect(make).to_be_disabled()
        expect(tab.get_by_role("alert")).to_contain_text("after the beginning")
        hours = datetime.now() - timedelta(hours=10)
        tab.get_by_label("From", exact=True).fill(f"{hours:%Y-%m-%dT%H:%M}")
        tab.get_by_label("To", exact=True).fill(f"{datetime.now():%Y-%m-%dT%H:%M}")
        tab.get_by_label("press2").check()
        with tab.expect_download() as saving:
            make.click()
        report = json.loads(saving.value.path().read_text("utf-8"))
        assert saving.value.suggested_filename.endswith(".json")
        assert [one["machine"] for one in report["machines"]] == ["press2"]
        expect(tab.get_by_text("Made: ")).to_be_visible()
        tab.get_by_label("Period").select_option("A shift")
        tab.get_by_label("Shift", exact=False).last.select_option("early")
        tab.get_by_role("textbox", name="Day").fill("2020-01-06")
        make.click()
        refused = tab.locator(".refused[role=alert]", has_text=re.compile("[a-z]"))
        expect(refused).to_be_visible()
        measured("refused", refused.inner_text())
        assert violations(tab) == []
        tab.route("**/api/reports/json?*", lambda route: None)
        make.click()
        expect(tab.get_by_text("Making it …")).to_be_visible()
        tab.get_by_role("button", name="Cancel").click()
        expect(refused).to_have_text("Cancelled.")


def test_a_plain_stop_calls_unless_this_browser_does_not_want_it(
    browser: Browser, built: Hall
) -> None:
    with person(browser, built, "view") as tab:
        opened(tab, built)
        bar = tab.locator(".alarms")
        expect(bar).to_contain_text("conveyor_B: STOPPED")
        tab.get_by_role("button", name="Alarms").click()
        tab.get_by_label("a stop").uncheck()
        tab.get_by_role("button", name="Done").click()
        expect(bar).not_to_contain_text("STOPPED")
        tab.reload()
        expect(bar).to_contain_text(ASLEEP)
        expect(bar).not_to_contain_text("STOPPED")


EVIL = "<img src=x onerror=document.title='taken'>\"'&amp;{{7*7}}"
EVIL_SHIFTS = (
    f"[shift {EVIL}]\nstart = 00:00\nend = 12:00\n[shift <script>a]\nstart = 12:00\nend = 00:00\n"
)


def test_markup_is_text_wherever_a_name_is_shown(browser: Browser, tmp_path: Path) -> None:
    """Of the plant, a shift, a section, a kiosk; on every page, and in the report of old logs."""
    plant = Plant(tmp_path)
    camera = {"channel": 802, "ix": 0, "iy": 0, "ix2": 9, "iy2": 9, "threshold": 5}
    plant.configure(
        {"press1": camera, EVIL: camera},
        stream={"ip_address": "127.0.0.1", "port": 9},
        site={"name": EVIL},
    )
    (plant.config / "config_shifts.ini").write_text(EVIL_SHIFTS, "utf-8")
    day = [datetime.now(UTC) - timedelta(hours=hours) for hours in (30, 29)]
    with History(plant.history, EVIL) as history:
        unknown, running = MachineState.UNKNOWN, MachineState.RUNNING
        history.append(Change(EVIL, unknown, running, None, day[1], day[1], day[0], None))
    password = account(plant, "anna", "admin")
    with Dashboard(plant) as dashboard:
        there = SimpleNamespace(
            url=f"http://127.0.0.1:{dashboard.port}/", passwords={"anna": password}
        )
        with person(browser, there, accept_downloads=True) as tab:
            for page in ("", "timeline", "m/press1", "reports", "setup", "kiosk"):
                opened(tab, there, page)
                expect(tab.get_by_text(EVIL).first).to_be_attached()
                assert tab.locator("img").count() == 0
                assert "taken" not in tab.title().replace(EVIL, "")
            opened(tab, there, "setup")
            tab.get_by_label("Where it hangs").fill(EVIL[:60])
            tab.get_by_role("button", name="Make a link").click()
            tab.get_by_role("button", name="I have noted it").click()
            expect(tab.get_by_role("rowheader", name=EVIL[:60])).to_be_visible()
            opened(tab, there, "reports")
            tab.get_by_label("Period").select_option("From … to")
            with tab.expect_download() as saving:
                tab.get_by_role("button", name="Make the report").click()
            saving.value.save_as(tmp_path / "report.html")
        with browser.new_page() as reading:
            reading.goto((tmp_path / "report.html").as_uri())
            expect(reading.get_by_text(EVIL).first).to_be_attached()
            assert reading.locator("img[src=x]").count() == 0
            assert "taken" not in reading.title().replace(EVIL, "")


def test_a_machine_that_nothing_tracks_is_said_to_be_so(browser: Browser, built: Hall) -> None:
    with person(browser, built, "view") as tab:
        opened(tab, built, "timeline")
        names = tab.locator(".band h2")
        expect(names.filter(has_text=UNTRACKED)).to_contain_text("nothing tracks it")
        expect(names.filter(has_text="press1")).not_to_contain_text("nothing tracks it")


def test_a_moment_is_found_again_and_said_to_be_wrong(browser: Browser, built: Hall) -> None:
    with person(browser, built, "operate") as tab:
        opened(tab, built, "m/press2")
        tab.get_by_role("button", name="Snapshot").click()
        expect(tab.get_by_text("Snapshot kept")).to_be_visible()
        chart = tab.locator(".chart .u-over")
        chart.wait_for()
        scores = re.compile("^Scores from")
        expect(tab.locator(".chart")).to_have_attribute("aria-label", scores)
        box = chart.bounding_box()
        assert box is not None
        while tab.locator("#moment").count() == 0:  # a click before the scores are drawn is none
            chart.click(position={"x": box["width"] * 0.6, "y": 40})
        expect(tab.get_by_role("button", name="This was wrong")).to_be_visible()
        tab.get_by_role("slider").press("End")
        expect(tab.locator(".frames img")).to_have_count(1)
        tab.get_by_role("slider").press("Home")
        expect(tab.get_by_text("No picture was kept")).to_be_visible()
        chart.click(position={"x": box["width"] * 0.6, "y": 40})
        tab.get_by_role("button", name="This was wrong").click()
        assert violations(tab) == []
        tab.get_by_label("Note").fill("a forklift in front")
        tab.get_by_role("button", name="Keep").click()
        tab.get_by_text("What people said of it").click()
        expect(tab.locator("details.card")).to_contain_text("a forklift in front (otto")


def test_a_moment_can_be_chosen_before_the_scores_have_come(browser: Browser, built: Hall) -> None:
    with person(browser, built, "operate") as tab:
        tab.route("**/motion?*", lambda route: None)
        opened(tab, built, "m/press2")
        tab.locator(".chart .u-over").click(position={"x": 100, "y": 40})
        expect(tab.get_by_role("button", name="This was wrong")).to_be_visible()


def test_the_timeline_is_walked_and_zoomed_by_the_keyboard(browser: Browser, built: Hall) -> None:
    with person(browser, built, "view") as tab:
        opened(tab, built, "timeline")
        strip = tab.get_by_role("listbox").first
        strip.locator(".seg").first.wait_for()
        strip.focus()
        told = tab.locator(".told")
        strip.press("Home")
        expect(told).to_contain_text("press1 · NO SIGNAL")
        strip.press("ArrowRight")
        expect(told).to_contain_text("press1 · RUNNING")
        assert tab.evaluate("document.activeElement.querySelector('.chosen').id") == (
            strip.get_attribute("aria-activedescendant")
        )
        strip.press("ArrowDown")
        expect(told).to_contain_text("press2 · ")
        tab.get_by_role("listbox").nth(1).press("ArrowUp")
        before = strip.locator(".seg").count()
        strip.press("+")
        strip.press("+")
        expect(tab.get_by_label("Day")).not_to_be_checked()
        expect(tab.locator(".scale span").first).to_be_visible()
        tab.wait_for_function(
            "before => document.querySelectorAll('.strip')[0].children.length < before", arg=before
        )
        strip.press("End")
        strip.press("ArrowLeft")
        strip.press("Enter")
        tab.wait_for_url("**/m/press1?at=*")
        expect(tab.get_by_role("heading", name="press1")).to_be_visible()
        expect(tab.locator("#moment")).to_be_visible()
        tab.go_back()
        tab.get_by_role("button", name="As a table").click()
        expect(tab.get_by_role("row", name="press1").first).to_be_visible()


def test_a_shift_is_shown_by_its_name_and_gone_through(browser: Browser, built: Hall) -> None:
    with person(browser, built, "view") as tab:
        opened(tab, built)
        clock = tab.locator(".shift-clock")
        expect(clock).to_contain_text(
            re.compile(r"^(early|late|night) \d\d:00 – \d\d:00.*to go$", re.S)
        )
        name = clock.locator("strong").inner_text()
        opened(tab, built, "timeline")
        bands = tab.locator(".shifts li")
        expect(bands.and_(tab.locator(".current"))).to_contain_text(name)
        days = bands.count()
        assert days == 4, "three shifts are a day, and the first of them is cut"
        tab.get_by_label("Shift", exact=True).check()
        said = tab.locator(".head + .row > .hint")
        expect(said).to_contain_text(f"Shift {name}, ")
        expect(bands).to_have_count(1)
        expect(tab.get_by_role("button", name="Later")).to_be_disabled()
        expect(tab.locator(".strip .present").first).to_be_attached()
        tab.get_by_role("button", name="Earlier").click()
        before = {"early": "night", "late": "early", "night": "late"}[name]
        expect(said).to_contain_text(f"Shift {before}, ")
        expect(tab.locator(".strip .present")).to_have_count(0)
        tab.get_by_role("listbox").first.press("PageDown")
        expect(said).to_contain_text(f"Shift {name}, ")
        assert violations(tab) == []
        tab.get_by_label("Week", exact=True).check()
        expect(bands).to_have_count(22)
        opened(tab, built, "kiosk?show=timeline")
        expect(tab.locator(".headline")).to_contain_text(name)
        expect(tab.locator(".shifts li").first).to_be_attached()


def test_short_spans_are_drawn_together_and_none_is_lost(browser: Browser, built: Hall) -> None:
    with person(browser, built, "view") as tab:
        opened(tab, built)
        thin = tab.evaluate(
            """async () => {
              const { thinned } = await import("./static/bands.js");
              const intervals = [];
              for (let n = 0; n < 5000; n += 1)
                intervals.push(
                  n % 2
                    ? { state: "stopped", start: n * 10 - 1, end: n * 10 + 10 }
                    : { state: "running", start: n * 10, end: n * 10 + 9 },
                );
              intervals.push({ state: "deep_sleep", start: 50000, end: 100000 });
              return thinned(intervals, 0, 100000, 100);
            }"""
        )
    assert len(thin) <= 60
    assert all(one["end"] == other["start"] for one, other in pairwise(thin))
    assert sum(one["number"] for one in thin) == 5001
    assert (thin[-1]["state"], thin[-1]["number"]) == ("deep_sleep", 1)
    assert (thin[0]["start"], thin[-1]["end"]) == (0, 100_000)


def test_an_alarm_calls_until_somebody_looks_after_it(browser: Browser, built: Hall) -> None:
    with person(browser, built, "operate") as tab:
        tab.add_init_script(
            """localStorage.alarm ??= JSON.stringify({ mute: ["press1"] }); // which stops each time
            window.tones = 0; window.shaken = 0;
            const make = AudioContext.prototype.createOscillator;
            AudioContext.prototype.createOscillator = function () {
              window.tones += 1;
              return make.call(this);
            };
            const shake = () => (window.shaken += 1) > 0;
            Object.defineProperty(navigator, "vibrate", { value: shake });
            const clock = Date.now;
            window.later = 0;
            Date.now = () => clock() + window.later;"""
        )
        opened(tab, built)
        expect(tab.locator(".alarms")).to_contain_text(f"{ASLEEP}: DEEP SLEEP")
        tab.wait_for_function("() => document.title.startsWith('(')")
        assert tab.locator("link[rel=icon]").get_attribute("href") == "static/icon-alarm.svg"
        tab.get_by_role("button", name="Sound off").click()
        tab.wait_for_function("() => window.tones === 3")
        tab.evaluate("window.later = 61000")
        tab.wait_for_function("() => window.tones >= 6 && window.shaken >= 1")
        tab.get_by_role("button", name=f"Acknowledge {ASLEEP}").click()
        expect(tile(tab, ASLEEP)).to_contain_text("otto looks after it")
        expect(tab.locator(".alarms")).not_to_contain_text(ASLEEP)
        tab.get_by_role("button", name="Silence here").click()
        expect(tab.locator(".alarms")).to_have_count(0)
        tab.wait_for_function("() => !document.title.startsWith('(')")
        heard = tab.evaluate("window.tones")
        tab.evaluate("window.later = 200000")
        tab.wait_for_timeout(2500)
        assert tab.evaluate("window.tones") == heard


def test_a_page_that_has_lost_contact_says_so_and_comes_back(browser: Browser, built: Hall) -> None:
    sockets: list[WebSocketRoute] = []
    reachable = [True]

    def between(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        if reachable[0]:
            socket.connect_to_server()
        else:
            socket.close()

    with person(browser, built, "view") as tab:
        tab.route_web_socket("**/api/feed", between)
        opened(tab, built)
        tile(tab, "press2").wait_for()
        reachable[0] = False
        sockets[-1].close()
        expect(tab.locator(".banner")).to_contain_text("No contact with motion-track")
        tab.wait_for_function("() => document.title.startsWith('(')")
        reachable[0] = True
        expect(tab.locator(".banner")).to_have_count(0)


def test_what_cannot_be_undone_is_asked_twice(browser: Browser, built: Hall) -> None:
    with person(browser, built) as tab:
        asked: list[str] = []
        tab.on("request", lambda r: asked.append(r.url) if r.method == "POST" else None)
        opened(tab, built, "m/press2")
        tab.get_by_role("button", name="Stop or restart tracker").click()
        tab.get_by_role("button", name="Restart …").click()
        expect(tab.get_by_role("dialog")).to_contain_text("ends now, and with it that of all")
        assert asked == []
        tab.keyboard.press("Escape")
        expect(tab.get_by_role("dialog")).to_have_count(0)
        assert asked == []
        tab.route("**/api/machines/press2/restart", lambda route: route.fulfill(json={}))
        tab.get_by_role("button", name="Stop or restart tracker").click()
        tab.get_by_role("button", name="Restart …").click()
        tab.get_by_role("button", name="Restart", exact=True).click()
        expect(tab.get_by_text("comes back in a moment")).to_be_visible()
        assert len(asked) == 1


def test_users_kiosks_and_notifiers_are_set_up(browser: Browser, built: Hall) -> None:
    with person(browser, built) as tab:
        opened(tab, built, "setup")
        users = tab.get_by_role("region", name="Users", exact=True)
        users.get_by_label("Name").fill("berta")
        users.get_by_label("may").select_option("operate")
        users.get_by_role("button", name="Add").click()
        secret = tab.locator(".secret").inner_text()
        assert len(secret) >= 12
        assert violations(tab) == []
        tab.get_by_role("button", name="I have noted it").click()
        users.get_by_role("button", name="Remove berta").click()
        tab.get_by_role("dialog").get_by_role("button", name="Remove").click()
        expect(users.get_by_text("berta")).to_have_count(0)
        tab.get_by_role("button", name="Send a test").click()
        expect(tab.get_by_text("sent", exact=True)).to_be_visible()
        tab.get_by_role("button", name="Check all").click()
        expect(tab.get_by_text("Checked ")).to_be_visible()
        expect(tab.locator("#checks").locator("xpath=../..")).to_contain_text("Cameras")
        tab.get_by_label("Where it hangs").fill("hall 3")
        tab.get_by_role("button", name="Make a link").click()
        link = tab.locator(".secret").inner_text()
    with person(browser, built, None, viewport={"width": 1920, "height": 1080}) as tab:
        tab.goto(link)
        panes = tab.locator(".pane")
        expect(panes).to_have_count(len(MACHINES) + 1)
        assert "#" not in tab.url
        shares = panes.evaluate_all(
            """all => all.map((pane) => {
              const word = pane.querySelector(".state");
              const right = (element) => element.getBoundingClientRect().right;
              const size = parseFloat(getComputedStyle(word).fontSize);
              return right(pane) >= right(word) ? size / pane.clientHeight : 0;
            })"""
        )
        assert min(shares) >= 1 / 12
        anna = built.dashboard.sign_in("anna", built.passwords["anna"])
        [kiosk] = anna.json("GET", "/api/kiosks")["kiosks"]
        anna.json("DELETE", f"/api/kiosks/{kiosk['id']}")
        expect(tab.get_by_text("no link that is valid")).to_be_visible()


def test_a_finger_hits_every_button(browser: Browser, built: Hall) -> None:
    how = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
    with person(browser, built, **how) as tab:
        for page in PAGES:
            opened(tab, built, page)
            tab.wait_for_timeout(500)
            small = tab.evaluate(
                """least =>
                  [...document.querySelectorAll("button, a, select, summary, label, input")]
                  .filter((e) => !["checkbox", "radio", "range"].includes(e.type))
                  .filter((e) => e.tagName !== "LABEL" || e.querySelector("[type$=o], [type$=x]"))
                  .filter((e) => e.checkVisibility() && !e.closest(".skip"))
                  .map((e) => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
                  .filter(([, box]) => box.height > 0 && box.height < least - 0.5)
                  .map(([text, box]) => `${box.height} ${text}`)""",
                FINGER,
            )
            assert small == [], page


def test_nothing_moves_for_who_wants_it_calm(browser: Browser, built: Hall) -> None:
    with person(browser, built, "view", reduced_motion="no-preference") as tab:
        opened(tab, built)
        styles = tab.evaluate(
            """() => {
              document.querySelector(".face").classList.add("urgent");
              return document.getAnimations().length;
            }"""
        )
        assert styles >= 1
        tab.emulate_media(reduced_motion="reduce")
        assert tab.evaluate("document.getAnimations().length") == 0


def test_pages_work_behind_a_proxy(browser: Browser, built: Hall) -> None:
    with Dashboard(built.plant, "--root-path", "/plant") as dashboard:
        behind = Hall(built.plant, built.camera, built.tracker, dashboard, built.passwords)
        with person(browser, behind, "view") as tab:
            opened(tab, behind, "plant/m/press2")
            expect(tab.locator(".chart canvas")).to_be_visible()
            tab.get_by_role("link", name="Floor").first.click()
            expect(tile(tab, "press2")).to_be_visible()
            assert urlsplit(tab.url).path == "/plant/"


PRETENDED = """#!/bin/sh
echo "$(basename $0) $@" >> {told}
[ "$2" = reboot ] || {{ echo "Call to PowerOff failed: not allowed" >&2; exit 1; }}
"""


@pytest.mark.skipif(sys.platform == "win32", reason="programs are shell scripts here")
def test_the_computer_is_restarted_where_that_is_allowed(
    browser: Browser, built: Hall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with person(browser, built) as tab:
        opened(tab, built, "setup")
        computer = tab.get_by_role("region", name="This computer")
        expect(computer).to_contain_text("host_power = yes")
        expect(computer.get_by_role("button")).to_have_count(0)
    told = tmp_path / "told.txt"
    for name in ("systemctl", "shutdown"):  # ours come first: the real ones are never reached
        (tmp_path / name).write_text(PRETENDED.format(told=told), "utf-8")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("MOTION_TRACK_DASHBOARD_HOST_POWER", "yes")
    with Dashboard(built.plant) as dashboard:
        allowed = Hall(built.plant, built.camera, built.tracker, dashboard, built.passwords)
        with person(browser, allowed) as tab:
            opened(tab, allowed, "setup")
            computer = tab.get_by_role("region", name="This computer")
            computer.get_by_role("button", name="Restart …").click()
            tab.get_by_role("dialog").get_by_role("button", name="Restart …").click()
            expect(tab.get_by_role("dialog")).to_contain_text("Nothing is tracked until")
            assert violations(tab) == []
            tab.keyboard.press("Escape")
            assert not told.exists()
            computer.get_by_role("button", name="Restart …").click()
            tab.get_by_role("dialog").get_by_role("button", name="Restart …").click()
            tab.get_by_role("dialog").get_by_role("button", name="Restart", exact=True).click()
            expect(computer).to_contain_text("It restarts now")
            assert told.read_text("utf-8").split() == ["systemctl", "--no-ask-password", "reboot"]
            computer.get_by_role("button", name="Shut down …").click()
            tab.get_by_role("dialog").get_by_role("button", name="Shut down …").click()
            tab.get_by_role("dialog").get_by_role("button", name="Shut down", exact=True).click()
            expect(tab.locator(".toast")).to_contain_text("Call to PowerOff failed: not allowed")
        audit = (built.plant.logs / "audit.jsonl").read_text("utf-8").splitlines()
        said = [(line["by"], line["what"], line["outcome"]) for line in map(json.loads, audit)]
        assert said[-4:] == [
            ("anna", "restart of the computer", "begun"),
            ("anna", "POST /api/host/restart", "200"),
            ("anna", "shutdown of the computer", "begun"),
            ("anna", "POST /api/host/shutdown", "409"),
        ]


def test_a_phone_may_install_it_and_is_notified(browser: Browser, built: Hall) -> None:
    with person(browser, built, "view", permissions=["notifications"]) as tab:
        tab.add_init_script("localStorage.alarm ??= JSON.stringify({ notes: true });")
        opened(tab, built)
        session = tab.context.new_cdp_session(tab)
        found = session.send("Page.getAppManifest")
        assert (found["errors"], found["url"]) == ([], f"{built.url}static/manifest.json")
        errors = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
        # the window of a test is a private one, in which nothing is installed
        assert {error["errorId"] for error in errors} <= {"in-incognito"}
        expect(tab.locator(".alarms")).to_contain_text("labeller: NO SIGNAL")
        shown = """async () => {
          const worker = await navigator.serviceWorker.getRegistration("static/");
          const notes = (await worker?.getNotifications()) ?? [];
          return notes.map((note) => [note.title, note.data.where]);
        }"""
        tab.evaluate(
            f"""async () => {{
              const shown = {shown};
              const there = async () => (await shown()).flat().includes("m/labeller");
              while (!(await there())) await new Promise((on) => setTimeout(on, 100));
            }}"""
        )
        assert ["labeller: NO SIGNAL", "m/labeller"] in tab.evaluate(shown)
