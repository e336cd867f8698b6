"""What goes into the history comes out again, in order, and shows whether it was touched."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PureWindowsPath

import pytest

from motion_tracking.core.changes import Change, Delivery, Event
from motion_tracking.core.machine import MachineState, Reason
from motion_tracking.record.boot import boot_id
from motion_tracking.record.chain import FACTS, HASHED, digest
from motion_tracking.record.database import is_network_share
from motion_tracking.record.history import (
    DeliveryState,
    Heartbeat,
    History,
    HistoryError,
    MotionSpan,
    NoHistoryError,
)

RUNNING, STOPPED = MachineState.RUNNING, MachineState.STOPPED
START = datetime(2024, 3, 1, 6, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def stop(n: int = 0, machine: str = "press1") -> Change:
    """A stop `n` minutes after the start."""
    return Change(
        machine=machine,
        from_state=RUNNING,
        to_state=STOPPED,
        reason=None,
        occurred_at=at(60 * n),
        detected_at=at(60 * n + 17.5),
        since=at(-3600),
        stopped_since=at(60 * n),
        monotonic=1234.567 + 60 * n,
        score=12,
        threshold=250,
        moving_share=0.41,
    )


def start(n: int = 0, machine: str = "press1") -> Change:
    return replace(stop(n, machine), from_state=STOPPED, to_state=RUNNING)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "motion_tracking" / "history.sqlite3"


@pytest.fixture
def history(path: Path) -> Iterator[History]:
    with History(path) as history:
        yield history


def meddle(path: Path, statement: str, *values: object) -> None:
    """Do what nobody should: write past the history."""
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER IF EXISTS transition_is_never_updated")
    connection.execute("DROP TRIGGER IF EXISTS transition_is_never_deleted")
    connection.execute(statement, values)
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(stop(), id="with all evidence"),
        pytest.param(
            Change(
                "walzstraße", RUNNING, MachineState.NO_SIGNAL, Reason.LOST, at(0), at(9), at(-1)
            ),
            id="without any",
        ),
        pytest.param(replace(start(), woke=True, moving_share=1 / 3), id="a wake-up"),
    ],
)
def test_a_change_comes_back_as_it_went_in(path: Path, change: Change) -> None:
    with History(path) as history:
        assert history.append(change) == 1
    with History(path) as history:
        assert list(history.changes(change.machine)) == [(1, change)]


def test_times_are_kept_to_the_millisecond_in_utc(history: History) -> None:
    exact = stop()
    local = exact.occurred_at.astimezone().replace(microsecond=123_456)
    history.append(replace(exact, occurred_at=local))
    _, change = next(history.changes("press1"))
    assert change.occurred_at == exact.occurred_at + timedelta(milliseconds=123)
    assert change.occurred_at.tzinfo is UTC


def test_each_machine_counts_its_own_transitions(history: History) -> None:
    assert [history.append(c) for c in (stop(0), start(1), stop(0, "saw"), stop(2))] == [1, 2, 1, 3]
    assert history.machines() == ["press1", "saw"]
    assert history.last("saw") == (1, stop(0, "saw"))
    assert history.last("lathe") is None


def test_transitions_and_outbox_wait_for_the_disk_and_heartbeats_do_not(history: History) -> None:
    statements: list[str] = []
    history._connection.set_trace_callback(statements.append)
    history.append(stop(), ["log"])
    history.delivered(history.due(["press1"], 0.0)[0].id, 0.0)
    history.beat(Heartbeat("press1", at(0), 77, RUNNING, None, at(-60)))
    settings = [statement for statement in statements if "synchronous" in statement]
    assert settings == [f"PRAGMA synchronous = {level}" for level in ("FULL", "FULL", "NORMAL")]


def test_the_same_append_again_adds_nothing(history: History) -> None:
    assert [history.append(stop(), ["log"]) for _ in range(3)] == [1, 1, 1]
    assert len(list(history.changes("press1"))) == 1
    assert history.outbox_counts()[DeliveryState.PENDING] == 1


def test_a_transition_that_differs_in_anything_is_another(history: History) -> None:
    history.append(stop())
    assert history.append(replace(stop(), detected_at=at(18))) == 2
    assert history.append(stop()) == 1  # it came a second time, from a spill say


def test_changes_are_picked_by_when_they_occurred(history: History) -> None:
    for n in range(5):
        history.append(stop(n))

    def numbers(*args: datetime | None, **options: object) -> list[int]:
        return [seq for seq, _ in history.changes("press1", *args, **options)]  # type: ignore[arg-type]

    assert numbers(at(60), at(180)) == [2, 3]  # the end is exclusive
    assert numbers(None, at(60)) == [1]
    assert numbers(at(180)) == [4, 5]
    assert numbers(newest_first=True, limit=2) == [5, 4]
    assert numbers(None, at(60), newest_first=True, limit=1) == [1]


def test_transitions_cannot_be_altered_or_removed(path: Path, history: History) -> None:
    history.append(stop())
    connection = sqlite3.connect(path)
    for statement in ("UPDATE transition SET score = 0", "DELETE FROM transition"):
        with pytest.raises(sqlite3.IntegrityError, match="only ever added"):
            connection.execute(statement)
    connection.close()


def test_an_untouched_history_is_found_good(history: History) -> None:
    for n in range(20):
        history.append(stop(n, f"press{n % 3}"))
    assert history.verify() == []


@pytest.mark.parametrize("column", [*FACTS, "machine", "prev_hash", "hash"])
def test_any_altered_value_is_found_and_its_row_named(
    path: Path, history: History, column: str
) -> None:
    for n in range(4):
        history.append(replace(stop(n), woke=n == 1))
    numeric = column.endswith(("_ms", "_ns")) or column in (
        "woke",
        "score",
        "threshold",
        "moving_share",
    )
    altered = f"{column} - 1" if numeric else f"coalesce({column}, 'lost') || 'x'"
    meddle(path, f"UPDATE transition SET {column} = {altered} WHERE seq = 2")
    [finding] = (f for f in history.verify() if f.machine == "press1")
    assert finding.seq == 2


def test_a_removed_row_is_found(path: Path, history: History) -> None:
    for n in range(4):
        history.append(stop(n))
    meddle(path, "DELETE FROM transition WHERE seq = 2")
    [finding] = history.verify()
    assert (finding.machine, finding.seq) == ("press1", 2)
    assert "missing" in finding.what


def test_a_row_that_was_altered_with_its_hash_does_not_fit_the_next(
    path: Path, history: History
) -> None:
    for n in range(4):
        history.append(stop(n))
    connection = sqlite3.connect(path)
    columns = ", ".join(HASHED).replace("score", "score - 1")
    row = connection.execute(f"SELECT {columns} FROM transition WHERE seq = 2").fetchone()
    connection.close()
    meddle(path, "UPDATE transition SET score = score - 1, hash = ? WHERE seq = 2", digest(row))
    [finding] = history.verify()
    assert (finding.seq, finding.what) == (3, "row does not follow the one before it")


def test_a_flipped_byte_in_the_file_is_found(path: Path) -> None:
    with History(path) as history:
        for n in range(3):
            history.append(stop(n, "saw" if n == 1 else "press1"))
    content = bytearray(path.read_bytes())
    place = content.find(b"saw")  # in the table, which comes before its index
    content[content.index(b"stopped", place)] ^= 0x80  # not even a letter any more
    path.write_bytes(content)
    with History(path) as history:
        assert [(f.machine, f.seq) for f in history.verify()] == [("saw", 1)]
        with pytest.raises(HistoryError, match="transition 1 of saw is damaged"):
            history.last("saw")
        assert history.last("press1") == (2, stop(2))


def brief(deliveries: list[Delivery]) -> list[tuple[str, str, int]]:
    return [(d.announcement.change.machine, d.notifier, d.announcement.seq) for d in deliveries]


def test_a_delivery_tells_all_of_the_change(path: Path) -> None:
    with History(path, "plant7") as history:
        history.append(stop(), ["webhook"], machineid=42)
    with History(path, "plant7") as history:
        [delivery] = history.due(["press1"], now=0.0)
    announcement = delivery.announcement
    assert (delivery.notifier, delivery.tries) == ("webhook", 0)
    assert announcement.change == stop()
    assert (announcement.event, announcement.machineid) == (Event.STOP, 42)
    assert announcement.key == "plant7/press1/1"


def test_of_a_machine_and_notifier_only_the_oldest_is_due(history: History) -> None:
    for change in (stop(0), start(1), stop(0, "saw")):
        history.append(change, ["log", "webhook"])
    assert brief(history.due(["press1", "saw"], 0.0)) == [
        ("press1", "log", 1),
        ("press1", "webhook", 1),
        ("saw", "log", 1),
        ("saw", "webhook", 1),
    ]
    assert brief(history.due(["saw"], 0.0)) == [("saw", "log", 1), ("saw", "webhook", 1)]
    assert history.due([], 0.0) == []


def test_what_was_put_off_holds_up_what_comes_after_it(history: History) -> None:
    for change in (stop(0), start(1)):
        history.append(change, ["log", "webhook"])
    log, webhook = history.due(["press1"], 100.0)
    history.postponed(webhook.id, 160.0, "no route to host")
    history.delivered(log.id, 100.0)
    assert brief(history.due(["press1"], 100.0)) == [("press1", "log", 2)]
    history.delivered(history.due(["press1"], 100.0)[0].id, 100.0)
    assert history.due(["press1"], 159.9) == []
    assert history.next_due(["press1"]) == 160.0
    [again] = history.due(["press1"], 160.0)
    assert (again.id, again.tries) == (webhook.id, 1)
    history.delivered(again.id, 161.0)
    assert brief(history.due(["press1"], 161.0)) == [("press1", "webhook", 2)]


def test_what_was_given_up_is_kept_and_the_next_may_go(history: History) -> None:
    for change in (stop(0), start(1)):
        history.append(change, ["webhook"])
    [first] = history.due(["press1"], 100.0)
    history.given_up(first.id, 100.0, "410 Gone")
    [second] = history.due(["press1"], 100.0)
    assert second.announcement.seq == 2
    [letter] = history.dead_letters()
    assert (letter.delivery.announcement, letter.error) == (first.announcement, "410 Gone")
    assert letter.given_up_at == 100.0
    assert history.outbox_counts() == {"pending": 1, "delivered": 0, "dead": 1}


def test_dead_letters_can_be_sent_again(history: History) -> None:
    for n in range(3):
        history.append(stop(n), ["webhook"])
        history.given_up(history.due(["press1"], 0.0)[0].id, 0.0, "410 Gone")
    ids = [letter.delivery.id for letter in history.dead_letters()]
    assert history.revive([ids[2], 999]) == 1
    assert [d.id for d in history.due(["press1"], 0.0)] == [ids[2]]
    assert history.revive() == 2
    [first] = history.due(["press1"], 0.0)
    assert (first.id, first.tries) == (ids[0], 0)
    assert history.dead_letters() == []
    assert history.revive() == 0


def test_a_delivered_row_is_not_due_again(history: History) -> None:
    history.append(stop(), ["log"])
    history.delivered(history.due(["press1"], 5.0)[0].id, 5.0)
    assert history.due(["press1"], 1e12) == []
    assert history.next_due(["press1"]) is None


def test_of_messages_that_arrived_long_ago_only_the_transition_stays(history: History) -> None:
    for n in range(3):
        history.append(stop(n), ["webhook", "toast"])
    webhook, toast = sorted(history.due(["press1"], 0.0), key=lambda d: d.notifier, reverse=True)
    history.delivered(webhook.id, 1000.0)
    history.given_up(toast.id, 1000.0, "no")

    history.forget_delivered("press1", 1000.0)
    history.forget_delivered("press2", 2000.0)
    assert history.outbox_counts()[DeliveryState.DELIVERED] == 1
    history.forget_delivered("press1", 1000.5)

    assert history.outbox_counts() == {
        DeliveryState.PENDING: 4,
        DeliveryState.DELIVERED: 0,
        DeliveryState.DEAD: 1,
    }
    assert [seq for seq, _ in history.changes("press1")] == [1, 2, 3]
    assert history.verify() == []
    assert history.append(stop(0), ["webhook"]) == 1  # once more adds nothing, and tells nobody
    assert history.outbox_counts()[DeliveryState.PENDING] == 4


def test_a_message_put_off_by_a_wrong_clock_is_not_stuck(history: History) -> None:
    history.append(stop(), ["log"])
    [delivery] = history.due(["press1"], 4e9)
    history.postponed(delivery.id, 4e9 + 60, "certificate has expired")  # in the year 2096
    assert len(history.due(["press1"], START.timestamp())) == 1


def test_who_cannot_be_told_of_a_transition_has_no_transition(history: History) -> None:
    with pytest.raises(HistoryError):
        history.append(stop(), ["log", "log"])  # the second row is refused
    assert list(history.changes("press1")) == []
    assert history.append(stop(), ["log"]) == 1


def test_a_change_that_is_no_event_is_told_to_nobody(history: History) -> None:
    history.append(replace(stop(), from_state=MachineState.UNKNOWN), ["log"])
    assert history.due(["press1"], 0.0) == []


def test_a_heartbeat_replaces_the_one_before(history: History) -> None:
    first = Heartbeat("press1", at(0), 77, RUNNING, None, at(-60))
    second = Heartbeat(
        machine="press1",
        at=at(5),
        pid=77,
        state=MachineState.NO_SIGNAL,
        reason=Reason.LOST,
        since=at(1),
        seen_at=at(0.5),
        score=3,
        threshold=250,
        moving_share=0.25,
        fps=12.5,
        trouble="no route to host",
        size=(704, 576),
        ended=True,
    )
    saw = replace(first, machine="saw")
    for heartbeat in (first, saw, second):
        history.beat(heartbeat)
    here = boot_id()
    assert history.heartbeats() == {
        "press1": replace(second, boot_id=here),
        "saw": replace(saw, boot_id=here),
    }


def test_motion_of_the_same_ten_seconds_adds_up(history: History) -> None:
    for score, moving in ((700, True), (12, False), (350, True)):
        history.add_motion(MotionSpan.of("press1", 1_700_000_009.9, score, moving))
    history.add_motion(MotionSpan.of("press1", 1_700_000_010.0, 5, False))
    everything = list(history.motion("press1", at(-1e9), at(1e9)))
    assert everything == [
        MotionSpan("press1", 1_700_000_000, 3, 2, 12, 700, 1062),
        MotionSpan("press1", 1_700_000_010, 1, 0, 5, 5, 5),
    ]


def test_old_motion_is_kept_by_the_minute(history: History) -> None:
    begin = START.timestamp()
    for n in range(0, 300, 10):
        history.add_motion(MotionSpan.of("press1", begin + n, n, n % 20 == 0))
    history.thin_motion("press1", at(130))
    spans = list(history.motion("press1", START, at(300)))
    assert [(s.start - begin, s.seconds) for s in spans[:4]] == [
        (0, 60),
        (60, 60),
        (120, 10),
        (130, 10),
    ]
    assert spans[1] == MotionSpan("press1", int(begin) + 60, 6, 3, 60, 110, 510, 60)
    assert sum(s.samples for s in spans) == 30


def test_thinning_takes_a_day_at_a_time(history: History) -> None:
    for hour in range(0, 72, 6):
        history.add_motion(MotionSpan.of("press1", START.timestamp() + 3600 * hour, 1, True))
    counts = []
    for _ in range(4):
        history.thin_motion("press1", at(48 * 3600))
        spans = history.motion("press1", START, at(72 * 3600))
        counts.append(sum(span.seconds == 60 for span in spans))
    assert counts == [4, 8, 8, 8]


def test_reading_makes_no_file(path: Path) -> None:
    with pytest.raises(NoHistoryError, match="no history yet"):
        History(path, read_only=True)
    assert not path.parent.exists()


def test_the_history_can_be_read_while_it_is_written(path: Path, history: History) -> None:
    with History(path, read_only=True) as reader:
        history.append(stop())
        assert reader.last("press1") == (1, stop())
        with pytest.raises(HistoryError, match="readonly"):
            reader.append(start(1))


def test_a_newer_history_is_refused_and_left_alone(path: Path) -> None:
    History(path).close()
    meddle(path, "PRAGMA user_version = 99")
    before = path.read_bytes()
    for read_only in (False, True):
        with pytest.raises(HistoryError, match=r"newer motion-track \(schema 99"):
            History(path, read_only=read_only)
    assert path.read_bytes() == before


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite3"
    path.write_text("this is not a database, but long enough to be taken for one" * 20)
    with pytest.raises(HistoryError, match=r"history\.sqlite3.*not a database"):
        History(path)


def test_who_comes_second_in_making_the_history_takes_that_of_the_first(path: Path) -> None:
    class Late(History):
        def _schema_version(self) -> int:
            version = super()._schema_version()
            if version == 0:
                History(self.path).close()  # is quicker, once we saw that there is none
            return version

    with Late(path) as history:
        assert history.append(stop()) == 1


def test_a_folder_that_cannot_be_made_is_an_error_of_the_history(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("in the way")
    with pytest.raises(HistoryError):
        History(tmp_path / "logs" / "history.sqlite3")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (r"\\nas\plant\history.sqlite3", True),
        (r"\\?\UNC\nas\plant\history.sqlite3", True),
        (r"C:\logs\history.sqlite3", False),
        (r"\\?\C:\logs\history.sqlite3", False),
        (r"logs\history.sqlite3", False),
    ],
)
def test_a_network_share_is_told_from_a_disk(path: str, expected: bool) -> None:
    assert is_network_share(PureWindowsPath(path)) is expected


def test_a_boot_has_one_name(tmp_path: Path) -> None:
    linux = tmp_path / "boot_id"
    linux.write_text("6d6f7469-6f6e\n")
    assert boot_id(linux) == "6d6f7469-6f6e"
    elsewhere = boot_id(tmp_path / "none")
    assert elsewhere.startswith("up since minute")
    assert boot_id(tmp_path / "none") == elsewhere
