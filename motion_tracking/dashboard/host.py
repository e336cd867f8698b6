"""
How does an admin restart the computer that all of this runs on, or shut it down?

Only where the configuration allows it: else these routes are not there.
"""

import logging
from typing import Any, Protocol

from motion_tracking.dashboard.accounts import Role
from motion_tracking.dashboard.audit import Audit, client_of
from motion_tracking.dashboard.rules import Asked, Rule, apart
from motion_tracking.dashboard.wishes import SenselessError

Json = Any

log = logging.getLogger(__name__)


class Computer(Protocol):
    """
    The computer that we run on; `allowed` says whether it may be restarted and shut down.

    Each method blocks until that has begun, and raises `RefusedError` where it cannot be.
    """

    @property
    def name(self) -> str: ...

    @property
    def allowed(self) -> bool: ...

    def restart(self) -> None: ...

    def shut_down(self) -> None: ...


class Host:
    """The rules about the computer."""

    def __init__(self, computer: Computer, audit: Audit) -> None:
        self._computer = computer
        self._audit = audit

    def rules(self) -> list[Rule]:
        """List them."""
        about = Rule("GET", "/api/host", Role.ADMIN, self._about)
        if not self._computer.allowed:
            return [about]
        return [
            about,
            Rule("POST", "/api/host/restart", Role.ADMIN, self._restart),
            Rule("POST", "/api/host/shutdown", Role.ADMIN, self._shut_down),
        ]

    async def _about(self, _asked: Asked) -> Json:
        return {"name": self._computer.name, "allowed": self._computer.allowed}

    async def _restart(self, asked: Asked) -> Json:
        await self._announce(asked, "restart")
        await apart(self._computer.restart)
        return {"restarting": True}

    async def _shut_down(self, asked: Asked) -> Json:
        await self._announce(asked, "shutdown")
        await apart(self._computer.shut_down)
        return {"shutting_down": True}

    async def _announce(self, asked: Asked, what: str) -> None:
        """Note who wants that before it is done: afterwards nobody might be there to do so."""
        if asked.wish.get("confirm") != self._computer.name:
            raise SenselessError("confirm: the name of the computer is needed once more")
        log.warning("%s asks for a %s of this computer", asked.name, what)
        client = client_of(asked.request.scope)
        await apart(self._audit.note, asked.who, client, f"{what} of the computer", "begun")
