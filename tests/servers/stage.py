"""
A plant that is none: it says what the dashboard asks for, and notes what it is told.

Nothing of it is on a disk, has a camera, or takes time.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from motion_tracking.dashboard.plant import File, Range
from motion_tracking.dashboard.refusals import NotThereError, RefusedError

JPEG = b"\xff\xd8 a picture \xff\xd9"
SINCE = "2026-11-21T10:00:00+00:00"


class Stage:
    """Two machines; `told` is what was done to them."""

    site = "plant-north"

    def __init__(self, names: Sequence[str] = ("press1", "press2")) -> None:
        self.states = dict.fromkeys(names, "running")
        self.told: list[tuple[Any, ...]] = []
        self.looks: list[Mapping[str, Any]] = []
        self.polls = 0
        self.moving = True
        self.answers = True
        self.broken = False
        self.frame = 0.0
        self.film: Path | None = None

    def names(self) -> Sequence[str]:
        return list(self.states)

    def ready(self) -> None:
        if self.broken:
            raise RefusedError("secret details")

    def tiles(self) -> Sequence[dict[str, Any]]:
        self.polls += 1
        if self.broken:
            raise RefusedError("the history is damaged")
        return [
            {
                "machine": name,
                "state": state,
                "reason": None,
                "since": SINCE,
                "paused": None,
                "score": self.polls,
                "spark": [None] * 30,
            }
            for name, state in self.states.items()
        ]

    def machine(self, machine: str) -> dict[str, Any]:
        return {"roi": [0, 0, 10, 10], "can": {"record": False, "live": True}}

    def timeline(self, machines: Sequence[str], span: Range) -> Sequence[Any]:
        return [{"machine": name, "intervals": [], "totals": {}} for name in machines]

    def shifts(self, span: Range) -> dict[str, Any]:
        return {"shifts": [], "trouble": ""}

    def motion(self, machine: str, span: Range, points: int) -> dict[str, Any]:
        return {"step_s": 10, "start": [], "threshold": 5}

    def stops(self, machine: str, span: Range) -> Sequence[Any]:
        return []

    def labels(self, machine: str) -> Sequence[Any]:
        return []

    def add_label(self, machine: str, span: Range, said: Mapping[str, str]) -> Any:
        self.told.append(("label", machine, span, dict(said)))
        return dict(said)

    def reasons(self) -> dict[str, Any]:
        return {"reasons": [{"reason": "failure", "category": "failure"}], "trouble": ""}

    def give_reason(self, machine: str, start: datetime, said: Mapping[str, str]) -> Any:
        self.told.append(("reason", machine, start, dict(said)))
        return dict(said)

    def clips(self, machine: str, span: Range) -> dict[str, Any]:
        return {"available": False, "clips": [], "pictures": []}

    def clip(self, machine: str, number: str) -> File:
        if self.film is None or number != "1":
            raise NotThereError("there is no such clip")
        return File("video/mp4", "film.mp4", path=self.film)

    def playable(self, machine: str, number: str) -> File:
        return self.clip(machine, number)

    def around(self, machine: str, at: datetime, seconds: float) -> dict[str, Any]:
        return {"available": False, "clips": [], "pictures": [], "snapshots": []}

    def delete_clips(self, machine: str) -> int:
        self.told.append(("delete", machine))
        return 3

    def delete_clip(self, machine: str, number: str) -> None:
        self.told.append(("delete", machine, number))

    def snapshots(self, machine: str) -> Sequence[Any]:
        return []

    def snapshot(self, machine: str, number: str) -> File:
        if number != "1":
            raise NotThereError("there is no such picture")
        return File("image/jpeg", 'a "quoted"\r\nname.jpg', JPEG)

    def take_snapshot(self, machine: str) -> Any:
        self.told.append(("snapshot", machine))
        return {"id": "1"}

    def reports(self) -> dict[str, Any]:
        return {"formats": ["csv"], "shifts": ["early", "--format=html"], "trouble": ""}

    def report(self, form: str, machines: Sequence[str], period: Mapping[str, str]) -> File:
        self.told.append(("report", form, list(machines), dict(period)))
        return File("text/csv", "report.csv", b"machine;state\n")

    def look(self, machine: str, wish: Mapping[str, Any]) -> tuple[Mapping[str, Any], bytes]:
        self.looks.append(dict(wish))
        if not self.answers:
            raise RefusedError("no tracker answers")
        said = {
            "machine": machine,
            "state": self.states[machine],
            "score": 7,
            "threshold": 5,
            "moving": self.moving,
            "trouble": "",
            "size": [352, 288],
            "roi": [0, 0, 10, 10],
        }
        if not wish.get("picture") or (wish.get("moving_only") and not self.moving):
            return said, b""
        self.frame += 1
        return said | {"frame": self.frame, "at": SINCE, "contours": [[1, 2, 3, 4]]}, JPEG

    def set_threshold(self, machine: str, threshold: int) -> Any:
        self.told.append(("threshold", machine, threshold))
        return {"threshold": threshold, "was": 5, "applied": True, "diff": ""}

    def pause(self, machine: str, seconds: float, reason: str, by: str) -> Any:
        self.told.append(("pause", machine, seconds, reason, by))
        return {"until": SINCE, "reason": reason, "by": by}

    def resume(self, machine: str) -> None:
        self.told.append(("resume", machine))

    def record(self, machine: str, on: bool) -> None:
        self.told.append(("record", machine, on))

    def keep(self, machine: str, at: datetime) -> None:
        self.told.append(("keep", machine, at))

    def restart(self, machine: str) -> None:
        self.told.append(("restart", machine))

    @contextmanager
    def calibration(self, machine: str, place: Mapping[str, str]) -> Iterator[Any]:
        self.told.append(("calibration", machine, dict(place)))
        raise RefusedError("the camera does not answer")
        yield

    def cameras(self) -> dict[str, Any]:
        return {"cameras": [], "broken": {}}

    def check(self) -> Sequence[Any]:
        self.told.append(("check",))
        return []

    def notifiers(self) -> dict[str, Any]:
        return {"notifiers": [], "outbox": {}}

    def test_notifiers(self) -> Sequence[Any]:
        self.told.append(("test",))
        return []
