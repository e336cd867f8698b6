"""
How do pictures of a machine become a film that can be played for ever?

Encoded once, a second at a time, each second beginning with a keyframe and leaning on no other.
So a server may play them in any order: the cycle round and round, or, for every second at which
the machine may stand still, a loop of it standing there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import chain

import av
import cv2
import numpy as np

from motion_tracking.core.motion import Grey
from motion_tracking.simulator.scenes import MACHINES, SIZE, Noise, Scene

FPS = 12
"""Frames a second, as small sub-streams have."""

STILL = 2
"""Seconds of each loop of the standing machine."""

QUALITY = "25"
"""Constant, of x264: some of the noise comes through, at the bit rate of a real sub-stream."""

LIMITED_RANGE = np.clip(np.arange(256) * (219 / 255) + 16.5, 16, 235).astype(np.uint8)
"""What grey levels 0..255 become in video."""

Second = tuple[bytes, ...]
"""The access units of one second, in Annex B; the first is a keyframe with its parameter sets."""


@dataclass(frozen=True, slots=True, repr=False)
class Film:
    """
    What one camera can show of its machine.

    `running[s]` is second `s` of the cycle; `stopped[s]` are the seconds of a loop in which the
    machine stands as it does at the beginning of `running[s]`.
    """

    size: tuple[int, int]
    fps: int
    running: tuple[Second, ...]
    stopped: tuple[tuple[Second, ...], ...]


@lru_cache(maxsize=32)
def film(
    machine: str,
    size: tuple[int, int] = SIZE,
    fps: int = FPS,
    seed: int = 0,
    key_every: int = 1,
) -> Film:
    """
    Draw and encode a machine of `MACHINES`; the same again costs nothing.

    With a key frame only `key_every` so many seconds, it lasts as long, and can only run.
    """
    scene, noise = MACHINES[machine](size, seed), Noise(size, seed)
    if key_every > 1:
        return _rarely_keyed(scene, noise, fps, key_every)
    cycle = range(scene.cycle)
    running = (scene.draw(n / fps) for n in range(scene.cycle * fps))
    stopped = (still for s in cycle for still in [scene.draw(s)] for _ in range(STILL * fps))
    units = tuple(encode(map(noise.add, chain(running, stopped)), size, fps))
    seconds = tuple(units[n : n + fps] for n in range(0, len(units), fps))
    loops = seconds[scene.cycle :]
    return Film(
        size,
        fps,
        seconds[: scene.cycle],
        tuple(loops[s * STILL : (s + 1) * STILL] for s in cycle),
    )


def _rarely_keyed(scene: Scene, noise: Noise, fps: int, key_every: int) -> Film:
    pictures = (noise.add(scene.draw(n / fps)) for n in range(key_every * fps))
    units = tuple(encode(pictures, scene.size, fps, key_every))
    return Film(
        scene.size, fps, tuple(units[n : n + fps] for n in range(0, len(units), fps)), stopped=()
    )


def encode(
    pictures: Iterator[Grey], size: tuple[int, int], fps: int, key_every: int = 1
) -> Iterator[bytes]:
    """
    Encode grey pictures of `size` (even width and height); yield an Annex-B unit for each.

    As CCTV cameras do: H.264 baseline, no B-frames, one slice, a keyframe `key_every` second.
    """
    encoder = _encoder(size, fps, fps * key_every)
    planes = np.full((size[1] * 3 // 2, size[0]), 128, np.uint8)
    for n, picture in enumerate(pictures):
        cv2.LUT(picture, LIMITED_RANGE, planes[: size[1]])
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts, frame.time_base = n, Fraction(1, fps)
        yield from map(bytes, encoder.encode(frame))
    yield from map(bytes, encoder.encode(None))


def _encoder(size: tuple[int, int], fps: int, group: int) -> av.VideoCodecContext:
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height = size
    encoder.pix_fmt = "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, fps), Fraction(fps)
    encoder.gop_size, encoder.max_b_frames, encoder.thread_count = group, 0, 1
    encoder.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "profile": "baseline",
        "crf": QUALITY,
        "x264-params": f"keyint={group}:min-keyint={group}:scenecut=0:open-gop=0:repeat-headers=1",
    }
    return encoder
