"""At least once, in order per machine, under a stable key, and nobody waits for another."""

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from motion_tracking.core.changes import Announcement, Delivery
from motion_tracking.core.clips import JPEG, Clip, Trigger
from motion_tracking.notify import Notifier, PostponedError, RefusedError, open_notifier
from motion_tracking.notify.sender import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    PICTURES_WITHIN,
    Sender,
    pause,
)
from motion_tracking.record.clips import Shown
from motion_tracking.record.history import DeliveryState, History
from servers.webhook import Answer, Receiver
from test_notifiers import STOPPED_AT, announcement
from waiting import until as until_so

SOON = 20.0
MACHINES = ("press1", "press2")


@dataclass
class Clock:
    """Seconds since 1970 that pass only when a test says so."""

    seconds: float = 1e9
    looks: int = 0

    def __call__(self) -> float:
        self.looks += 1
        return self.seconds


@dataclass
class Recipient:
    """A notifier that follows a plan: raise this, or take it; then it takes all."""

    plan: list[Exception | threading.Event] = field(default_factory=list)
    taken: list[Announcement] = field(default_factory=list)
    tries: int = 0
    news: threading.Condition = field(default_factory=threading.Condition)
    gathers: bool = False

    def send(self, announcement: Announcement) -> None:
        step = self.plan.pop(0) if self.plan else None
        with self.news:
            self.tries += 1
            self.news.notify_all()
        if isinstance(step, Exception):
            raise step
        if step is not None:
            step.wait(SOON)
        with self.news:
            self.taken.append(announcement)
            self.news.notify_all()

    def close(self) -> None:
        """Nothing is open."""

    def wait_for(self, taken: int = 0, tries: int = 0) -> None:
        with self.news:
            assert self.news.wait_for(
                lambda: len(self.taken) >= taken and self.tries >= tries, SOON
            ), f"{len(self.taken)} taken in {self.tries} tries"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def history_file(tmp_path: Path) -> Path:
    return tmp_path / "history.sqlite3"


@pytest.fixture
def store(history_file: Path) -> Callable[..., None]:
    """Store the n-th event of a machine, to be told by some notifiers."""

    def store(n: int, *notifiers: str, machine: str = "press1") -> None:
        change = announcement().change
        at = STOPPED_AT + timedelta(hours=n)
        with History(history_file, "plant") as history:
            history.append(
                replace(change, machine=machine, occurred_at=at, detected_at=at), notifiers, 7
            )

    return store


@pytest.fixture
def send(history_file: Path, clock: Clock) -> Iterator[Callable[..., Sender]]:
    """Start a sender over the history with these notifiers."""
    with ExitStack() as stack:

        def send(**notifiers: Notifier) -> Sender:
            sender = Sender(lambda: History(history_file, "plant"), notifiers, MACHINES, clock)
            sender.start()
            stack.callback(sender.close, SOON)
            return sender

        yield send


def states(history_file: Path) -> dict[DeliveryState, int]:
    with History(history_file, read_only=True) as history:
        return {state: count for state, count in history.outbox_counts().items() if count}


def until(history_file: Path, expected: dict[DeliveryState, int]) -> None:
    tick = threading.Event()
    for _ in range(int(SOON / 0.02)):
        if states(history_file) == expected:
            return
        tick.wait(0.02)
    raise AssertionError(states(history_file))


@pytest.mark.slow
def test_what_is_stored_is_delivered_in_order(
    store: Callable[..., None], send: Callable[..., Sender], history_file: Path
) -> None:
    recipient = Recipient()
    for n in range(5):
        store(n, "webhook")
    send(webhook=recipient)
    recipient.wait_for(taken=5)

    assert [a.key for a in recipient.taken] == [f"plant/press1/{n}" for n in range(1, 6)]
    until(history_file, {DeliveryState.DELIVERED: 5})


@pytest.mark.slow
def test_a_sender_is_woken_by_news(store: Callable[..., None], send: Callable[..., Sender]) -> None:
    recipient = Recipient()
    store(0, "webhook")
    sender = send(webhook=recipient)
    recipient.wait_for(taken=1)
    store(1, "webhook")
    sender.wake()
    recipient.wait_for(taken=2)


