"""
What do the text logs of a machine say, however long and however damaged they are?

Whatever is no line of the three logs is skipped and counted: garbage, cut lines, the NULs that a
power cut leaves.  CRLF, byte order marks, UTF-16 and Latin-1 do not matter.
"""

from array import array
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import TextIO

import numpy as np

from motion_tracking.core.loglines import LogKind, LogLine, motion_line, parse_line
from motion_tracking.report.series import MotionSeries

LOG_KINDS = {
    "motion": frozenset({LogKind.MOTION}),
    "globalstatechange": frozenset({LogKind.MOVING, LogKind.STOPPED}),
    "deepsleep": frozenset({LogKind.DEEP_SLEEP, LogKind.WOKE_UP}),
}
"""The three logs, named as in their file names `log_NAME_*`, and the lines they are made of."""

_EPOCH = datetime(1970, 1, 1)
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


def read_log(*paths: Path) -> Log:
    """Read files of any of the three logs, rotated ones too, as one; raise `OSError`."""
    read = _Reading()
    for path in paths:
        with path.open(encoding=_encoding(path), errors="replace") as lines:
            read.take(lines)
    return read.log()


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


@dataclass(slots=True)
class _Reading:
    seconds: "array[int]" = field(default_factory=lambda: array("q"))
    scores: "array[int]" = field(default_factory=lambda: array("i"))
    events: list[LogLine] = field(default_factory=list)
    skipped: int = 0

    def take(self, lines: TextIO) -> None:
        minute, start = "", 0  # of the last motion line: the next has the same, 59 times of 60
        while line := lines.readline(_LONGEST):
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
        if len(at) and np.any(at[1:] < at[:-1]):  # rotated files, or an hour that came twice
            order = np.argsort(at, kind="stable")
            at, score = at[order], score[order]
        return Log(MotionSeries(at, score), sorted(self.events, key=attrgetter("at")), self.skipped)
