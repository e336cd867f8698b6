"""
What does one channel of the camera show?
"""

from dataclasses import dataclass, field

from motion_tracking.core.motion import Roi
from motion_tracking.simulator.broadcast import Broadcast
from motion_tracking.simulator.encode import FPS, film
from motion_tracking.simulator.faults import Fault, Faults
from motion_tracking.simulator.playing import Player, Reel
from motion_tracking.simulator.scenes import LARGEST, MACHINES, SIZE, SMALLEST, Scene
from motion_tracking.simulator.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Channel:
    """
    One channel and its machine; raises `ValueError` for what cannot be shown.

    `number` is as in `/Streaming/Channels/802`; `size` is (width, height), both even.
    `first_timestamp` is of 32 bits, to see what happens when it wraps; None for any.  A machine
    that always runs may have a key frame only `key_every` so many seconds, as smart codecs do.
    """

    number: int
    machine: str = "press"
    schedule: Schedule = field(default_factory=Schedule)
    size: tuple[int, int] = SIZE
    fps: int = FPS
    faults: tuple[Fault, ...] = ()
    seed: int = 0
    first_timestamp: int | None = None
    key_every: int = 1

    def __post_init__(self) -> None:
        if not 0 < self.number < 10**9:
            raise ValueError(f"{self.number} is no number of a channel")
        if self.machine not in MACHINES:
            raise ValueError(f"no machine {self.machine!r}; there are {', '.join(MACHINES)}")
        if not 1 <= self.fps <= 60:
            raise ValueError(f"{self.fps} frames a second cannot be shown; 1 to 60 can")
        if self.key_every != 1 and self.schedule != Schedule():
            raise ValueError("key frames can be rare only where the machine always runs")
        if not 1 <= self.key_every <= 60:
            raise ValueError(f"a key frame every {self.key_every} s: 1 to 60 can be")
        for size in self.sizes:
            check_size(size)

    @property
    def sizes(self) -> set[tuple[int, int]]:
        """All sizes its pictures will have."""
        return {self.size, *(fault.size for fault in self.faults if fault.size)}

    @property
    def roi(self) -> Roi:
        """The rectangle around the machine."""
        return self._scene.roi

    @property
    def threshold(self) -> int:
        """The score above which a sample is moving."""
        return self._scene.threshold

    @property
    def _scene(self) -> Scene:
        return MACHINES[self.machine](self.size, self.seed)

    def reel(self, size: tuple[int, int]) -> Reel:
        """Draw and encode its machine in this size; raise `ValueError` if that cannot be."""
        check_size(size)
        return Reel(film(self.machine, size, self.fps, self.seed, self.key_every))

    def on_air(self) -> Broadcast:
        """Make all its pictures, and wait for clients."""
        reels = {size: self.reel(size) for size in self.sizes}
        faults = Faults(self.faults)
        player = Player(reels, self.size, self.fps, self.schedule, faults)
        return Broadcast(player, self.first_timestamp)


def check_size(size: tuple[int, int]) -> None:
    """Raise `ValueError` for a (width, height) that cannot be encoded."""
    if any(side % 2 or not SMALLEST <= side <= LARGEST for side in size):
        raise ValueError(
            f"{size[0]}x{size[1]} cannot be shown: even sides from {SMALLEST} to {LARGEST} can"
        )
