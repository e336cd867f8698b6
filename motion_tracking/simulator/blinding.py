"""
How does the film of a recorder look that goes blind while it runs?

A hall is filmed by a camera of some noise, held to some bit rate; for a while the recorder then
shows no more of it: the last picture, encoded afresh or as the same packet again and again, or a
placard of its own.  A clock of the recorder goes on ticking.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from motion_tracking.core.motion import Grey
from motion_tracking.simulator.encode import LIMITED_RANGE
from motion_tracking.simulator.nuisances.overlay import write
from motion_tracking.simulator.scenarios import SCENARIOS
from motion_tracking.simulator.scenes import SIZE, Noise
from motion_tracking.simulator.staging import CALIBRATION, Staging


class Hall(StrEnum):
    """What is to be seen."""

    STANDING = "standing"  # nothing moves, ever
    WORKING = "working"  # the machine runs and stops
    NIGHT = "night"  # nothing moves, and there is hardly any light
    LIGHTS = "lights"  # the light goes out entirely for a minute of every four


@dataclass(frozen=True, slots=True)
class Card:
    """A placard: its grey level, what is written, and what else there is."""

    level: int = 0
    words: str = "NO VIDEO"
    logo: bool = False
    noise: float = 0.0


@dataclass(frozen=True, slots=True)
class Take:
    """
    One film.  Between the two seconds `blind` nothing of the hall is seen.

    `rate` is in bits a second, `keys_apart` in seconds.  `denoise` is the part of a change that a
    denoising camera lets through from picture to picture; 0 is a camera that does not denoise.
    `repeat` sends the last keyframe again and again, else the last picture is encoded afresh;
    `card` is shown in place of it.
    """

    seconds: float
    hall: Hall = Hall.STANDING
    seed: int = 1
    size: tuple[int, int] = SIZE
    fps: int = 12
    rate: int = 128_000
    keys_apart: int = 4
    noise: float = 2.2
    denoise: float = 0.0
    clock: bool = False
    blind: tuple[float, float] | None = None
    repeat: bool = False
    card: Card | None = None

    def is_blind(self, at: float) -> bool:
        return self.blind is not None and self.blind[0] <= at < self.blind[1]


def film_blind(take: Take, path: Path) -> None:
    """Write the film to an MP4 file."""
    width, height = take.size
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=take.fps)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.bit_rate, stream.gop_size = take.rate, take.keys_apart * take.fps
        stream.max_b_frames, stream.thread_count = 0, 1
        limit = f"vbv-maxrate={take.rate // 500}:vbv-bufsize={take.rate // 250}:scenecut=0"
        stream.options = {"preset": "veryfast", "tune": "zerolatency", "x264-params": limit}
        planes = np.full((height * 3 // 2, width), 128, np.uint8)
        key = b""
        for n, picture in enumerate(pictures(take)):
            cv2.LUT(picture, LIMITED_RANGE, planes[:height])
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts, frame.time_base = n, Fraction(1, take.fps)
            blind = take.repeat and take.is_blind(n / take.fps)
            for packet in stream.encode(frame):
                if packet.is_keyframe and not blind:
                    key = bytes(packet)
                if not blind:
                    container.mux(packet)
                    continue
                again: av.Packet[Any] = av.Packet(key)
                again.stream, again.time_base = stream, packet.time_base
                again.pts, again.dts, again.is_keyframe = packet.pts, packet.dts, True
                container.mux(again)
        container.mux(stream.encode(None))


def pictures(take: Take) -> Iterator[Grey]:
    """Yield what reaches the encoder: (height, width) uint8, grey levels 0..255."""
    staging = Staging(SCENARIOS["flywheel"], take.seed, max(take.seconds, 2 * CALIBRATION))
    standing = staging.scene(CALIBRATION + 10.0)
    noise, camera = Noise(take.size, take.seed, take.noise), _Denoiser(take.denoise)
    card = None if take.card is None else _drawn(take.card, take.size)
    held = standing
    for n in range(round(take.seconds * take.fps)):
        at = n / take.fps
        if not take.is_blind(at):
            scene = staging.scene(at) if take.hall is Hall.WORKING else standing
            if scene.shape[::-1] != take.size:
                scene = cast(Grey, cv2.resize(scene, take.size))
            held = camera.clean(noise.add(_lit(scene, take.hall, at)))
        shown = card if card is not None and take.is_blind(at) else held
        if take.card is not None and take.card.noise and take.is_blind(at):
            shown = Noise(take.size, n, take.card.noise).add(shown)
        if take.clock:
            shown = shown.copy()
            write(shown, f"2024-03-14 {n // 3600 // take.fps:02}:{clock(at)}", (8, 16), 0.4)
        yield shown


def clock(at: float) -> str:
    """Return minutes and seconds."""
    return f"{int(at) // 60 % 60:02}:{int(at) % 60:02}"


def _lit(scene: Grey, hall: Hall, at: float) -> Grey:
    if hall is Hall.NIGHT:
        return cast(Grey, cv2.convertScaleAbs(scene, None, 0.12, 2))
    if hall is Hall.LIGHTS and at % 240 >= 180:
        return np.zeros_like(scene)
    return scene


class _Denoiser:
    """Averages over time where little changes, as cameras do by night."""

    def __init__(self, part: float) -> None:
        self._part = part
        self._mean: NDArray[np.float32] | None = None

    def clean(self, picture: Grey) -> Grey:
        if not self._part:
            return picture
        wanted = picture.astype(np.float32)
        if self._mean is None:
            self._mean = wanted
        change = wanted - self._mean
        moves = np.abs(cv2.blur(change, (5, 5))) / 12
        self._mean = self._mean + np.clip(moves, self._part, 1) * change
        return cast(Grey, np.clip(self._mean + 0.5, 0, 255).astype(np.uint8))


def _drawn(card: Card, size: tuple[int, int]) -> Grey:
    width, height = size
    picture = np.full((height, width), card.level, np.uint8)
    if card.logo:
        level, place = (card.level + 110) % 256, (width // 2, height // 3)
        cv2.circle(picture, place, height // 10, level, -1)
        cv2.circle(picture, place, height // 16, card.level, -1)
    write(picture, card.words, (round(width * 0.3), round(height * 0.53)), 0.8 * width / 352)
    return picture
