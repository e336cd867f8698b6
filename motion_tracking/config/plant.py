"""
What holds for all cameras: the recorder, the notifiers, the folders?
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from motion_tracking.config import environment
from motion_tracking.config.files import IniFile, read_file
from motion_tracking.config.plant_schema import OLD_FILE, PLANT, PLANT_FILE
from motion_tracking.config.problems import Problem, Severity, did_you_mean
from motion_tracking.config.schema import CAMERA, Key
from motion_tracking.config.settings import Layer, Meaning, bare, interpret


@dataclass(frozen=True, slots=True)
class Plant:
    """
    The sections of config_stream.ini, by name, and the layers they are made of.

    `problems` are all that was found in the files.  `missing` is the problem of whoever needs
    the recorder's address, where nobody says it.
    """

    files: tuple[IniFile, ...]
    meanings: Mapping[str, Meaning]
    layers: Mapping[str, Sequence[Layer]]
    problems: tuple[Problem, ...]
    missing: Problem


def read_plant(directory: Path, environ: Mapping[str, str]) -> Plant:
    """Read config_stream.ini, config_network.ini, and what the environment says over both."""
    files = tuple(read_file(directory / name, True) for name in (PLANT_FILE, OLD_FILE))
    layers = {}
    for section, keys in PLANT.items():
        over = environment.layer(environ, section, keys)
        if section == "storage" and "video_dir" not in over.settings:
            environment.add(over, environ, environment.VIDEO_DIR, section, "video_dir")
        layers[section] = [over, *(file.layer(file.called(section), keys) for file in files)]
    problems = [problem for file in files for problem in file.general_problems()]
    problems += [problem for file in files for problem in _unknown_sections(file)]
    for section, (_, new, old) in layers.items():
        problems += _contradictions(PLANT[section], new, old)
    meanings = {section: interpret(keys, layers[section]) for section, keys in PLANT.items()}
    problems += [problem for meaning in meanings.values() for problem in meaning.problems]
    return Plant(files, meanings, layers, tuple(problems), _missing(files[0], layers["stream"][1]))


def _missing(file: IniFile, layer: Layer) -> Problem:
    """Return what is wrong where the recorder is needed, and nobody says where it is."""
    if file.trouble is not None:
        return file.trouble
    placeholder = layer.settings.get("ip_address")
    return Problem(
        Severity.ERROR,
        file.name,
        placeholder.line if placeholder else file.line(file.called("stream")),
        "stream",
        "ip_address",
        None,
        f"is not set{'' if file.exists else ': there is no such file'}, and cameras need it",
        "write the address of the recorder there, as in ip_address = 192.168.1.64",
    )


def _unknown_sections(file: IniFile) -> Iterator[Problem]:
    known = {file.called(section) for section in PLANT}
    cameras = {name for key in CAMERA for name in key.names}
    for section in file.document.sections.values():
        if section.name in known:
            continue
        yield from (problem for problem in file.layer(section.name, ()).problems if problem.fatal)
        hint = did_you_mean(section.name, PLANT)
        if not hint and cameras & section.entries.keys():
            hint = "cameras belong in config_cam.ini"
        yield Problem(
            Severity.WARNING,
            file.name,
            section.line,
            section.name if hint else None,
            None,
            None,
            "nobody reads this section",
            hint,
        )


def _contradictions(keys: Sequence[Key], new: Layer, old: Layer) -> Iterator[Problem]:
    """Warn of keys that both files have, with different values; the new place counts."""
    for key in keys:
        counts, other = new.settings.get(key.name), old.settings.get(key.name)
        if counts and other and bare(counts, key) != bare(other, key):
            yield other.warning(
                f"differs from {counts.file}:{counts.line}, which counts", "remove one of the two"
            )
