"""
How does a request end within its time, however the receiver answers?

The head of the answer is read in pieces, see `pieces.py`.  Imports requests: only for who posts.
"""

import io
import logging
from http.client import HTTPResponse
from socket import socket
from typing import Any

from requests import Response, Session
from requests.adapters import HTTPAdapter
from urllib3 import Timeout

from motion_tracking.notify.pieces import Pieces

# it quotes whole URLs, keys and all, even in warnings; what matters reaches us as exceptions
logging.getLogger("urllib3").setLevel(logging.CRITICAL)


def session(budget: Timeout) -> Session:
    """
    Return a session for one request, whose answer must begin before `budget.total` has passed.

    The time starts now.  Looking up the host's name is not covered: no library can cut it short.
    """
    budget.start_connect()
    opened = _Session()
    for scheme in ("http://", "https://"):
        opened.mount(scheme, _Adapter(budget))
    return opened


class _Session(Session):
    """Looks at no redirect: else requests reads its body to the end, even if told not to follow."""

    def get_redirect_target(self, resp: Response) -> None:
        return None


class _Adapter(HTTPAdapter):
    """Reads answers within a budget."""

    def __init__(self, budget: Timeout) -> None:
        self._budget = budget
        super().__init__()

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **options)
        answer = _answer_within(self._budget)
        pool.ConnectionCls = type("Connection", (pool.ConnectionCls,), {"response_class": answer})
        return pool


def _answer_within(budget: Timeout) -> type[HTTPResponse]:
    class Answer(HTTPResponse):
        def __init__(self, sock: socket, *args: Any, **options: Any) -> None:
            super().__init__(sock, *args, **options)
            raw = self.fp.detach()
            self.fp = io.BufferedReader(Pieces(raw, sock, lambda: budget.read_timeout))

    return Answer