@pytest.mark.slow
def test_a_failure_is_tried_again_later_under_the_same_key_and_holds_the_order(
    store: Callable[..., None], send: Callable[..., Sender], clock: Clock
) -> None:
    recipient = Recipient([PostponedError("down", None)])
    store(0, "webhook")
    store(1, "webhook")
    sender = send(webhook=recipient)
    recipient.wait_for(tries=1)
    assert recipient.taken == []

    tick = threading.Event()
    while len(recipient.taken) < 2:
        clock.seconds += FIRST_PAUSE
        sender.wake()
        tick.wait(0.05)
    assert [a.seq for a in recipient.taken] == [1, 2]
    assert recipient.tries == 3


@pytest.mark.slow
def test_a_machine_that_fails_does_not_hold_up_another(
    store: Callable[..., None], send: Callable[..., Sender]
) -> None:
    recipient = Recipient([PostponedError("down", 3600.0)])
    store(0, "webhook", machine="press1")
    store(1, "webhook", machine="press2")
    send(webhook=recipient)
    recipient.wait_for(taken=1)

    assert len({recipient.taken[0].change.machine} & set(MACHINES)) == 1
    assert recipient.tries == 2


@pytest.mark.slow
def test_what_is_refused_is_given_up_and_told(
    store: Callable[..., None],
    send: Callable[..., Sender],
    history_file: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    recipient = Recipient([RefusedError("host: answered 404")])
    store(0, "webhook")
    store(1, "webhook")
    with caplog.at_level(logging.WARNING):
        send(webhook=recipient)
        recipient.wait_for(taken=1)
        until(history_file, {DeliveryState.DEAD: 1, DeliveryState.DELIVERED: 1})

    assert "answered 404" in caplog.text
    with History(history_file, read_only=True) as history:
        [letter] = history.dead_letters()
    assert letter.error == "host: answered 404"


@pytest.mark.slow
def test_an_exception_nobody_expects_is_tried_again(
    store: Callable[..., None], send: Callable[..., Sender], history_file: Path
) -> None:
    """The library behind the toasts may raise anything."""
    recipient = Recipient([TypeError("WPARAM is simple")])
    store(0, "toast")
    send(toast=recipient)
    recipient.wait_for(tries=1)
    until(history_file, {DeliveryState.PENDING: 1})


@pytest.mark.slow
def test_one_that_hangs_delays_no_other_and_does_not_keep_us(
    store: Callable[..., None], send: Callable[..., Sender]
) -> None:
    hang = threading.Event()
    slow, quick = Recipient([hang]), Recipient()
    for n in range(3):
        store(n, "webhook", "ifttt")
    sender = send(webhook=slow, ifttt=quick)
    quick.wait_for(taken=3)
    assert slow.taken == []

    closing = threading.Thread(target=sender.close, args=(0.2,))
    closing.start()
    closing.join(SOON)
    assert not closing.is_alive()
    hang.set()


@pytest.mark.slow
def test_an_answer_that_is_lost_makes_a_repeat_with_the_same_key(
    store: Callable[..., None], send: Callable[..., Sender], clock: Clock
) -> None:
    with Receiver() as receiver:
        receiver.plan.append(Answer(silent=True))
        store(0, "webhook")
        sender = send(webhook=open_notifier("webhook", url=receiver.url))
        receiver.wait_for(1)
        tick = threading.Event()
        while len(receiver.requests) < 2:
            clock.seconds += FIRST_PAUSE
            sender.wake()
            tick.wait(0.05)

    keys = [request.headers["idempotency-key"] for request in receiver.requests]
    assert keys == ["plant/press1/1"] * 2


@dataclass
class FullDisk:
    """An outbox that can be read, and takes no mark until there is room again."""

    deliveries: list[Delivery]
    full: bool = True
    refused: int = 0
    postponed_until: list[float] = field(default_factory=list)

    def due(self, machines: Iterable[str], now: float) -> list[Delivery]:
        return self.deliveries

    def next_due(self, machines: Iterable[str]) -> float | None:
        return None

    def gathered(self, notifier: str, machines: Iterable[str], now: float) -> list[int]:
        raise AssertionError

    def claim(self, delivery_id: int, now: float, owner: str) -> Delivery | None:
        raise AssertionError

    def delivered(self, delivery_id: int, now: float) -> None:
        if self.full:
            self.refused += 1
            raise OSError(28, "No space left on device")
        self.deliveries = []

    def postponed(self, delivery_id: int, until: float, error: str) -> None:
        self.postponed_until.append(until)
        self.deliveries = []

    def given_up(self, delivery_id: int, now: float, error: str) -> None:
        raise AssertionError

    def close(self) -> None:
        """It stays."""


@pytest.mark.slow
def test_a_full_disk_repeats_nothing_and_a_killed_process_does(clock: Clock) -> None:
    """Seen to fail with the message sent anew for each try to mark it: 40 a second."""
    outbox = FullDisk([Delivery(1, "webhook", announcement())])
    recipient = Recipient()
    tick = threading.Event()

    def started() -> Sender:
        sender = Sender(lambda: outbox, {"webhook": recipient}, MACHINES, clock)
        sender.start()
        return sender

    first = started()
    while outbox.refused < 3:
        first.wake()
        tick.wait(0.02)
    first.close(SOON)
    assert recipient.tries == 1

    outbox.full = False
    started().close(0)
    recipient.wait_for(taken=2)
    assert len({a.key for a in recipient.taken}) == 1


@pytest.mark.slow
def test_a_receiver_that_says_at_once_is_not_hammered(clock: Clock) -> None:
    """Seen to fail with the receiver's word taken: a thousand tries a second."""
    outbox = FullDisk([Delivery(1, "webhook", announcement())])
    recipient = Recipient([PostponedError("busy", 0.0)])
    sender = Sender(lambda: outbox, {"webhook": recipient}, MACHINES, clock)
    sender.start()
    recipient.wait_for(tries=1)
    tick = threading.Event()
    while not outbox.postponed_until:
        tick.wait(0.02)
    sender.close(SOON)

    assert outbox.postponed_until[0] - clock() >= FIRST_PAUSE / 2


@pytest.mark.slow
def test_a_disk_that_fails_does_not_end_the_sender(
    store: Callable[..., None], clock: Clock, history_file: Path
) -> None:
    store(0, "webhook")
    opened = 0

    def open_outbox() -> History:
        nonlocal opened
        opened += 1
        if opened < 3:
            raise OSError(28, "No space left on device")
        return History(history_file)

    recipient = Recipient()
    sender = Sender(open_outbox, {"webhook": recipient}, MACHINES, clock)
    sender.start()
    tick = threading.Event()
    while not recipient.taken:
        sender.wake()
        tick.wait(0.02)
    sender.close(SOON)


def test_pauses_grow_to_a_quarter_of_an_hour_and_are_spread() -> None:
    assert pause(0, 1.0) == FIRST_PAUSE
    assert [pause(n, 0.0) for n in range(4)] == [1.0, 2.0, 4.0, 8.0]
    assert pause(1000, 1.0) == LONGEST_PAUSE


def test_the_history_fails_the_way_the_sender_expects() -> None:
    """The sender survives `OSError`; the history must raise nothing else of the disk's."""
    from motion_tracking.record.history import HistoryError

    assert issubclass(HistoryError, OSError)
    assert not issubclass(sqlite3.Error, OSError)


@dataclass
class Painter(Recipient):
    """One that shows pictures."""

    shows_pictures: bool = True


@pytest.mark.slow
@pytest.mark.parametrize("gathers", [False, True])
def test_a_message_waits_a_moment_for_pictures_that_are_to_come(
    clock: Clock, store: Callable[..., None], history_file: Path, gathers: bool
) -> None:
    shown, plain = Painter(gathers=gathers), Recipient(gathers=gathers)
    clock.seconds = STOPPED_AT.timestamp() + 1
    store(0, "painter", "plain")
    store(0, "painter", machine="press2")
    notifiers = {"painter": shown, "plain": plain}
    opened = lambda: History(history_file, "plant")  # noqa: E731
    sender = Sender(opened, notifiers, MACHINES, clock, pictured={"wake_up"})
    sender.start()
    try:
        plain.wait_for(taken=1)
        assert shown.taken == []
        with History(history_file) as history:
            picture = Clip(0, "a.jpg", "/video", STOPPED_AT, STOPPED_AT, 4, JPEG, (96, 64))
            for file in ("a.jpg", "b.jpg"):
                shows = [Shown("press1", Trigger.WAKE_UP, STOPPED_AT)]
                history.add_clip(replace(picture, file=file), shows)
                assert shown.taken == []
                looks = clock.looks
                sender.wake()
                until_so(lambda looks=looks: clock.looks > looks + 5)
        shown.wait_for(taken=1)
        clock.seconds += PICTURES_WITHIN
        sender.wake()
        shown.wait_for(taken=2)
    finally:
        sender.close(SOON)

    told = {a.change.machine: [p.path for p in a.pictures] for a in shown.taken}
    assert told == {"press1": ["/video/a.jpg", "/video/b.jpg"], "press2": []}
