"""
How did the history's file look in older versions?

As they were released: what our users have on their disks is not derived from what we have today.
"""

_SECOND = """CREATE TABLE transition (
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
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    machine TEXT NOT NULL,
    seq INTEGER NOT NULL,
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
    UNIQUE (machine, seq, notifier),
    FOREIGN KEY (machine, seq) REFERENCES transition (machine, seq)
);
CREATE INDEX outbox_pending ON outbox (machine, notifier, seq) WHERE state = 'pending';
CREATE INDEX outbox_leader ON outbox (leader) WHERE leader IS NOT NULL;
CREATE INDEX outbox_told ON outbox (machine, notifier, ended)
    WHERE state = 'delivered' AND event IN ('no_signal', 'signal_back');
CREATE TABLE motion (               -- ten seconds each
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
"""

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

_ADDED = ("recorder TEXT", "leader INTEGER", "claimed REAL", "owner TEXT")

SCHEMAS = {
    1: "\n".join(
        line
        for line in _SECOND.partition("CREATE INDEX outbox_leader")[0].splitlines()
        if not line.strip().startswith(_ADDED)
    )
    + "\nCREATE TABLE motion ("
    + _SECOND.partition("CREATE TABLE motion (")[2],
    2: _SECOND,
    3: _SECOND + _REPORTS,
}
