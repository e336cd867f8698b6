"""
Which packets of a stream need to be decoded, and when do all of them?

A group of pictures (GOP) begins with a key frame, and each picture in it needs those before it.
So the first few, its *head*, can be had for little, and are enough to see that a machine still
does what it did.  As soon as somebody wants to see more, the rest of the group is decoded, and that
of the group before: they are kept for it.  So what decides is seen in full, only later.

Short groups are taken together, up to the length of the longest that will do: their heads would
say more often than is needed that nothing has changed.

Now and then a whole group is decoded unasked, so that no machine can hide behind its rhythm.
Where groups are long, or unlike each other, or pictures come in another order than they are
shown, all is decoded.
"""

from collections import deque
from dataclasses import dataclass, replace
from enum import StrEnum
from math import inf
from random import Random
from statistics import median
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from motion_tracking.core.motion import Frame

P = TypeVar("P")

LONGEST = 4.5
"""Seconds of a group; what begins after its head is seen so much later."""

KNOWN = 3
"""Groups that must have been alike before only their heads are decoded."""

ALIKE = 0.1
"""Part of its pictures by which a group may differ from another that is alike."""

LATE = 1.3
"""Times the usual length after which a key frame is missed."""

MOST = 0.5
"""Part of a group that its head may be; of a longer one all can be decoded as well."""

UNASKED = 0.5
"""Pictures a group, on average, that are decoded in whole groups that nobody asked for."""

HICCUP = 1.0
"""Seconds between two packets from which on it is not known what came between them."""

ALL_DECODED = "all pictures are decoded"
"""The beginning of the words in which it is told that heads alone will not do."""

REORDERED = "its pictures are shown in another order than they come in"
GRACE = 1.0
"""Seconds after the beginning of a whole group in which what was before it may still be wanted."""

UNKNOWN = "its rhythm is not known yet"
UNLIKE = "its key frames come at no steady rhythm"


class Sampling(StrEnum):
    """How much of a stream is decoded."""

    AUTO = "auto"  # heads, where calibration has shown that they do
    ALL = "all"
    HEAD = "head"
    KEYFRAMES = "keyframes"


class Attention:
    """
    Who wants to see all of a channel, and until when?

    Asked for in one thread and looked at in another; it holds one number, so it needs no lock.
    """

    def __init__(self) -> None:
        self._until = -inf

    def ask(self, until: float) -> None:
        """Want to see all up to a moment, in monotonic seconds."""
        self._until = max(self._until, until)

    def given(self, at: float) -> bool:
        """Whether all is wanted that came at a moment."""
        return at < self._until


@dataclass(frozen=True, slots=True)
class Group:
    """How long the groups of a stream are, in pictures and in seconds."""

    pictures: int
    seconds: float

    @property
    def lags(self) -> tuple[float, float]:
        """Seconds from one picture to the next, and from one head to the next."""
        return self.seconds / self.pictures, self.seconds


