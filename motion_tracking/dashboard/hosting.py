"""
How is an application served, until it is over?
"""

import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager

import anyio
import uvicorn
from starlette.types import ASGIApp

LOOK_EVERY = 0.1
"""Seconds between looks at whether it is to end."""

LONGEST_MESSAGE = 1024
"""Bytes that a page may send over its websocket; ours send little."""

FAREWELL = 1
"""Seconds in which pages may be told that it is over."""

PROXIES = "127.0.0.1,::1"
"""Whose word on who asks, and over what, is taken: a proxy on this computer."""


class _Unsignalled(uvicorn.Server):
    """Leaves signals to who runs it."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


async def serve_app(
    app: ASGIApp, listener: socket.socket, over: Callable[[], bool], *, signals: bool = True
) -> None:
    """
    Serve at `listener` until `over` says so, or, with `signals`, Ctrl-C is pressed.

    Quiet, and with short patience: nobody is waited for at the end.
    """
    config = uvicorn.Config(
        app,
        access_log=False,
        forwarded_allow_ips=PROXIES,
        http="h11",
        lifespan="on",
        log_config=None,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=FAREWELL,
        ws="websockets-sansio",
        ws_max_size=LONGEST_MESSAGE,
    )
    server = uvicorn.Server(config) if signals else _Unsignalled(config)
    async with anyio.create_task_group() as tasks:

        async def until_over() -> None:
            while not over():
                await anyio.sleep(LOOK_EVERY)
            server.should_exit = True

        tasks.start_soon(until_over)
        await server.serve([listener])
        tasks.cancel_scope.cancel()
