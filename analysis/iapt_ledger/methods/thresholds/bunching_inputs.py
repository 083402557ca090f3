"""What the test of a pile-up can use: checks of its arguments, each refusal with place and remedy."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from iapt_ledger.methods.base import MethodError
from iapt_ledger.methods.columns import columns, refuse_level, refuse_rows, refuse_shuffled
from iapt_ledger.methods.thresholds.bunching_kernel import Array, Counts
from iapt_ledger.methods.thresholds.bunching_simulation import Units

WHAT = "A pile-up cannot be sought in these numbers"
_refuse = partial(refuse_rows, WHAT)
FEWEST_UNITS = 50
FEWEST_CLUSTERS = 6
FEWEST_BESIDE = 10  # units on either side of the window, for a null to be fitted through it
HEAPED = (
    0.95  # share of rates that fives over fives can give, from which they are taken for recomputed
)
SPLINES = range(2, 10)
NAMED = ("beta", "logit-normal")


def usable_units(
    values: Any, denominators: Any, clusters: Any, min_denominator: int, rounded_to: int
) -> tuple[Units, int]:
    """The units a test uses, and how many were dropped for too small a denominator.

    Raises:
        MethodError: see `threshold_bunching`.
    """
    given = columns(
        {"values": values, "denominators": denominators}, WHAT, fix="leave out what was suppressed"
    )
    refuse_shuffled({"values": values, "denominators": denominators, "clusters": clusters}, WHAT)
    rates = _whole(given["values"], "values", "rates as printed, in whole per cent")
    sizes = _whole(
        given["denominators"], "denominators", "published counts, such as finished courses"
    )
    _refuse_range(rates, sizes, rounded_to)
    labels = None if clusters is None else _labels(clusters, rates)
    kept = sizes >= min_denominator
    _refuse_few(rates[kept], min_denominator, len(rates))
    _refuse_recomputed(rates[kept], sizes[kept], rounded_to)
    return _sorted_units(rates[kept], sizes[kept], labels, kept, rounded_to), int((~kept).sum())


def refuse_settings(threshold: Any, window: Any, simulations: int, level: float) -> None:
    """Refuse a standard, a window, a number of simulations or a level that cannot be used."""
    if not _is_whole(threshold) or not 0 < threshold < 100:
        raise MethodError(
            "A standard for printed rates is a whole per cent within the scale",
            where="argument threshold",
            expected="a whole number from 1 to 99",
            found=repr(threshold),
        )
    if not _is_whole(window) or window < 1 or threshold < window or threshold + window > 101:
        raise MethodError(
            "The window leaves the scale of 0 to 100",
            where="argument window",
            expected=f"a whole number from 1 to {min(int(threshold), 101 - int(threshold))}",
            found=repr(window),
        )
    if not _is_whole(simulations) or simulations < 99:
        raise MethodError(
            "Too few simulations for a p-value",
            where="argument simulations",
            expected="99 or more",
            found=simulations,
        )
    refuse_level(level)


def _is_whole(value: Any) -> bool:
    real = isinstance(value, int | float | np.integer | np.floating)
    return real and not isinstance(value, bool) and bool(np.isfinite(value)) and value == int(value)


def refuse_flexibilities(flexibilities: Sequence[str | int]) -> None:
    """Refuse nulls that are not known."""
    known = (*NAMED, *SPLINES)
    for flexibility in flexibilities:
        if flexibility not in known or isinstance(flexibility, bool):
            raise MethodError(
                "Unknown shape of the smooth null",
                where="argument flexibilities",
                expected="a name, or the degrees of freedom of a spline",
                found=flexibility,
                choices=known,
            )
    if not flexibilities or len(set(flexibilities)) < len(flexibilities):
        raise MethodError(
            "The shapes of the smooth null are each named once",
            where="argument flexibilities",
            expected="one or more, none twice",
            found=list(flexibilities),
        )


def refuse_support(units: Units, threshold: int, window: int) -> None:
    """Refuse a window with too little on either side of it, or nothing within."""
    low, high = threshold - window, threshold + window
    beside = {"below": int(np.sum(units.values < low)), "above": int(np.sum(units.values >= high))}
    needed = {"below": low > 0, "above": high < 101}
    within = len(units.values) - sum(beside.values())
    for side, number in beside.items():
        if needed[side] and number < FEWEST_BESIDE:
            raise MethodError(
                f"The window leaves the support: too few units print rates {side} it",
                where=f"window {low} to {high - 1}",
                expected=f"{FEWEST_BESIDE} or more {side} it",
                found=number,
                fix="choose a narrower window or a standard within the bulk of the rates",
            )
    if within < FEWEST_BESIDE:
        raise MethodError(
            "Too few units print rates near the standard",
            where=f"window {low} to {high - 1}",
            expected=f"{FEWEST_BESIDE} or more",
            found=within,
            fix="widen the window",
        )


def _whole(numbers: Array, name: str, expected: str) -> Counts:
    _refuse(
        name,
        numbers,
        numbers != np.round(numbers),
        expected,
        "use the rates as they were printed; rates recomputed from counts rounded to 5 heap by arithmetic",
    )
    return numbers.astype(np.int64)


def _refuse_range(rates: Counts, sizes: Counts, rounded_to: int) -> None:
    if rounded_to not in (1, 5, 10):
        raise MethodError(
            "Denominators are published whole or rounded",
            where="argument denominators_rounded_to",
            expected="what they are rounded to",
            found=rounded_to,
            choices=(1, 5, 10),
        )
    floats = rates.astype(float), sizes.astype(float)
    outside = (rates < 0) | (rates > 100)
    _refuse("values", floats[0], outside, "rates from 0 to 100", "correct the rate")
    _refuse(
        "denominators", floats[1], sizes <= 0, "counts above nought", "leave out units without any"
    )
    _refuse(
        "denominators",
        floats[1],
        sizes % rounded_to != 0,
        f"counts rounded to {rounded_to}",
        "say denominators_rounded_to=1 where they are exact",
    )


def _labels(clusters: Any, rates: Counts) -> Counts:
    series = pd.Series(np.asarray(clusters, dtype=object))
    if len(series) != len(rates):
        raise MethodError(
            WHAT,
            where="argument clusters",
            expected=f"as many as values, {len(rates):,}",
            found=f"{len(series):,}",
        )
    missing = series.isna().to_numpy()
    if missing.any():
        raise MethodError(
            "A unit belongs to no cluster",
            where=f"argument clusters, row {int(np.flatnonzero(missing)[0]) + 1}",
            expected="the name of its service or area",
            found="nothing",
        )
    # Numbered by name, so that the order of rows changes nothing.
    return np.asarray(np.unique(series.astype(str), return_inverse=True)[1], dtype=np.int64)


def _sorted_units(
    rates: Counts, sizes: Counts, labels: Counts | None, kept: Any, rounded_to: int
) -> Units:
    own = (
        np.arange(len(rates)) if labels is None else np.unique(labels[kept], return_inverse=True)[1]
    )
    number = int(own.max()) + 1
    if labels is not None and number < FEWEST_CLUSTERS:
        raise MethodError(
            "Too few clusters for an interval",
            where="argument clusters",
            expected=f"{FEWEST_CLUSTERS} or more",
            found=number,
            fix="use more services, or no clusters where each stands there once",
        )
    order = np.lexsort((rates, sizes)) if labels is None else np.lexsort((rates, sizes, own))
    clusters = np.arange(len(rates)) if labels is None else own[order]
    return Units(rates[order], sizes[order], clusters, number < len(rates), rounded_to)


def _refuse_few(rates: Counts, min_denominator: int, before: int) -> None:
    if len(rates) < FEWEST_UNITS:
        raise MethodError(
            "Too few units to fit a smooth null",
            where=f"{before:,} values, of which {len(rates):,} have denominators of {min_denominator} or more",
            expected=f"{FEWEST_UNITS} or more",
            found=len(rates),
            fix="take more services or periods, or a lower min_denominator",
        )
    if len(np.unique(rates)) < 5:
        raise MethodError(
            "The printed rates hardly differ",
            where="argument values",
            expected="five distinct rates or more",
            found=len(np.unique(rates)),
        )


def _refuse_recomputed(rates: Counts, sizes: Counts, rounded_to: int) -> None:
    """Refuse whole rates that were rounded after fives were divided by fives: they heap by arithmetic."""
    small = (sizes <= 200) & (sizes % 5 == 0)
    if rounded_to != 5 or not small.any():
        return
    rate, size = rates[small], sizes[small]
    nearest = 5 * np.round(rate * size / 500)
    given = np.abs(100 * nearest / size - rate) <= 0.5
    chance = float(np.mean((size / 5 + 1) / 101))
    surprise = stats.binom.sf(given.sum() - 1, len(given), chance)
    if given.mean() >= HEAPED and surprise < 1e-6:
        raise MethodError(
            "These rates were recomputed from counts rounded to 5, and heap by arithmetic",
            where="argument values",
            expected=f"rates as printed, of which about {chance:.0%} of small units' would be fives over fives",
            found=f"{given.mean():.0%}",
            fix="use the rates as they were printed",
        )
