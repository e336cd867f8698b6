"""
Who has an account, with which role, and is this the right password?

One file for its owner's eyes: no password is in it, only what scrypt makes of one.  It is read
again when another process has changed it, so that who is removed is out at once.
"""

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from enum import IntEnum
from pathlib import Path
from threading import Lock
from typing import Any

from motion_tracking.dashboard.refusals import NotThereError, RefusedError

SHORTEST = 12
"""Letters of a password that a person chose."""

LONGEST = 256

COST = {"n": 2**14, "r": 8, "p": 5}
"""Of scrypt: 16 MB and a fifth of a second; five rounds make up for the little memory."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")

_CODED = re.compile(r"[^\x00-\x1f\x7f]{1,80}")


class Role(IntEnum):
    """What somebody may do; each may do what those below may."""

    VIEW = 1
    OPERATE = 2
    ADMIN = 3

    @property
    def word(self) -> str:
        """How it is called."""
        return self.name.lower()

    @classmethod
    def called(cls, word: object) -> "Role":
        """Return the role of this name; raise `RefusedError`."""
        for role in cls:
            if role.word == word:
                return role
        raise RefusedError("role: view, operate or admin is needed")


@dataclass(frozen=True, slots=True)
class Account:
    """A person; `generation` rises with each new password, which ends the sessions before it."""

    role: str
    salt: str = field(repr=False)
    scrypt: str = field(repr=False)
    cost: dict[str, int] = field(repr=False)
    generation: int = 1


@dataclass(frozen=True, slots=True)
class Kiosk:
    """A screen that may look on without a password; `token` is the hash of what it brings."""

    name: str
    made_at: str
    token: str = field(repr=False)


@dataclass(slots=True)
class _Held:
    key: str = field(default_factory=lambda: secrets.token_hex(32), repr=False)
    users: dict[str, Account] = field(default_factory=dict)
    kiosks: dict[str, Kiosk] = field(default_factory=dict)


class Accounts:
    """The accounts in a file; may be shared by threads.  Methods raise `RefusedError`."""

    def __init__(
        self,
        path: Path,
        put_private: Callable[[Path, bytes], None],
        cost: dict[str, int] = COST,
    ) -> None:
        """`put_private` writes a file that only its owner may read, or raises `OSError`."""
        self._path = path
        self._put_private = put_private
        self._cost = cost
        self._stamp: tuple[int, int, int] | None = None
        self._held = _Held()
        self._alone = Lock()

    @property
    def key(self) -> bytes:
        """What sessions are signed with; of this process only, where there is no file."""
        return bytes.fromhex(self._read().key)

    def users(self) -> dict[str, Role]:
        """Return the accounts and their roles."""
        return {name: Role.called(user.role) for name, user in sorted(self._read().users.items())}

    def kiosks(self) -> dict[str, Kiosk]:
        """Return the kiosks by their id."""
        return dict(self._read().kiosks)

    def generation(self, user: str) -> tuple[Role, int] | None:
        """Return the role of an account, and which of its passwords counts."""
        account = self._read().users.get(user)
        return None if account is None else (Role.called(account.role), account.generation)

    def knows(self, user: str, password: str) -> bool:
        """Whether that is the password; takes as long for an account that does not exist."""
        account = self._read().users.get(user) or _account(Role.VIEW, "", self._cost)
        made = _scrypt(password[:LONGEST], account.salt, account.cost)
        return hmac.compare_digest(made, account.scrypt) and user in self._held.users

    def add(self, user: str, role: Role) -> str:
        """Make an account; return the password, which is told nowhere else."""
        if not _NAME.fullmatch(user):
            raise RefusedError("user: 1 to 64 of the letters A-Z a-z 0-9 . _ @ - are needed")
        password = secrets.token_urlsafe(15)
        with self._changing() as held:
            if user in held.users:
                raise RefusedError(f"there is an account {user} already")
            held.users[user] = _account(role, password, self._cost)
        return password

    def remove(self, user: str) -> None:
        """Take an account away; its sessions end."""
        with self._changing() as held:
            account = self._user(held, user)
            admins = [name for name, other in held.users.items() if other.role == "admin"]
            if account.role == "admin" and len(admins) == 1:
                raise RefusedError("the last admin cannot be removed", "add another one first")
            del held.users[user]

    def set_password(self, user: str, password: str | None = None) -> str:
        """Give an account another password, or one that is made up; return it."""
        if password is not None and not SHORTEST <= len(password) <= LONGEST:
            raise RefusedError(f"a password needs {SHORTEST} to {LONGEST} letters")
        chosen = password or secrets.token_urlsafe(15)
        with self._changing() as held:
            before = self._user(held, user)
            generation = before.generation + 1
            held.users[user] = _account(Role.called(before.role), chosen, self._cost, generation)
        return chosen

    def add_kiosk(self, name: str, made_at: str) -> tuple[str, str]:
        """Let a screen look on; return its id, and the token that is told nowhere else."""
        if not _CODED.fullmatch(name):
            raise RefusedError("name: 1 to 80 letters are needed")
        token, number = secrets.token_urlsafe(32), secrets.token_hex(4)
        with self._changing() as held:
            held.kiosks[number] = Kiosk(name, made_at, _hashed(token))
        return number, token

    def remove_kiosk(self, number: str) -> None:
        """Shut a screen out."""
        with self._changing() as held:
            if held.kiosks.pop(number, None) is None:
                raise NotThereError("there is no such kiosk")

    def kiosk_of(self, token: str) -> str | None:
        """Return the id of the kiosk that a token belongs to."""
        hashed = _hashed(token)
        for number, kiosk in self._read().kiosks.items():
            if hmac.compare_digest(kiosk.token, hashed):
                return number
        return None

    def _user(self, held: _Held, user: str) -> Account:
        if user not in held.users:
            raise NotThereError("there is no such account")
        return held.users[user]

    def _read(self) -> _Held:
        with self._alone:
            return self._fresh()

    def _fresh(self) -> _Held:
        try:
            status = self._path.stat()
            stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
            if stamp != self._stamp:
                self._held = _decoded(self._path.read_bytes())
                self._stamp = stamp
        except FileNotFoundError:
            if self._stamp is not None:  # taken away: nobody has an account any more
                self._held, self._stamp = _Held(), None
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            raise AccountsError(f"{self._path} cannot be read") from None
        return self._held

    @contextmanager
    def _changing(self) -> Iterator[_Held]:
        with self._alone:
            held = self._fresh()
            changed = _Held(held.key, dict(held.users), dict(held.kiosks))
            yield changed
            try:
                self._put_private(self._path, json.dumps(asdict(changed), indent=1).encode())
            except OSError as error:
                text = f"{self._path} cannot be written: {error.strerror or error}"
                raise RefusedError(text) from None


class AccountsError(RefusedError):
    """The file of the accounts is damaged or shut; nobody is let in."""


def _account(role: Role, password: str, cost: dict[str, int], generation: int = 1) -> Account:
    salt = secrets.token_hex(16)
    return Account(role.word, salt, _scrypt(password, salt, cost), dict(cost), generation)


def _scrypt(password: str, salt: str, cost: dict[str, int]) -> str:
    given = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(given, salt=bytes.fromhex(salt), **cost).hex()


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _decoded(raw: bytes) -> _Held:
    held: dict[str, Any] = json.loads(raw)
    bytes.fromhex(held["key"])
    users = {name: Account(**user) for name, user in held["users"].items()}
    kiosks = {number: Kiosk(**kiosk) for number, kiosk in held["kiosks"].items()}
    return _Held(held["key"], users, kiosks)
