"""
Which machines should somebody look after, and who has said that he does?

An alarm is told by its machine, its kind and when it began, so what was said of a stop does not
hold for the deep sleep that comes of it.  What was said is kept in a file: it outlives a restart.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from motion_tracking.core.machine import MachineState
from motion_tracking.dashboard.refusals import RefusedError

Json = Any

ALARMING = (MachineState.STOPPED, MachineState.DEEP_SLEEP, MachineState.NO_SIGNAL)


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Who looks after the alarm of that kind, that began `since`; times are ISO in UTC."""

    kind: str
    since: str
    by: str
    at: str


class Alarms:
    """The alarms of a plant; may be shared by threads."""

    def __init__(self, path: Path, put: Callable[[Path, bytes], None]) -> None:
        """`put` writes a file all or nothing, or raises `OSError`."""
        self._path = path
        self._put = put
        self._alone = Lock()
        self._said = _read(path)

    def alarm(self, tile: Mapping[str, Json]) -> Json:
        """Return the alarm of a machine that is so, as it is shown; None where there is none."""
        kind, since = tile["state"], tile["since"]
        if kind not in ALARMING or since is None or tile["paused"] is not None:
            return None
        said = self._said.get(tile["machine"])
        if said is None or (said.kind, said.since) != (kind, since):
            return {"kind": kind, "since": since, "acknowledged": None}
        return {"kind": kind, "since": since, "acknowledged": {"by": said.by, "at": said.at}}

    def acknowledge(self, tile: Mapping[str, Json], said: Acknowledged) -> Json:
        """Note that somebody looks after the alarm of a machine that is so; return the alarm."""
        alarm = self.alarm(tile)
        if alarm is None or (alarm["kind"], alarm["since"]) != (said.kind, said.since):
            raise RefusedError("that alarm is over by now")
        if alarm["acknowledged"] is None:
            with self._alone:
                self._said[tile["machine"]] = said
                self._keep()
        return self.alarm(tile)

    def _keep(self) -> None:
        said = {machine: asdict(one) for machine, one in self._said.items()}
        try:
            self._put(self._path, json.dumps(said, indent=1).encode())
        except OSError as error:  # it holds as long as we run
            text = f"it is not kept: {self._path} cannot be written: {error.strerror}"
            raise RefusedError(text) from None


def _read(path: Path) -> dict[str, Acknowledged]:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        return {machine: Acknowledged(**said) for machine, said in held.items()}
    except (OSError, ValueError, TypeError, AttributeError):  # none yet, or none that is legible
        return {}
