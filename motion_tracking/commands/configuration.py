"""
Which configuration is in use, and which of its cameras are meant?
"""

import os
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path

from motion_tracking.config import Address, Camera, Config, find_directory, load
from motion_tracking.config.directory import usual_directories
from motion_tracking.config.environment import CONFIG_DIR
from motion_tracking.config.schema import CAMERA_FILE
from motion_tracking.console import Failure, Settings, keep_secret, say_error

UNREADABLE = (
    "may this account write to it and its folder? If so, put it back from a copy, or rename it:"
    " then a new one is begun"
)
"""What to do about a history that cannot be read."""


def configured(
    settings: Settings,
    *,
    needed: bool = True,
    added: Mapping[str, Mapping[str, str]] | None = None,
) -> Config:
    """
    Load the configuration; its secrets are kept out of all that is said from now on.

    `added` are sections that config_cam.ini is to have.  Raise `Failure` where there is no
    configuration, unless it is not `needed`.
    """
    directory = find_directory(settings.config_dir, os.environ, Path.cwd())
    config = load(directory, os.environ, added=added)
    keep_secret(config.secrets)
    file = directory / CAMERA_FILE
    # a container may declare all its cameras in the environment
    if needed and file not in config.files and not config.cameras and not config.broken:
        raise Failure(f"no {CAMERA_FILE} in {directory}", _where_to_put_it(settings))
    return config


def _where_to_put_it(settings: Settings) -> str:
    if settings.config_dir is not None:
        return f"-C or {CONFIG_DIR} named it; without them the usual folders are looked at"
    looked = ", ".join(str(folder) for folder in usual_directories(Path(), os.environ))
    return f"looked in {looked}; -C before the command, or {CONFIG_DIR}, names another folder"


def chosen(config: Config, names: Sequence[str]) -> list[Camera]:
    """Return the cameras of these names, or raise `Failure` with what is wrong with them."""
    return [_camera(config, name) for name in dict.fromkeys(names)]


def to_track(config: Config) -> list[Camera]:
    """Return the cameras that have an area to watch and are not switched off."""
    return [camera for camera in config.cameras.values() if camera.trackable and camera.enabled]


def machine_folder(config: Config, name: str) -> Path:
    """Return where the logs of a machine are."""
    return config.logs / "motion_tracking" / name


def channel_folder(config: Config, address: Address) -> Path:
    """Return where the processes that record a channel find each other; no machine's name."""
    told = (address.kind, address.location, address.username, address.transport)
    digest = sha256(repr(told).encode("utf-8", "replace")).hexdigest()[:16]
    return config.logs / "motion_tracking" / "channels.d" / digest


def history_file(config: Config) -> Path:
    """Return where the history of all machines is."""
    return config.logs / "motion_tracking" / "history.sqlite3"


def video_folder(config: Config) -> Path:
    """Return where clips and pictures are."""
    return config.logs / "video" if config.video_dir is None else config.video_dir


def spill_folders(config: Config) -> list[Path]:
    """Return where changes may wait while the history takes none, the best first."""
    import tempfile  # only `run` needs this, and the next

    from platformdirs import user_state_path

    user = f"-{os.geteuid()}" if hasattr(os, "geteuid") else ""  # elsewhere each has his own
    # several plants of one user do not meet
    plant = sha256(str(history_file(config).absolute()).encode("utf-8", "replace")).hexdigest()[:16]
    usual = [
        user_state_path("motion-track", appauthor=False) / "spill",
        Path(tempfile.gettempdir()) / f"motion-track{user}",
    ]
    named = [] if config.spill is None else [config.spill]
    return [*named, *(folder / plant for folder in usual)]


def _camera(config: Config, name: str) -> Camera:
    if name in config.cameras:
        return config.cameras[name]
    where = config.directory / "config_cam.ini"
    if name in config.broken:
        *others, last = config.broken[name]
        for problem in others:
            say_error(str(problem), problem.hint)
        raise Failure(str(last), last.hint)
    known = [*config.cameras, *config.broken]
    near = get_close_matches(name, known, n=3)
    hint = f"did you mean {', '.join(near)}?" if near else "`motion-track cameras` lists them"
    raise Failure(f"no camera called {name!r} in {where}", hint)
