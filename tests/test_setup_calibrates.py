"""From the dashboard's Setup to a calibrated machine, by a person at a real browser."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_server

import anyio
import pytest
from playwright.sync_api import Browser, expect

from motion_tracking.capture.clock import system_now
from motion_tracking.commands.overseeing import Overseen
from motion_tracking.commands.power import ThisComputer
from motion_tracking.config import load
from motion_tracking.dashboard import calibrating
from motion_tracking.dashboard.accounts import Accounts
from motion_tracking.dashboard.alarms import Alarms
from motion_tracking.dashboard.audit import Audit
from motion_tracking.dashboard.guard import LOOPBACK
from motion_tracking.dashboard.hosting import serve_app
from motion_tracking.dashboard.sessions import Sessions
from motion_tracking.dashboard.site import Site
from motion_tracking.record.small import put, put_private
from motion_tracking.simulator.camera import Camera
from motion_tracking.simulator.channel import Channel
from servers.browser import PATIENCE, violations
from servers.plant import Plant
from servers.switched import Switched

pytestmark = pytest.mark.slow

ENOUGH = 12.0
"""Seconds of each state that are recorded; else it is a minute."""

STILL = 3000
"""Milliseconds after which what is seen is of a machine that was switched off."""


@pytest.fixture
def switch() -> Switched:
    return Switched()


@pytest.fixture
def camera(switch: Switched) -> Iterator[Camera]:
    with Camera([Channel(802, "flywheel", switch)]) as camera:
        yield camera


@contextmanager
def served(plant: Plant) -> Iterator[str]:
    """Serve a plant, in a thread of the test; yield the link of an admin."""

    def utc() -> float:
        return system_now().utc

    overseen = Overseen(load(plant.config, {}), system_now)
    accounts = Accounts(plant.config / "accounts.json", put_private)
    over = threading.Event()
    with create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        site = Site(
            plant=overseen,
            accounts=accounts,
            sessions=Sessions(accounts, str(port), utc, "a-link"),
            alarms=Alarms(plant.folder / "acknowledged.json", put),
            audit=Audit(plant.folder / "audit.jsonl", utc),
            computer=ThisComputer(False),
            utc=utc,
            hosts=LOOPBACK,
        )

        async def serve() -> None:
            await serve_app(site.app(), listener, over.is_set, signals=False)

        thread = threading.Thread(target=lambda: anyio.run(serve))
        thread.start()
        try:
            yield f"http://127.0.0.1:{port}/setup#a-link"
        finally:
            over.set()
            thread.join(PATIENCE)
            overseen.close()


def test_a_new_machine_is_calibrated_from_setup(
    tmp_path: Path,
    browser: Browser,
    camera: Camera,
    switch: Switched,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(calibrating, "SECONDS", ENOUGH)
    monkeypatch.setattr(calibrating, "FAREWELL", 0.5)
    plant = Plant(tmp_path)
    plant.configure({}, stream={"ip_address": "127.0.0.1", "port": camera.port})
    roi = camera.channels[802].roi
    with served(plant) as link, browser.new_context() as context:
        tab = context.new_page()
        tab.set_default_timeout(PATIENCE * 1000)
        expect.set_options(timeout=PATIENCE * 1000)
        tab.goto(link)
        tab.get_by_label("New machine").fill("wheel")
        tab.get_by_label("Channel of the recorder").fill("9")
        tab.get_by_role("button", name="Calibrate it").click()
        expect(tab.locator(".toast")).to_contain_text("wheel")
        tab.get_by_label("Channel of the recorder").fill("802")
        tab.get_by_role("button", name="Calibrate it").click()
        expect(tab.get_by_role("heading", name="Calibrate wheel")).to_be_visible()
        corners = {"ix": roi.x, "iy": roi.y, "ix2": roi.x + roi.width, "iy2": roi.y + roi.height}
        for corner, value in corners.items():
            tab.locator(f"#{corner}").fill(str(value))
        tab.locator("#iy2").press("Enter")
        tab.get_by_role("button", name="It is running").click()
        expect(tab.locator(".take.running")).to_contain_text("Recorded")
        switch.off()
        tab.wait_for_timeout(STILL)
        tab.get_by_role("button", name="It stands").click()
        expect(tab.locator("#verdict")).to_be_visible()
        tab.get_by_role("button", name="Save", exact=True).click()
        expect(tab.get_by_role("heading", name="Saved")).to_be_visible()
        assert violations(tab) == []
        tab.get_by_role("link", name="Back to Setup").click()
        row = tab.get_by_role("row", name="wheel")
        expect(row).to_contain_text("calibrated")
        expect(row).not_to_contain_text("no area yet")
    saved = load(plant.config, {}).cameras["wheel"]
    assert (saved.detector, saved.roi) == ("calibrated", roi)
    assert (plant.config / "calibration" / "wheel.npz").exists()
