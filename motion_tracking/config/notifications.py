"""
Who is told of what, and how is each notifier set up?
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from motion_tracking.config.plant_schema import NOTIFIERS, PLANT
from motion_tracking.config.problems import Problem
from motion_tracking.config.settings import Meaning
from motion_tracking.core.changes import Event


@dataclass(frozen=True, slots=True)
class Notifications:
    """
    The notifiers that are set up and have something to tell.

    `events` are what each tells of.  `options` are the values of its section, under short names:
    ifttt has key and event, webhook url, key and format, factsystem url and key.  `mail` are those
    of email too, where it can work, though it may tell of no change: reports are sent with them.
    """

    events: Mapping[str, frozenset[Event]]
    options: Mapping[str, Mapping[str, Any]] = field(repr=False)
    mail: Mapping[str, Any] | None = field(default=None, repr=False)


def make_notifications(
    plant: Mapping[str, Meaning], platform: str
) -> tuple[Notifications, list[Problem]]:
    """Choose the notifiers that can work on a platform, named as `sys.platform` names it."""
    notify = plant["notify"]
    events: dict[str, frozenset[Event]] = {}
    options: dict[str, dict[str, Any]] = {}
    problems: list[Problem] = []
    for name in NOTIFIERS:
        problems += _silence(name, plant)
        if _works(name, plant, platform) and notify.values[name]:
            events[name] = notify.values[name]
            options[name] = _options(name, plant.get(name))
    mail = _options("email", plant["email"]) if _works("email", plant, platform) else None
    return Notifications(events, options, mail), problems


def _works(name: str, plant: Mapping[str, Meaning], platform: str) -> bool:
    if name == "toast":
        return platform == "win32"
    section = plant.get(name)
    return section is None or not (section.errors or list(_absent(name, section)))


def _absent(name: str, section: Meaning) -> Iterator[str]:
    return (key for key in NOTIFIERS[name] if section.values[key] is None)


def _options(name: str, section: Meaning | None) -> dict[str, Any]:
    if section is None:
        return {}
    values = {key.names[-1]: section.values[key.name] for key in PLANT[name]}
    return {key: value for key, value in values.items() if value is not None}


def _silence(name: str, plant: Mapping[str, Meaning]) -> Iterator[Problem]:
    """Warn of a notifier that is half set up, or set up in one of its two places only."""
    section = plant.get(name)
    if section is None or section.errors:
        return
    absent = ", ".join(_absent(name, section))
    if not absent:
        return
    needed = f"nobody is told by {name}: [{name}] does not set {absent}"
    for setting in [*section.settings.values(), plant["notify"].settings.get(name)]:
        if setting is not None and (setting.section == name or plant["notify"].values[name]):
            yield setting.warning(needed)
            return
