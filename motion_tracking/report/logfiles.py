"""
What do the text logs of a machine say, however long and however damaged they are?

Whatever is no line of the three logs is skipped and counted: garbage, cut lines, the NULs that a
power cut leaves.  CRLF, byte order marks, UTF-16 and Latin-1 do not matter.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from io import TextIOWrapper
from operator import attrgetter
from pathlib import Path
from typing import TextIO

import numpy as np

from motion_tracking.core.loglines import LogKind, LogLine, motion_line, parse_line
from motion_tracking.report.series import MotionSeries, no_motion

LOG_KINDS = {
    "motion": frozenset({LogKind.MOTION}),
    "globalstatechange": frozenset({LogKind.MOVING, LogKind.STOPPED}),
    "deepsleep": frozenset({LogKind.DEEP_SLEEP, LogKind.WOKE_UP}),
}
"""The three logs, named as in their file names `log_NAME_*`, and the lines they are made of."""

_EPOCH = datetime(1970, 1, 1)
_PIECE = 1_000_000
"""Lines that are read at once."""

_LONGEST = 4096  # characters; a file without line ends must not fill the memory
_BLANK = " \t\r\n\x00\x1a\ufeff"


@dataclass(frozen=True, slots=True)
class Log:
    """What was read, in order of time.  `skipped` counts the lines that said nothing."""

    series: MotionSeries
    events: list[LogLine]
    skipped: int = 0

    @property
    def empty(self) -> bool:
        return not len(self.series) and not self.events


def read_log(*paths: Path, progress: Callable[[float], None] = lambda _: None) -> Log:
    """
    Read files of any of the three logs, rotated ones too, as one; raise `OSError`.

    `progress` is told the part that is done.
    """
    blocks = list(read_blocks(*paths, progress=progress))
    at = np.concatenate([block.series.at for block in blocks] or [no_motion().at])
    score = np.concatenate([block.series.score for block in blocks] or [no_motion().score])
    if len(at) and np.any(at[1:] < at[:-1]):  # rotated files, or an hour that came twice
        order = np.argsort(at, kind="stable")
        at, score = at[order], score[order]
    events = sorted((event for block in blocks for event in block.events), key=attrgetter("at"))
    return Log(MotionSeries(at, score), events, sum(block.skipped for block in blocks))


def read_blocks(*paths: Path, progress: Callable[[float], None] = lambda _: None) -> Iterator[Log]:
    """Yield the same piece by piece, in the order in which it was written, however long it is."""
    whole, done = max(1, sum(path.stat().st_size for path in paths)), 0
    for path in paths:
        encoding = _encoding(path)
        with path.open("rb") as file, TextIOWrapper(file, encoding, errors="replace") as lines:
            while (block := _Reading(lines)).more:
                yield block.log()
                progress((done + file.tell()) / whole)
        done += path.stat().st_size


def in_order(paths: Iterable[Path]) -> list[Path]:
    """Put files into the order in which they were written, by their first lines; may raise."""
    return sorted(paths, key=_first)


def _first(path: Path) -> datetime:
    with path.open(encoding=_encoding(path), errors="replace") as lines:
        for _ in range(1000):
            said = parse_line(lines.readline(_LONGEST))
            if said is not None:
                return said.at
    return datetime.max


def _encoding(path: Path) -> str:
    """Tell UTF-16 by its mark; else Latin-1, which takes any byte and leaves digits as they are."""
    with path.open("rb") as file:
        return "utf-16" if file.read(2) in (b"\xff\xfe", b"\xfe\xff") else "latin-1"


def _text(line: str, encoding: str) -> str:
    """Decode what was taken for Latin-1: it is UTF-8 wherever it can be."""
    if encoding != "latin-1" or line.isascii():
        return line
    try:
        return line.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:  # then it was Latin-1 indeed
        return line


class _Reading:
    """A piece of a file, as long as memory allows; `more` says whether there was any."""

    def __init__(self, lines: TextIO) -> None:
        self.seconds = array("q")
        self.scores = array("i")
        self.events: list[LogLine] = []
        self.skipped = 0
        self.more = False
        self._take(lines)

    def _take(self, lines: TextIO) -> None:
        minute, start = "", 0  # of the last motion line: the next has the same, 59 times of 60
        for _ in range(_PIECE):
            line = lines.readline(_LONGEST)
            if not line:
                return
            self.more = True
            second, score = line[17:19], line[20:-1]
            if (
                line[:17] == minute
                and line[19:20] == " "
                and line[-1] == "\n"
                and line.isascii()
                and second.isdigit()
                and second < "60"
                and score.isdigit()
                and len(score) < 10
            ):
                self.seconds.append(start + int(second))
                self.scores.append(int(score))
            else:
                at = self._take_any(line, _text(line, lines.encoding))
                if at is not None:
                    minute = motion_line(at, 0)[:17]
                    start = self.seconds[-1] - at.second

    def _take_any(self, line: str, text: str) -> datetime | None:
        """Keep any line; return its time where it is a motion line."""
        said = parse_line(text)
        # the last line of a file may be cut in the middle of its number: 81 of 812
        if said is None or (said.score is not None and not line.endswith("\n")):
            self.skipped += bool(text.strip(_BLANK))
            return None
        if said.score is None:
            self.events.append(said)
            return None
        self.seconds.append(int((said.at - _EPOCH).total_seconds()))
        self.scores.append(said.score)
        return said.at

    def log(self) -> Log:
        at = np.frombuffer(self.seconds, np.int64).view("datetime64[s]")
        score = np.frombuffer(self.scores, np.int32)
        return Log(MotionSeries(at, score), self.events, self.skipped)
