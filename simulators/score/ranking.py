"""Scores of rankings and chances: AUC, calibration, recall, precision and delay of alarms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Reals = NDArray[np.float64]


def auc(score: Reals, label: NDArray[np.bool_]) -> float:
    """Give the chance that a positive ranks above a negative, ties counting half.

    Returns
    -------
    float
        In 0..1; NaN where there are only positives or only negatives.

    Notes
    -----
    The Mann-Whitney statistic over the product of the sizes (Hanley & McNeil 1982,
    Radiology 143:29).
    """
    positives = int(label.sum())
    negatives = len(label) - positives
    if positives == 0 or negatives == 0:
        return float("nan")
    ranks = rankdata(score)[label].sum()
    return float((ranks - positives * (positives + 1) / 2) / (positives * negatives))


def calibration(
    chance: Reals, happened: NDArray[np.bool_], bins: int = 10
) -> list[tuple[float, float, int]]:
    """Group stated chances into equal bins: mean stated, share that happened, how many."""
    row = np.minimum((chance * bins).astype(np.int64), bins - 1)
    return [
        (float(chance[row == n].mean()), float(happened[row == n].mean()), int((row == n).sum()))
        for n in range(bins)
        if (row == n).any()
    ]


@dataclass(frozen=True, slots=True)
class Span:
    """Something at a place from `begin_ms` to `end_ms`; `subject` is a place, cell or area."""

    subject: str
    begin_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class AlarmScore:
    """How alarms meet events: recall over events, precision over alarms, median delay in ms."""

    events: int
    alarms: int
    recall: float
    precision: float
    delay_ms: float


def alarm_score(events: Sequence[Span], alarms: Sequence[Span], grace_ms: int) -> AlarmScore:
    """Match alarms with events of the same subject, opened during one or up to `grace_ms` after.

    An event's delay is that of the first alarm that meets it.
    """

    def meets(event: Span, alarm: Span) -> bool:
        opened = event.begin_ms <= alarm.begin_ms < event.end_ms + grace_ms
        return opened and event.subject == alarm.subject

    firsts = [
        min((a.begin_ms for a in alarms if meets(event, a)), default=None) for event in events
    ]
    delays = [
        first - event.begin_ms
        for first, event in zip(firsts, events, strict=True)
        if first is not None
    ]
    right = sum(any(meets(event, alarm) for event in events) for alarm in alarms)
    return AlarmScore(
        events=len(events),
        alarms=len(alarms),
        recall=len(delays) / len(events) if events else float("nan"),
        precision=right / len(alarms) if alarms else float("nan"),
        delay_ms=float(np.median(delays)) if delays else float("nan"),
    )
