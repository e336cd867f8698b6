"""Receivers that are down or hang, and a recorder that dies with all its machines."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import numpy as np

from faults.catalogue import Measured, Rounds, fault
from motion_tracking.capture.clock import system_now
from motion_tracking.core.changes import Change
from motion_tracking.core.machine import MachineState
from motion_tracking.notify import open_notifier
from motion_tracking.notify.sender import LONGEST_PAUSE, Sender
from motion_tracking.record.history import DeliveryState, History
from motion_tracking.simulator.camera import Camera, Channel
from motion_tracking.tracker import Scored
from servers.clips import machine_roi
from servers.gst import GstCamera
from servers.plant import Plant
from servers.watcher import Watcher
from servers.webhook import Answer, Receiver

START = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
TWELVE = [f"press{n}" for n in range(1, 13)]


def change(machine: str, n: int, minutes: float) -> Change:
    states = (MachineState.RUNNING, MachineState.STOPPED)
    at = START + timedelta(minutes=minutes)
    return Change(machine, states[n % 2], states[1 - n % 2], None, at, at, START, at, score=n)


@fault(
    "N01",
    "the receiver is down for hours",
    injected="503 for 8 h of simulated time (long: 3 days), twelve machines that stop and start"
    " every ten minutes, then 200",
    expected="what waited comes as one message a machine, under its keys, in order",
    promised="0 lost, 0 under two keys, drained <= 60 s after the first that goes through",
)
def test_what_waited_for_hours_is_delivered_once(
    measured: Measured, rounds: Rounds, tmp_path: Path
) -> None:
    """Seen to fail with STALE at infinity: 55 changes still waited after 16 minutes."""
    path, tick = tmp_path / "history.sqlite3", threading.Event()
    clock, minutes = [START.timestamp()], rounds(8 * 60, long=3 * 24 * 60)
    with Receiver() as receiver:
        receiver.plan.extend([Answer(503)] * 1_000_000)
        webhook = open_notifier("webhook", url=receiver.url)
        sender = Sender(
            lambda: History(path, "plant"), {"webhook": webhook}, TWELVE, lambda: clock[0]
        )
        with History(path, "plant") as history:
            sender.start()
            for n, minute in enumerate(range(0, minutes, 10)):
                for machine in TWELVE:
                    history.append(change(machine, n, minute), ["webhook"])
                clock[0] = START.timestamp() + 60 * (minute + 10)
                sender.wake()
                tick.wait(0.05)
            tried = len(receiver.requests)
            receiver.plan.clear()
            until, began, first = clock[0] + LONGEST_PAUSE + 60, monotonic(), 0.0
            while history.outbox_counts()[DeliveryState.PENDING]:
                assert clock[0] < until, history.outbox_counts()
                clock[0] += 5.0
                sender.wake()
                tick.wait(0.05)
                first = first or (monotonic() if len(receiver.requests) > tried else 0.0)
            took = monotonic() - (first or began)
        sender.close(20)
        requests = receiver.requests[tried:]
    told: Counter[str] = Counter()
    order: dict[str, list[int]] = {machine: [] for machine in TWELVE}
    for request in requests:
        body = request.json
        for part in (*body["others"], body):  # the newest of a machine's changes leads
            told[part["key"]] += 1
            order[part["machine"]].append(int(part["key"].rpartition("/")[2]))
    changes = len(TWELVE) * len(range(0, minutes, 10))
    measured("changes", changes)
    measured("tries while it was down", tried)
    measured("lost", changes - len(told), at_most=0)
    measured("under two keys", sum(times - 1 for times in told.values()), at_most=0)
    measured("messages", len(requests), at_most=10 * len(TWELVE))
    measured("s to drain", took, at_most=60.0)
    assert all(numbers == sorted(numbers) for numbers in order.values())


@fault(
    "N02",
    "the receiver takes the message and never answers",
    injected="a hanging receiver and a stop every second, while a real camera is tracked",
    expected="the sender gives up after 10 s; detection does not notice",
    promised="age of the judged picture p99 <= 0.5 s",
)
def test_detection_does_not_wait_for_a_receiver(
    measured: Measured, rounds: Rounds, tmp_path: Path
) -> None:
    """Seen to fail with the message sent by who tracks: 7 s of age."""
    path = tmp_path / "history.sqlite3"
    ages: list[float] = []
    with Receiver() as receiver, History(path, "plant") as history:
        receiver.plan.extend([Answer(hang=True)] * 10_000)
        webhook = open_notifier("webhook", url=receiver.url)
        sender = Sender(
            lambda: History(path, "plant"),
            {"webhook": webhook},
            ["press1"],
            lambda: system_now().utc,
        )
        for n in range(20):
            history.append(change("press1", n, n), ["webhook"])

        class Ages:
            def scored(self, scored: Scored) -> None:
                sender.wake()
                # only now: who waited for the receiver finds a fresh picture again
                ages.append(system_now().at - scored.at)

            def changed(self, change: Change) -> None:
                """Nothing changes."""

        with Camera([Channel(802, "flywheel")]) as camera, Watcher.of(camera) as watcher:
            watcher.wait_for_score()
            sender.start()
            watcher.tracker._subscribers = [watcher, Ages()]
            watcher.wait_for_score(rounds(30, long=600))
        sender.close(0.1)
    measured("messages taken and not answered", len(receiver.requests), at_least=1)
    measured("s of age, p99", float(np.quantile(ages, 0.99)), at_most=0.5)


@fault(
    "N06",
    "a recorder dies with all its machines",
    injected="twelve machines of a real recorder, tracked by two processes; kill -9 of the"
    " recorder, then a new start",
    expected="one message that names all twelve, and one when they are back",
    promised="1 message a recorder, and its all-clear",
)
def test_twelve_machines_of_a_dead_recorder_are_one_message(
    measured: Measured, tmp_path: Path, start_gst_camera: Callable[..., GstCamera]
) -> None:
    """Seen to fail without `_joined`: one message a machine."""
    camera = start_gst_camera()
    x, y, x2, y2 = machine_roi(*camera.channels[802].size)
    seen = {"channel": 802, "ix": x, "iy": y, "ix2": x2, "iy2": y2, "threshold": 500}
    plant = Plant(tmp_path / "plant", {"XDG_STATE_HOME": str(tmp_path / "state")})
    with Receiver() as receiver:
        plant.configure(
            dict.fromkeys(TWELVE, seen),
            stream={
                "ip_address": "127.0.0.1",
                "port": camera.port,
                "username": camera.user,
                "password": camera.password,
            },
            notify={"webhook": "no_signal signal_back"},
            webhook={"url": receiver.url},
        )
        with plant.tracking(*TWELVE[:6]) as one, plant.tracking(*TWELVE[6:]) as other:
            for tracker, machines in ((one, TWELVE[:6]), (other, TWELVE[6:])):
                waiting = set(machines)
                while waiting:
                    waiting.discard(tracker.wait_for("running")["camera"])
            assert receiver.requests == []
            camera.kill()
            receiver.wait_for(1, 60)
            camera.restart()
            requests = receiver.wait_for(2, 120)
            threading.Event().wait(20)  # for one that comes late
            requests = list(receiver.requests)
    measured("messages", len(requests), at_most=2)
    for request, event in zip(requests, ("no_signal", "signal_back"), strict=True):
        told = [request.json, *request.json["others"]]
        newest = {part["machine"]: part["event"] for part in (*told[1:], told[0])}
        assert newest == dict.fromkeys(TWELVE, event)
        assert request.json["event"] == event
