"""
Who of several receivers has a message already, while the others wait for their next try?
"""

from collections.abc import Collection, Sequence

REMEMBERED = 100
"""Messages of which we know who has them."""


class Reached:
    """Remembers it for this process: after a restart everybody gets the message again."""

    def __init__(self) -> None:
        self._have: dict[str, set[str]] = {}

    def waiting(self, key: str, receivers: Sequence[str]) -> list[str]:
        """Return who does not have the message of this key yet, and forget who does."""
        have = self._have.pop(key, set())
        return [to for to in receivers if to not in have]

    def keep(self, key: str, receivers: Sequence[str], passing: Collection[str]) -> None:
        """Remember that all but those `passing` need the message no more."""
        self._have[key] = {*receivers} - {*passing}
        while len(self._have) > REMEMBERED:
            del self._have[next(iter(self._have))]