class Rhythm:
    """Follows the packets of a stream."""

    def __init__(self) -> None:
        self._groups: deque[Group] = deque(maxlen=KNOWN)
        self._began: float | None = None
        self._count = 0

    def take(self, at: float, key: bool) -> None:
        """Take the next packet; `at` in seconds."""
        if key:
            if self._began is not None:
                self._groups.append(Group(self._count, at - self._began))
            self._began, self._count = at, 0
        self._count += 1

    @property
    def group(self) -> Group | None:
        """
        The usual group; None while none is known, or where they are unlike each other.

        Short ones are taken together, as many as are no longer than the `LONGEST`.
        """
        one = self._one
        if one is None:
            return None
        return Group(one.pictures * self.together, one.seconds * self.together)

    @property
    def together(self) -> int:
        """How many groups of the stream are taken together for one."""
        one = self._one
        return 1 if one is None or one.seconds <= 0 else max(1, int(LONGEST / one.seconds))

    @property
    def _one(self) -> Group | None:
        if len(self._groups) < KNOWN:
            return None
        counts = [group.pictures for group in self._groups]
        if max(counts) - min(counts) > max(2.0, ALIKE * max(counts)):
            return None
        return Group(round(median(counts)), median(group.seconds for group in self._groups))

    @property
    def longest(self) -> float:
        """Seconds of the longest of the last groups; 0 while none is known."""
        return max((group.seconds for group in self._groups), default=0.0)

    @property
    def known(self) -> bool:
        """Whether so many groups were seen that something can be said of them."""
        return len(self._groups) == KNOWN


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    What the machines of a channel want of its heads.

    `lag` are seconds, of the shortest lag that is to fit into a head; 0 wants key frames only.
    With `proven`, heads are taken of groups of about so many seconds only, and of others nothing.
    """

    lag: float
    proven: float | None = None


def head_length(group: Group, lag: float) -> int:
    """Return how many pictures a head needs for a lag, the key frame being the first."""
    if lag <= 0 or group.seconds <= 0:
        return 1
    return max(1, round(lag * group.pictures / group.seconds)) + 1


def objection(group: Group, wanted: Wanted) -> str:
    """Say why the heads of such groups will not do; empty where they will."""
    if group.seconds <= 0:
        return UNLIKE
    if group.seconds > LONGEST:
        return f"a key frame comes only every {group.seconds:.0f} s"
    length = head_length(group, wanted.lag)
    if length > max(1.0, MOST * group.pictures):
        return f"{length} of the {group.pictures} pictures between key frames would be needed"
    if wanted.proven is not None and abs(group.seconds / wanted.proven - 1) > 0.2:
        return (
            f"a key frame comes every {group.seconds:.1f} s, and calibration was with one"
            f" every {wanted.proven:.1f} s"
        )
    return ""


@dataclass(frozen=True, slots=True)
class Chosen(Generic[P]):
    """
    A packet that is to be decoded, and when it came.

    `restarts`: the decoder has to begin anew before it.  `ends` says that it is the last of the
    head of its group, `spared` that what follows that head is not decoded.  In the `passed_over`
    seconds before it packets came that were not decoded.
    """

    packet: P
    at: float
    restarts: bool = False
    ends: bool = False
    spared: bool = False
    passed_over: float = 0.0

    def marked(self, frame: "Frame") -> "Frame":
        """Return a picture of the packet, with its place in the stream."""
        return replace(frame, ends_head=self.ends, spared=self.spared, passed_over=self.passed_over)


class Heads(Generic[P]):
    """Chooses what is decoded of one channel."""

    def __init__(
        self,
        wanted: Wanted,
        attention: Attention,
        random: Random | None = None,
        unasked: float = UNASKED,
    ) -> None:
        """`unasked` pictures a group are decoded on average though nobody asks for them."""
        self.wanted = wanted
        self._unasked = unasked
        self.attention = attention
        self.came = self.decoded = 0
        """Packets so far, and those that were to be decoded, some of them twice."""
        self.newest = -inf
        """When the last packet came."""
        self.reason = UNKNOWN
        """Why all is decoded; empty while heads are, when nobody asks for more."""
        self._random = random or Random()
        self.begin()

    def begin(self) -> None:
        """Take note that a stream begins: nothing that was known can be relied on."""
        self._rhythm = Rhythm()
        self._reordered = False
        self._length = 0
        self._patience = self._began = 0.0
        self._limit: int | None = None
        self._before: list[tuple[P, float]] = []
        self._here: list[tuple[P, float]] = []
        self._count = self._given = self._skipped = self._parts = 0
        self._whole = False
        self._last: float | None = None
        self._passed_over = 0.0

    @property
    def group(self) -> Group | None:
        """The usual group of the stream; None where there is none."""
        return self._rhythm.group

    def reorder(self) -> None:
        """Take note that pictures are shown in another order than they come in."""
        self._reordered = True

    def lose(self) -> None:
        """Take note that packets are missing: what was kept can not be decoded any more."""
        self._before, self._here, self._limit, self._whole = [], [], None, False

    def take(self, packet: P, key: bool, at: float) -> list[Chosen[P]]:
        """Take the next packet, which came `at` monotonic seconds; return what to decode now."""
        self.came += 1
        self.newest = at
        self._rhythm.take(at, key)
        begins = key and self._begins()
        chosen = self._looked_back(at, begins)
        if begins:
            self._open(at)
        self._count += 1
        since = 0.0 if self._last is None else at - self._last
        self._last = at
        self._passed_over += since if since <= HICCUP else 0.0
        if self._whole and at - self._began > GRACE:
            self.lose()  # nobody wanted to see what was before it
        if self._limit is not None:
            self._here.append((packet, at))
        if self._limit is not None and self._count > self._limit and not self._whole:
            self._skipped += 1
        else:
            self._given = len(self._here)
            chosen.append(self._next(packet, at))
        self.decoded += len(chosen)
        return chosen

    def _begins(self) -> bool:
        """Whether a key frame begins a group, and not only another part of one."""
        self._parts += 1
        if self._limit is not None and self._parts < self._rhythm.together:
            return False
        self._parts = 0
        return True

    def _next(self, packet: P, at: float) -> Chosen[P]:
        """Return a packet that is decoded as it comes."""
        skipped, self._skipped = self._skipped > 0, 0
        passed_over, self._passed_over = self._passed_over, 0.0
        return Chosen(
            packet,
            at,
            skipped,
            self._count == self._length,
            self._limit is not None and self._count <= self._limit,
            passed_over if skipped else 0.0,
        )

    def _looked_back(self, at: float, key: bool) -> list[Chosen[P]]:
        """Return what was not decoded and is wanted after all, if it is."""
        if self._limit is None:
            return []
        before, here = self._before, self._here
        if not self.attention.given(at):
            if key or not self._late(at):
                return []
            before = []
        given = 0 if before else self._given
        restarts = bool(before)
        self._skipped, self._passed_over = 0, 0.0
        self.lose()
        chosen: list[Chosen[P]] = []
        for group, start in ((before, 0), (here, given)):
            for n, (packet, came) in list(enumerate(group, 1))[start:]:
                ends = n == self._length
                chosen.append(Chosen(packet, came, restarts and not chosen, ends))
        return chosen

    def _late(self, at: float) -> bool:
        """Whether a key frame should have come by now."""
        return bool(self._here) and at - self._here[0][1] > self._patience

    def _open(self, at: float) -> None:
        """Begin a group."""
        self._before = self._here if self._limit is not None else []
        self._here, self._count, self._limit, self._length = [], 0, None, 0
        self._given, self._whole, self._began = 0, False, at
        group = self.group
        self.reason = self._objection(group)
        if group is None or self.reason:
            return
        self._length = head_length(group, self.wanted.lag)
        self._patience = LATE * group.seconds + HICCUP
        unasked = self._random.random() < self._unasked / group.pictures
        if not self.attention.given(at):
            self._limit, self._whole = self._length, unasked

    def _objection(self, group: Group | None) -> str:
        if self._reordered:
            return REORDERED
        if group is None:
            return UNLIKE if self._rhythm.known else UNKNOWN
        return objection(group, self.wanted)
