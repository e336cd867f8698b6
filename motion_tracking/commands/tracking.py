"""
How does a camera of the configuration become a tracker, with what was learned of its machine?
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from motion_tracking.capture.clock import Moment
from motion_tracking.capture.thrift import PacketHeads
from motion_tracking.commands.drifting import DriftWatch
from motion_tracking.commands.ignoring import ignored_of
from motion_tracking.commands.opening import CODED
from motion_tracking.config import Camera
from motion_tracking.console import Failure
from motion_tracking.core.calibration import CANDIDATES
from motion_tracking.core.detectors import open_detector
from motion_tracking.core.detectors.calibrated import Calibrated
from motion_tracking.core.heads import Attention, Heads, Sampling, Wanted
from motion_tracking.core.machine import Machine, Memory, Reason, Rules
from motion_tracking.core.masking import NOTHING, Ignored, Masked
from motion_tracking.core.motion import Grey, Roi
from motion_tracking.core.profile import Profile
from motion_tracking.core.sight import Sight
from motion_tracking.record.profiles import ProfileError, load_profile
from motion_tracking.tracker import Subscriber, Tracker

CALIBRATED = "calibrated"
"""The detector that needs a profile."""


@dataclass(frozen=True, slots=True)
class Known:
    """
    A camera, what was learned of its machine, and what is remembered of it from before.

    `ignored` is what its detector does not see.
    """

    camera: Camera
    profile: Profile | None = None
    memory: Memory | None = None
    ignored: Ignored = NOTHING


def known_of(directory: Path, camera: Camera) -> Known:
    """Return a camera as it is configured in a folder; raise `Failure` as `profile_of` does."""
    return Known(camera, profile_of(directory, camera), ignored=ignored_of(directory, camera))


def profile_file(directory: Path, machine: str) -> Path:
    """Return where the profile of a machine is, beside the configuration in `directory`."""
    return directory / "calibration" / f"{machine}.npz"


def profile_of(directory: Path, camera: Camera) -> Profile | None:
    """
    Return what was learned of a machine; None where its detector needs nothing of the kind.

    Raise `Failure` where a profile is needed and cannot be used.
    """
    if camera.detector != CALIBRATED:
        return None
    path, hint = profile_file(directory, camera.name), f"motion-track init {camera.name}"
    try:
        profile = load_profile(path)
    except FileNotFoundError:
        raise Failure(
            f"[{camera.name}] is to be calibrated, and there is no {path}", hint
        ) from None
    except ProfileError as error:
        raise Failure(str(error), hint) from None
    if camera.roi != profile.roi or camera.frame not in (None, profile.size):
        raise Failure(
            f"[{camera.name}] has another area or picture size than {path} was made for", hint
        )
    if camera.calibration not in (None, profile.id):
        raise Failure(
            f"[{camera.name}] has threshold and share of calibration {camera.calibration},"
            f" and {path} is of {profile.id or 'one before that'}",
            f"{hint} once more, or put both files back from one copy",
        )
    if ignored_of(directory, camera).key != profile.mask:
        raise Failure(f"[{camera.name}] has another mask than {path} was made with", hint)
    return profile


def learned_machine(camera: Camera, profile: Profile, ignored: Ignored = NOTHING) -> Known:
    """Return a camera as calibration sets it up."""
    return Known(
        replace(
            camera,
            corners=corners_of(profile.roi),
            threshold=profile.threshold,
            share=profile.share,
            detector=CALIBRATED,
            frame=profile.size,
            calibration=profile.id or None,
        ),
        profile,
        ignored=ignored,
    )


def corners_of(roi: Roi) -> tuple[int, int, int, int]:
    """Return ix, iy, ix2, iy2 of an area."""
    return roi.x, roi.y, roi.x + roi.width, roi.y + roi.height


def tracker_of(
    known: Known,
    subscribers: Sequence[Subscriber],
    start: Moment,
    sight: Sight,
    folder: Path | None = None,
) -> Tracker:
    """
    Make the tracker of a camera that has an area and a threshold; `sight` is its channel's.

    With a `folder` for what is found, the calibration is watched for drift.
    """
    camera, profile, memory = known.camera, known.profile, known.memory
    roi = camera.roi
    assert roi is not None
    assert camera.threshold is not None
    detector = open_detector(camera.detector, roi, camera.pixel_threshold, profile)
    rules = Rules(
        window=camera.window_seconds,
        share=camera.share,
        deep_sleep_after=camera.deep_sleep_minutes * 60,
        lasting=min(detector.lags, default=0.0),
    )
    machine = Machine(start.at, rules, memory)
    if folder is not None and profile is not None and isinstance(detector, Calibrated):
        watch = DriftWatch(profile, detector, machine.state, folder)
        subscribers = [*subscribers, watch]
    if known.ignored.key:
        detector = Masked(detector, known.ignored)
    size = camera.frame if profile is None else profile.size
    tracker = Tracker(
        camera.name, roi, camera.threshold, detector, machine, subscribers, size, sight
    )
    seen_at = None if memory is None else memory.seen_at
    if seen_at is not None and start.at - seen_at > rules.lost_after:
        tracker.blind(start.at, start.utc, Reason.NOT_TRACKING, seen_at)
    return tracker


def wanted_of(machines: Iterable[Known]) -> Wanted | None:
    """Return what all machines of a channel can do with; None where one of them needs all."""
    wanted = [_wanted(machine) for machine in machines]
    found = [one for one in wanted if one is not None]
    if len(found) < len(wanted):
        return None
    return Wanted(
        max(one.lag for one in found),
        next((one.proven for one in found if one.proven is not None), None),
    )


def heads_of(machines: Sequence[Known], trackers: Iterable[Tracker]) -> PacketHeads | None:
    """
    Return who chooses what is decoded of a channel, by what its machines need; None for all.

    Their trackers may ask for more.
    """
    wanted = wanted_of(machines)
    if wanted is None or machines[0].camera.address.kind not in CODED:
        return None
    attention = Attention()
    for tracker in trackers:
        tracker.attention = attention
    return Heads(wanted, attention)


def _wanted(machine: Known) -> Wanted | None:
    profile, sampling = machine.profile, machine.camera.sampling
    lags = [lag.seconds for lag in profile.heads or profile.lags] if profile else [CANDIDATES[0]]
    match Sampling(sampling):
        case Sampling.AUTO if profile is not None and profile.heads:
            return Wanted(min(lags), profile.group)
        case Sampling.HEAD:
            return Wanted(min(lags))
        case Sampling.KEYFRAMES:
            return Wanted(0.0)
    return None


def views_of(machines: Iterable[Known]) -> list[Grey]:
    """Return how the view of a channel looked when its machines were calibrated."""
    profiles = (machine.profile for machine in machines)
    return [profile.view for profile in profiles if profile and profile.view is not None]


def lags_of(trackers: Iterable[Tracker]) -> tuple[float, ...]:
    """Return all lags, in seconds, that the detectors of some trackers want."""
    return tuple(sorted({lag for tracker in trackers for lag in tracker.lags}))
