"""
How is an address from the configuration opened as a source?
"""

from motion_tracking.capture import Source, open_source
from motion_tracking.capture.clock import system_now
from motion_tracking.capture.ring import Ring
from motion_tracking.capture.thrift import PacketHeads
from motion_tracking.config import Address

CODED = ("rtsp", "file")
"""Sources whose pictures are decoded here."""


def opened(address: Address, tap: Ring | None = None, heads: PacketHeads | None = None) -> Source:
    """
    Build the source of an address; nothing is connected before its frames are asked for.

    `tap` is given what comes, as it comes; what comes uncompressed is encoded for it.  `heads`
    chooses what is decoded.
    """
    options: dict[str, object] = {}
    if address.kind in CODED and heads is not None:
        options["heads"] = heads
    if address.kind == "rtsp":
        options |= {
            "username": address.username,
            "password": address.password,
            "transport": address.transport,
            "tap": tap,
        }
    elif address.kind == "file":
        options["tap"] = tap
    elif tap is not None:
        from motion_tracking.capture.encoding import Encoder

        options["show"] = Encoder(tap).show
    return open_source(address.kind, address.location, system_now, **options)
