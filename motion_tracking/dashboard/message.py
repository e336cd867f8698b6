"""
How is said in JSON what a calibration is about?

An area is `[ix, iy, ix2, iy2]` as in config_cam.ini: two corners in pixels, the end exclusive.
"""

from typing import Any

from motion_tracking.core.motion import Roi
from motion_tracking.dashboard.calibration import Calibration, Live, Outcome, Proposal

Json = Any

SCHEMA = 1
"""Of what is sent; a page that was loaded from another version can tell."""


def corners(roi: Roi | None) -> Json:
    """Say an area; null where there is none."""
    return None if roi is None else [roi.x, roi.y, roi.x + roi.width, roi.y + roi.height]


def subject(calibration: Calibration) -> Json:
    """Say what is being calibrated, and how far it is."""
    return {
        "schema": SCHEMA,
        "machine": calibration.machine,
        "machines": [
            {"name": name, "roi": corners(roi)} for name, roi in calibration.machines.items()
        ],
        "size": list(calibration.size),
        "roi": corners(calibration.roi),
        "ignored": [[list(point) for point in shape] for shape in calibration.ignored],
        "recorded": {
            state.value: round(seconds, 1) for state, seconds in calibration.recorded.items()
        },
    }


def proposal(found: Proposal) -> Json:
    """Say a proposal."""
    return {"roi": corners(found.roi), "separation": round(found.separation, 2)}


def point(live: Live) -> Json:
    """Say one point of the live curve: when, how much, and the threshold for it."""
    return [round(live.at, 2), live.score, live.threshold]


def outcome(judged: Outcome) -> Json:
    """Say what was learned."""
    error = judged.expected_error
    return {
        "threshold": judged.threshold,
        "share": round(judged.share, 3),
        "margin": round(judged.margin, 2),
        "expected_error": None if error is None else round(error, 4),
        "separable": judged.separable,
        "verdict": judged.verdict,
        "warnings": [{"text": advice.text, "hint": advice.hint} for advice in judged.warnings],
        "edges": [round(edge) for edge in judged.edges],
        "running": list(judged.running),
        "stopped": list(judged.stopped),
        "decoded": judged.decoded,
    }
