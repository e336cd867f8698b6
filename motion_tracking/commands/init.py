"""
How does a person calibrate a machine: on a page, in a window, at the terminal, or from a clip?
"""

import os
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

from motion_tracking.commands.calibrating import Calibration, CameraError, View
from motion_tracking.commands.configuration import machine_folder
from motion_tracking.commands.newcomer import Place, introduced
from motion_tracking.commands.replay import parse_corners
from motion_tracking.commands.snapshot import from_clip
from motion_tracking.commands.supposing import check_learning, learn_by_watching
from motion_tracking.commands.terminal import Options, at_terminal, choose_proposed, told
from motion_tracking.commands.window import draw_area, require_display
from motion_tracking.config import Camera, Config
from motion_tracking.console import Failure, Settings, say
from motion_tracking.core.motion import Roi


def init(settings: Settings, camera: str, **asked: Any) -> None:
    """Calibrate a machine, show what was found, and write it after asking."""
    place = Place(**{name: asked.pop(name) for name in ("channel", "source", "machine_id")})
    config, machine = introduced(settings, camera, place)
    options = Options(**asked)
    roi = None if options.roi is None else Roi.from_corners(*parse_corners(options.roi))
    if options.snapshot is not None:
        with told():
            from_clip(config, machine, roi, options.snapshot, options)
        return
    if options.calibrate_running or options.calibrate_stopped:
        raise Failure("--calibrate-running and --calibrate-stopped need --snapshot CLIP")
    if options.learn is not None:
        check_learning(options)
    if options.window:
        require_display()
    with _calibration(config, machine) as calibration:
        _by_a_person(config, calibration, roi, options)


@contextmanager
def _calibration(config: Config, camera: Camera) -> Iterator[Calibration]:
    view = View(camera)
    try:
        with told():
            yield Calibration(config, camera, view)
    finally:
        view.close()


def _by_a_person(
    config: Config, calibration: Calibration, roi: Roi | None, options: Options
) -> None:
    if roi is not None:
        _choose(calibration, roi)
    if options.window:
        calibration.choose(draw_area(calibration.picture().luma, calibration.roi))
    if options.learn is not None:
        choose_proposed(calibration)
        picture = machine_folder(config, calibration.machine) / "supposed.jpg"
        learn_by_watching(calibration, picture, options)
    elif options.no_ui or options.window:
        at_terminal(calibration, options)
    else:
        _in_browser(calibration, options)


def _choose(calibration: Calibration, roi: Roi) -> None:
    try:
        calibration.choose(roi)
    except ValueError as error:
        raise Failure(f"--roi: {error}") from None


def _in_browser(calibration: Calibration, options: Options) -> None:
    from motion_tracking.dashboard.serving import Door, serve_calibration

    if options.dry_run or options.yes:
        raise Failure("--dry-run and --yes are for --no-ui and --snapshot")
    door = Door(port=options.port, ssh_connection=os.environ.get("SSH_CONNECTION", ""))

    def ready(url: str, tunnel: str) -> None:
        say(f"calibrate {calibration.machine} on this page:\n{url}")
        if tunnel:
            say(f"from the computer you sit at, first call:\n{tunnel}")
        elif options.opens:
            webbrowser.open(url)

    try:
        saved = serve_calibration(calibration, door, ready, Event(), options.seconds)
    except CameraError:
        raise
    except OSError as error:
        raise Failure(f"port {options.port} cannot be used: {error.strerror}") from None
    for name in saved:
        say(f"{name}: saved")
    if not saved:
        say("nothing was saved")
