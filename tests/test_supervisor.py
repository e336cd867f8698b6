"""Does systemd hear that a tracker is up and alive, and nobody else?"""

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from motion_tracking.commands.supervisor import Supervisor
from servers.plant import Plant

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="there is no systemd here")


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """Its end of the socket, whose name is short enough."""
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind("notify")
        heard.settimeout(60.0)
        yield heard


def environment(usec: str = "60000000", **more: str) -> dict[str, str]:
    return {"NOTIFY_SOCKET": "notify", "WATCHDOG_USEC": usec, **more}


def told(systemd: socket.socket) -> list[str]:
    systemd.setblocking(False)
    messages = []
    while True:
        try:
            messages.append(systemd.recv(100).decode())
        except BlockingIOError:
            return messages


def test_it_is_told_of_the_start_and_then_three_times_as_often_as_it_waits(
    systemd: socket.socket,
) -> None:
    supervisor = Supervisor(environment())
    for at in range(100, 161):
        supervisor.turned(float(at))
    supervisor.stopping()
    assert told(systemd) == ["READY=1\nWATCHDOG=1", *["WATCHDOG=1"] * 3, "STOPPING=1"]


@pytest.mark.parametrize(
    "odd",
    [
        {"WATCHDOG_USEC": ""},
        {"WATCHDOG_USEC": "soon"},
        {"WATCHDOG_USEC": "0"},
        {"WATCHDOG_PID": "1"},
    ],
)
def test_who_waits_for_no_sign_of_life_gets_none(
    systemd: socket.socket, odd: dict[str, str]
) -> None:
    supervisor = Supervisor({**environment(), **odd})
    for at in range(100, 200):
        supervisor.turned(float(at))
    assert told(systemd) == ["READY=1\nWATCHDOG=1"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has abstract names")
def test_an_abstract_name_is_understood() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(f"\0motion-track-{os.getpid()}")
        Supervisor({"NOTIFY_SOCKET": f"@motion-track-{os.getpid()}"}).turned(1.0)
        assert told(heard) == ["READY=1\nWATCHDOG=1"]


def test_without_systemd_nothing_is_sent(
    systemd: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    Supervisor({}).turned(1.0)
    Supervisor({"NOTIFY_SOCKET": "nobody"}).turned(1.0)
    monkeypatch.delattr(socket, "AF_UNIX")  # as on Windows
    Supervisor(environment()).turned(1.0)
    monkeypatch.undo()
    assert told(systemd) == []


@pytest.mark.slow
def test_a_real_tracker_tells_of_itself(tmp_path: Path, systemd: socket.socket) -> None:
    said = {"NOTIFY_SOCKET": str(Path("notify").resolve()), "WATCHDOG_USEC": "3000000"}
    if len(said["NOTIFY_SOCKET"]) > 107:
        pytest.skip("the temporary folder has too long a name for a socket")
    plant = Plant(tmp_path / "plant", said)
    corners = {"ix": 0, "iy": 0, "ix2": 300, "iy2": 250, "threshold": 300}
    plant.configure({"press1": {"channel": "simulated:press", **corners}})
    with plant.tracking("press1") as tracker:
        assert [systemd.recv(100) for _ in range(3)] == [
            b"READY=1\nWATCHDOG=1",
            b"WATCHDOG=1",
            b"WATCHDOG=1",
        ]
        assert tracker.stop() == 0
    assert told(systemd)[-1] == "STOPPING=1"
