"""
What must something be able to do, to be calibrated in the browser?

The page calls one method at a time, each in a thread.  A method that cannot do what it is asked
raises `ValueError` (the wish makes no sense) or `OSError` (the camera or the disk fails): the
text is for people and is shown as it is, and so is an attribute `hint`, where there is one.
"""

from collections.abc import Generator, Mapping, Sequence
from typing import Protocol

from motion_tracking.core.machine import MachineState
from motion_tracking.core.motion import Frame, Polygon, Roi


class Proposal(Protocol):
    """An area that may be worth watching; the better it separates, the higher `separation`."""

    @property
    def roi(self) -> Roi: ...

    @property
    def separation(self) -> float: ...


class Live(Protocol):
    """What a sample scored just now; `at` in monotonic seconds, the rest in pixels of the ROI."""

    @property
    def at(self) -> float: ...

    @property
    def score(self) -> int: ...

    @property
    def threshold(self) -> int: ...


class Progress(Protocol):
    """How far a recording is: `part` 0..1, and what the newest sample scored, if it could be."""

    @property
    def part(self) -> float: ...

    @property
    def live(self) -> Live | None: ...


class Advice(Protocol):
    """A warning: something that may go wrong, and what to do about it."""

    @property
    def text(self) -> str: ...

    @property
    def hint(self) -> str: ...


class Outcome(Protocol):
    """
    What was learned from both recordings.

    `edges` parts the scores into bins, pixels of the ROI; `running` and `stopped` count the
    samples in each, so they are one shorter.  `share` and `expected_error` are parts of one,
    and the latter is None where both states look alike, since it means nothing there.  `decoded`
    says in words how much of the video will be.
    """

    @property
    def threshold(self) -> int: ...

    @property
    def share(self) -> float: ...

    @property
    def margin(self) -> float: ...

    @property
    def expected_error(self) -> float | None: ...

    @property
    def decoded(self) -> str: ...

    @property
    def separable(self) -> bool: ...

    @property
    def verdict(self) -> str: ...

    @property
    def warnings(self) -> Sequence[Advice]: ...

    @property
    def edges(self) -> Sequence[float]: ...

    @property
    def running(self) -> Sequence[int]: ...

    @property
    def stopped(self) -> Sequence[int]: ...


class Calibration(Protocol):
    """One camera picture, and the machine on it that is being calibrated."""

    @property
    def machine(self) -> str:
        """The section of config_cam.ini that is being set up."""

    @property
    def machines(self) -> Mapping[str, Roi | None]:
        """All sections on this channel, this one too, and the area that each watches so far."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture, pixels."""

    @property
    def roi(self) -> Roi | None:
        """The area chosen so far; at first that of the configuration."""

    @property
    def recorded(self) -> Mapping[MachineState, float]:
        """Seconds recorded in each state, for the chosen area; states without are left out."""

    @property
    def ignored(self) -> Sequence[Polygon]:
        """Shapes of the picture that are not looked at; pictures show them striped."""

    def ignore(self, shapes: Sequence[Polygon]) -> None:
        """Look at none of these shapes from now on; recordings are dropped."""

    def take_up(self, machine: str) -> None:
        """Set up another of `machines`; recordings of the one before are dropped."""

    def picture(self) -> Frame:
        """Return the newest picture."""

    def proposals(self) -> Sequence[Proposal]:
        """Watch for some seconds, then return the areas where something moves, best first."""

    def choose(self, roi: Roi) -> None:
        """Watch this area; recordings of another are dropped."""

    def live(self) -> Live | None:
        """Wait for the next sample, a second at most; None where it cannot be scored."""

    def record(self, state: MachineState, seconds: float) -> Generator[Progress, None, None]:
        """
        Record the machine in a state; yield about twice a second, also when no picture comes.

        A recording that is left early is dropped, and the one before it stays.
        """

    def judge(self, threshold: int | None = None) -> Outcome:
        """Learn from both recordings, with the threshold that is best or with this one."""

    def diff(self) -> str:
        """Say what `save` would change, as a unified diff; empty where nothing changes."""

    def save(self, force: bool = False) -> None:
        """Write what was judged; refuse what does not separate, unless it is forced."""
