"""Change between two readings: beyond error or not, in which spreads, and what regression to the mean would give.

Two means and their spreads say little by themselves. What a change is worth depends on the spread that it is
divided by; whether one person's change is more than error depends on the reliability of the scale; and
whoever is chosen for a high score comes down at the next reading without any change (Davis 1976).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy import stats
from scipy.special import gammaln

from iapt_ledger.methods.base import Estimate, MethodError
from iapt_ledger.methods.columns import number, refuse_level
from iapt_ledger.methods.scores.change_result import (
    EffectSize,
    Readings,
    ReliableChange,
    StandardisedChange,
)

Direction = Literal["fall", "rise"]
DIRECTIONS = ("fall", "rise")
WHAT = "A change cannot be worked out"


def standardised_change(
    *,
    pre_mean: float,
    post_mean: float,
    pre_sd: float,
    post_sd: float | None = None,
    n: int | None = None,
    correlation: float | None = None,
    reliability: float | None = None,
    direction: Direction = "fall",
    level: float = 0.95,
    unit: str = "points",
) -> StandardisedChange:
    """Change between two readings of the same people, from their means and spreads.

    Args:
        pre_mean, post_mean: of the scores; pre_sd, post_sd: their standard deviations.
        n: people with both readings; needed for intervals and for Hedges' correction.
        correlation: of the two readings; needed for intervals and for the spread of the change.
        reliability: share of a score's variance that would be found again if nobody changed, over the time
            that matters: within an hour it is high, over months of ups and downs it is lower.
        direction: which way is better: "fall" for symptoms, "rise" for functioning. Change and effects
            are positive when they go that way.
        level: of the intervals, a share.

    Returns:
        See `StandardisedChange`. What lacks an input is left out, and asking for it says what is needed.

    Raises:
        MethodError: a number is missing or infinite, a spread is not above nought, n is below 2, a
            correlation or reliability is out of range, the direction is unknown.

    References:
        Jacobson and Truax 1991, J Consult Clin Psychol 59:12; Becker 1988, Br J Math Stat Psychol 41:257;
        Bonett 2008, Psychol Methods 13:99; Davis 1976, Am J Epidemiol 104:493; Barnett, van der Pols and
        Dobson 2005, Int J Epidemiol 34:215.
    """
    if direction not in DIRECTIONS:
        raise MethodError(
            "Unknown direction", where="argument direction", found=direction, choices=DIRECTIONS
        )
    refuse_level(level)
    _check_readings(pre_mean, post_mean, pre_sd, post_sd)
    _check_links(n, correlation, reliability)
    readings = Readings(
        pre_mean,
        post_mean,
        pre_sd,
        post_sd,
        n,
        correlation,
        reliability,
        1.0 if direction == "rise" else -1.0,
        level,
        unit,
    )
    reliable = None if reliability is None else reliable_change(pre_sd, reliability, level=level)
    return StandardisedChange(readings, _change(readings), _effects(readings), reliable)


def reliable_change(sd: float, reliability: float, *, level: float = 0.95) -> ReliableChange:
    """How large a change must be to be more than error (Jacobson and Truax 1991).

    Args:
        sd: standard deviation of the scores; reliability: of a score, between 0 and 1.

    Raises:
        MethodError: as `standardised_change`.
    """
    _refuse("sd", sd, np.isfinite(sd) and sd > 0, "a number above nought")
    _refuse("reliability", reliability, 0 <= reliability < 1, "from 0 to below 1")
    error = float(sd * np.sqrt(1 - reliability))
    difference = float(np.sqrt(2) * error)
    return ReliableChange(
        error, difference, float(stats.norm.ppf(0.5 + level / 2)) * difference, level
    )


def implied_reliability(criterion: float, sd: float, *, level: float = 0.95) -> float:
    """The reliability at which this change is just more than error: `reliable_change` turned round.

    Raises:
        MethodError: the criterion is so wide that no reliability gives it.
    """
    _refuse("criterion", criterion, np.isfinite(criterion) and criterion > 0, "above nought")
    _refuse("sd", sd, np.isfinite(sd) and sd > 0, "a number above nought")
    z = float(stats.norm.ppf(0.5 + level / 2))
    implied = 1 - (criterion / z) ** 2 / (2 * sd**2)
    _refuse("criterion", criterion, implied > -1e-9, f"at most {z * np.sqrt(2) * sd:.4g}")
    return max(float(implied), 0.0)


def small_sample_factor(df: float) -> float:
    """Hedges' exact factor, which takes the upward bias out of an effect size on these degrees of freedom."""
    return float(np.exp(gammaln(df / 2) - gammaln((df - 1) / 2) - np.log(df / 2) / 2))


