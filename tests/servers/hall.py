"""
A hall whose machines show every state, with a past, and a real `motion-track serve` beside them.

    with hall(tmp_path) as built:
        tab.goto(built.url)
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from motion_tracking.core.changes import Change
from motion_tracking.core.machine import MachineState, Reason
from motion_tracking.record.history import History
from motion_tracking.record.motion import MotionSpan
from motion_tracking.simulator.camera import Camera
from motion_tracking.simulator.channel import Channel
from motion_tracking.simulator.schedule import Schedule
from servers.dashboard import Dashboard, account
from servers.plant import Plant, Tracking, area

SITE = "plant-north"
ALWAYS, IN_TURN, STANDS, NOTHING = 802, 902, 702, 102
"""Channels: one always runs, one runs and stops every ten seconds, one stands, one is not there."""

MACHINES = {
    "press1": IN_TURN,
    "press2": ALWAYS,
    "mixer": ALWAYS,
    "conveyor_B": STANDS,
    "packer": STANDS,
    "labeller": NOTHING,
}
ASLEEP = "packer"
UNTRACKED = "old7"
PAST = timedelta(hours=20)
ROLES = ("view", "operate", "admin")


@dataclass
class Hall:
    """What was built."""

    plant: Plant
    camera: Camera
    tracker: Tracking
    dashboard: Dashboard
    passwords: dict[str, str] = field(default_factory=dict)
    """Of `vera`, `otto` and `anna`, who may view, operate and set up."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.dashboard.port}/"


PEOPLE = {"view": "vera", "operate": "otto", "admin": "anna"}


@contextmanager
def hall(folder: Path, past: timedelta = PAST) -> Iterator[Hall]:
    """Build it; every machine is in its state when it is handed out."""
    channels = [
        Channel(ALWAYS, "flywheel"),
        Channel(IN_TURN, "flywheel", Schedule(spans=(10,), repeat=True)),
        Channel(STANDS, "flywheel", Schedule(running=False)),
    ]
    with Camera(channels) as camera:
        plant = Plant(folder)
        sections = {}
        for name, channel in {**MACHINES, UNTRACKED: STANDS}.items():
            shown = camera.channels[channel if channel != NOTHING else STANDS]
            sections[name] = {
                "channel": channel,
                "threshold": shown.threshold,
                "window_seconds": 5,
                "deep_sleep_minutes": 0.1 if name == ASLEEP else 60,
                **area(shown.roi),
            }
        stream = {"ip_address": "127.0.0.1", "port": camera.port}
        kept = {"events": "manual", "reserve": "1 MB"}
        plant.configure(sections, stream=stream, site={"name": SITE}, clips=kept)
        passwords = {who: account(plant, who, role) for role, who in PEOPLE.items()}
        _remember(plant, past)
        with plant.tracking(*MACHINES) as tracker:
            tracker.wait_for("deep_sleep", ASLEEP)
            with Dashboard(plant) as dashboard:
                yield Hall(plant, camera, tracker, dashboard, passwords)


def _remember(plant: Plant, past: timedelta) -> None:
    """Give every machine a past: mostly running, with stops of some minutes."""
    chance = random.Random(7)
    now = datetime.now(UTC).replace(microsecond=0)
    with History(plant.history, SITE) as history:
        for number, name in enumerate([*MACHINES, UNTRACKED]):
            state, since, at = MachineState.UNKNOWN, now - past, now - past
            while at < now - timedelta(minutes=3):
                then = _next(chance, state)
                reason = Reason.LOST if then is MachineState.NO_SIGNAL else None
                stopped = since if then is MachineState.DEEP_SLEEP else at
                stopping = then in (MachineState.STOPPED, MachineState.DEEP_SLEEP)
                history.append(
                    Change(name, state, then, reason, at, at, since, stopped if stopping else None)
                )
                state, since = then, at
                at += timedelta(minutes=chance.uniform(2, 90 if state == "running" else 20))
                if number < 3:
                    _motion(
                        history, name, state, since, min(at, now - timedelta(minutes=3)), chance
                    )


def _next(chance: random.Random, state: MachineState) -> MachineState:
    if state is MachineState.STOPPED and chance.random() < 0.15:
        return MachineState.DEEP_SLEEP
    if state is not MachineState.RUNNING:
        return MachineState.RUNNING
    return MachineState.STOPPED if chance.random() < 0.93 else MachineState.NO_SIGNAL


def _motion(
    history: History,
    name: str,
    state: MachineState,
    start: datetime,
    end: datetime,
    chance: random.Random,
) -> None:
    if state is MachineState.NO_SIGNAL:
        return
    at = start.timestamp()
    while at < end.timestamp():
        score = int(chance.uniform(900, 2600) if state == "running" else chance.uniform(0, 90))
        history.add_motion(MotionSpan.of(name, at, score, state == "running"))
        at += 60
