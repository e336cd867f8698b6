"""
How is a text made safe to show?

By value: whatever was read as a secret is taken out wherever it stands, plain or quoted for an
URL.  Rules about how an URL looks miss passwords with odd characters; values miss nothing.
"""

from collections.abc import Iterable
from urllib.parse import quote, quote_plus

SHORTEST = 3
"""Characters; a shorter secret would blot out half of every text and hide nothing."""


def spellings(secret: str) -> set[str]:
    """Return the forms in which a secret may stand in a text."""
    quoted = {
        quote(secret, safe="", errors="replace"),  # the environment may hold bytes that are no text
        quote(secret, errors="replace"),
        quote_plus(secret, errors="replace"),
    }
    return {secret, repr(secret)[1:-1]} | quoted


class Redactor:
    """Replaces each of its secrets by `***`."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets for form in spellings(secret)}
        self._forms = sorted((f for f in forms if len(f) >= SHORTEST), key=len, reverse=True)

    def clean(self, text: str) -> str:
        """Return the text without the secrets."""
        for form in self._forms:
            text = text.replace(form, "***")
        return text