def _change(r: Readings) -> Estimate:
    value = r.sign * (r.post_mean - r.pre_mean) + 0.0  # nought has no sign
    name = "Rise" if r.sign > 0 else "Fall"
    spread = r.spread_of_change
    if r.n is None or spread is None:
        return Estimate(name, value, np.nan, np.nan, r.level, None, r.unit)
    student, error = stats.t(r.n - 1), spread / np.sqrt(r.n)
    reach = float(student.ppf(0.5 + r.level / 2) * error)
    p = float(2 * student.sf(abs(value) / error)) if error > 0 else None
    kind = f"{r.level:.0%} interval from Student's t"
    return Estimate(name, value, value - reach, value + reach, r.level, p, r.unit, kind)


def _effects(r: Readings) -> tuple[EffectSize, ...]:
    change = r.sign * (r.post_mean - r.pre_mean) + 0.0
    effects = []
    for denominator, spread in r.spreads.items():
        d = change / spread
        factor = None if r.n is None else _factor(r, denominator)
        g = None if factor is None else _estimate(r, denominator, spread, factor * d, "Hedges' g")
        effects.append(
            EffectSize(denominator, spread, _estimate(r, denominator, spread, d, "Effect"), g)
        )
    return tuple(effects)


def _factor(r: Readings, denominator: str) -> float | None:
    assert r.n is not None
    if r.n < 3:
        return None
    if denominator != "average":
        return small_sample_factor(r.n - 1)
    if r.correlation is None:
        return None
    return small_sample_factor(2 * (r.n - 1) / (1 + r.correlation**2))


def _estimate(r: Readings, denominator: str, spread: float, effect: float, what: str) -> Estimate:
    name = f"{what} in spreads of the {denominator}"
    variance = _variance(r, denominator, spread, effect)
    if variance is None:
        return Estimate(name, effect, np.nan, np.nan, r.level)
    reach = float(stats.norm.ppf(0.5 + r.level / 2) * np.sqrt(variance))
    kind = f"{r.level:.0%} large-sample interval"
    return Estimate(name, effect, effect - reach, effect + reach, r.level, None, "", kind)


def _variance(r: Readings, denominator: str, spread: float, effect: float) -> float | None:
    """Becker's for one reading's spread, Bonett's for the average, the usual one for the spread of change."""
    if r.n is None or r.correlation is None:
        return None
    if denominator == "change":
        return 1 / r.n + effect**2 / (2 * r.n)
    if denominator != "average":
        return 2 * (1 - r.correlation) / r.n + effect**2 / (2 * r.n)
    assert r.post_sd is not None and r.spread_of_change is not None
    a, b = r.pre_sd**2, r.post_sd**2
    fourth = a**2 + b**2 + 2 * r.correlation**2 * a * b
    bias = effect**2 * fourth / (8 * spread**4)
    return float((bias + r.spread_of_change**2 / spread**2) / (r.n - 1))


def _check_readings(
    pre_mean: float, post_mean: float, pre_sd: float, post_sd: float | None
) -> None:
    for name, mean in (("pre_mean", pre_mean), ("post_mean", post_mean)):
        _refuse(name, mean, np.isfinite(number(name, mean, WHAT)), "a finite number")
    for name, sd in (("pre_sd", pre_sd), ("post_sd", post_sd)):
        if sd is not None or name == "pre_sd":
            known = number(name, sd, WHAT)
            _refuse(name, sd, np.isfinite(known) and known > 0, "a number above nought")


def _check_links(n: int | None, correlation: float | None, reliability: float | None) -> None:
    if n is not None:
        people = number("n", n, WHAT)
        whole = np.isfinite(people) and people == int(people)
        _refuse("n", n, whole and people >= 2, "a whole number, two people or more")
    if correlation is not None:
        fits = -1 < number("correlation", correlation, WHAT) < 1
        _refuse("correlation", correlation, fits, "a number between -1 and 1")
    if reliability is not None:
        fits = 0 <= number("reliability", reliability, WHAT) < 1
        _refuse("reliability", reliability, fits, "from 0 to below 1")


def _refuse(name: str, found: object, fits: object, expected: str) -> None:
    if not fits:
        raise MethodError(
            WHAT,
            where=f"argument {name}",
            expected=expected,
            found=found,
        )
