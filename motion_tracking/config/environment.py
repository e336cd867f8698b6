"""
What do environment variables say over the files?

`MOTION_TRACK_<SECTION>_<KEY>` stands over a key of config_stream.ini or of a camera, and
`..._FILE` names a file that holds the value, as container secrets do.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from motion_tracking.config.problems import Problem, Severity, did_you_mean
from motion_tracking.config.schema import Key
from motion_tracking.config.settings import Layer, Setting

PREFIX = "MOTION_TRACK_"
CAMERAS = PREFIX + "CAMERAS"
CONFIG_DIR = PREFIX + "CONFIG_DIR"
RTSP_URL = "RTSP_URL"
VIDEO_DIR = "VIDEO_DIR"

LARGEST = 65536
"""Bytes of a file that holds one value."""


def variable(section: str, key: str) -> str:
    """Return the name of the variable for a key."""
    return f"{PREFIX}{section}_{key}".upper().replace("-", "_")


def declared_cameras(environ: Mapping[str, str]) -> list[str]:
    """Return the cameras that need no section in the INI file."""
    return environ.get(CAMERAS, "").replace(",", " ").split()


def layer(environ: Mapping[str, str], section: str, keys: Iterable[Key]) -> Layer:
    """Return what the environment says of a section."""
    found = Layer()
    for key in keys:
        for name in key.names:
            if key.name not in found.settings:
                add(found, environ, variable(section, name), section, key.name)
    return found


def add(found: Layer, environ: Mapping[str, str], name: str, section: str, key: str) -> None:
    """Add the value of one variable to a layer, or of the file that its `_FILE` names."""
    text, file = environ.get(name, ""), environ.get(f"{name}_FILE", "")
    setting = Setting(name, None, section, key, text)
    if text:
        found.settings[key] = setting
        if file:
            found.problems.append(setting.warning(f"{name}_FILE is set too, and ignored"))
    elif file:
        try:
            content = _content(Path(file))
        except (OSError, ValueError) as error:  # ValueError: a path that no system has
            why = (error.strerror if isinstance(error, OSError) else None) or "it is not UTF-8 text"
            setting = Setting(f"{name}_FILE", None, section, key, file)
            message = f"the file it names cannot be read: {why}"
            found.problems.append(setting.problem(message, secret=True))
        else:
            found.settings[key] = Setting(f"{name}_FILE", None, section, key, content, True)


def _content(path: Path) -> str:
    """Read a value, without the line end that editors and `echo` put behind it."""
    with path.open("rb") as file:
        text = file.read(LARGEST).decode("utf-8-sig")
    return text.removesuffix("\n").removesuffix("\r")


def misspelt(
    environ: Mapping[str, str], sections: Mapping[str, Iterable[Key]]
) -> Iterator[Problem]:
    """
    Warn of variables that look like a key of one of these sections, and are none.

    Only of near misses: what else begins with the prefix may be an option of a command.
    """
    known = {
        variable(section, name): (section, name)
        for section, keys in sections.items()
        for key in keys
        for name in key.names
    }
    known |= {CAMERAS: ("", ""), CONFIG_DIR: ("", "")}
    for name in environ:
        if name.startswith(PREFIX) and name.removesuffix("_FILE") not in known:
            for section, keys in sections.items():
                start = variable(section, "")
                names = [n.lower() for key in keys for n in key.names]
                hint = did_you_mean(name.removeprefix(start).removesuffix("_FILE"), names)
                if name.startswith(start) and hint:
                    yield Problem(
                        Severity.WARNING,
                        name,
                        None,
                        section,
                        None,
                        None,
                        "nobody reads this variable",
                        hint,
                    )
