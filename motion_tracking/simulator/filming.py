"""
How does a scenario become a labelled film?

`NAME.mp4` and `NAME.json` beside each other.  The label file holds `file`, `width`, `height`,
`fps`, `duration_s` and `rois`; each ROI has a `name`, `roi` as [ix, iy, ix2, iy2] in pixels,
`states` as [start_s, end_s, "running" | "stopped" | "no_signal"] tiling the film, and
`nuisance_events_s` as [start_s, end_s, words].  Where there is such: `blurred_s`, [start_s, end_s]
of coasting, neither running nor stopped; and `calibration_s`, one span for each of "running" and
"stopped".  `judged_from_s` is where calibration ends.
"""

import json
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from motion_tracking.core.motion import Grey
from motion_tracking.simulator.encode import LIMITED_RANGE
from motion_tracking.simulator.scenarios import Scenario
from motion_tracking.simulator.staging import CALIBRATION, Staging

GOP = 4
"""Seconds from keyframe to keyframe, as recorders have them."""


def shoot(scenario: Scenario, seed: int, seconds: float, folder: Path) -> Path:
    """Film a scenario into `folder`; return the path of the film, whose labels lie beside it."""
    staging = Staging(scenario, seed, seconds)
    path = folder / f"{scenario.name}_{seed}.mp4"
    draft = path.with_suffix(".draft")
    _encode(staging.pictures(), scenario, draft)
    labels = {"file": path.name, "seed": seed, **describe(staging)}
    text = json.dumps(labels, indent=1)
    path.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    draft.replace(path)
    return path


def describe(staging: Staging) -> dict[str, Any]:
    """Return the labels of a film, without its name."""
    scenario, roi = staging.scenario, staging.roi
    truth = staging.truth()
    labelled = {
        "name": scenario.machine,
        "roi": [roi.x, roi.y, roi.x + roi.width, roi.y + roi.height],
        "states": [[_s(span.start), _s(span.end), str(span.state)] for span in truth],
        "blurred_s": [[_s(s.start - s.blurred), _s(s.start)] for s in truth if s.blurred],
        "nuisance_events_s": sorted(
            [_s(span.start), _s(span.end), nuisance.words]
            for nuisance in staging.nuisances
            for span in nuisance.spans
        ),
        "calibration_s": {k: [_s(v.start), _s(v.end)] for k, v in staging.calibration().items()},
        "judged_from_s": 2 * CALIBRATION,
    }
    return {
        "source": f"simulated: scenario {scenario.name}",
        "licence": "as the project",
        "kind": "machine",
        "width": scenario.size[0],
        "height": scenario.size[1],
        "fps": float(scenario.fps),
        "duration_s": staging.seconds,
        "label_tolerance_s": 1 / scenario.fps,
        "rois": [labelled],
    }


def _s(seconds: float) -> float:
    return round(seconds, 2)


def _encode(pictures: Iterable[Grey], scenario: Scenario, path: Path) -> None:
    """Encode as a camera does that is held to a bit rate: H.264, no B-frames."""
    width, height = scenario.size
    rate = round(width * height * scenario.fps * scenario.bits)
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=scenario.fps)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.bit_rate = rate
        stream.gop_size, stream.max_b_frames, stream.thread_count = GOP * scenario.fps, 0, 1
        stream.options = {
            "preset": "veryfast",
            "profile": "main",
            "x264-params": f"vbv-maxrate={rate // 500}:vbv-bufsize={rate // 250}:scenecut=0",
        }
        planes = np.full((height * 3 // 2, width), 128, np.uint8)
        for n, picture in enumerate(pictures):
            cv2.LUT(picture, LIMITED_RANGE, planes[:height])
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts, frame.time_base = n, Fraction(1, scenario.fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
