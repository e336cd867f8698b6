"""
How is the history's file opened, written in whole steps, and kept readable?

SQLite in WAL mode: a step is there entirely or not at all, whatever is killed meanwhile, and
several processes share the file, on a local disk.  A step that must survive a power cut is
`durable`; heartbeats and motion, which nobody misses for a few seconds, are not.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from threading import Event
from typing import Self

from motion_tracking.record.schema import SCHEMA_VERSION, statements

BUSY_TIMEOUT = 5.0
"""Seconds to wait for another process that writes."""


class HistoryError(OSError):
    """The history cannot be read or written; the text says which file and why."""

    def __init__(self, message: str) -> None:
        super().__init__(message)


class NoHistoryError(HistoryError):
    """There is no such file yet."""


def marks(items: list[str] | list[int]) -> str:
    """Return a question mark for each item, for `IN (...)`."""
    return ",".join("?" * len(items))


class Database:
    """
    One connection to the file; belongs to the thread that made it.

    Every method raises `HistoryError` where the file cannot be read or written.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Open the file; make it and its folders, unless it is opened `read_only`."""
        self.path = path
        self._connection = self._connect(read_only)
        try:
            with self._reading():
                self._connection.row_factory = sqlite3.Row
                # a damaged text is still to be read, so that the damage can be named
                self._connection.text_factory = lambda text: text.decode("utf-8", "replace")
                if not read_only:
                    self._use_wal()
                    self._connection.execute("PRAGMA foreign_keys = ON")
                self._connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT * 1000:.0f}")
            self._settle_schema(read_only)
        except HistoryError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; what was written stays."""
        self._connection.close()

    def _connect(self, read_only: bool) -> sqlite3.Connection:
        try:
            path = self.path.resolve()  # which turns drive letters of shares into shares
            if is_network_share(path):
                raise HistoryError(f"{path}: the history must be on a disk of this computer")
            if read_only and not path.exists():
                raise NoHistoryError(f"{self.path}: there is no history yet")
            if not read_only:
                path.parent.mkdir(parents=True, exist_ok=True)
            uri = f"{path.as_uri()}?mode={'ro' if read_only else 'rwc'}"
            return sqlite3.connect(uri, uri=True, timeout=0, isolation_level=None)
        except HistoryError:
            raise
        except (OSError, sqlite3.Error) as error:
            raise HistoryError(f"{self.path}: {error}") from error

    def _use_wal(self) -> None:
        # several trackers that start on a new file at once disturb each other here, and
        # SQLite's own waiting does not cover it
        for _ in range(int(BUSY_TIMEOUT / 0.05)):
            try:
                mode = self._connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                Event().wait(0.05)
            else:
                if mode != "wal":
                    raise HistoryError(f"{self.path}: the history cannot be kept on this disk")
                return
        raise HistoryError(f"{self.path}: another process keeps it busy")

    def _settle_schema(self, read_only: bool) -> None:
        if 0 <= self._schema_version() < SCHEMA_VERSION and not read_only:
            with self._writing() as connection:
                version = self._schema_version()
                if version < SCHEMA_VERSION:  # and no other process has done it meanwhile
                    for statement in statements(version):
                        connection.execute(statement)
                    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        version = self._schema_version()
        if version > SCHEMA_VERSION:
            raise HistoryError(
                f"{self.path}: written by a newer motion-track"
                f" (schema {version}, this one knows {SCHEMA_VERSION})"
            )
        if version < 0:
            raise HistoryError(f"{self.path}: is damaged")
        if version == 0:
            raise NoHistoryError(f"{self.path}: there is no history yet")

    def _schema_version(self) -> int:
        with self._reading() as connection:
            return int(connection.execute("PRAGMA user_version").fetchone()[0])

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._connection
        except sqlite3.ProgrammingError:  # our mistake, not the disk's
            raise
        except sqlite3.Error as error:
            raise HistoryError(f"{self.path}: {error}") from error
        except UnicodeDecodeError as error:  # a message that quotes what is damaged
            raise HistoryError(f"{self.path}: is damaged") from error

    @contextmanager
    def _writing(self, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """Write what is written inside in one step, or nothing of it."""
        with self._reading() as connection:
            connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextmanager
    def _decoding(self, where: str) -> Iterator[None]:
        """Name the row where one of its values is none that we write."""
        try:
            yield
        except (ValueError, TypeError, OverflowError, IndexError) as error:
            raise HistoryError(f"{self.path}: {where} is damaged: {error}") from error


def transition(row: sqlite3.Row) -> str:
    """Return how messages call the row of a transition."""
    return f"transition {row['seq']} of {row['machine']}"


def is_network_share(path: PurePath) -> bool:
    r"""Whether a path is below `\\server\share`, where WAL has no memory to share."""
    drive = path.drive.upper()
    return drive.startswith("\\\\?\\UNC\\") or (
        drive.startswith("\\\\") and not drive.startswith(("\\\\?", "\\\\."))
    )
