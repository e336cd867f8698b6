"""
What is configured, all files and the environment together?

The environment stands over a camera's section, that over `[defaults]`, that over what is built
in.  For all else config_stream.ini stands over config_network.ini, where the old tool had some.
"""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from motion_tracking.config import environment
from motion_tracking.config.address import RTSP_URL
from motion_tracking.config.cameras import Camera
from motion_tracking.config.directory import base_folder
from motion_tracking.config.files import read_file, with_sections
from motion_tracking.config.notifications import Notifications, make_notifications
from motion_tracking.config.plant import read_plant
from motion_tracking.config.plant_schema import PLANT
from motion_tracking.config.problems import Problem
from motion_tracking.config.recorder import Recorder
from motion_tracking.config.recording import Recording, make_recording
from motion_tracking.config.roster import read_cameras
from motion_tracking.config.schema import CAMERA_FILE, DEFAULTS, Key, camera_keys
from motion_tracking.config.secrets import secrets
from motion_tracking.config.settings import Layer, interpret

_URL = (Key("url", RTSP_URL, "", "", secret=True),)


@dataclass(frozen=True, slots=True)
class Config:
    """
    Everything that is configured, as far as it can be used.

    `cameras` are the sound ones, `broken` the others with their errors; `problems` are those and
    all else that was found.  `files` are those that were read.  `secrets` must never be shown;
    they come in each spelling that an URL gives them.  `added` are sections that config_cam.ini is
    to have and their first keys, whether it has them yet or not.
    """

    directory: Path
    files: tuple[Path, ...]
    cameras: dict[str, Camera]
    broken: dict[str, tuple[Problem, ...]]
    problems: tuple[Problem, ...]
    notifications: Notifications
    site: str
    dashboard: str
    logs: Path
    spill: Path | None
    video_dir: Path | None
    recording: Recording
    host_power: bool
    secrets: frozenset[str] = field(repr=False)
    added: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def load(
    directory: Path,
    environ: Mapping[str, str],
    *,
    detectors: Iterable[str] = ("difference", "calibrated"),
    platform: str = sys.platform,
    added: Mapping[str, Mapping[str, str]] | None = None,
) -> Config:
    """
    Read the configuration in a folder; whatever the files hold, this does not raise.

    A camera may choose from the names in `detectors`; `platform` is named as in `sys.platform`.
    `added` is read as if it stood in config_cam.ini.
    """
    base = base_folder(directory)
    keys = camera_keys(detectors)
    plant = read_plant(directory, environ)
    url = Layer()
    environment.add(url, environ, environment.RTSP_URL, "stream", "url")
    over = interpret(_URL, [url])
    recorder = Recorder(plant.meanings["stream"], over, plant.missing, base)
    file = with_sections(read_file(directory / CAMERA_FILE), added or {})
    roster = read_cameras(file, environ, keys, recorder)
    notifications, problems = make_notifications(plant.meanings, platform)
    known = {**PLANT, DEFAULTS: keys, **dict.fromkeys((*roster.cameras, *roster.broken), keys)}
    problems += [*plant.problems, *over.problems, *roster.problems]
    problems += environment.misspelt(environ, known)
    hidden = [secrets(PLANT[section], layers) for section, layers in plant.layers.items()]
    hidden += [secrets(keys, roster.layers), secrets(_URL, [url])]
    storage = plant.meanings["storage"].values
    return Config(
        directory=directory,
        files=tuple(read.path for read in (file, *plant.files) if read.exists),
        cameras=roster.cameras,
        broken=roster.broken,
        problems=_sorted(problems),
        notifications=notifications,
        site=plant.meanings["site"].values["name"],
        dashboard=plant.meanings["site"].values["dashboard"] or "",
        logs=base / storage["logs"],
        spill=base / storage["spill"] if storage["spill"] else None,
        video_dir=base / storage["video_dir"] if storage["video_dir"] else None,
        recording=make_recording(plant.meanings),
        host_power=plant.meanings["dashboard"].values["host_power"],
        secrets=frozenset().union(*hidden),
        added=added or {},
    )


def _sorted(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """
    Put problems in the order of the files, each once.

    One mistake in `[defaults]` is found by every camera; and a warning about a key says nothing
    new where there is an error about it.
    """
    once = {str(problem): problem for problem in problems}.values()
    wrong = {(p.file, p.section, p.key) for p in once if p.fatal and p.key}
    told = [p for p in once if p.fatal or (p.file, p.section, p.key) not in wrong]
    return tuple(sorted(told, key=lambda problem: (problem.file, problem.line or 0)))
