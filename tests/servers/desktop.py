"""
A person with mouse and keyboard at a real desktop, whose screen nobody sees.

    with Desktop() as desktop:
        window = desktop.window("Drag around")
        window.drag((10, 20), (110, 70))
        window.press("Return")
"""

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from types import TracebackType
from typing import Self

PROGRAMS = ("Xvfb", "openbox", "xdotool")

PATIENCE = 60.0
"""Seconds that a busy machine may take for what takes one."""


def desktop_programs() -> bool:
    """Return whether there is what it takes."""
    return all(shutil.which(name) for name in PROGRAMS)


@dataclass(frozen=True)
class Window:
    """A window on a display; places are in its own pixels."""

    desktop: "Desktop"
    number: str

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Press the left button at one place, move in steps to the other, and let go."""
        (x, y), (x2, y2) = start, end
        self._point(x, y)
        self.desktop.do("mousedown", "1")
        for part in (0.3, 0.7, 1.0):
            self._point(round(x + part * (x2 - x)), round(y + part * (y2 - y)))
        self.desktop.do("mouseup", "1")

    def press(self, *keys: str) -> None:
        """Press keys, by their names of X11."""
        self.desktop.do("windowactivate", "--sync", self.number)
        self.desktop.do("key", "--delay", "60", *keys)

    def close(self) -> None:
        """Close it as people do, without a word to the program that it belongs to."""
        self.press("alt+F4")

    def _point(self, x: int, y: int) -> None:
        self.desktop.do("mousemove", "--sync", "--window", self.number, str(x), str(y))


class Desktop:
    """An X server on a display that is free, and a window manager."""

    def __init__(self, size: tuple[int, int] = (1400, 900)) -> None:
        self._size = size
        self.display = ""

    def __enter__(self) -> Self:
        reads, writes = os.pipe()
        screen = "{}x{}x24".format(*self._size)
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writes), "-screen", "0", screen, "-nolisten", "tcp"],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(writes,),
        )
        os.close(writes)
        with os.fdopen(reads) as number:  # it is written once clients may come
            self.display = f":{number.readline().strip()}"
        self._manager = subprocess.Popen(
            ["openbox", "--sm-disable"],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for process in (self._manager, self._server):
            process.terminate()
            process.wait(PATIENCE)

    @property
    def environment(self) -> dict[str, str]:
        """What a program must know to open its windows here."""
        environment = os.environ | {"DISPLAY": self.display}
        environment.pop("WAYLAND_DISPLAY", None)
        return environment

    def window(self, title: str) -> Window:
        """Wait for a window whose title begins so, until it is in its place and in front."""
        deadline, found = monotonic() + PATIENCE, list[str]()
        while not found:
            assert monotonic() < deadline, f"no window {title!r} came"
            # a window that goes while it looks ends xdotool, whatever else there is
            with suppress(subprocess.CalledProcessError):
                found = self.do("search", "--onlyvisible", "--name", f"^{title}").split()
        self.do("windowactivate", "--sync", found[0])
        return Window(self, found[0])

    def do(self, *words: str) -> str:
        """Call xdotool; return what it said."""
        done = subprocess.run(
            ["xdotool", *words],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE,
            check=True,
        )
        return done.stdout


if __name__ == "__main__":
    with Desktop() as opened:
        opened.do("getdisplaygeometry")
    sys.exit(0)
