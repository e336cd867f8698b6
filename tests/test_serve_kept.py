"""From a real camera over a real tracker to a page: recorded on request, played, reported."""

import json
import re
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlencode

import av
import psutil
import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from motion_tracking.core.clips import Clip, Trigger
from motion_tracking.record.clips import Shown
from motion_tracking.record.history import History
from motion_tracking.record.remux import Film
from servers import clips
from servers.browser import chromium, chromium_program, violations
from servers.dashboard import Dashboard, Page, account, measured
from servers.footage import packets
from servers.gst import GstCamera
from servers.plant import PATIENCE, Plant
from test_clips_live import counted, sections, wheel

pytestmark = pytest.mark.slow

Start = Callable[..., GstCamera]


def eventually(wanted: Callable[[], Any], what: str = "") -> Any:
    deadline = monotonic() + PATIENCE
    while not (found := wanted()):
        assert monotonic() < deadline, what
        threading.Event().wait(0.3)
    return found


def tile(page: Page) -> Any:
    return page.json("GET", "/api/plant")["machines"][0]


def part(page: Page, url: str, wanted: str) -> tuple[int, bytes, str]:
    with closing(HTTPConnection("127.0.0.1", page.port, timeout=PATIENCE)) as connection:
        connection.request("GET", f"/{url}", headers={"Cookie": page.cookie, "Range": wanted})
        response = connection.getresponse()
        return response.status, response.read(), response.headers["Content-Range"]


def test_record_now_becomes_a_clip_that_is_seen_labelled_and_deleted(
    tmp_path: Path, start_gst_camera: Start
) -> None:
    camera = start_gst_camera(channels=[counted(802)])
    plant = Plant(tmp_path)
    more = sections(camera, tmp_path, events="manual stop", pictures="stop")
    plant.configure({"press1": wheel(802)}, **more)
    one = "/api/machines/press1"
    with plant.tracking("press1") as tracking, ExitPages(plant) as (dashboard, page, viewer):
        tracking.wait_for("running")
        assert page.json("GET", one)["can"] == {"record": True, "live": True}
        began = datetime.now().astimezone()
        assert page.json("POST", f"{one}/recording", {"on": True})["recording"]
        assert tile(page)["recording"]
        threading.Event().wait(6)
        assert tile(page)["recording"], "the tracker says so by now"
        assert not page.json("POST", f"{one}/recording", {"on": False})["recording"]

        def manual() -> Any:
            found = viewer.json("GET", f"{one}/clips")["clips"]
            return next((clip for clip in found if "manual" in clip["why"]), None)

        clip = eventually(manual, "".join(tracking.output))
        assert not tile(page)["recording"]
        start, end = (datetime.fromisoformat(clip[key]) for key in ("start", "end"))
        measured("manual clip", (start - began, end - began, clip["bytes"]))
        assert abs((end - began).total_seconds() - 6) < 5

        tracking.wait_for("stopped")
        [stop] = eventually(lambda: viewer.json("GET", f"{one}/stops")["stops"])
        look(page, viewer, one, clip, stop, tmp_path)
        label(plant, page, one, clip)
        report(dashboard, viewer)

        remembered(page, viewer, one)

        url = f"/{clip['url']}/delete"
        viewer.json("POST", url, {"confirm": clip["id"]}, status=403)
        assert page.json("POST", url, {"confirm": clip["id"]}) == {"schema": 1, "deleted": 1}
        assert page.ask("GET", f"/{clip['url']}")[0] == 404
        eventually(lambda: page.json("GET", f"{one}/clips")["clips"])
        assert page.json("POST", f"{one}/clips/delete", {"confirm": "press1"})["deleted"] >= 1
        left = page.json("GET", f"{one}/clips")
        assert (left["clips"], left["pictures"]) == ([], [])
        assert not list((tmp_path / "video" / "press1").glob("*.*"))
        assert tracking.stop() == 0


