"""Windows toasts, with a fake win10toast in place of the one that only Windows has."""

import logging
import sys
from types import ModuleType
from typing import Any, ClassVar

import pytest

from motion_tracking.core.changes import Event
from motion_tracking.notify import RefusedError, open_notifier
from test_notifiers import announcement


class FakeToastNotifier:
    """Behaves as win10toast 0.9 does, faults included."""

    shown: ClassVar[list[tuple[str, str]]]
    made: ClassVar[list["FakeToastNotifier"]]
    fault: ClassVar[Exception | None] = None
    busy: ClassVar[bool] = False

    def __init__(self) -> None:
        self.made.append(self)

    def show_toast(self, title: str, msg: str, duration: int = 5, threaded: bool = False) -> bool:
        if threaded and type(self).busy:
            return False  # dropped, without a word
        if self.fault is not None:
            raise self.fault
        self.shown.append((title, msg))
        return True

    def on_destroy(self, hwnd: Any, msg: Any, wparam: Any, lparam: Any) -> None:
        """Return None, which Windows cannot turn into an LRESULT."""


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> type[FakeToastNotifier]:
    class Fake(FakeToastNotifier):
        shown: ClassVar[list[tuple[str, str]]] = []
        made: ClassVar[list[FakeToastNotifier]] = []

    module = ModuleType("win10toast")
    module.ToastNotifier = Fake  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "win10toast", module)
    return Fake


def test_toasts_are_shown_one_after_the_other_and_none_is_dropped(
    fake: type[FakeToastNotifier],
) -> None:
    fake.busy = True
    notifier = open_notifier("toast")
    for event in (Event.STOP, Event.DEEP_SLEEP, Event.WAKE_UP):
        notifier.send(announcement(event))

    assert [title for title, _ in fake.shown] == ["press1"] * 3
    assert "deep sleep" in fake.shown[1][1]
    assert len(fake.made) == 1


def test_windows_gets_a_number_when_a_toast_goes(fake: type[FakeToastNotifier]) -> None:
    """Else it prints "WNDPROC return value cannot be converted to LRESULT" at every toast."""
    open_notifier("toast").send(announcement())

    assert fake.made[0].on_destroy(1, 2, 3, 4) == 0


def test_without_the_library_it_is_refused_and_told_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "win10toast", None)
    notifier = open_notifier("toast")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            with pytest.raises(RefusedError, match="no toasts here"):
                notifier.send(announcement())

    assert len(caplog.records) == 1


def test_whatever_the_library_raises_reaches_the_sender(fake: type[FakeToastNotifier]) -> None:
    fake.fault = TypeError("WPARAM is simple")
    with pytest.raises(TypeError):
        open_notifier("toast").send(announcement())
