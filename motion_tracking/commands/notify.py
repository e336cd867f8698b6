"""
Do the notifiers work, and what have they yet to deliver?
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import click

from motion_tracking.capture.clock import system_now
from motion_tracking.commands.configuration import UNREADABLE, configured, history_file
from motion_tracking.config import Config
from motion_tracking.console import Exit, Failure, Settings, say, say_warning, table
from motion_tracking.core.changes import Announcement, Change, Event
from motion_tracking.core.machine import MachineState
from motion_tracking.notify import (
    NOTIFIERS,
    PostponedError,
    RefusedError,
    extra_missing,
    open_notifier,
)
from motion_tracking.record.history import DeliveryState, History, HistoryError, NoHistoryError


def notify(settings: Settings, outbox: bool, retry: bool, as_json: bool) -> None:
    """Send a test message to each notifier; or show the outbox, or revive its dead letters."""
    if outbox and retry:
        raise Failure("--outbox shows and --retry changes: only one of them", "leave one out")
    config = configured(settings)
    if retry:
        _revive(config, as_json)
    elif outbox:
        _show(config, as_json)
    else:
        _test(config, as_json)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a test message; an empty `error` is good news."""

    notifier: str
    error: str

    @property
    def fields(self) -> dict[str, Any]:
        return {"notifier": self.notifier, "ok": not self.error, "error": self.error}


def _test(config: Config, as_json: bool) -> None:
    for problem in config.problems:
        if problem.section == "notify" or problem.section in NOTIFIERS:
            say_warning(str(problem), problem.hint)
    results = tested(config)
    if as_json:
        say(json.dumps({"schema": 1, "notifiers": [result.fields for result in results]}, indent=2))
    else:
        table(("notifier", "test message"), [(r.notifier, r.error or "sent") for r in results])
    for name in config.notifications.options:
        if extra := extra_missing(name):
            hint = f'pip install "motion-track[{extra}]"'
            raise Failure(f"{name} needs an extra that is not installed", hint, Exit.EXTRA_MISSING)
    if any(result.error for result in results):
        raise click.exceptions.Exit(Exit.FINDINGS)


def tested(config: Config) -> list[Result]:
    """Send a test message by each notifier."""
    return [Result(name, _try(config, name)) for name in config.notifications.options]


def _try(config: Config, name: str) -> str:
    """Send a test message by one notifier; return what went wrong, if anything did."""
    notifier = open_notifier(name, **config.notifications.options[name])
    try:
        notifier.send(_test_message(config))
    except (PostponedError, RefusedError) as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - win10toast may raise anything
        return type(error).__name__
    finally:
        notifier.close()
    return ""


def _test_message(config: Config) -> Announcement:
    now = datetime.fromtimestamp(system_now().utc, UTC)
    change = Change(
        machine="test",
        from_state=MachineState.DEEP_SLEEP,
        to_state=MachineState.RUNNING,
        reason=None,
        occurred_at=now,
        detected_at=now,
        since=now,
        stopped_since=now,
        woke=True,
    )
    # number 0 is no machine's, so the plant's own system takes no status from a test
    return Announcement(config.site, 0, change, Event.WAKE_UP)


def _show(config: Config, as_json: bool) -> None:
    try:
        with History(history_file(config), config.site, read_only=True) as history:
            counts, letters = history.outbox_counts(), history.dead_letters()
    except NoHistoryError:
        counts, letters = dict.fromkeys(DeliveryState, 0), []
    except HistoryError as error:
        raise Failure(str(error), UNREADABLE) from None
    dead = [
        {
            "notifier": letter.delivery.notifier,
            "key": letter.delivery.announcement.key,
            "event": letter.delivery.announcement.event.value,
            "error": letter.error,
            "given_up_at": datetime.fromtimestamp(letter.given_up_at, UTC).isoformat(),
        }
        for letter in letters
    ]
    if as_json:
        counted = {state.value: count for state, count in counts.items()}
        say(json.dumps({"schema": 1, "outbox": counted, "dead_letters": dead}, indent=2))
        return
    say(", ".join(f"{count} {state}" for state, count in counts.items()))
    if dead:
        table(tuple(dead[0]), [tuple(letter.values()) for letter in dead])
        say("motion-track notify --retry tries these once more")


def _revive(config: Config, as_json: bool) -> None:
    count = 0
    try:
        if history_file(config).exists():  # else nothing was ever told, nor given up
            with History(history_file(config), config.site) as history:
                count = history.revive()
    except HistoryError as error:
        raise Failure(str(error), UNREADABLE) from None
    if as_json:
        say(json.dumps({"schema": 1, "revived": count}))
    else:
        what = "1 message" if count == 1 else f"{count} messages"
        say(f"{what} will be tried once more by the trackers of their machines")