def remembered(page: Page, viewer: Page, one: str) -> None:
    """What was sent before anybody thought of it is kept all the same, while it is remembered."""
    at = datetime.now(UTC) - timedelta(seconds=14)
    viewer.json("POST", f"{one}/keep", {"at": at.isoformat()}, status=403)
    for wrong in (timedelta(minutes=5), timedelta(minutes=-5)):
        page.json("POST", f"{one}/keep", {"at": (at - wrong).isoformat()}, status=409)
    assert page.json("POST", f"{one}/keep", {"at": at.isoformat()})["keeping"]

    def shown() -> Any:
        query = urlencode({"at": at.isoformat(), "seconds": 1})
        found = viewer.json("GET", f"{one}/around?{query}")["clips"]
        return any("manual" in clip["why"] and clip["offset_s"] > 0 for clip in found)

    eventually(shown)


class ExitPages:
    """A dashboard with an admin and somebody who may look."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant

    def __enter__(self) -> tuple[Dashboard, Page, Page]:
        people = {name: account(self._plant, name, role) for name, role in PEOPLE}
        self._dashboard = Dashboard(self._plant)
        pages = [self._dashboard.sign_in(name, word) for name, word in people.items()]
        return self._dashboard, pages[0], pages[1]

    def __exit__(self, *_exception: object) -> None:
        self._dashboard.kill()


PEOPLE = (("anna", "admin"), ("vera", "view"))


def look(page: Page, viewer: Page, one: str, clip: Any, stop: Any, folder: Path) -> None:
    """It plays, in parts too; the stop has its pictures, and gets a reason."""
    status, whole, headers = viewer.ask("GET", f"/{clip['url']}")
    assert (status, headers["Content-Type"], headers["Accept-Ranges"]) == (
        *(200, "video/mp4", "bytes"),
    )
    (folder / "seen.mp4").write_bytes(whole)
    with av.open(str(folder / "seen.mp4")) as film:
        frames = [
            clips.number_in(frame.to_ndarray(format="gray")) for frame in film.decode(video=0)
        ]
    assert len(frames) > 50
    assert frames == list(range(frames[0], frames[0] + len(frames)))
    status, piece, place = part(viewer, clip["url"], "bytes=1000-1999")
    assert (status, piece) == (206, whole[1000:2000])
    assert place == f"bytes 1000-1999/{len(whole)}"

    def pictures() -> Any:
        at = datetime.fromisoformat(stop["start"]).isoformat().replace("+00:00", "Z")
        found = viewer.json("GET", f"{one}/around?at={at}&seconds=20")
        return found["pictures"] and found["clips"] and found

    found = eventually(pictures)
    status, picture, headers = viewer.ask("GET", f"/{found['pictures'][0]['url']}")
    assert (status, headers["Content-Type"], picture[:2]) == (200, "image/jpeg", b"\xff\xd8")
    said = {"start": stop["start"], "reason": "changeover", "note": "<b>tool</b>"}
    viewer.json("POST", f"{one}/reason", said, status=403)
    given = page.json("POST", f"{one}/reason", said)["stop"]
    assert (given["reason"], given["by"]) == ("changeover", "anna")
    again = viewer.json("GET", f"{one}/stops")["stops"][0]
    assert (again["reason"], again["note"]) == ("changeover", "<b>tool</b>")


def label(plant: Plant, page: Page, one: str, clip: Any) -> None:
    """What was wrong is measured by `evaluate`."""
    said = {"from": clip["start"], "to": clip["end"], "state": "running", "note": ""}
    evaluation = page.json("POST", f"{one}/labels", said)["evaluation"]
    assert len(evaluation["clips"]) >= 1
    folder = plant.folder / "logs" / evaluation["folder"]
    done = plant.run("evaluate", str(folder), "--json")
    assert done.returncode == 0, done.stderr
    [found] = [area for area in json.loads(done.stdout)["areas"] if area["area"] == "press1"][:1]
    assert found["clip"] == Path(evaluation["clips"][0]).stem


def report(dashboard: Dashboard, viewer: Page) -> None:
    """A report leaves no process and no memory behind."""
    before = dashboard.memory
    for form, begin in (("html", b"<!doctype html>"), ("pdf", b"%PDF"), ("json", b"{")):
        start = (datetime.now().astimezone() - timedelta(hours=1)).isoformat().replace("+", "%2B")
        status, raw, headers = viewer.ask("GET", f"/api/reports/{form}?from={start}")
        assert status == 200, raw
        assert raw[:20].lower().startswith(begin.lower())
        assert headers["Content-Disposition"].startswith("attachment")
    after = dashboard.memory
    measured("serve_MB before and after three reports", (before / 1e6, after / 1e6))
    assert psutil.Process(dashboard.process.pid).children() == []
    assert after < 60e6
    status, raw, _ = viewer.ask("GET", "/api/reports/html?day=2020-01-01")
    assert (status, "nothing was recorded" in json.loads(raw)["error"]) == (409, True)


SEEN = """async ([url, at]) => {
    const video = document.createElement("video");
    const told = (name) => new Promise((done, failed) => {
        video.addEventListener(name, done, { once: true });
        video.addEventListener("error", () => failed(video.error.message), { once: true });
    });
    video.muted = true;
    const loaded = told("loadedmetadata");
    video.src = url;
    document.body.append(video);
    await loaded;
    const sought = told("seeked");
    video.currentTime = at;
    await sought;
    return [video.duration, video.currentTime, video.videoWidth];
}"""


def filmed(plant: Plant, codec: str, at: datetime) -> None:
    """Put half a minute on the disk, and into the history."""
    name = f"press1/press1-{at:%Y%m%dT%H%M%S000}Z-stop.mp4"
    folder = plant.folder / "video"
    sent = list(packets(0.0, 300, codec, size=(320, 240)))
    film = Film(folder / name, sent[0])
    for packet in sent:
        film.add(packet)
    film.close()
    end = at + timedelta(seconds=30)
    clip = Clip(0, name, folder.as_posix(), at, end, film.bytes, film.codec, (320, 240))
    with History(plant.history) as history:
        history.add_clip(clip, [Shown("press1", Trigger.STOP, at)])


def test_a_browser_seeks_in_a_clip_and_plays_what_it_cannot(tmp_path: Path) -> None:
    if chromium_program() is None:
        pytest.skip("no Chromium: apt-get install chromium")
    plant = Plant(tmp_path)
    stream, storage = {"ip_address": "127.0.0.1"}, {"video_dir": tmp_path / "video"}
    plant.configure({"press1": wheel(802)}, stream=stream, storage=storage)
    start = datetime(2026, 3, 2, 12, tzinfo=UTC)
    filmed(plant, "h264", start)
    filmed(plant, "h265", start + timedelta(hours=1))
    with ExitPages(plant) as (_, page, _viewer), chromium() as browser:
        tab = browser.new_page()
        cookie, _, value = page.cookie.partition("=")
        tab.context.add_cookies([{"name": cookie, "value": value, "url": page.origin}])
        tab.goto(f"{page.origin}/m/press1")
        answers: list[int] = []
        tab.on("response", lambda r: re.search(r"/clips/\d+$", r.url) and answers.append(r.status))
        duration, at, width = tab.evaluate(SEEN, [f"{page.origin}/api/machines/press1/clips/1", 25])
        convert(tab, page, start + timedelta(hours=1, seconds=20))
    measured("answers", answers)
    assert (round(duration), at, width) == (30, 25, 320)
    assert set(answers) == {206}


def convert(tab: Tab, page: Page, at: datetime) -> None:
    """Look at a moment of H.265; Debian's Chromium has no decoder for it."""
    tab.goto(f"{page.origin}/m/press1?at={round(at.timestamp() * 1000)}")
    expect(tab.get_by_text("cannot play what the camera sent (H.265)")).to_be_visible()
    assert violations(tab) == []
    tab.get_by_role("button", name="Convert and play").click()
    tab.wait_for_function("() => document.querySelector('video')?.readyState >= 2")
    duration, shown = tab.locator("video").evaluate("film => [film.duration, film.currentTime]")
    assert (round(duration), round(shown)) == (30, 20)
    tab.locator("video").evaluate("film => film.play()")
    tab.wait_for_function("() => document.querySelector('video').currentTime > 20.5")
    assert tab.get_by_role("alert").count() == 0
