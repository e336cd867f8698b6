"""
What is said between an RTSP client and a camera?  (RFC 2326; reading and writing, no sockets)
"""

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlsplit

from motion_tracking.simulator.rtp import CLOCK, PAYLOAD_TYPE

LARGEST = 64 * 1024
"""Bytes of a request; more than that is no RTSP."""

METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, SET_PARAMETER, TEARDOWN"

_REASONS = {
    453: "Not Enough Bandwidth",
    454: "Session Not Found",
    455: "Method Not Valid in This State",
    461: "Unsupported Transport",
}
_PATH = re.compile(r"/Streaming/Channels/(\d{1,9})(?:/.*)?", re.IGNORECASE)
_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Request:
    """One request; the names of its headers are in lower case.  It may hold credentials."""

    method: str
    uri: str
    headers: Mapping[str, str] = field(repr=False)

    @property
    def channel(self) -> int | None:
        """The number in `/Streaming/Channels/NUMBER`; None for any other path."""
        match = _PATH.fullmatch(_path(self.uri))
        return int(match[1]) if match else None


class RequestReader:
    """Cuts what a client sends into requests, however the network has torn it."""

    def __init__(self) -> None:
        self._data = bytearray()

    def feed(self, data: bytes) -> Iterator[Request]:
        """Take some bytes and yield what they complete; raise `ValueError` for no RTSP."""
        self._data += data
        while self._data:
            if self._data[0] == ord("$"):  # a receiver report, which nobody here needs
                if not self._drop(4, int.from_bytes(self._data[2:4])):
                    return
                continue
            end = self._data.find(_END)
            if end < 0:
                if len(self._data) > LARGEST:
                    raise ValueError("a request without an end")
                return
            request = _parsed(self._data[:end].decode("utf-8", "replace").lstrip("\r\n"))
            if not self._drop(end + len(_END), int(request.headers.get("content-length", 0))):
                return
            yield request

    def _drop(self, head: int, body: int) -> bool:
        """Forget a message with its body; return whether all of it was there."""
        if not 0 <= body <= LARGEST:
            raise ValueError("a body too large")
        if len(self._data) < head + body:
            return False
        del self._data[: head + body]
        return True


def _parsed(head: str) -> Request:
    first, *lines = head.split("\r\n")
    match first.split(" "):
        case [method, uri, version] if version.startswith("RTSP/"):
            pairs = (line.partition(":") for line in lines)
            return Request(method, uri, {n.strip().lower(): v.strip() for n, _, v in pairs})
    raise ValueError("no RTSP request")


def _path(uri: str) -> str:
    try:
        return urlsplit(uri).path
    except ValueError:  # brackets that are no address
        return ""


def answer(
    status: int, sequence: str, headers: Mapping[str, str] | None = None, body: str = ""
) -> bytes:
    """Write a response to the request with this CSeq."""
    reason = _REASONS.get(status) or HTTPStatus(status).phrase
    lines = [f"RTSP/1.0 {status} {reason}", f"CSeq: {sequence}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines.append(f"Content-Length: {len(body.encode())}")
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def interleaved(transport: str) -> tuple[int, int] | None:
    """
    Return the channels for data and reports that a `Transport` header asks for.

    None if it allows no RTP inside of the RTSP connection.
    """
    for offer in transport.split(","):
        if offer.strip().upper().startswith("RTP/AVP/TCP"):
            match = re.search(r"interleaved=(\d{1,3})(?:-(\d{1,3}))?", offer)
            data = int(match[1]) if match else 0
            reports = int(match[2]) if match and match[2] else data + 1
            return (data, reports) if max(data, reports) < 256 else None
    return None


def description(sets: tuple[bytes, bytes], fps: int) -> str:
    """Write the session description of a stream with these parameter sets."""
    profile = sets[0][1:4].hex().upper()
    sprop = ",".join(b64encode(parameters).decode() for parameters in sets)
    lines = (
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        "s=Simulated machine",
        "c=IN IP4 0.0.0.0",
        "t=0 0",
        "a=control:*",
        "a=range:npt=now-",
        f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
        f"a=rtpmap:{PAYLOAD_TYPE} H264/{CLOCK}",
        f"a=fmtp:{PAYLOAD_TYPE} packetization-mode=1;profile-level-id={profile};"
        f"sprop-parameter-sets={sprop}",
        f"a=framerate:{fps}",
        "a=control:trackID=1",
    )
    return "\r\n".join(lines) + "\r\n"
