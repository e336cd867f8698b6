"""
What is kept in the history's file, and in which units?

A file of an older version is brought up to date by `UPGRADES` when it is opened for writing.
"""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

SCHEMA_VERSION = 4

_REPORTS = """
CREATE TABLE stop_reason (          -- why a machine stopped, as a person said; the newest counts
    id INTEGER PRIMARY KEY,
    machine TEXT NOT NULL,
    stop_ms INTEGER NOT NULL,       -- when the stop began
    reason TEXT NOT NULL,           -- '' takes back what was said before
    note TEXT NOT NULL,
    who TEXT NOT NULL,
    at_ms INTEGER NOT NULL          -- when it was said
);
CREATE INDEX stop_reason_of ON stop_reason (machine, stop_ms);
CREATE TRIGGER stop_reason_is_never_updated BEFORE UPDATE ON stop_reason
    BEGIN SELECT RAISE(ABORT, 'reasons are only ever added'); END;
CREATE TRIGGER stop_reason_is_never_deleted BEFORE DELETE ON stop_reason
    BEGIN SELECT RAISE(ABORT, 'reasons are only ever added'); END;
CREATE TABLE imported (             -- changes that another program's logs tell of
    machine TEXT NOT NULL,
    occurred_ms INTEGER NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    reason TEXT,
    source TEXT NOT NULL,           -- the file's name
    PRIMARY KEY (machine, occurred_ms)
) WITHOUT ROWID;
"""

_OUTBOX_INDEXES = """
CREATE UNIQUE INDEX outbox_once ON outbox (machine, seq, notifier) WHERE clip IS NULL;
CREATE UNIQUE INDEX outbox_clip_once ON outbox (clip, machine, notifier) WHERE clip IS NOT NULL;
CREATE INDEX outbox_pending ON outbox (machine, notifier) WHERE state = 'pending';
CREATE INDEX outbox_leader ON outbox (leader) WHERE leader IS NOT NULL;
CREATE INDEX outbox_told ON outbox (machine, notifier, ended)
    WHERE state = 'delivered' AND event IN ('no_signal', 'signal_back');
"""

_OUTBOX = """
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,         -- in the order in which a machine's rows are told
    machine TEXT NOT NULL,
    seq INTEGER,                    -- of the transition that it tells of, or that a clip shows
    notifier TEXT NOT NULL,
    event TEXT NOT NULL,
    machineid INTEGER NOT NULL,
    due REAL NOT NULL DEFAULT 0,    -- UTC seconds; 0 is at once
    tries INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'pending',
    last_error TEXT,
    ended REAL,                     -- UTC seconds: delivered or given up
    recorder TEXT NOT NULL DEFAULT '',  -- what fails together is told together; '' is alone
    leader INTEGER,                 -- id of the row in whose message this one is told
    claimed REAL,                   -- UTC seconds until which the message is being sent
    owner TEXT,                     -- by whom
    clip INTEGER REFERENCES clip (id),  -- where it tells of a clip
    FOREIGN KEY (machine, seq) REFERENCES transition (machine, seq)
);
"""

_KEPT = (
    "id, machine, seq, notifier, event, machineid, due, tries, state, last_error, ended, recorder,"
    " leader, claimed, owner"
)
"""What a row of the outbox of version 3 has."""

_CLIPS = """
CREATE TABLE clip (
    id INTEGER PRIMARY KEY,
    file TEXT NOT NULL UNIQUE,      -- path below the folder of video, with /
    folder TEXT NOT NULL,           -- that folder when it was made
    start_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    codec TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    removed_ms INTEGER              -- when its file was removed, or found to be gone
);
CREATE INDEX clip_kept ON clip (start_ms, bytes) WHERE removed_ms IS NULL;
CREATE TABLE clip_shows (
    clip INTEGER NOT NULL REFERENCES clip (id),
    machine TEXT NOT NULL,
    occurred_ms INTEGER NOT NULL,   -- when that happened which it was made for
    trigger TEXT NOT NULL,
    PRIMARY KEY (clip, machine, occurred_ms, trigger)
) WITHOUT ROWID;
CREATE INDEX clip_shows_machine ON clip_shows (machine, clip);
"""

