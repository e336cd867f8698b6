"""
How is the plant just now, for the dashboard?

The history is read, and trackers are asked over their links.  What else can be seen and done is in
the classes below; no wish brings a path, a command or an address with it.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from motion_tracking.capture.clock import Now
from motion_tracking.commands import reviewing
from motion_tracking.commands.labelling import Labelled
from motion_tracking.commands.making import Reported
from motion_tracking.commands.ordering import paused
from motion_tracking.commands.playing import Played
from motion_tracking.commands.premises import NothingYetError, corners_of
from motion_tracking.commands.status import hangs, motion, state_of, today
from motion_tracking.config import Config
from motion_tracking.core.changes import Change
from motion_tracking.record.degraded import degraded
from motion_tracking.record.history import Heartbeat, History
from motion_tracking.record.lock import holder
from motion_tracking.record.pausing import pause_of

Json = Any

PIECES = 30
"""Of the last hour."""

FIGURED = 15.0
"""Seconds for which the figures of a machine are kept."""


class Overseen(Labelled, Reported, Played):
    """The machines of a configuration; may be shared by threads.  See `dashboard.plant.Plant`."""

    def __init__(self, config: Config, now: Now) -> None:
        super().__init__(config, now)
        self._figures: dict[str, tuple[float, dict[str, Json]]] = {}

    def tiles(self) -> Sequence[dict[str, Json]]:
        if self._written() != self._stamp:
            self.reload()
        now = self._moment()
        try:
            with self._history() as history:
                beats = history.heartbeats()
                found = []
                for name in list(self._cameras):
                    last = history.last(name)
                    tile = self._tile(name, last, beats.get(name), now)
                    found.append(tile | self._figures_of(history, name, beats.get(name), now))
                return found
        except NothingYetError:
            return [self._tile(name, None, None, now) | _no_figures() for name in self._cameras]

    def machine(self, machine: str) -> dict[str, Json]:
        camera = self._camera(machine)
        answers = self._said(machine, {"do": "look"})
        return {
            "roi": corners_of(camera),
            "size": answers["size"] if answers else camera.frame,
            "detector": camera.detector,
            "share": camera.share,
            "window_s": camera.window_seconds,
            "deep_sleep_s": camera.deep_sleep_minutes * 60,
            "machineid": camera.machineid,
            "can": {"record": bool(answers and answers["can_record"]), "live": answers is not None},
        }

    def _tile(
        self, name: str, last: tuple[int, Change] | None, beat: Heartbeat | None, now: datetime
    ) -> dict[str, Json]:
        folder, seq, change = self._folder(name), None, None
        if last is not None:
            seq, change = last
        held = holder(folder) is not None
        late = held and hangs(beat, now)
        state, reason, since = state_of(change, beat, now, tracked=held and not late)
        pause = pause_of(folder)
        misfit = degraded(folder)
        live = held and not late
        return {
            "machine": name,
            "state": state.value,
            "reason": None if reason is None else reason.value,
            "since": None if last is None and beat is None else since.isoformat(),
            "detected_at": None if change is None else change.detected_at.isoformat(),
            "seq": seq,
            "stopped_since": reviewing.stopped_since(state, change),
            "tracking": held,
            "late": late,
            "score": beat.score if beat and live else None,
            "threshold": self._camera(name).threshold,
            "moving_share": beat.moving_share if beat and live else None,
            "fps": beat.fps if beat and live else None,
            "seen_at": beat.seen_at.isoformat() if beat and beat.seen_at else None,
            "trouble": beat.trouble if beat and live else "",
            "degraded": None if misfit is None else asdict(misfit),
            "paused": paused(pause) if pause and pause.until > now.timestamp() else None,
            "recording": self._records(name, live),
        }

    def _figures_of(
        self, history: History, name: str, beat: Heartbeat | None, now: datetime
    ) -> dict[str, Json]:
        at = self._now().at
        made_at, figures = self._figures.get(name, (float("-inf"), {}))
        if at - made_at > FIGURED:
            summed = today(history, name, beat, now)
            figures = {
                "utilisation_today": summed.utilisation,
                "coverage_today": summed.coverage,
                "spark": motion(history, name, now, PIECES),
            }
            self._figures[name] = at, figures
        return figures


def _no_figures() -> dict[str, Json]:
    return {"utilisation_today": None, "coverage_today": 0.0, "spark": [None] * PIECES}
