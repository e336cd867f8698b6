"""
How does somebody sign in, and who may look after the accounts?
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import anyio
from starlette.responses import JSONResponse, Response

from motion_tracking.dashboard.accounts import Accounts, Role
from motion_tracking.dashboard.refusals import NotThereError, RefusedError
from motion_tracking.dashboard.rules import Asked, Rule, apart
from motion_tracking.dashboard.sessions import Sessions, Who
from motion_tracking.dashboard.tries import Tries
from motion_tracking.dashboard.wishes import SenselessError

Json = Any


class SigningIn:
    """The rules about sessions, users and kiosks."""

    def __init__(
        self, accounts: Accounts, sessions: Sessions, utc: Callable[[], float], tries: Tries
    ) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._utc = utc
        self._tries = tries
        self._hashing = anyio.CapacityLimiter(1)
        """scrypt takes memory: one at a time."""

    def rules(self) -> list[Rule]:
        """List them."""
        return [
            Rule("GET", "/api/session", None, self._who),
            Rule("POST", "/api/session", None, self._sign_in),
            Rule("DELETE", "/api/session", None, self._sign_out),
            Rule("POST", "/api/session/password", Role.VIEW, self._own_password),
            Rule("GET", "/api/users", Role.ADMIN, self._users),
            Rule("POST", "/api/users", Role.ADMIN, self._add_user),
            Rule("DELETE", "/api/users/{user}", Role.ADMIN, self._remove_user),
            Rule("POST", "/api/users/{user}/password", Role.ADMIN, self._new_password),
            Rule("GET", "/api/kiosks", Role.ADMIN, self._kiosks),
            Rule("POST", "/api/kiosks", Role.ADMIN, self._add_kiosk),
            Rule("DELETE", "/api/kiosks/{kiosk}", Role.ADMIN, self._remove_kiosk),
        ]

    async def _who(self, asked: Asked) -> Json:
        return self._said(asked.who)

    async def _sign_in(self, asked: Asked) -> Json:
        client = asked.request.client
        address = f"from {client.host if client else ''}"
        token = asked.wish.get("token")
        user, password = asked.wish.get("user"), asked.wish.get("password")
        if isinstance(token, str):
            names = [address]
        elif isinstance(user, str) and isinstance(password, str):
            names = [address, f"at {user[:64]}"]
        else:
            raise SenselessError("user and password are needed, or a token")
        wait = self._tries.wait(names, self._utc())
        if wait > 0:
            text = {"schema": 1, "error": "too many tries", "hint": f"wait {wait:.0f} s"}
            return JSONResponse(text, 429, {"Retry-After": f"{wait + 1:.0f}"})
        if isinstance(token, str):
            who = self._sessions.of_token(token)
        else:
            assert isinstance(user, str)
            right = await self._hashed(self._accounts.knows, user, password)
            who = self._sessions.of_account(user) if right else None
        if who is None:
            wrong = {"schema": 1, "error": "that is not right, or not any more", "hint": ""}
            return JSONResponse(wrong, 401)
        self._tries.forgive(names)
        response = JSONResponse({"schema": 1, **self._said(who)})
        self._sessions.remember(who, response, asked.request.scope)
        return response

    async def _sign_out(self, asked: Asked) -> Response:
        response = JSONResponse({"schema": 1, **self._said(None)})
        self._sessions.forget(response, asked.request.scope)
        return response

    async def _own_password(self, asked: Asked) -> Response:
        who, old, new = asked.who, asked.wish.get("old"), asked.wish.get("new")
        if not (isinstance(old, str) and isinstance(new, str)):
            raise SenselessError("old and new are needed")
        if who is None or who.kind != "account":
            raise RefusedError("only an account has a password")
        names = [f"at {who.name}"]
        if self._tries.wait(names, self._utc()) > 0:
            raise RefusedError("too many tries", "wait a minute")
        if not await self._hashed(self._accounts.knows, who.name, old):
            raise RefusedError("that is not the password")
        self._tries.forgive(names)
        await self._hashed(self._accounts.set_password, who.name, new)
        anew = self._sessions.of_account(who.name)
        response = JSONResponse({"schema": 1, **self._said(anew)})
        self._sessions.remember(anew, response, asked.request.scope)
        return response

    async def _users(self, _asked: Asked) -> Json:
        users = self._accounts.users()
        return {"users": [{"user": name, "role": role.word} for name, role in users.items()]}

    async def _add_user(self, asked: Asked) -> Json:
        user, role = _text(asked, "user"), Role.called(asked.wish.get("role"))
        password = await self._hashed(self._accounts.add, user, role)
        return {"user": user, "role": role.word, "password": password}

    async def _remove_user(self, asked: Asked) -> Json:
        await apart(self._accounts.remove, asked.request.path_params["user"])
        return {}

    async def _new_password(self, asked: Asked) -> Json:
        user = asked.request.path_params["user"]
        if user not in self._accounts.users():
            raise NotThereError("there is no such account")
        return {"user": user, "password": await self._hashed(self._accounts.set_password, user)}

    async def _kiosks(self, _asked: Asked) -> Json:
        return {
            "kiosks": [
                {"id": number, "name": kiosk.name, "made_at": kiosk.made_at}
                for number, kiosk in self._accounts.kiosks().items()
            ]
        }

    async def _add_kiosk(self, asked: Asked) -> Json:
        name = _text(asked, "name")
        number, token = await apart(self._accounts.add_kiosk, name, _iso(self._utc()))
        return {"id": number, "name": name, "token": token, "url": f"kiosk#{token}"}

    async def _remove_kiosk(self, asked: Asked) -> Json:
        await apart(self._accounts.remove_kiosk, asked.request.path_params["kiosk"])
        return {}

    async def _hashed(self, what: Callable[..., Any], *arguments: object) -> Any:
        return await anyio.to_thread.run_sync(what, *arguments, limiter=self._hashing)

    def _said(self, who: Who | None) -> Json:
        return {
            "user": None if who is None else who.name,
            "role": None if who is None else who.role.word,
            "kind": None if who is None else who.kind,
            "expires_at": None if who is None else _iso(who.until),
            "server_time": _iso(self._utc()),
        }


def _text(asked: Asked, key: str) -> str:
    value = asked.wish.get(key)
    if not isinstance(value, str):
        raise SenselessError(f"{key}: a text is needed")
    return value


def _iso(utc: float) -> str:
    return datetime.fromtimestamp(utc, UTC).isoformat(timespec="milliseconds")
