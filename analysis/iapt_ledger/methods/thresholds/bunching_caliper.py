"""The caliper test: as many just above a threshold as just below, were both sides equally likely."""

from __future__ import annotations

from scipy import stats

from iapt_ledger.methods.base import Estimate, MethodError
from iapt_ledger.methods.intervals import proportion_interval


def caliper(
    above: int, below: int, *, share: float = 0.5, level: float = 0.95, unit: str = "units"
) -> Estimate:
    """Units just above a threshold beyond a known share of those near it, with the exact binomial p-value.

    The test of Gerber and Malhotra (2008, Q. J. Polit. Sci. 3:313-326). It takes every unit for independent, the
    density for flat near the threshold and any value for possible: printed whole per cents are none of these.

    Args:
        above, below: units on either side of the threshold, within the caliper.
        share: of them above, under the null.

    Returns:
        `above - share * (above + below)` with its Wilson interval and the two-sided p-value.

    Raises:
        MethodError: a count is negative or not whole, no unit is near, or the share is not between 0 and 1.
    """
    _refuse(above, below, share)
    number = above + below
    test = stats.binomtest(above, number, share)
    interval = proportion_interval(float(above), float(number), level=level)
    return Estimate(
        name="Excess above the threshold, taking both sides for equally likely"
        if share == 0.5
        else f"Excess above the threshold, taking {share:.3g} of the units to belong there",
        value=above - share * number,
        low=(interval.low - share) * number,
        high=(interval.high - share) * number,
        level=level,
        p_value=float(test.pvalue),
        unit=unit,
        interval=f"{level:.0%} Wilson interval",
    )


def caliper_above(above: int, below: int, *, share: float = 0.5) -> float:
    """One-sided p-value of the caliper test: the chance of so many above, or more.

    Raises:
        MethodError: as `caliper`.
    """
    _refuse(above, below, share)
    return float(stats.binomtest(above, above + below, share, alternative="greater").pvalue)


def _refuse(above: int, below: int, share: float) -> None:
    for name, count in (("above", above), ("below", below)):
        if count < 0 or count != int(count):
            raise MethodError(
                "A caliper test counts units",
                where=f"argument {name}",
                expected="a whole number of nought or more",
                found=count,
            )
    if above + below == 0:
        raise MethodError(
            "No unit lies within the caliper", expected="one or more", found=0, fix="widen it"
        )
    if not 0 < share < 1:
        raise MethodError(
            "The share expected above is a share", expected="a number between 0 and 1", found=share
        )
