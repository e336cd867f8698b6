"""Does a tracker take no more of the computer than it needs?"""

import ctypes
import os
import signal
import sys
from collections.abc import Iterator
from threading import Thread
from types import SimpleNamespace

import cv2
import pytest

from motion_tracking.capture.reader import Mailbox
from motion_tracking.commands.frugality import be_thrifty
from motion_tracking.commands.signals import asked_to_stop
from waiting import until

LIMIT = 20.0
"""Seconds; a wait that is not cut short lasts longer than any machine is slow."""


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    threads, handlers = cv2.getNumThreads(), {n: signal.getsignal(n) for n in (2, 15)}
    yield
    cv2.setNumThreads(threads)
    for number, handler in handlers.items():
        signal.signal(number, handler)


def test_opencv_works_in_the_thread_that_asks() -> None:
    cv2.setNumThreads(2)
    be_thrifty()
    assert cv2.getNumThreads() == 1


@pytest.mark.parametrize(
    ("platform", "library", "asked"),
    [("linux", "glibc", [(-8, 1)]), ("linux", "musl", []), ("win32", "glibc", [])],
)
def test_all_threads_share_one_heap_where_that_can_be_asked_for(
    monkeypatch: pytest.MonkeyPatch, platform: str, library: str, asked: list[tuple[int, int]]
) -> None:
    told: list[tuple[int, int]] = []
    glibc = SimpleNamespace(mallopt=lambda *values: told.append(values))
    found = {"glibc": glibc, "musl": SimpleNamespace()}[library]
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: found)
    monkeypatch.setattr(sys, "platform", platform)

    be_thrifty()

    assert told == asked


def test_who_waits_for_news_is_woken_and_only_once() -> None:
    mailbox = Mailbox()
    waiting = Thread(target=mailbox.take, args=(10 * LIMIT,), daemon=True)
    waiting.start()
    mailbox.wake()  # before or while it waits
    waiting.join(LIMIT)
    assert not waiting.is_alive()

    begin = until(lambda: True)
    assert mailbox.take(0.05) == {}
    assert until(lambda: True) - begin >= 0.04


@pytest.mark.skipif(sys.platform == "win32", reason="there a wait cannot be interrupted")
def test_a_signal_ends_the_wait_of_the_loop() -> None:
    mailbox = Mailbox()
    stopping = asked_to_stop(mailbox.wake)
    sender = Thread(target=lambda: os.kill(os.getpid(), signal.SIGTERM), daemon=True)
    sender.start()
    begin = until(lambda: True)
    mailbox.take(10 * LIMIT)
    assert stopping.is_set()
    assert until(lambda: True) - begin < LIMIT
