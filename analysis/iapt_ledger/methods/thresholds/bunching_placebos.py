"""The same statistic at thresholds that nobody set."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from iapt_ledger.methods.base import MethodError
from iapt_ledger.methods.thresholds.bunching_fits import readings
from iapt_ledger.methods.thresholds.bunching_kernel import BINS, Array
from iapt_ledger.methods.thresholds.bunching_reading import Reading, Window
from iapt_ledger.methods.thresholds.bunching_simulation import Units, robust_error

ENOUGH = 10.0
ROUND = 5


@dataclass(frozen=True)
class Search:
    """Where else to look.

    Attributes:
        units, kernel: as the test has them.
        threshold, window: the real ones.
        flexibility: the shape of the null.
        thresholds: the placebos.
    """

    units: Units
    kernel: Array
    threshold: int
    window: int
    flexibility: str | int
    thresholds: tuple[int, ...]


def placebo_thresholds(
    given: tuple[int, ...] | None, threshold: int, window: int, counts: Array
) -> tuple[int, ...]:
    """Every whole number whose window keeps clear of the real one and holds enough, or those that were given.

    Enough is ten units on each side within the window, and ten beyond it on each side for the null to be fitted
    through it.

    Args:
        counts: units at each printed rate, shape (101,).

    Raises:
        MethodError: a given threshold is no whole number, or its window meets the real one or leaves the scale.
    """
    clear = [place for place in range(window, 102 - window) if abs(place - threshold) >= 2 * window]
    if given is None:
        return tuple(place for place in clear if _holds_enough(counts, place, window))
    for place in given:
        if place not in clear:
            raise MethodError(
                "A placebo's window must keep clear of the standard's and stay on the scale",
                where="argument placebos",
                expected=f"whole numbers from {window} to {101 - window}, {2 * window} or more away",
                found=place,
            )
    return tuple(int(place) for place in given)


def _holds_enough(counts: Array, place: int, window: int) -> bool:
    cuts = [0, place - window, place, place + window, BINS]
    return all(counts[start:stop].sum() >= ENOUGH for start, stop in pairwise(cuts))


def placebo_table(search: Search) -> pd.DataFrame:
    """One row a threshold, the real one among them."""
    places = sorted({search.threshold, *search.thresholds})
    return pd.DataFrame([_row(search, place) for place in places])


def rank_p_value(table: pd.DataFrame) -> float:
    """The real threshold's place among those that are no round numbers, by distance from nought."""
    distance = table["statistic"].abs()
    compared = table["standard"] | ~table["round_number"]
    own = float(distance[table["standard"]].iloc[0])
    return float((distance[compared] >= own).sum() / compared.sum())


def standardised(units: Units, reading: Reading) -> tuple[float, float, float]:
    """Excess, its cluster-robust standard error and their quotient."""
    counts = units.counts
    excess = float(counts @ reading.plain)
    error = float(robust_error(units.sums(reading.influence(counts))))
    return excess, error, excess / error


def _row(search: Search, place: int) -> dict[str, object]:
    real = place == search.threshold
    window = Window.about(place, search.window, () if real else (search.threshold,))
    reading = readings(search.units, search.kernel, window, (search.flexibility,))[0]
    excess, error, statistic = standardised(search.units, reading)
    counts = search.units.counts
    return {
        "threshold": place,
        "round_number": place % ROUND == 0,
        "standard": real,
        "observed_above": int(np.sum(counts[window.above])),
        "observed_below": int(np.sum(counts[window.below])),
        "expected_share": reading.share,
        "excess": excess,
        "standard_error": error,
        "statistic": statistic,
    }
