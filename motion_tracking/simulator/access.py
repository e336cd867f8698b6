"""
Who may watch?

Digest as cameras do it (RFC 2069: MD5, without `qop`), or Basic, or anyone.  Passwords may hold
any character.
"""

import re
from base64 import b64decode
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import md5
from hmac import compare_digest

REALM = "Simulated camera"

_FIELD = re.compile(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]*))')


class Auth(StrEnum):
    """How a client proves who it is."""

    DIGEST = "digest"
    BASIC = "basic"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Access:
    """Who may watch, and how they prove it."""

    auth: Auth = Auth.NONE
    username: str = ""
    password: str = field(default="", repr=False)

    def challenge(self, nonce: str) -> str:
        """Return the `WWW-Authenticate` header."""
        if self.auth is Auth.BASIC:
            return f'Basic realm="{REALM}"'
        return f'Digest realm="{REALM}", nonce="{nonce}"'

    def admits(self, method: str, authorization: str | None, nonce: str) -> bool:
        """Whether a request of this method, with this `Authorization` header, may pass."""
        if self.auth is Auth.NONE:
            return True
        scheme, _, credentials = (authorization or "").partition(" ")
        if scheme.lower() != self.auth:
            return False
        if self.auth is Auth.BASIC:
            return self._knows_password(credentials)
        return self._has_answered(method, credentials, nonce)

    def _knows_password(self, credentials: str) -> bool:
        try:
            given = b64decode(credentials, validate=True)
        except ValueError:
            return False
        return compare_digest(given, f"{self.username}:{self.password}".encode())

    def _has_answered(self, method: str, credentials: str, nonce: str) -> bool:
        fields = {
            name: re.sub(r"\\(.)", r"\1", quoted) or plain
            for name, quoted, plain in _FIELD.findall(credentials)
        }
        # a wrong user or an old nonce shows in the response, as a wrong password does
        secret = _hash(f"{self.username}:{REALM}:{self.password}")
        asked = _hash(f"{method}:{fields.get('uri', '')}")
        due = _hash(f"{secret}:{nonce}:{asked}")
        return compare_digest(fields.get("response", "").lower().encode(), due.encode())


def _hash(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()
