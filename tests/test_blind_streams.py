"""Frozen pictures and placards in real H.264, from films and from a camera on the network."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from motion_tracking.capture import SourceError
from motion_tracking.capture.clock import Moment, system_now
from motion_tracking.capture.file import FileSource
from motion_tracking.capture.rtsp import RtspSource
from motion_tracking.core.machine import Reason
from motion_tracking.core.motion import Frame
from motion_tracking.core.sampling import Sampler
from motion_tracking.core.sight import Blindness, Sight, open_watches
from motion_tracking.simulator.blinding import Card, Hall, Take, film_blind
from motion_tracking.simulator.camera import Camera
from motion_tracking.simulator.channel import Channel
from motion_tracking.simulator.faults import Kind

pytestmark = pytest.mark.slow

START, END = 60.0, 115.0

FILM = Take(135.0, Hall.WORKING, rate=128_000, blind=(START, END))


def found(frames: Iterator[Frame]) -> dict[Reason, list[float]]:
    """Return at which samples each reason was given."""
    sight, sampler = Sight(open_watches()), Sampler(0.0)
    reasons: dict[Reason, list[float]] = {}
    for frame in frames:
        sample = sampler.pick(frame)
        finding = None if sample is None else sight.look(sample)
        if isinstance(finding, Blindness):
            reasons.setdefault(finding.reason, []).append(frame.at)
    return reasons


def filmed(take: Take, folder: Path) -> dict[Reason, list[float]]:
    path = folder / "film.mp4"
    film_blind(take, path)
    return found(_to_the_end(FileSource(str(path), lambda: Moment(0.0, 0.0), paced=False)))


def _to_the_end(source: FileSource) -> Iterator[Frame]:
    try:
        yield from source.frames()
    except SourceError:
        return


@pytest.mark.parametrize(
    "take",
    [
        pytest.param(FILM, id="encoded afresh"),
        pytest.param(replace(FILM, clock=True, rate=64_000), id="a clock ticks on, few bits"),
        pytest.param(replace(FILM, repeat=True), id="the same keyframe again"),
        pytest.param(replace(FILM, noise=4.0, denoise=0.05, keys_apart=2), id="denoised before"),
    ],
)
def test_a_frozen_picture_is_found_within_a_minute_and_nothing_else(
    take: Take, tmp_path: Path
) -> None:
    reasons = filmed(take, tmp_path)

    assert set(reasons) == {Reason.FROZEN}
    assert START < reasons[Reason.FROZEN][0] <= START + 54
    assert reasons[Reason.FROZEN][-1] < END + 20


@pytest.mark.parametrize(
    ("card", "clock"),
    [
        pytest.param(Card(0, "NO VIDEO"), False, id="black"),
        pytest.param(Card(41, "Camera offline", logo=True), True, id="blue, logo and clock"),
        pytest.param(Card(128, "VIDEO LOSS", noise=0.4), False, id="grey, with noise"),
        pytest.param(Card(235, "No Signal"), True, id="white, with a clock"),
    ],
)
def test_a_placard_is_found_within_30_seconds_and_nothing_else(
    card: Card, clock: bool, tmp_path: Path
) -> None:
    reasons = filmed(replace(FILM, card=card, clock=clock), tmp_path)

    assert set(reasons) == {Reason.PLACARD}
    assert START < reasons[Reason.PLACARD][0] <= START + 30
    assert reasons[Reason.PLACARD][-1] < END + 5


@pytest.mark.parametrize("hall", Hall)
@pytest.mark.parametrize("denoise", [0.0, 0.05])
def test_live_video_of_few_bits_is_neither(hall: Hall, denoise: float, tmp_path: Path) -> None:
    take = Take(300.0, hall, rate=64_000, fps=6, clock=True, denoise=denoise)

    reasons = filmed(take, tmp_path)
    # from 180 to 240 s the lights are out, and nothing can be seen indeed
    covered = reasons.pop(Reason.COVERED, []) if hall is Hall.LIGHTS else []
    assert all(180 < at < 250 for at in covered)
    assert reasons == {}


def test_a_camera_on_the_network_that_freezes_is_found() -> None:
    with Camera([Channel(802, "press")]) as camera:
        source = RtspSource(camera.url(802), system_now)
        with closing(_for_seconds(source, 70.0, camera)) as frames:
            reasons = found(frames)

    assert set(reasons) == {Reason.FROZEN}


def _for_seconds(source: RtspSource, seconds: float, camera: Camera) -> Iterator[Frame]:
    start, frozen = system_now().at, False
    for frame in source.frames():
        passed = frame.at - start
        if passed > 30.0 and not frozen:
            camera.inject(Kind.FREEZE, 802)
            frozen = True
        if passed > seconds:
            return
        yield frame
