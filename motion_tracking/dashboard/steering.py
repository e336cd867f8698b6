"""
How does somebody at a browser steer a machine's tracker, and set up the plant?
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio

from motion_tracking.core.machine import MachineState
from motion_tracking.dashboard.accounts import Role
from motion_tracking.dashboard.alarms import Acknowledged, Alarms
from motion_tracking.dashboard.feed import Feed
from motion_tracking.dashboard.plant import Plant, Range
from motion_tracking.dashboard.refusals import NotThereError, RefusedError
from motion_tracking.dashboard.rules import Asked, Rule, apart, moment
from motion_tracking.dashboard.wishes import SenselessError, whole

Json = Any

LONGEST_TEXT = 200
LONGEST_LABEL = timedelta(days=1)
LONGEST_PAUSE = 24 * 60
TRUTHS = (MachineState.RUNNING, MachineState.STOPPED, MachineState.NO_SIGNAL)


class Steering:
    """The rules that change something of a machine."""

    def __init__(self, plant: Plant, feed: Feed, alarms: Alarms, utc: Callable[[], float]) -> None:
        self._plant = plant
        self._feed = feed
        self._alarms = alarms
        self._utc = utc

    def rules(self) -> list[Rule]:
        """List them."""
        one = "/api/machines/{machine}"
        return [
            Rule("POST", f"{one}/threshold", Role.OPERATE, self._threshold),
            Rule("POST", f"{one}/pause", Role.OPERATE, self._pause),
            Rule("POST", f"{one}/resume", Role.OPERATE, self._resume),
            Rule("POST", f"{one}/recording", Role.OPERATE, self._recording),
            Rule("POST", f"{one}/keep", Role.OPERATE, self._keep),
            Rule("POST", f"{one}/snapshot", Role.OPERATE, self._snapshot),
            Rule("POST", f"{one}/labels", Role.OPERATE, self._label),
            Rule("POST", f"{one}/reason", Role.OPERATE, self._reason),
            Rule("POST", f"{one}/acknowledge", Role.OPERATE, self._acknowledge),
            Rule("POST", f"{one}/restart", Role.ADMIN, self._restart),
        ]

    async def _threshold(self, asked: Asked) -> Json:
        threshold = whole("threshold", asked.wish.get("threshold"))
        found = await apart(self._plant.set_threshold, asked.machine, threshold)
        await self._feed.refresh()
        return found

    async def _pause(self, asked: Asked) -> Json:
        minutes = whole("minutes", asked.wish.get("minutes"))
        if not 1 <= minutes <= LONGEST_PAUSE:
            raise SenselessError(f"minutes: 1 to {LONGEST_PAUSE} are needed")
        reason = _words(asked, "reason")
        seconds = minutes * 60.0
        paused = await apart(self._plant.pause, asked.machine, seconds, reason, asked.name)
        return {"paused": paused}

    async def _resume(self, asked: Asked) -> Json:
        await apart(self._plant.resume, asked.machine)
        return {"paused": None}

    async def _recording(self, asked: Asked) -> Json:
        on = asked.wish.get("on")
        if type(on) is not bool:
            raise SenselessError("on: true or false is needed")
        await apart(self._plant.record, asked.machine, on)
        await self._feed.refresh()
        return {"recording": on}

    async def _keep(self, asked: Asked) -> Json:
        await apart(self._plant.keep, asked.machine, moment("at", asked.wish.get("at")))
        return {"keeping": True}

    async def _snapshot(self, asked: Asked) -> Json:
        return await apart(self._plant.take_snapshot, asked.machine)

    async def _label(self, asked: Asked) -> Json:
        start, end = (moment(key, asked.wish.get(key)) for key in ("from", "to"))
        state = asked.wish.get("state")
        if state not in TRUTHS:
            raise SenselessError("state: running, stopped or no_signal is needed")
        now = datetime.fromtimestamp(self._utc(), UTC)
        if not (start < end <= now + timedelta(minutes=1) and end - start <= LONGEST_LABEL):
            raise SenselessError("from must be before to, at most a day, and nothing is to come")
        said = {"state": str(state), "note": _words(asked, "note"), "by": asked.name}
        return await apart(self._plant.add_label, asked.machine, Range(start, end), said)

    async def _reason(self, asked: Asked) -> Json:
        start = moment("start", asked.wish.get("start"))
        said = {key: _words(asked, key) for key in ("reason", "note")} | {"by": asked.name}
        return {"stop": await apart(self._plant.give_reason, asked.machine, start, said)}

    async def _acknowledge(self, asked: Asked) -> Json:
        since, kind = asked.wish.get("since"), asked.wish.get("kind")
        if not (isinstance(since, str) and isinstance(kind, str)):
            raise SenselessError("since and kind of the alarm are needed")
        tile = await self._feed.tile(asked.machine)
        if tile is None:
            raise NotThereError("nothing is known of it yet")
        said = Acknowledged(kind, since, asked.name, self._feed.server_time())
        alarm = await apart(self._alarms.acknowledge, tile, said)
        await self._feed.refresh()
        return {"alarm": alarm}

    async def _restart(self, asked: Asked) -> Json:
        await apart(self._plant.restart, asked.confirmed())
        return {"restarting": True}


class SettingUp:
    """The rules about the whole plant."""

    def __init__(self, plant: Plant, feed: Feed) -> None:
        self._plant = plant
        self._feed = feed
        self._checks: list[Json] = []
        self._checked_at: str | None = None
        self._checking = False
        self._testing = anyio.Lock()

    def rules(self) -> list[Rule]:
        """List them."""
        return [
            Rule("GET", "/api/cameras", Role.ADMIN, self._cameras),
            Rule("GET", "/api/checks", Role.ADMIN, self._checks_so_far),
            Rule("POST", "/api/checks", Role.ADMIN, self._check),
            Rule("GET", "/api/notifiers", Role.ADMIN, self._notifiers),
            Rule("POST", "/api/notifiers/test", Role.ADMIN, self._test_notifiers),
        ]

    async def _cameras(self, _asked: Asked) -> Json:
        return await apart(self._plant.cameras)

    async def _checks_so_far(self, _asked: Asked) -> Json:
        return {"running": self._checking, "at": self._checked_at, "checks": self._checks}

    async def _check(self, asked: Asked) -> Json:
        if not self._checking:
            self._checking = True
            self._feed.start(self._look_over)
        return await self._checks_so_far(asked)

    async def _look_over(self) -> None:
        try:
            self._checks = list(await apart(self._plant.check))
        except RefusedError as error:
            text = {"subject": "check", "result": "fail", "text": str(error), "hint": error.hint}
            self._checks = [text]
        finally:
            self._checked_at = self._feed.server_time()
            self._checking = False

    async def _notifiers(self, _asked: Asked) -> Json:
        return await apart(self._plant.notifiers)

    async def _test_notifiers(self, _asked: Asked) -> Json:
        async with self._testing:
            return {"notifiers": await apart(self._plant.test_notifiers)}


def _words(asked: Asked, key: str) -> str:
    text = asked.wish.get(key, "")
    if not isinstance(text, str) or len(text) > LONGEST_TEXT:
        raise SenselessError(f"{key}: at most {LONGEST_TEXT} letters are needed")
    return "".join(letter if letter.isprintable() else " " for letter in text)
