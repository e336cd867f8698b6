"""How a stream stays open: one thread, the newest sample, and another try after each failure."""

from collections.abc import Iterator
from dataclasses import replace
from queue import Queue
from random import Random
from threading import Event
from threading import enumerate as all_threads

import numpy as np
import pytest

from motion_tracking.capture import Source, SourceError, Trouble
from motion_tracking.capture.clock import Moment, system_now
from motion_tracking.capture.reader import STUCK_AFTER, Mailbox, Reader, pause
from motion_tracking.core.motion import Frame

SOON = 20.0
"""Seconds that a busy machine may take for what takes milliseconds."""


class Script:
    """A stream that does what the test puts into its queue: frames, failures, or hanging."""

    def __init__(self) -> None:
        self.plan: Queue[Frame | SourceError | Event] = Queue()
        self.opened = 0
        self.closed = 0

    def __call__(self) -> Source:
        self.opened += 1
        return _Stream(self)


class _Stream:
    def __init__(self, script: Script) -> None:
        self._script = script

    def frames(self) -> Iterator[Frame]:
        while True:
            step = self._script.plan.get()
            if isinstance(step, SourceError):
                raise step
            if isinstance(step, Event):
                step.wait(SOON)
            else:
                yield step

    def close(self) -> None:
        self._script.closed += 1


def frame(at: float) -> Frame:
    return Frame(np.zeros((4, 4), np.uint8), at, 1e9 + at)


def failure(trouble: Trouble = Trouble.UNREACHABLE) -> SourceError:
    return SourceError(trouble, "scripted")


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def reader(script: Script, mailbox: Mailbox) -> Iterator[Reader]:
    reader = Reader("802", script, mailbox, system_now, random=Random(1))
    yield reader
    reader.close(0.0)
    script.plan.put(failure())  # lets the thread notice


def news(mailbox: Mailbox) -> Frame | SourceError:
    taken = mailbox.take(SOON)
    assert "802" in taken, "nothing came"
    return taken["802"]


def test_a_frame_reaches_the_mailbox(script: Script, mailbox: Mailbox, reader: Reader) -> None:
    reader.start()
    at = system_now().at + 1
    script.plan.put(frame(at))

    taken = news(mailbox)
    assert isinstance(taken, Frame)
    assert taken.at == at


def test_the_newest_frame_replaces_an_older(mailbox: Mailbox) -> None:
    mailbox.put("802", frame(1.0))
    mailbox.put("802", frame(2.0))
    mailbox.put("902", frame(3.0))

    taken = mailbox.take(0.0)
    assert {key: value.at for key, value in taken.items() if isinstance(value, Frame)} == {
        "802": 2.0,
        "902": 3.0,
    }
    assert mailbox.take(0.0) == {}


def test_only_two_frames_a_second_are_passed_on(
    script: Script, mailbox: Mailbox, reader: Reader
) -> None:
    reader.start()
    start = system_now().at + 1
    passed = 0
    for n in range(100):
        script.plan.put(frame(start + n * 0.04))
        wait_for(reader, n + 1)
        passed += len(mailbox.take(0.0))

    assert reader.frames == 100
    assert 6 <= passed <= 10


@pytest.mark.parametrize(("every", "apart"), [(0, 0.0), (5, 4.0), (10, 9.0)])
def test_the_longest_time_without_a_key_frame_is_known(
    script: Script, reader: Reader, every: int, apart: float
) -> None:
    reader.start()
    for n in range(20):
        script.plan.put(replace(frame(float(n)), key=bool(every) and n % every == 0))
    wait_for(reader, 20)
    assert reader.keys_apart == apart


def wait_for(reader: Reader, frames: int) -> None:
    tick = Event()
    for _ in range(int(SOON / 0.001)):
        if reader.frames >= frames:
            return
        tick.wait(0.001)
    raise AssertionError(f"only {reader.frames} of {frames} frames")


@pytest.mark.slow
def test_a_stream_that_cannot_be_opened_is_told_at_once_and_tried_again(
    script: Script, mailbox: Mailbox, reader: Reader
) -> None:
    script.plan.put(failure(Trouble.UNREACHABLE))
    script.plan.put(frame(system_now().at + 60))
    reader.start()

    assert isinstance(news(mailbox), SourceError)
    assert isinstance(news(mailbox), Frame)
    assert (script.opened, script.closed) == (2, 1)


@pytest.mark.slow
def test_a_stream_that_breaks_off_is_lost_only_if_it_cannot_be_opened_again(
    script: Script, mailbox: Mailbox, reader: Reader
) -> None:
    at = system_now().at + 60
    reader.start()
    script.plan.put(frame(at))
    assert isinstance(news(mailbox), Frame)
    script.plan.put(failure(Trouble.BROKEN))
    script.plan.put(frame(at + 60))
    assert isinstance(news(mailbox), Frame), "a hiccup that healed at once was told"

    script.plan.put(failure(Trouble.BROKEN))
    script.plan.put(failure(Trouble.UNREACHABLE))
    told = news(mailbox)
    assert isinstance(told, SourceError)
    assert told.trouble is Trouble.UNREACHABLE


def test_a_file_at_its_end_is_not_opened_again(
    script: Script, mailbox: Mailbox, reader: Reader
) -> None:
    script.plan.put(failure(Trouble.ENDED))
    reader.start()
    tick = Event()
    while not reader.ended:
        tick.wait(0.001)

    assert reader.close(SOON)
    assert script.opened == 1


def test_a_thread_that_hangs_is_replaced(script: Script, mailbox: Mailbox, reader: Reader) -> None:
    hang = Event()
    script.plan.put(hang)
    reader.start()
    now = system_now().at
    reader.watch(now + STUCK_AFTER - 1)
    assert names().count("capture-802") == 1

    reader.watch(now + STUCK_AFTER + 1)
    assert names().count("capture-802") == 2
    script.plan.put(frame(now + 100))
    assert isinstance(news(mailbox), Frame)
    hang.set()


def names() -> list[str]:
    return [thread.name for thread in all_threads()]


def test_closing_does_not_wait_for_a_thread_that_hangs(script: Script, mailbox: Mailbox) -> None:
    hang = Event()
    script.plan.put(hang)
    reader = Reader("802", script, mailbox, system_now)
    reader.start()

    assert not reader.close(0.05)
    hang.set()
    script.plan.put(failure())


@pytest.mark.parametrize(
    ("trouble", "down_for", "shortest", "longest"),
    [
        (Trouble.UNREACHABLE, 0.0, 0.1, 5.0),
        (Trouble.BROKEN, 119.0, 0.1, 5.0),
        (Trouble.SILENT, 121.0, 20.0, 30.0),
        (Trouble.UNAUTHORIZED, 0.0, 60.0, 75.0),
        (Trouble.BUSY, 0.0, 30.0, 45.0),
    ],
)
def test_pauses_are_short_at_first_and_long_where_haste_does_harm(
    trouble: Trouble, down_for: float, shortest: float, longest: float
) -> None:
    assert shortest <= pause(trouble, down_for, 0.0) < pause(trouble, down_for, 1.0) <= longest


def test_the_clock_of_this_computer_goes_forward() -> None:
    first, second = system_now(), system_now()
    assert isinstance(first, Moment)
    assert second.at >= first.at