SCHEMA = f"""
CREATE TABLE transition (
    id INTEGER PRIMARY KEY,
    machine TEXT NOT NULL,
    seq INTEGER NOT NULL,           -- 1, 2, 3, ... for each machine
    occurred_ms INTEGER NOT NULL,   -- _ms: UTC milliseconds since 1970
    detected_ms INTEGER NOT NULL,
    since_ms INTEGER NOT NULL,
    stopped_since_ms INTEGER,
    monotonic_ns INTEGER NOT NULL,  -- when it was detected, within this boot_id
    boot_id TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    reason TEXT,
    woke INTEGER NOT NULL,
    score INTEGER,
    threshold INTEGER,
    moving_share REAL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    UNIQUE (machine, seq)
);
CREATE INDEX transition_occurred ON transition (machine, occurred_ms);
CREATE TRIGGER transition_is_never_updated BEFORE UPDATE ON transition
    BEGIN SELECT RAISE(ABORT, 'transitions are only ever added'); END;
CREATE TRIGGER transition_is_never_deleted BEFORE DELETE ON transition
    BEGIN SELECT RAISE(ABORT, 'transitions are only ever added'); END;
{_CLIPS}{_OUTBOX}{_OUTBOX_INDEXES}CREATE TABLE motion (               -- ten seconds each
    machine TEXT NOT NULL,
    start_s INTEGER NOT NULL,       -- UTC seconds
    samples INTEGER NOT NULL,
    moving INTEGER NOT NULL,
    lowest INTEGER NOT NULL,
    highest INTEGER NOT NULL,
    total INTEGER NOT NULL,         -- sum of the scores
    PRIMARY KEY (machine, start_s)
) WITHOUT ROWID;
CREATE TABLE motion_minute (        -- what became of older ones
    machine TEXT NOT NULL,
    start_s INTEGER NOT NULL,
    samples INTEGER NOT NULL,
    moving INTEGER NOT NULL,
    lowest INTEGER NOT NULL,
    highest INTEGER NOT NULL,
    total INTEGER NOT NULL,
    PRIMARY KEY (machine, start_s)
) WITHOUT ROWID;
CREATE TABLE heartbeat (
    machine TEXT PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    pid INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    since_ms INTEGER NOT NULL,
    seen_ms INTEGER,
    score INTEGER,
    threshold INTEGER,
    moving_share REAL,
    fps REAL,
    trouble TEXT NOT NULL,
    width INTEGER,
    height INTEGER,
    ended INTEGER NOT NULL          -- the tracker stopped in good order
);
{_REPORTS}"""

UPGRADES = {
    1: """
ALTER TABLE outbox ADD COLUMN recorder TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN leader INTEGER;
ALTER TABLE outbox ADD COLUMN claimed REAL;
ALTER TABLE outbox ADD COLUMN owner TEXT;
CREATE INDEX outbox_leader ON outbox (leader) WHERE leader IS NOT NULL;
CREATE INDEX outbox_told ON outbox (machine, notifier, ended)
    WHERE state = 'delivered' AND event IN ('no_signal', 'signal_back');
""",
    2: _REPORTS,
    3: f"""{_CLIPS}
ALTER TABLE outbox RENAME TO outbox_3;
DROP INDEX outbox_pending;
DROP INDEX outbox_leader;
DROP INDEX outbox_told;
{_OUTBOX}
INSERT INTO outbox ({_KEPT}) SELECT {_KEPT} FROM outbox_3;
DROP TABLE outbox_3;
{_OUTBOX_INDEXES}""",
}
"""What makes a file of one version one of the next."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_ms(at: datetime) -> int:
    """Return the milliseconds since 1970 of an aware time."""
    return round((at - _EPOCH) / _MILLISECOND)


def from_ms(ms: int) -> datetime:
    """Return the time in UTC of milliseconds since 1970."""
    return _EPOCH + ms * _MILLISECOND


def statements(version: int) -> Iterator[str]:
    """
    Yield what brings a file of this version up to date, 0 being an empty one.

    Statement by statement: `executescript` would end the transaction.
    """
    if version == 0:
        yield from _apart(SCHEMA)
        return
    for older in range(version, SCHEMA_VERSION):
        yield from _apart(UPGRADES[older])


def _apart(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
