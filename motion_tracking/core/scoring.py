"""
How right was a tracker, compared with the truth?

Two views of what it said are judged.  Its intervals, edges back-dated, are what a report shows:
they are compared second by second, *settled*, that is without the time in which a change may
still be under way.  Its transitions, with the moments of their detection, are what people were
told: each is either the report of one true change, or false.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf, nan
from statistics import fmean, median
from typing import Protocol

from motion_tracking.core.intervals import Interval
from motion_tracking.core.machine import MachineState
from motion_tracking.core.seconds import seconds_of
from motion_tracking.core.truth import Labelled, TrueChange, known, true_changes

PATIENCE = 60.0
"""Seconds after a true change within which its report must come."""

EARLY = 2.0
"""Seconds by which a report may come before its change: labels are set by eye."""

DAY = 86_400.0

RUNNING, STOPPED = MachineState.RUNNING, MachineState.STOPPED
NO_SIGNAL = MachineState.NO_SIGNAL


class Reported(Protocol):
    """What was told; `Transition` is one.  Seconds of the recording, or of one clock."""

    @property
    def to_state(self) -> MachineState: ...
    @property
    def occurred_at(self) -> float: ...
    @property
    def detected_at(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Score:
    """
    How one machine was judged.  Shares are 0..1, None where there was nothing to compare.

    `running` and `stopped` are the shares of settled seconds of that true state that were called
    so.  `changes` counts true changes, `missed` those never reported; changes into and out of
    spans shorter than the window are counted apart, as `short_changes` and `short_seen`.
    `delays` and `edge_errors` are seconds, one a report of a true change.  `no_signal_delays` has
    one for each span without signal, infinite where it was not noticed.
    """

    running: float | None
    stopped: float | None
    watched_s: float
    changes: int
    missed: int
    false_changes: int
    short_changes: int
    short_seen: int
    delays: tuple[float, ...]
    edge_errors: tuple[float, ...]
    no_signal_s: float  # true seconds without signal
    no_signal_seen_s: float  # of these, those called so
    no_signal_delays: tuple[float, ...]
    false_no_signals: int
    falsely_running_s: float  # settled
    unseen_s: float  # settled seconds of a visible machine called unknown or no_signal

    @property
    def settled(self) -> float | None:
        """Balanced accuracy: the mean over the true states that occur."""
        shares = [share for share in (self.running, self.stopped) if share is not None]
        return fmean(shares) if shares else None

    @property
    def false_per_day(self) -> float:
        return self.false_changes * DAY / self.watched_s if self.watched_s else 0.0

    @property
    def no_signal_recall(self) -> float | None:
        return self.no_signal_seen_s / self.no_signal_s if self.no_signal_s else None


@dataclass(frozen=True, slots=True)
class Summary:
    """Several machines together; `nan` where there was nothing to take a mean of."""

    settled_mean: float
    settled_least: float
    watched_s: float
    changes: int
    missed: int
    false_changes: int
    delay_median: float
    delay_longest: float
    edge_error_median: float
    no_signal_recall: float
    false_no_signals: int

    @property
    def false_per_day(self) -> float:
        return self.false_changes * DAY / self.watched_s if self.watched_s else 0.0


@dataclass(frozen=True, slots=True)
class _Report:
    """A change from one known state to the other; unseen from `unseen_from` to `detected_at`."""

    to_state: MachineState
    occurred_at: float
    detected_at: float
    unseen_from: float


def judge(
    truth: Sequence[Labelled],
    intervals: Sequence[Interval[float]],
    transitions: Iterable[Reported],
    *,
    window: float = 30.0,
    after: float | None = None,
) -> Score:
    """
    Compare what was found with the truth, from `after` on (else from the truth's beginning).

    `truth` and `intervals` tile the recording, oldest first; `transitions` come in order of
    detection.  Deep sleep counts as stopped.  A span shorter than `window` seconds, between two
    of the other state, need not be seen.  Raises `ValueError` where there is no truth.
    """
    if not truth:
        raise ValueError("there is no truth to compare with")
    end = truth[-1].end
    after = truth[0].start if after is None else after
    told = list(transitions)
    all_changes, reports = true_changes(truth, window), _reports(told)
    matches = _match(all_changes, reports)
    of_none = [report for report in reports if report not in matches.values()]
    changes = [change for change in all_changes if change.at >= after]
    seen = [(change, matches[change]) for change in changes if change in matches]
    short = [change for change in changes if change.short]
    due = [c for c in changes if not c.short and (c in matches or c.at + PATIENCE <= end)]
    seconds = seconds_of(truth, intervals, after)
    blank = [span for span in truth if span.state is NO_SIGNAL and span.end > after]
    return Score(
        running=seconds.share(RUNNING),
        stopped=seconds.share(STOPPED),
        watched_s=end - after,
        changes=len(due),
        missed=sum(change not in matches for change in due),
        false_changes=sum(report.detected_at > after for report in of_none),
        short_changes=len(short),
        short_seen=sum(change in matches for change in short),
        delays=tuple(max(0.0, report.detected_at - change.at) for change, report in seen),
        edge_errors=tuple(_edge_error(change, report) for change, report in seen),
        no_signal_s=seconds.blank(),
        no_signal_seen_s=seconds.blank(NO_SIGNAL),
        no_signal_delays=tuple(_noticed(span, told) - span.start for span in blank),
        false_no_signals=_false_no_signals(blank, told, after),
        falsely_running_s=seconds.called(STOPPED, RUNNING),
        unseen_s=seconds.unseen(),
    )


def together(scores: Iterable[Score]) -> Summary:
    """Sum up scores: means and minima of shares, sums of counts, medians of all times."""
    scores = list(scores)
    settled = [score.settled for score in scores if score.settled is not None]
    delays = [delay for score in scores for delay in score.delays]
    errors = [error for score in scores for error in score.edge_errors]
    blank = sum(score.no_signal_s for score in scores)
    return Summary(
        settled_mean=fmean(settled) if settled else nan,
        settled_least=min(settled, default=nan),
        watched_s=sum(score.watched_s for score in scores),
        changes=sum(score.changes for score in scores),
        missed=sum(score.missed for score in scores),
        false_changes=sum(score.false_changes for score in scores),
        delay_median=median(delays) if delays else nan,
        delay_longest=max(delays, default=nan),
        edge_error_median=median(errors) if errors else nan,
        no_signal_recall=sum(s.no_signal_seen_s for s in scores) / blank if blank else nan,
        false_no_signals=sum(score.false_no_signals for score in scores),
    )


def _reports(told: Iterable[Reported]) -> list[_Report]:
    """List what was told as changes between known states; the first decision is none."""
    reports: list[_Report] = []
    before: MachineState | None = None
    unseen_from = inf
    for step in told:
        state = known(step.to_state)
        if state is None:
            unseen_from = min(unseen_from, step.occurred_at)
            continue
        if before not in (None, state):
            since = min(unseen_from, step.detected_at)
            reports.append(_Report(state, step.occurred_at, step.detected_at, since))
        before, unseen_from = state, inf
    return reports


def _match(changes: Sequence[TrueChange], reports: Sequence[_Report]) -> dict[TrueChange, _Report]:
    """Give each report the nearest true change that it can be of, and that none had before it."""
    matches: dict[TrueChange, _Report] = {}
    for report in reports:
        possible = [
            change
            for change in changes
            if change not in matches
            and change.to_state is report.to_state
            and change.earliest - EARLY <= report.detected_at
            and change.at >= report.unseen_from - PATIENCE
        ]
        if possible:
            nearest = min(possible, key=lambda change: abs(change.at - report.occurred_at))
            matches[nearest] = report
    return matches


def _edge_error(change: TrueChange, report: _Report) -> float:
    early, late = change.earliest - report.occurred_at, report.occurred_at - change.at
    return max(0.0, early, late)


def _noticed(span: Labelled, told: Sequence[Reported]) -> float:
    """Return when it was first said, during a span without signal, that there is none."""
    said = [step.detected_at for step in told if step.to_state is NO_SIGNAL]
    return min((at for at in said if span.start - EARLY <= at <= span.end + EARLY), default=inf)


def _false_no_signals(blank: Sequence[Labelled], told: Sequence[Reported], after: float) -> int:
    return sum(
        step.to_state is NO_SIGNAL
        and step.detected_at > after
        and not any(s.start - EARLY <= step.detected_at <= s.end + PATIENCE for s in blank)
        for step in told
    )
