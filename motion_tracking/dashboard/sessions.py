"""
Who is it that asks?

A session is a signed cookie, so that it outlives a restart of the server; nothing is kept of it.
It ends by its age, with a new password, with its account or kiosk, or with the run that it is of.
"""

import base64
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Scope

from motion_tracking.dashboard.accounts import Accounts, Role
from motion_tracking.dashboard.guard import new_secret, same

LASTS = 14 * 24 * 3600.0
"""Seconds of a person's session."""

KIOSK_LASTS = 400 * 24 * 3600.0
"""Seconds of a kiosk's cookie: as long as browsers keep one; with its link it begins anew."""

LONGEST = 1024
"""Bytes of a cookie that are looked at."""


@dataclass(frozen=True, slots=True)
class Who:
    """
    Somebody who was let in; `kind` is account, kiosk or link, `until` UTC seconds.

    With another `mark` the session is over.
    """

    kind: str
    name: str
    role: Role
    until: float
    mark: str | int = field(repr=False, default="")


class Sessions:
    """Makes sessions, and knows them again.  Methods raise `AccountsError`."""

    def __init__(
        self, accounts: Accounts, name: str, utc: Callable[[], float], token: str = ""
    ) -> None:
        """
        Take what parts our cookie from others of the computer, and the clock in UTC seconds.

        Who brings `token` is admin as long as this process runs; empty is nobody's.
        """
        self._accounts = accounts
        self._cookie = f"motion_track_{name}"
        self._utc = utc
        self._token = token
        self._run = new_secret()

    def of_account(self, user: str) -> Who:
        """Let in somebody whose password was right."""
        found = self._accounts.generation(user)
        assert found is not None, "just now there was this account"
        return Who("account", user, found[0], self._utc() + LASTS, found[1])

    def of_token(self, token: str) -> Who | None:
        """Let in who brings the token of the link, or of a kiosk; None for anybody else."""
        if self._token and same(token, self._token):
            return Who("link", "", Role.ADMIN, self._utc() + LASTS, self._run)
        number = self._accounts.kiosk_of(token)
        return None if number is None else self._kiosk(number)

    def remember(self, who: Who, response: Response, scope: Scope) -> None:
        """Put the cookie on a response."""
        said = {"k": who.kind, "n": who.name, "u": round(who.until), "g": who.mark}
        text = base64.urlsafe_b64encode(json.dumps(said, separators=(",", ":")).encode()).decode()
        response.set_cookie(
            self._cookie,
            f"{text}.{self._signed(text)}",
            max_age=round(who.until - self._utc()),
            path=scope.get("root_path") or "/",
            httponly=True,
            samesite="lax",
            secure=scope.get("scheme") in ("https", "wss"),
        )

    def forget(self, response: Response, scope: Scope) -> None:
        """Take the cookie away."""
        response.delete_cookie(self._cookie, path=scope.get("root_path") or "/")

    def who(self, scope: Scope) -> Who | None:
        """Say who a request or websocket is of; None for nobody who is let in."""
        kind, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and token.isascii():
            number = self._accounts.kiosk_of(token.strip())
            return None if number is None else self._kiosk(number)
        cookie = HTTPConnection(scope).cookies.get(self._cookie, "")
        return self._read(cookie) if cookie and len(cookie) <= LONGEST else None

    def still(self, who: Who) -> bool:
        """Whether somebody who was let in still is."""
        return self._role(who) is not None and who.until > self._utc()

    def _kiosk(self, number: str) -> Who:
        return Who("kiosk", number, Role.VIEW, self._utc() + KIOSK_LASTS)

    def _read(self, cookie: str) -> Who | None:
        text, _, signature = cookie.rpartition(".")
        if not same(self._signed(text), signature):
            return None
        said = json.loads(base64.urlsafe_b64decode(text))  # we wrote it, or nobody signed it
        who = Who(said["k"], said["n"], Role.VIEW, said["u"], said["g"])
        role = self._role(who)
        return None if role is None or who.until <= self._utc() else replace(who, role=role)

    def _role(self, who: Who) -> Role | None:
        """Return what somebody may do by now; None where the session is over."""
        if who.kind == "link":
            return Role.ADMIN if who.mark == self._run else None
        if who.kind == "kiosk":
            return Role.VIEW if who.name in self._accounts.kiosks() else None
        found = self._accounts.generation(who.name)
        return found[0] if found is not None and found[1] == who.mark else None

    def _signed(self, text: str) -> str:
        signature = hmac.new(self._accounts.key, text.encode("utf-8", "replace"), "sha256")
        return base64.urlsafe_b64encode(signature.digest()).decode()
