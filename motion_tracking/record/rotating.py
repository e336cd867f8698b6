"""
How does a text log grow line by line, for years, without filling the disk or losing a line?

Full files are set aside as `NAME.1`, `NAME.2`, ...; the oldest goes.  One that is far larger than
we make them is another program's, years of it: that is `NAME.before`, and never goes.  On Windows
a file that is open in Excel cannot be renamed: then the log grows on, and it is tried again later.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from errno import ENOSPC
from io import FileIO
from pathlib import Path

_PATIENCE = 20
"""After a refused rename, the log grows by this part of its limit before the next try."""


_FOREIGN = 20
"""So many limits long is no log of ours, but where Excel keeps it from being set aside."""


class RotatingLog:
    """A text file that lines are appended to; each is with the system when `write` returns."""

    def __init__(
        self,
        path: Path,
        limit: int,
        kept: int,
        rename: Callable[[Path, Path], object] = os.replace,
    ) -> None:
        """Keep the file below `limit` bytes, and the `kept` ones that came before it."""
        self.path = path
        self._limit = limit
        self._kept = kept
        self._rename = rename
        self._rotate_at = limit
        self._file: FileIO | None = None

    def write(self, line: str) -> None:
        """Append a line, given without its end; raise `OSError` if the disk takes no more."""
        data = (line + os.linesep).encode("utf-8", "backslashreplace")
        try:
            file = self._opened()
            size = file.seek(0, os.SEEK_END)
            if size and size + len(data) > self._rotate_at:
                self._rotate(size)
                file = self._opened()
                size = file.seek(0, os.SEEK_END)
            if file.write(data) < len(data):  # a disk that is nearly full takes only a part
                with suppress(OSError):  # if it stays, the next line begins with a line end
                    file.truncate(size)
                raise OSError(ENOSPC, os.strerror(ENOSPC), str(self.path))
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """Close the file; the next line opens it again."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _opened(self) -> FileIO:
        if self._file is not None and os.fstat(self._file.fileno()).st_nlink == 0:
            self.close()  # somebody deleted it
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # it stays open: on Windows nobody can then lock us out of it
            self._file = FileIO(self.path, "a+")
            self._end_last_line(self._file)
        return self._file

    def _end_last_line(self, file: FileIO) -> None:
        """A hard kill, or a power cut, may have left half a line."""
        if file.seek(0, os.SEEK_END) == 0:
            return
        file.seek(-1, os.SEEK_END)
        if file.read(1) != b"\n":
            file.write(os.linesep.encode())

    def _rotate(self, size: int) -> None:
        self.close()
        before = self.path.with_name(f"{self.path.name}.before")
        if size > _FOREIGN * self._limit and not before.exists():
            with suppress(OSError):  # open in another program: in its turn then
                self._rename(self.path, before)
                return
        numbers = range(1, self._kept + 1)
        # files move up to the first gap, which a refused rename may have left
        last = next((n for n in numbers if not self._aside(n).exists()), self._kept)
        try:
            for number in range(last, 1, -1):
                self._rename(self._aside(number - 1), self._aside(number))
            self._rename(self.path, self._aside(1))
        except OSError:  # open in another program
            self._rotate_at = size + self._limit // _PATIENCE
        else:
            self._rotate_at = self._limit

    def _aside(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")
