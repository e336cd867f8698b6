"""
Which address does a camera have, by its own keys, `[stream]`, and `RTSP_URL`?
"""

from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from motion_tracking.config.address import Address, is_number, is_rtsp, local_address, rtsp_address
from motion_tracking.config.problems import Problem
from motion_tracking.config.settings import Meaning, Setting


class NoAddressError(Exception):
    """A camera cannot be reached, for these reasons."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__()
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Recorder:
    """
    What all cameras have in common: `[stream]`, and `RTSP_URL` as the `url` of `over`.

    `missing` is the problem of a camera that needs the recorder while nobody says where it is;
    paths of video files count from `base`.
    """

    stream: Meaning
    over: Meaning
    missing: Problem
    base: Path

    def address(self, camera: Meaning, nowhere: Problem) -> Address:
        """Return where a camera's pictures come from; raise `NoAddressError`, with `nowhere`."""
        own = _own(camera)
        text = camera.values[own.key] if own else ""
        local = local_address(text, self.base)
        if local is not None:
            return local
        over = self.over.settings or self.over.errors
        template = "{channel}" in (self.over.values["url"] or "")
        if own and is_rtsp(text) and (own.from_environment or template or not over):
            return self._whole(text, camera)
        if over:
            return self._over(text, camera, nowhere)
        if own is None:
            raise NoAddressError(nowhere)
        return self._numbered(text, camera)

    def _numbered(self, channel: str, camera: Meaning) -> Address:
        values = self.stream.values
        if self.stream.errors:
            raise NoAddressError(*self.stream.errors)
        if values["ip_address"] is None:
            raise NoAddressError(self.missing)
        path = values["path"].replace("{channel}", channel)
        location = f"rtsp://{values['ip_address']}:{values['port']}{path}"
        return replace(
            Address("rtsp", location, values["username"], values["password"]),
            transport=self._transport(camera),
        )

    def _over(self, channel: str, camera: Meaning, nowhere: Problem) -> Address:
        if self.over.errors:
            raise NoAddressError(*self.over.errors)
        url = self.over.values["url"]
        if "{channel}" in url and not is_number(channel):
            raise NoAddressError(nowhere)
        return self._whole(url.replace("{channel}", channel), camera, borrows=True)

    def _whole(self, url: str, camera: Meaning, borrows: bool = False) -> Address:
        """
        Take a whole address apart; without credentials it may borrow those of the recorder.

        Only on the recorder's own host, unless told: no other should be offered its password.
        """
        address = rtsp_address(url, self._transport(camera))
        values = self.stream.values
        host = urlsplit(address.location).hostname or ""
        at_home = host == (values["ip_address"] or "").strip("[]").lower()
        if address.password is not None or not (borrows or at_home):
            return address
        self._refuse_errors("username", "password")
        username = address.username or values["username"]
        return replace(address, username=username, password=values["password"])

    def _transport(self, camera: Meaning) -> str:
        own: str | None = camera.values["transport"]
        if own is None:
            self._refuse_errors("transport")
        return own or str(self.stream.values["transport"])

    def _refuse_errors(self, *keys: str) -> None:
        errors = [problem for problem in self.stream.errors if problem.key in (*keys, None)]
        if errors:
            raise NoAddressError(*errors)


def _own(camera: Meaning) -> Setting | None:
    """Return the one of `url` and `channel` that counts: the stronger, else the `url`."""
    url, channel = camera.settings.get("url"), camera.settings.get("channel")
    if url and channel and channel.from_environment and not url.from_environment:
        return channel
    return url or channel
