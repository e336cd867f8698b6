"""
How does a file get to a browser?
"""

import os
from shutil import rmtree
from urllib.parse import quote

from anyio import CancelScope, to_thread
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from motion_tracking.dashboard.plant import File

SHOWN = ("image/jpeg", "video/mp4")
"""What a page may show; all else is saved."""


def served(file: File) -> Response:
    """Answer with a file, or the `Range` of it that is asked for where it is on the disk."""
    # a report brings scripts of its own, which our policy would stop, and should
    kind = "inline" if file.media_type in SHOWN else "attachment"
    headers = {"Content-Disposition": f"{kind}; filename*=UTF-8''{quote(file.name)}"}
    if file.path is None:
        return Response(file.content, headers=headers, media_type=file.media_type)
    return _OnDisk(file, headers)


class _OnDisk(FileResponse):
    """A file that may go meanwhile, or is to."""

    def __init__(self, file: File, headers: dict[str, str]) -> None:
        assert file.path is not None
        super().__init__(file.path, headers=headers, media_type=file.media_type)
        self._passing = file.passing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if await self._is_there():
                await super().__call__(scope, receive, send)
            else:
                gone = {"schema": 1, "error": "the file is gone", "hint": ""}
                await JSONResponse(gone, 404)(scope, receive, send)
        finally:
            if self._passing is not None:
                with CancelScope(shield=True):
                    await to_thread.run_sync(rmtree, self._passing, True)

    async def _is_there(self) -> bool:
        try:
            self.stat_result = await to_thread.run_sync(os.stat, self.path)
        except OSError:
            return False
        self.set_stat_headers(self.stat_result)
        return True
