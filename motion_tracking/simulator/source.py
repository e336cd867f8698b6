"""
How does a simulated machine become frames without a camera in between?
"""

from collections.abc import Callable, Iterator
from math import floor
from threading import Event
from typing import NoReturn
from urllib.parse import parse_qsl

from motion_tracking.core.motion import Frame, Grey
from motion_tracking.simulator.encode import FPS
from motion_tracking.simulator.scenes import MACHINES, SIZE, Noise
from motion_tracking.simulator.schedule import Schedule

RUN, STOP = 60.0, 30.0
"""Seconds, unless the location says otherwise."""

_ALLOWED = "run=SECONDS, stop=SECONDS, fps=1..60, seed=NUMBER, size=WIDTHxHEIGHT"


class SimulatedSource:
    """
    A machine as a source: `press`, or `press?run=60&stop=30&fps=12&seed=1&size=352x288`.

    It begins running when `frames` is called, and runs and stops in turn; `stop=0` lets it run
    for ever, `run=0` stand.  `now` gives monotonic seconds, and seconds since 1970; `show` is
    given each picture, and when it came.  Raises `ValueError` for a location that means nothing.
    """

    def __init__(
        self,
        location: str,
        now: Callable[[], tuple[float, float]],
        show: Callable[[Grey, float], None] = lambda *_: None,
    ) -> None:
        machine, _, query = location.partition("?")
        options = dict(parse_qsl(query, keep_blank_values=True))
        try:
            self._fps = int(options.pop("fps", FPS))
            self._seed = int(options.pop("seed", 0))
            run, stop = float(options.pop("run", RUN)), float(options.pop("stop", STOP))
            width, height = options.pop("size", "{}x{}".format(*SIZE)).split("x")
            self._scene = MACHINES[machine]((int(width), int(height)), self._seed)
            self.schedule = _in_turn(run, stop)
        except (KeyError, ValueError):
            _refuse(location)
        if options or not 1 <= self._fps <= 60:
            _refuse(location)
        self._now = now
        self._show = show
        self._closing = Event()

    def frames(self) -> Iterator[Frame]:
        """Yield grey pictures, each when it is due, until closed."""
        noise = Noise(self._scene.size, self._seed)
        start, n = self._now()[0], 0
        while not self._closing.wait(max(0.0, start + n / self._fps - self._now()[0])):
            at, utc = self._now()
            n = max(n, floor((at - start) * self._fps))  # never late: what was missed is left out
            picture = noise.add(self._scene.draw(self.schedule.ran(n / self._fps)))
            self._show(picture, at)
            yield Frame(picture, at, utc)
            n += 1

    def close(self) -> None:
        """End `frames` at once; may be called from another thread."""
        self._closing.set()


def _in_turn(run: float, stop: float) -> Schedule:
    if run < 0 or stop < 0 or run == stop == 0:
        raise ValueError("seconds cannot be negative, and one of them must be above 0")
    if run and stop:
        return Schedule(True, (run, stop), repeat=True)
    return Schedule(running=run > 0)


def _refuse(location: str) -> NoReturn:
    machines = ", ".join(MACHINES)
    raise ValueError(
        f"no simulated machine {location!r}; allowed is one of {machines}, "
        f"then ? and any of {_ALLOWED}, joined by &"
    )
