"""
Which cameras are there, which of them can be used, and what is wrong with the others?
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from motion_tracking.config import environment
from motion_tracking.config.cameras import Camera, make_camera
from motion_tracking.config.files import IniFile, whole_file
from motion_tracking.config.ini import Section
from motion_tracking.config.plant_schema import PLANT
from motion_tracking.config.problems import Problem, Severity, did_you_mean
from motion_tracking.config.recorder import Recorder
from motion_tracking.config.schema import DEFAULTS, OWN_KEYS, Key, refused_name
from motion_tracking.config.settings import Layer, Meaning, interpret


@dataclass(slots=True)
class Roster:
    """Sound cameras, the errors of the broken ones, all problems, and what all was read from."""

    cameras: dict[str, Camera] = field(default_factory=dict)
    broken: dict[str, tuple[Problem, ...]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    layers: list[Layer] = field(default_factory=list)


def read_cameras(
    file: IniFile, environ: Mapping[str, str], keys: Sequence[Key], recorder: Recorder
) -> Roster:
    """Make all cameras that config_cam.ini and the environment declare."""
    common = _common_layers(file, environ, keys)
    declared = environment.declared_cameras(environ)
    names = dict.fromkeys([*_camera_sections(file), *declared])
    roster = Roster(layers=list(common))
    roster.problems += [*file.general_problems(), *_absence(file, names), *_misplaced(file)]
    roster.problems += [problem for layer in common for problem in layer.problems]
    spelt: dict[str, str] = {}
    for name in names:
        layers = [environment.layer(environ, name, keys), file.layer(name, keys), *common]
        meaning = interpret(keys, layers)
        roster.layers += layers
        refused = _refused(name, spelt, meaning, file)
        if refused is not None:
            camera, problems = None, [*meaning.problems, refused]
        else:
            spelt[name.lower()] = name
            nowhere = _of_camera(name, file, "no channel is set", _channel_hint(meaning))
            camera, problems = make_camera(name, file.line(name), meaning, recorder, nowhere)
        roster.problems += problems
        if camera is not None:
            roster.cameras[name] = camera
        else:
            errors = [problem for problem in problems if problem.fatal]
            roster.broken[name] = tuple(dict.fromkeys(errors))
    return roster


def _common_layers(
    file: IniFile, environ: Mapping[str, str], keys: Sequence[Key]
) -> tuple[Layer, ...]:
    """Return what holds for all cameras; `[DEFAULT]` is how configparser calls it."""
    shared = [key for key in keys if key.name not in OWN_KEYS]
    sections = [name for name in file.document.sections if _is_defaults(name)]
    return (
        environment.layer(environ, DEFAULTS, shared),
        *(file.layer(name, shared) for name in sections),
    )


def _is_defaults(name: str) -> bool:
    return name.lower() in (DEFAULTS, "default")


def _is_misplaced(section: Section) -> bool:
    """Whether a section is one of config_stream.ini, and not a camera of the same name."""
    keys = PLANT.get(section.name.lower(), ())
    names = {name for key in keys for name in key.names}
    return bool(keys) and section.entries.keys() <= names


def _camera_sections(file: IniFile) -> Iterator[str]:
    for name, section in file.document.sections.items():
        if not _is_defaults(name) and not _is_misplaced(section):
            yield name


def _misplaced(file: IniFile) -> Iterator[Problem]:
    for name, section in file.document.sections.items():
        if _is_misplaced(section):
            yield _of_camera(
                name,
                file,
                "this section is not read here",
                "it belongs in config_stream.ini",
                Severity.WARNING,
            )


def _absence(file: IniFile, names: Mapping[str, None]) -> Iterator[Problem]:
    if names or file.trouble is not None:
        return
    if file.exists:
        hint = "begin one with the line [press1], and write channel = 802 below it"
        yield whole_file(file.path, "no camera is declared", hint)
    else:
        hint = "name the folder that it is in with -C, or copy the example there"
        yield whole_file(file.path, "there is no such file", hint)


def _refused(
    name: str, spelt: Mapping[str, str], meaning: Meaning, file: IniFile
) -> Problem | None:
    """Return why no camera can have this name."""
    reason = refused_name(name)
    if reason:
        header = [problem for problem in meaning.errors if problem.key is None]
        return header[0] if header else _of_camera(name, file, reason)
    other = spelt.get(name.lower())
    if other is None:
        return None
    where = f" in line {file.line(other)}" if file.line(other) else ""
    return _of_camera(
        name,
        file,
        f"the name differs from {other}{where} by capitals only, which Windows does not see",
        "give one of the two another name",
    )


def _channel_hint(meaning: Meaning) -> str:
    for problem in meaning.problems:
        if problem.hint == did_you_mean("channel", ["channel"]):
            return f"line {problem.line}: {problem.hint}"
    return "channel = 802 is camera 8, stream 2 of the recorder"


def _of_camera(
    name: str,
    file: IniFile,
    message: str,
    hint: str = "",
    severity: Severity = Severity.ERROR,
) -> Problem:
    """Say something of a camera as a whole, where it is declared."""
    line = file.line(name)
    where = environment.CAMERAS if line is None else file.name
    return Problem(severity, where, line, name, None, None, message, hint)
