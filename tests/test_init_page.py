"""From a real camera to a saved calibration, by a person at a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from motion_tracking.commands.calibrating import Calibration, View
from motion_tracking.config import Config, load
from motion_tracking.simulator.camera import Camera
from motion_tracking.simulator.channel import Channel
from servers.browser import PATIENCE, chromium, chromium_program, served
from servers.switched import Switched

pytestmark = pytest.mark.slow

STILL = 3000
"""Milliseconds after which what is seen is of a machine that was switched off."""


@pytest.fixture
def switch() -> Switched:
    return Switched()


@pytest.fixture
def camera(switch: Switched) -> Iterator[Camera]:
    with Camera([Channel(802, "flywheel", switch)]) as camera:
        yield camera


@pytest.fixture
def config(tmp_path: Path, camera: Camera) -> Config:
    folder = tmp_path / "config"
    folder.mkdir()
    stream = f"[stream]\nip_address=127.0.0.1\nport={camera.port}\n"
    (folder / "config_stream.ini").write_text(stream, encoding="utf-8")
    (folder / "config_cam.ini").write_text("[wheel]\nchannel=802\n", encoding="utf-8")
    return load(folder, {})


def test_a_machine_is_calibrated_in_the_browser(
    config: Config, camera: Camera, switch: Switched
) -> None:
    if chromium_program() is None:
        pytest.skip("no Chromium: apt-get install chromium")
    view = View(config.cameras["wheel"])
    try:
        calibration = Calibration(config, config.cameras["wheel"], view)
        calibration.choose(camera.channels[802].roi)
        with chromium() as browser, served(calibration, seconds=12.0) as page:
            tab = browser.new_page()
            tab.set_default_timeout(PATIENCE * 1000)
            expect.set_options(timeout=PATIENCE * 1000)
            tab.goto(page.url)
            tab.get_by_role("button", name="It is running").click()
            expect(tab.locator(".take.running")).to_contain_text("Recorded")
            switch.off()
            tab.wait_for_timeout(STILL)
            tab.get_by_role("button", name="It stands").click()
            expect(tab.locator("#verdict")).to_be_visible()
            tab.get_by_role("button", name="Save", exact=True).click()
            assert page.over.wait(PATIENCE)
            assert page.saved == ["wheel"]
    finally:
        view.close()

    saved = load(config.directory, {}).cameras["wheel"]
    assert saved.detector == "calibrated"
    assert saved.roi == camera.channels[802].roi
    assert saved.frame == (352, 288)
    assert (config.directory / "calibration" / "wheel.npz").exists()
