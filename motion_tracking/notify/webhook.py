"""
What is posted to a plant's own system when a machine changes?

A JSON object, the same as form fields, or the object and the pictures as parts.  The header
`Idempotency-Key` is the same each time a message is sent again, so a receiver that drops repeats
gets each exactly once.
"""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, ClassVar

from motion_tracking.core.changes import Announcement
from motion_tracking.notify.enclosed import enclosed
from motion_tracking.notify.http import PATIENCE, Patience, identified, post


@dataclass(frozen=True, slots=True)
class Webhook:
    """Posts each announcement to `url`; `key` goes into the header `key`."""

    url: str = field(repr=False)
    key: str | None = field(default=None, repr=False)
    format: str = "json"
    patience: Patience = PATIENCE
    gathers: ClassVar[bool] = True
    shows_pictures: ClassVar[bool] = True

    def send(self, announcement: Announcement) -> None:
        """Post it."""
        headers = identified(announcement, self.key)
        body = payload(announcement)
        if self.format == "form":
            for listed in ("others", "pictures"):
                body.pop(listed, None)
            fields = {name: "" if value is None else value for name, value in body.items()}
            post(self.url, self.patience, headers, data=fields)
        elif self.format == "multipart":
            data, kind = parts(body, list(enclosed(announcement)))
            post(self.url, self.patience, headers | {"Content-Type": kind}, data=data)
        else:
            post(self.url, self.patience, headers, json=body)

    def close(self) -> None:
        """Nothing is kept open."""


def parts(body: dict[str, Any], pictures: list[tuple[str, bytes]]) -> tuple[bytes, str]:
    """
    Return multipart/form-data of `message`, the JSON, and a `picture` for each, and its type.

    What parts them is made of what is sent: sent again, it is the same to the last byte.
    """
    from urllib3.filepost import encode_multipart_formdata

    message = json.dumps(body).encode()
    boundary = sha256(b"".join([message, *(data for _, data in pictures)])).hexdigest()[:32]
    fields = [("message", ("message.json", message, "application/json"))]
    fields += [("picture", (name, data, "image/jpeg")) for name, data in pictures]
    return encode_multipart_formdata(fields, boundary)


def payload(announcement: Announcement) -> dict[str, Any]:
    """
    Return what is posted; `schema` goes up when a field changes its meaning.

    Times are ISO 8601 with offset, durations seconds, `machinestatus` is 10 for stopped, 20
    for started, 0 for not seen, None for what changes none of these.  `others`, only in JSON, are
    told in the same message, each in the same form: earlier changes of the machine, and what
    happened to the signal of other machines of its recorder.  With the event `clip` there are
    `clip_path`, `clip_start`, `clip_end`, `clip_of` and `clip_bytes` too.  Where pictures of it
    are kept `pictures`, only in JSON, has the path and the moment of each, oldest first.  `link`
    leads to the moment in the dashboard, where its address is known.
    """
    others = [_body(other) for other in announcement.others]
    link = {"link": announcement.link} if announcement.link else {}
    return _body(announcement) | link | {"others": others}


def _body(announcement: Announcement) -> dict[str, Any]:
    change = announcement.change
    return {
        "schema": 1,
        "key": announcement.key,
        "site": announcement.site,
        "machine": change.machine,
        "machineid": announcement.machineid,
        "machinestatus": announcement.machinestatus,
        "event": announcement.event.value,
        "title": announcement.title,
        "message": announcement.message,
        "from": change.from_state.value,
        "to": change.to_state.value,
        "reason": change.reason.value if change.reason else None,
        "occurred_at": change.occurred_at.isoformat(),
        "detected_at": change.detected_at.isoformat(),
        "lasted_s": change.lasted,
        "stopped_for_s": change.stopped_for,
        "score": change.score,
        "threshold": change.threshold,
    } | _shown(announcement)


def _shown(announcement: Announcement) -> dict[str, Any]:
    """Return where video and pictures of it are, if there are any."""
    clip, pictures = announcement.clip, announcement.pictures
    listed = [{"path": each.path, "at": each.start.isoformat()} for each in pictures]
    found: dict[str, Any] = {"pictures": listed} if listed else {}
    if clip is None:
        return found
    return found | {
        "clip_path": clip.path,
        "clip_start": clip.start.isoformat(),
        "clip_end": clip.end.isoformat(),
        "clip_of": clip.triggers,
        "clip_bytes": clip.bytes,
    }
