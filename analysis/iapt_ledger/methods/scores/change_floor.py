"""The floor under recovery: how many would cross a line, or change reliably, if nobody changed at all.

Whoever stands near a line of a scale crosses it by error alone. A programme that counts as recovered whoever
began over a line and ended under it counts some of those. Here nobody's true score changes: each reading
is a steady true score and fresh error, both normal, cut to whole numbers within the scale. Given the true
scores the readings are independent, so that all shares follow by summing over the scores.

It holds error and chance ups and downs only. That people come when they feel worst, and get better with time,
it does not: for the first see `StandardisedChange.selected` and `explained_from`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from iapt_ledger.methods.base import MethodError

Array = npt.NDArray[np.float64]
GRID = np.arange(
    -6.0, 6.05, 0.1
)  # true scores in spreads; a finer grid changes no digit that is printed


@dataclass(frozen=True)
class Scale:
    """One scale of whole numbers on which a high score is bad.

    Attributes:
        mean, sd: of the first readings of all who are treated.
        threshold: scores from here on are a case; criterion: points of a reliable change.
        top: highest score.
        reliability: correlation of two readings of people who did not change.
    """

    mean: float
    sd: float
    threshold: int
    criterion: int
    top: int
    reliability: float


@dataclass(frozen=True)
class Floor:
    """Shares between 0 and 1 if nobody changed.

    Attributes:
        at_caseness: of all, on or over a threshold at the first reading.
        recovered: of those, below all thresholds at the second.
        reliably_recovered: of those, besides with one scale better by its criterion and none worse.
        improved, deteriorated: of all, one scale better (worse) by its criterion and none worse (better).
    """

    at_caseness: float
    recovered: float
    reliably_recovered: float
    improved: float
    deteriorated: float

    @property
    def value(self) -> float:
        """Share of cases that would count as recovered."""
        return self.recovered

    def summary(self) -> str:
        """The shares in two lines."""
        return (
            f"Without any change {self.recovered:.1%} of cases end below the line,"
            f" {self.reliably_recovered:.1%} reliably\n"
            f"{self.improved:.1%} of all improve and {self.deteriorated:.1%} deteriorate reliably"
        )


def caseness_floor(scales: Sequence[Scale], *, correlation: float = 0.0) -> Floor:
    """How many would recover, improve or deteriorate by error alone, on one scale or on two.

    Args:
        scales: one or two; a case is at or over the threshold of either, recovered is below both.
        correlation: of the two true scores; without meaning for one scale.

    Raises:
        MethodError: not one or two scales; a spread, reliability, threshold or correlation out of range.
    """
    if len(scales) not in (1, 2):
        raise MethodError(
            "A floor is worked out for one scale or two", where="argument scales", found=len(scales)
        )
    if not 0 <= correlation <= 0.98:
        raise MethodError(
            "A correlation of true scores is out of range",
            where="argument correlation",
            expected="from 0 to 0.98",
            found=correlation,
        )
    chances = [_chances(scale, place) for place, scale in enumerate(scales, 1)]
    density = norm.pdf(GRID)
    if len(scales) == 2:
        spread = np.sqrt(1 - correlation**2)
        density = density[:, None] * norm.pdf((GRID - correlation * GRID[:, None]) / spread)
    density = density / density.sum()

    def together(event: str) -> float:
        """Chance that the event holds on all scales at once."""
        if len(chances) == 1:
            return float(density @ chances[0][event])
        return float(chances[0][event] @ density @ chances[1][event])

    case = 1 - together("below first")
    sound = together("below last, not worse") - together("below both, not worse")
    neutral = together("below last, same") - together("below both, same")
    return Floor(
        at_caseness=case,
        recovered=(together("below last") - together("below both")) / case,
        reliably_recovered=(sound - neutral) / case,
        improved=together("not worse") - together("same"),
        deteriorated=together("not better") - together("same"),
    )


def _chances(scale: Scale, place: int) -> dict[str, Array]:
    """Chances of what may happen on a scale, at each true score of the grid."""
    _refuse_scale(scale, place)
    p = _scores(scale)
    first, last = np.indices((scale.top + 1, scale.top + 1))
    below_first, below_last = first < scale.threshold, last < scale.threshold
    better, worse = first - last >= scale.criterion, last - first >= scale.criterion
    same = ~better & ~worse
    events = {
        "below first": below_first,
        "below last": below_last,
        "below both": below_first & below_last,
        "below last, not worse": below_last & ~worse,
        "below both, not worse": below_first & below_last & ~worse,
        "below last, same": below_last & same,
        "below both, same": below_first & below_last & same,
        "not worse": ~worse,
        "not better": ~better,
        "same": same,
    }
    return {name: np.einsum("na,ab,nb->n", p, mask, p) for name, mask in events.items()}


def _scores(scale: Scale) -> Array:
    """Chance of each score, by true score; what would lie beyond an end of the scale counts at the end."""
    centre = scale.mean + scale.sd * np.sqrt(scale.reliability) * GRID
    error = scale.sd * np.sqrt(1 - scale.reliability)
    edges = np.arange(scale.top) + 0.5
    cumulative = norm.cdf((edges - centre[:, None]) / error)
    ends = np.zeros((len(GRID), 1)), np.ones((len(GRID), 1))
    return np.asarray(np.diff(np.hstack([ends[0], cumulative, ends[1]]), axis=1))


def _refuse_scale(scale: Scale, place: int) -> None:
    for name, fits, expected in (
        ("mean", np.isfinite(scale.mean), "a finite number"),
        ("sd", np.isfinite(scale.sd) and scale.sd > 0, "a number above nought"),
        ("threshold", 0 < scale.threshold <= scale.top, f"from 1 to {scale.top}"),
        ("criterion", 0 < scale.criterion <= scale.top, f"from 1 to {scale.top}"),
        ("reliability", 0 <= scale.reliability <= 0.98, "from 0 to 0.98"),
    ):
        if not fits:
            raise MethodError(
                "A scale cannot be read",
                where=f"scale {place}, {name}",
                expected=expected,
                found=getattr(scale, name),
            )
