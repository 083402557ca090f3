"""The floor that caseness puts under recovery: how much of a gap is change, and how much is reaching a line.

Reliable recovery asks two things of a finisher who started at caseness: to improve reliably, and to end
below both thresholds. Somebody who starts far above them can do the first and still miss the second.
The reliable recovery rate R is therefore the product of two shares,

    R = I x C,   I: improved reliably,   C: of those, ended below both thresholds,

and a gap in R splits exactly into a part from I and a part from C (Kitagawa 1955, each change weighted
by the other share's mean). One count is not published: how many of those improving started below the
thresholds, who can improve but not "recover". Every answer is given for all the values that count can take.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import pandas as pd

from iapt_ledger.errors import LedgerError

STEPS = 101


@dataclass(frozen=True)
class Group:
    """Finishers of one group in one year.

    Attributes:
        finished: finished courses.
        below: of those, not at caseness at the start.
        improved: of all finishers, improved reliably.
        recovered: reliably recovered.
    """

    finished: float
    below: float
    improved: float
    recovered: float

    def __post_init__(self) -> None:
        """Refuse counts that cannot be of one group of finishers."""
        fits = 0 <= self.recovered <= self.improved <= self.finished and self.below < self.finished
        if not fits or self.recovered > self.finished - self.below:
            raise LedgerError(
                "These counts cannot be of one group of finishers",
                expected="recovered <= improved <= finished, recovered <= finished less below",
                found=self,
            )

    def shares(self, improved_below: float) -> tuple[float, float]:
        """I and C if this share of those below the thresholds at the start improved reliably.

        The share is cut to what the other counts leave room for, at either end.
        """
        base = self.finished - self.below
        most = min(self.below, self.improved - self.recovered)
        least = max(0.0, self.improved - base)
        could = self.improved - min(max(improved_below * self.below, least), most)
        return could / base, self.recovered / could


@dataclass(frozen=True)
class Split:
    """A gap in reliable recovery, in percentage points, and the share of it that lies in C, in per cent."""

    gap: float
    share: float
    same_low: float
    same_high: float
    widest_low: float
    widest_high: float


def threshold_share(better: Group, worse: Group) -> Split:
    """How much of the gap in reliable recovery lies between improving and ending below the line.

    Args:
        better: the group with the higher rate of reliable recovery; worse: the other.

    Returns:
        `share`: if nobody below the thresholds at the start improved. `same_low` to `same_high`: over
        every share of them that may have improved, the same share in both groups. `widest_low` to
        `widest_high`: the share free in each group.

    Raises:
        LedgerError: there is no gap to split.
    """
    gap = better.recovered / (better.finished - better.below) - worse.recovered / (
        worse.finished - worse.below
    )
    if gap <= 0:
        raise LedgerError("There is no gap to split", expected="a gap above nought", found=gap)
    steps = [i / (STEPS - 1) for i in range(STEPS)]
    same = [_share_in_c(better, worse, q, q) for q in steps]
    # the share moves one way in each argument, so its extremes stand at the corners
    widest = [_share_in_c(better, worse, a, b) for a, b in product((0.0, 1.0), repeat=2)]
    return Split(
        gap=100 * gap,
        share=100 * same[0],
        same_low=100 * min(same),
        same_high=100 * max(same),
        widest_low=100 * min(widest),
        widest_high=100 * max(widest),
    )


def group_of(counts: pd.DataFrame, period: str, group: str) -> tuple[Group, tuple[str, ...]]:
    """One row of `iapt_ledger.measures.gaps.group_counts` as a `Group`, with its observation ids.

    Raises:
        LedgerError: the year or the group is not held.
    """
    rows = counts[counts["period"].eq(period) & counts["group"].eq(group)]
    if len(rows) != 1:
        raise LedgerError(
            "No such group in that year",
            found=f"{group} in {period}",
            choices=sorted(counts["group"].unique()),
        )
    row = rows.iloc[0]
    names = {
        "finished": "finished_course",
        "below": "not_at_caseness_start",
        "improved": "reliable_improvement",
        "recovered": "reliable_recovery",
    }
    found = Group(**{ours: float(row[theirs]) for ours, theirs in names.items()})
    return found, tuple(row["obs"][theirs] for theirs in names.values())


def _share_in_c(better: Group, worse: Group, q_better: float, q_worse: float) -> float:
    (i1, c1), (i0, c0) = better.shares(q_better), worse.shares(q_worse)
    return (c1 - c0) * (i1 + i0) / 2 / (i1 * c1 - i0 * c0)
