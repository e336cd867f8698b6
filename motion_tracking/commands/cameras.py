"""
Which cameras are configured, and can they be tracked?
"""

import json

from motion_tracking.commands.configuration import configured, to_track
from motion_tracking.config import Camera, Config
from motion_tracking.console import Settings, say, say_error, table


def cameras(settings: Settings, names: bool, as_json: bool) -> None:
    """List the cameras; `names` prints those to track, a line each, for scripts."""
    config = configured(settings)
    if names:
        for camera in to_track(config):
            say(camera.name)
    elif as_json:
        say(json.dumps(listed(config), indent=2))
    else:
        rows = [_row(camera) for camera in config.cameras.values()]
        if rows:
            table(("camera", "channel", "area", "threshold", "machine id", ""), rows)
        for problems in config.broken.values():
            for problem in problems:
                say_error(str(problem), problem.hint)


def listed(config: Config) -> dict[str, object]:
    """Say which cameras there are, without a secret."""
    return {
        "schema": 1,
        "cameras": [
            {
                "name": camera.name,
                "source": camera.address.kind,
                "location": camera.address.location,
                "enabled": camera.enabled,
                "trackable": camera.trackable,
                "threshold": camera.threshold,
                "corners": camera.corners,
                "machineid": camera.machineid,
            }
            for camera in config.cameras.values()
        ],
        "broken": {
            name: [str(problem) for problem in problems] for name, problems in config.broken.items()
        },
    }


def _row(camera: Camera) -> tuple[str, ...]:
    note = "" if camera.enabled else "switched off"
    if not camera.trackable:
        note = "view only: no area yet"
    area = "x".join(str(side) for side in _sides(camera))
    threshold = "" if camera.threshold is None else str(camera.threshold)
    return (
        camera.name,
        camera.address.location,
        area,
        threshold,
        str(camera.machineid or ""),
        note,
    )


def _sides(camera: Camera) -> tuple[int, ...]:
    if camera.corners is None:
        return ()
    ix, iy, ix2, iy2 = camera.corners
    return abs(ix2 - ix), abs(iy2 - iy)
