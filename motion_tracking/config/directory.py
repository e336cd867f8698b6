"""
In which folder is the configuration?
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from motion_tracking.config.environment import CONFIG_DIR
from motion_tracking.config.schema import CAMERA_FILE


def find_directory(
    explicit: Path | None,
    environ: Mapping[str, str],
    cwd: Path | None = None,
    platform: str = sys.platform,
) -> Path:
    """
    Return the folder that was asked for, else the first that has a config_cam.ini.

    Asked for is `explicit`, or what the environment says; such a folder need not exist, and no
    other takes its place.  Without any, it is `config` in `cwd`.  Below the working directory
    the result is relative, so that messages stay short.
    """
    if explicit is not None:
        return explicit
    if environ.get(CONFIG_DIR):
        return Path(environ[CONFIG_DIR])
    here = Path() if cwd is None or cwd == Path.cwd() else cwd
    for directory in usual_directories(here, environ, platform):
        if (directory / CAMERA_FILE).is_file():
            return directory
    return here / "config"


def usual_directories(
    here: Path, environ: Mapping[str, str], platform: str = sys.platform
) -> Iterator[Path]:
    """Yield where a configuration is looked for that nobody named, the nearest first."""
    yield here / "config"
    yield here
    # imported when nothing is here, which is rare
    from platformdirs import user_config_path

    yield user_config_path("motion-track", appauthor=False)
    if platform != "win32":
        yield Path("/etc/motion-track")
    elif environ.get("PROGRAMDATA"):
        yield Path(environ["PROGRAMDATA"]) / "motion-track"


def base_folder(directory: Path) -> Path:
    """Return where relative paths count from: above a folder `config`, else the folder itself."""
    if directory.name == "config":
        return directory.parent
    whole = directory.absolute()
    return whole.parent if whole.name == "config" else directory
