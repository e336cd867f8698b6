"""
What would the old tool have said of a film?
"""

from motion_tracking.core.detectors.difference import changed_pixels
from motion_tracking.core.machine import MachineState, Transition
from motion_tracking.core.motion import Frame, Grey, Roi, grey


class OldMethod:
    """
    The old tool: two neighbouring frames each second, and a plain majority of the last flags.

    A pair with more than `threshold` changed pixels is a flag.  It runs when more than half of
    `flags` are set, whether there are so many yet or not.
    """

    def __init__(self, roi: Roi, threshold: int = 300, flags: int = 60) -> None:
        self.transitions: list[Transition] = []
        self._roi, self._threshold, self._flags = roi, threshold, flags
        self._state, self._since = MachineState.RUNNING, 0.0
        self._before: Grey | None = None
        self._due = 0.0
        self._seen: list[bool] = []

    def see(self, frame: Frame) -> None:
        """Take every frame of the film."""
        if self._before is not None:
            score = changed_pixels(self._before, grey(frame, self._roi))
            self._before = None
            self._seen = [*self._seen, score > self._threshold][-self._flags :]
            self._decide(frame.at)
        elif frame.at >= self._due - 1e-6:
            self._before = grey(frame, self._roi)
            self._due += 1.0

    def _decide(self, at: float) -> None:
        running = sum(self._seen) > self._flags / 2
        state = MachineState.RUNNING if running else MachineState.STOPPED
        if state is not self._state:
            self.transitions.append(Transition(self._state, state, None, at, at, self._since))
            self._state, self._since = state, at
