"""
How does a change pop up on a Windows desktop?

By win10toast 0.9, which is from 2018 and has faults that this file keeps from the user:

- It imports pkg_resources, which setuptools 82 removed: then there are no toasts, and one line
  in the log says so.  Older ones warn of that at each start.
- `on_destroy` returns None, for which Windows prints a TypeError at each toast.
- Threaded, it drops a toast while another shows.  So it runs in the sender's thread for toasts,
  one after the other.
"""

import logging
import warnings
from typing import Any, ClassVar

from motion_tracking.core.changes import Announcement
from motion_tracking.notify import RefusedError
from motion_tracking.notify.log import in_words

log = logging.getLogger(__name__)

SHOWN = 5
"""Seconds."""


class Toast:
    """Shows one toast after the other, each for a few seconds."""

    gathers: ClassVar[bool] = True

    def __init__(self, shown: int = SHOWN) -> None:
        self._shown = shown
        self._toaster: Any = None
        self._missing = ""

    def send(self, announcement: Announcement) -> None:
        """Show it, and return when it is gone."""
        if self._toaster is None:
            self._toaster = self._open()
        self._toaster.show_toast(
            announcement.whose,
            "; ".join(filter(None, (in_words(announcement), announcement.besides))),
            duration=self._shown,
            threaded=False,
        )

    def close(self) -> None:
        """A toast that shows goes by itself."""

    def _open(self) -> Any:
        if not self._missing:
            try:
                return _make_toaster()
            except ImportError as error:
                self._missing = f"no toasts here: {error}"
                log.warning(self._missing)
        raise RefusedError(self._missing)


def _make_toaster() -> Any:
    warnings.filterwarnings("ignore", "pkg_resources is deprecated", UserWarning)
    from win10toast import ToastNotifier

    class Toaster(ToastNotifier):  # type: ignore[misc]
        """The library's notifier, with an answer for Windows."""

        def on_destroy(self, hwnd: Any, msg: Any, wparam: Any, lparam: Any) -> int:
            super().on_destroy(hwnd, msg, wparam, lparam)
            return 0

    return Toaster()
