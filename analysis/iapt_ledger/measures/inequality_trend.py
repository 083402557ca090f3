"""Inequality over all ten tenths of areas, year by year: slope and relative index, and where the gradient arises.

The gap of `iapt_ledger.measures.gaps` reads the two outermost tenths. The indices here read all ten: a line
through the rates, from the most deprived end of the population to the least deprived
(`iapt_ledger.methods.groups.inequalities`). Each tenth weighs as the base of its rate does; with equal tenths instead
`equal_tenths` is had. Only the publisher's ten tenths are read; referrals of unknown area are left out.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.caseness import Group, group_of
from iapt_ledger.methods.groups.inequalities import inequality
from iapt_ledger.methods.groups.inequality_result import Inequality

Array = npt.NDArray[np.float64]
TENTHS = tuple(str(i) for i in range(1, 11))
# Shares of those below caseness at the start who may have improved, the same in every tenth.
IMPROVED_BELOW = np.linspace(0, 1, 101)


def slope_indices(rates: pd.DataFrame) -> pd.DataFrame:
    """Slope index, and ratio of the two ends, of every rate and year.

    Args:
        rates: from `iapt_ledger.measures.gaps.group_rates` for the deciles, 1 the most deprived.

    Returns:
        A measure frame. `<rate>_slope`: fitted rate of the least less the most deprived end, percentage
        points, with the interval of the counts; `scatter_low` and `scatter_high` are the wider interval of
        the regression, from the scatter of the tenths around the line; `equal_tenths` the slope with tenths
        of equal weight; `r_squared` how well a line fits. `<rate>_ends`: ratio of the ends, least over most.

    Raises:
        LedgerError: a year has not all ten tenths.
    """
    tenths = rates[rates["group"].isin(TENTHS)]
    rows = []
    for (measure, period), year in tenths.groupby(["measure", "period"], sort=True):
        found, equal = _indices(year, f"{measure}, {period}")
        common = {"period": period, "obs": sum(year["obs"], ())}
        slope, scatter, ends = found.slope, found.scatter, found.relative
        rows += [
            {
                "measure": f"{measure}_slope",
                **common,
                "value": slope.value,
                "low": slope.low,
                "high": slope.high,
                "unit": "percentage points",
                "scatter_low": scatter.low,
                "scatter_high": scatter.high,
                "equal_tenths": equal.value,
                "r_squared": found.linearity.r_squared,
            },
            {
                "measure": f"{measure}_ends",
                **common,
                "value": ends.value,
                "low": ends.low,
                "high": ends.high,
                "unit": "times",
            },
        ]
    return pd.DataFrame(rows).sort_values(["measure", "period"], ignore_index=True)


def failures(rates: pd.DataFrame, rate: str, name: str) -> pd.DataFrame:
    """The complement of a rate as a rate of its own: those who did not recover, of those who could.

    A ratio reads otherwise from the other side: where nearly all recover, those who do differ little by a
    ratio and those who do not differ much.
    """
    rows = rates[rates["measure"].eq(rate)]
    return rows.assign(
        measure=name,
        value=100 - rows["value"],
        low=100 - rows["high"],
        high=100 - rows["low"],
        events=rows["base"] - rows["events"],
    )


def referral_index(counts: pd.DataFrame) -> pd.DataFrame:
    """How referrals fall from the most to the least deprived end, as if every tenth held as many people.

    The tenths are tenths of small areas of much the same size; how many people live in each is not held.

    Args:
        counts: from `iapt_ledger.measures.gaps.group_counts` for the deciles.

    Returns:
        A measure frame, measure "referrals_ends": fitted referrals of the most deprived end over those of the
        least deprived one; low and high from the counts alone.
    """
    tenths = counts[counts["group"].isin(TENTHS)].dropna(subset="referrals_received")
    rows = []
    for period, year in tenths.groupby("period", sort=True):
        received = year["referrals_received"].to_numpy()
        order = -year["group"].astype(int)  # turned round: most over least
        found = inequality(
            received, np.ones(len(received)), order, standard_errors=np.sqrt(received)
        ).relative
        rows.append(
            {
                "measure": "referrals_ends",
                "period": period,
                "value": found.value,
                "low": found.low,
                "high": found.high,
                "unit": "times",
                "obs": tuple(ids["referrals_received"] for ids in year["obs"]),
            }
        )
    return pd.DataFrame(rows)


def part_at_the_line(counts: pd.DataFrame) -> pd.DataFrame:
    """How much of the relative gradient in reliable recovery arises between improving and ending below the line.

    Reliable recovery is the product of two shares (see `iapt_ledger.measures.caseness`), so that its slope on
    the log scale is the sum of theirs, over all ten tenths at once and exactly.

    Args:
        counts: from `iapt_ledger.measures.gaps.group_counts` for the deciles.

    Returns:
        A measure frame in per cent, measure "part_at_the_line": value if nobody improved who was not at
        caseness at the start; low and high over every share of them that may have, the same in each tenth.
    """
    rows = []
    for period in sorted(counts["period"].unique()):
        crossing, whole, obs = _year_slopes(counts, period)
        shares = 100 * crossing / whole
        rows.append(
            {"measure": "part_at_the_line", "period": period, **_spanned(shares), "obs": obs}
        )
    return pd.DataFrame(rows)


def narrowing_at_the_line(counts: pd.DataFrame, first: str, last: str) -> dict[str, object]:
    """How much of the fall of the relative gradient between two years arose at the line.

    Returns:
        As a row of `part_at_the_line`, in per cent of the fall of the log slope.

    Raises:
        LedgerError: a year is not held, or the gradient did not fall.
    """
    (before, steep, ids), (after, flat, more) = (_year_slopes(counts, p) for p in (first, last))
    if flat >= steep:
        raise LedgerError("The gradient did not fall", where=f"{first} to {last}")
    return {**_spanned(100 * (before - after) / (steep - flat)), "obs": ids + more}


def _spanned(shares: Array) -> dict[str, object]:
    """The share if nobody below caseness improved, and its span over all that may have."""
    low, high = float(shares.min()), float(shares.max())
    return {"value": float(shares[0]), "low": low, "high": high, "unit": "percent"}


def _year_slopes(counts: pd.DataFrame, period: str) -> tuple[Array, float, tuple[str, ...]]:
    found = [group_of(counts, period, tenth) for tenth in TENTHS]
    obs = tuple(one for _, ids in found for one in ids)
    return *_log_slopes([group for group, _ in found]), obs


def _indices(year: pd.DataFrame, where: str) -> tuple[Inequality, Inequality]:
    if sorted(year["group"]) != sorted(TENTHS):
        raise LedgerError(
            "An index needs all ten tenths, each once", where=where, found=sorted(year["group"])
        )
    order = year["group"].astype(int)
    found = inequality(
        year["value"], year["base"], order, counts=year["events"], kind="share", per=100
    )
    return found, inequality(year["value"], np.ones(len(order)), order)


def _log_slopes(groups: list[Group]) -> tuple[Array, float]:
    """Slopes of the log of crossing the line, for each of `IMPROVED_BELOW`, and of reliable recovery.

    Every slope is one weighted sum of the tenths, so the line is fitted once.
    """
    base = [group.finished - group.below for group in groups]
    rate = np.array([group.recovered for group in groups]) / base
    fit = inequality(np.log(rate), base, range(len(base)))
    crossed = [[group.shares(q)[1] for group in groups] for q in IMPROVED_BELOW]
    return np.log(crossed) @ fit.hat[1], fit.value
