"""
A network of a test's own, on which packets can be lost: Linux, root and iptables only.

    with network() as net:              # this thread, and all that it starts, is on it
        net.drop("tcp", camera.port)

`python tests/servers/network.py` says whether that can be had here.
"""

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

CLONE_NEWNET = 0x40000000


class Network:
    """The firewall of a network namespace."""

    def drop(self, protocol: str, port: int, share: float = 1.0) -> None:
        """Lose that share of what comes from a port of this computer."""
        lost = ["-m", "statistic", "--mode", "random", "--probability", str(share)]
        self._run("-A", "OUTPUT", "-p", protocol, "--sport", str(port), *lost, "-j", "DROP")

    def lose(self, protocol: str, share: float) -> None:
        """Lose that share of all packets of a protocol."""
        lost = ["-m", "statistic", "--mode", "random", "--probability", str(share)]
        self._run("-A", "OUTPUT", "-p", protocol, *lost, "-j", "DROP")

    def pass_all(self) -> None:
        """Lose nothing more."""
        self._run("-F", "OUTPUT")

    def dropped(self) -> int:
        """Return how many packets were lost so far."""
        lines = self._run("-nvxL", "OUTPUT").splitlines()[2:]
        return sum(int(line.split()[0]) for line in lines)

    @staticmethod
    def _run(*arguments: str) -> str:
        return subprocess.run(
            ["iptables", *arguments], capture_output=True, text=True, check=True
        ).stdout


def why_not() -> str:
    """Say why there is no network of our own here; nothing if there is."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "only root on Linux can have a network of its own"
    if shutil.which("iptables") is None or shutil.which("ip") is None:
        return "no iptables: apt-get install iptables iproute2"
    try:
        with _unshared():
            Network().drop("tcp", 9)
    except (OSError, subprocess.CalledProcessError) as error:
        return f"no network of our own: {error}"
    return ""


@contextmanager
def network() -> Iterator[Network]:
    """Put this thread, and all that it starts, on a network that has nothing but a loopback."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    with _unshared():
        yield Network()


@contextmanager
def _unshared() -> Iterator[None]:
    libc = ctypes.CDLL(None, use_errno=True)
    with Path("/proc/thread-self/ns/net").open("rb") as ours:
        if libc.unshare(CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "unshare")
        try:
            subprocess.run(["ip", "link", "set", "lo", "up"], check=True, capture_output=True)
            yield
        finally:
            libc.setns(ours.fileno(), CLONE_NEWNET)


if __name__ == "__main__":
    sys.exit(why_not() or 0)
