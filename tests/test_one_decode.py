"""Is a channel fetched and decoded once, however many machines are watched in it?"""

from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from motion_tracking.core.machine import Reason
from motion_tracking.core.motion import Frame
from motion_tracking.core.sight import Blindness, Sight
from servers.gst import Channel, GstCamera
from servers.plant import Plant

CORNERS = {"ix": 176, "iy": 72, "ix2": 528, "iy2": 432}


class Counting:
    """A watch that sees nothing wrong."""

    def __init__(self) -> None:
        self.looks = 0

    def look(self, _frame: Frame) -> Blindness | None:
        self.looks += 1
        return Blindness(Reason.FROZEN, 0.0) if self.looks < 0 else None

    def forget(self) -> None:
        """There is nothing to forget."""


def test_all_machines_of_a_channel_look_at_a_picture_once() -> None:
    import numpy as np

    watch = Counting()
    sight = Sight([watch])
    for n in range(3):
        frame = Frame(np.zeros((96, 128), np.uint8), n / 2, n / 2)
        for _machine in range(4):
            sight.look(frame)
    assert watch.looks == 3


@pytest.mark.slow
def test_four_machines_take_no_more_sessions_and_threads_than_one(
    tmp_path: Path, start_gst_camera: Callable[..., GstCamera]
) -> None:
    camera = start_gst_camera(channels=[Channel(802)])
    names = [f"press{n}" for n in range(1, 6)]
    machine = {"channel": 802, "threshold": 500, "window_seconds": 5, **CORNERS}
    plant = Plant(tmp_path)
    plant.configure(
        dict.fromkeys(names, machine),
        stream={
            "ip_address": "127.0.0.1",
            "port": camera.port,
            "username": camera.user,
            "password": camera.password,
        },
    )

    def taken(pid: int) -> tuple[int, int]:
        process = psutil.Process(pid)
        connections = [c for c in process.net_connections() if c.raddr]
        return sum(c.raddr.port == camera.port for c in connections), process.num_threads()

    with plant.tracking(names[0]) as one, plant.tracking(*names[1:]) as four:
        one.wait_for("running", names[0])
        for name in names[1:]:
            four.wait_for("running", name)
        sessions, threads = taken(four.process.pid)
        assert sessions == 1
        assert threads == taken(one.process.pid)[1]
