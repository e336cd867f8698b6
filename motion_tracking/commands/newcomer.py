"""
Which camera is to be calibrated: one that is configured, or one that is new to the plant?

Of a new one nothing is written before its calibration is: the configuration is read as if its
section were there already, so that whatever is wrong with it is told first.
"""

from dataclasses import dataclass
from pathlib import Path

from motion_tracking.commands.configuration import chosen, configured
from motion_tracking.config import Camera, Config, hidden_in
from motion_tracking.config.address import CHANNEL, is_rtsp, local_address
from motion_tracking.config.schema import refused_name
from motion_tracking.config.values import RefusedError
from motion_tracking.console import Failure, Settings


@dataclass(frozen=True, slots=True)
class Place:
    """Where a new camera is seen, and the machine's number; None where it was not asked for."""

    channel: str | None = None
    source: str | None = None
    machine_id: int | None = None


def introduced(settings: Settings, name: str, place: Place) -> tuple[Config, Camera]:
    """Return the configuration with this camera in it; raise `Failure`."""
    config = configured(settings)
    seen_at = _keys(place)
    if not seen_at:
        if place.machine_id is not None:
            raise Failure("--machine-id is for a new camera", "give --channel or --source too")
        return config, _known(config, name)
    if name in config.cameras or name in config.broken:
        line = config.cameras[name].line if name in config.cameras else None
        where = "config_cam.ini" + (f":{line}" if line else "")
        raise Failure(
            f"there is a camera {name} already ({where}); --channel and --source are for new ones",
            f"leave them out to calibrate {name}, or change its channel in the file",
        )
    refused = refused_name(name)
    if refused:
        raise Failure(f"{name!r} cannot be the name of a camera: {refused}")
    if place.machine_id is not None:
        seen_at["machineid"] = str(place.machine_id)
    config = configured(settings, added={name: seen_at})
    return config, chosen(config, [name])[0]


def _known(config: Config, name: str) -> Camera:
    try:
        return chosen(config, [name])[0]
    except Failure as failure:
        if name in config.broken:
            raise
        hint = f"{failure.hint} (for a new camera add --channel 802, or --source URL)"
        raise Failure(str(failure), hint) from None


def _keys(place: Place) -> dict[str, str]:
    """Return the key of config_cam.ini for what was asked for; nothing where nothing was."""
    if place.channel is not None and place.source is not None:
        raise Failure("--channel and --source exclude each other")
    text = place.channel if place.source is None else place.source
    if text is None:
        return {}
    option = "--channel" if place.source is None else "--source"
    if hidden_in(text):
        raise Failure(
            f"{option}: a password in a command can be read by everybody on this computer",
            "write it into config_cam.ini, as the `url` of a section; then call init without it",
        )
    if place.source is not None and not is_rtsp(text) and local_address(text, Path()) is None:
        if "://" in text:
            raise Failure(f"{option}: {text!r} is no rtsp:// address, webcam or file")
        text = f"file:{Path(text).resolve().as_posix()}"
    try:
        CHANNEL.read(text)
    except RefusedError as error:
        message = f"{option}: {text!r} is not {CHANNEL.allowed}"
        raise Failure(f"{option}: {error}" if str(error) else message, error.hint) from None
    return {"url": text} if is_rtsp(text) else {"channel": text}
