"""A pile-up near a standard in published whole-number rates, against a smooth null that is printed alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from iapt_ledger.methods.base import Estimate
from iapt_ledger.methods.thresholds.bunching_caliper import caliper
from iapt_ledger.methods.thresholds.bunching_fits import Resamples, readings
from iapt_ledger.methods.thresholds.bunching_inputs import (
    refuse_flexibilities,
    refuse_settings,
    refuse_support,
    usable_units,
)
from iapt_ledger.methods.thresholds.bunching_kernel import BINS, printed_below
from iapt_ledger.methods.thresholds.bunching_placebos import (
    Search,
    placebo_thresholds,
    standardised,
)
from iapt_ledger.methods.thresholds.bunching_reading import Reading, Window
from iapt_ledger.methods.thresholds.bunching_result import Bunching
from iapt_ledger.methods.thresholds.bunching_simulation import (
    Simulations,
    Units,
    correlation_within,
    simulated,
)

FLEXIBILITIES: tuple[str | int, ...] = ("beta", "logit-normal", 3, 5, 7)


def threshold_bunching(
    values: Any,
    threshold: int,
    *,
    denominators: Any,
    clusters: Any = None,
    window: int = 3,
    placebos: Sequence[int] | None = None,
    min_denominator: int = 50,
    flexibilities: str | int | Sequence[str | int] = FLEXIBILITIES,
    simulations: int = 5000,
    seed: int = 0,
    level: float = 0.95,
    denominators_rounded_to: int = 5,
    unit: str = "units",
) -> Bunching:
    """Ask whether more units than a smooth distribution allows print rates at or just above a standard.

    Let A be the units that print threshold to threshold + window - 1 and B those that print threshold - window
    to threshold - 1. A smooth null places the share s of A + B above; the excess is A - s (A + B), and the
    ratio is the odds A/B over the odds s/(1 - s). The null is a latent density of true rates, fitted to the
    printed rates outside the window through binomial noise at each unit's own denominator and rounding half
    up, by penalised maximum likelihood (Efron 2016). Its p-value comes from simulations of the same noise and
    rounding, with the statistic over its cluster-robust error and the null refitted (to first order) each
    time; months of one cluster are drawn together. Several shapes of null are fitted: the largest p-value is
    the headline.

    A bin printed 50 holds rates of 49.5 and more: a service at 49.6% prints the standard without meeting it,
    and one that moves from there to 50.1% leaves no trace. `rounded_up` says how many are expected.

    Args:
        values: rates as published, whole per cents, shape (n,); never recomputed from rounded counts.
        threshold: the printed standard, 1 to 99.
        denominators: published denominators of the rates, shape (n,).
        clusters: service or area of each unit where it stands there several times, shape (n,).
        window: printed rates on either side.
        placebos: other thresholds; by default every whole number whose window is clear of the real one's.
        min_denominator: units with fewer are dropped: their rates take few values.
        flexibilities: shapes of the null: "beta", "logit-normal", or degrees of freedom of a spline (2 to 9).
        simulations: under each null.
        level: of the intervals, which are cluster bootstrap-t's.
        denominators_rounded_to: 5 where published denominators are rounded to fives (the true one may be two
            away on either side), 1 where they are exact.
        unit: what a unit is, for the words.

    Raises:
        MethodError: rates are missing, not whole, outside 0 to 100 or recomputed from counts rounded to 5;
            denominators are missing, nought, or not rounded as said; fewer than 50 units or 6 clusters are
            left; the window leaves the scale or the rates; a null cannot be fitted.
    """
    shapes = (flexibilities,) if isinstance(flexibilities, str | int) else tuple(flexibilities)
    refuse_settings(threshold, window, simulations, level)
    simulations = int(simulations)
    refuse_flexibilities(shapes)
    units, dropped = usable_units(
        values, denominators, clusters, min_denominator, denominators_rounded_to
    )
    refuse_support(units, threshold, window)
    others = placebo_thresholds(
        None if placebos is None else tuple(placebos), threshold, window, units.counts
    )
    kernel = units.kernel()
    found = readings(units, kernel, Window.about(threshold, window), shapes)
    correlation = correlation_within(units)
    nulls = [(each.fitted.density, each.influence(units.counts)) for each in found]
    drawn = simulated(units, nulls, correlation, simulations, seed)
    table = _by_flexibility(units, found, drawn, Resamples.of(units, seed), level)
    worst = int(np.flatnonzero(table["headline"])[0])
    return Bunching(
        threshold=int(threshold),
        window=int(window),
        **_estimates(table.iloc[worst], units, int(threshold), level, unit),
        by_flexibility=table,
        bins=_bins(units, found, drawn, level),
        rounded_up=_rounded_up(units, found[worst], int(threshold)),
        correlation=correlation,
        n=len(units.values),
        n_dropped=dropped,
        n_clusters=None if clusters is None else units.n_clusters,
        min_denominator=min_denominator,
        simulations=simulations,
        unit=unit,
        search=Search(units, kernel, int(threshold), int(window), shapes[worst], others),
    )


def _by_flexibility(
    units: Units,
    found: Sequence[Reading],
    drawn: Sequence[Simulations],
    resamples: Resamples,
    level: float,
) -> pd.DataFrame:
    table = pd.DataFrame(
        _tested(units, reading, simulations, resamples, level)
        for reading, simulations in zip(found, drawn, strict=True)
    )
    table["headline"] = np.arange(len(table)) == int(table["p_value"].to_numpy().argmax())
    return table


def _tested(
    units: Units, reading: Reading, drawn: Simulations, resamples: Resamples, level: float
) -> dict[str, object]:
    counts, window = units.counts, reading.window
    expected = reading.scaled(counts)
    excess, error, statistic = standardised(units, reading)
    null = reading.excess(drawn.counts) / np.maximum(drawn.errors, 1e-9)
    above, below = _p(null >= statistic), _p(null <= statistic)
    low, high, _ = resamples.interval(excess, reading.influence(counts), level)
    log = reading.log_ratio(counts)
    log_low, log_high, _ = resamples.interval(log, reading.log_ratio_influence(counts), level)
    misfit = reading.misfit(counts[None])[0]
    return {
        "flexibility": reading.fitted.family.name,
        "parameters": len(reading.fitted.parameters),
        "expected_share": reading.share,
        "observed_above": int(counts[window.above].sum()),
        "observed_below": int(counts[window.below].sum()),
        "expected_above": float(expected[window.above].sum()),
        "expected_below": float(expected[window.below].sum()),
        "excess": excess,
        "low": low,
        "high": high,
        "ratio": float(np.exp(log)),
        "ratio_low": float(np.exp(log_low)),
        "ratio_high": float(np.exp(log_high)),
        "standard_error": error,
        "statistic": statistic,
        "p_value": min(1.0, 2 * min(above, below)),
        "p_above": above,
        "fit_p_value": _p(reading.misfit(drawn.counts) >= misfit),
    }


def _p(extreme: npt.NDArray[np.bool_]) -> float:
    """Share of simulations, the data counted as one of them (Davison and Hinkley 1997)."""
    return float((1 + np.sum(extreme)) / (1 + len(extreme)))


def _estimates(
    row: pd.Series, units: Units, threshold: int, level: float, unit: str
) -> dict[str, Any]:
    """The headline's parts of the result."""

    def estimate(name: str, columns: tuple[str, str, str], measured: str = "") -> Estimate:
        value, low, high = (float(row[column]) for column in columns)
        kind = f"{level:.0%} {'cluster ' if units.clustered else ''}bootstrap-t interval"
        return Estimate(name, value, low, high, level, float(row.p_value), measured, kind)

    counts = int(row.observed_above), int(row.observed_below)
    return {
        "excess": estimate(
            f"Excess at or just above {threshold}%", ("excess", "low", "high"), unit
        ),
        "ratio": estimate(
            "Odds of lying above, seen over expected", ("ratio", "ratio_low", "ratio_high")
        ),
        "caliper": caliper(*counts, level=level, unit=unit),
        "headline": str(row.flexibility),
        "p_above": float(row.p_above),
    }


def _bins(
    units: Units, found: Sequence[Reading], drawn: Sequence[Simulations], level: float
) -> pd.DataFrame:
    tails = [50 * (1 - level), 50 * (1 + level)]
    counts, frames = units.counts, []
    for reading, simulations in zip(found, drawn, strict=True):
        low, high = np.percentile(simulations.counts, tails, axis=0)
        expected = reading.scaled(counts)
        scale = expected.sum() / counts.sum()
        columns = {
            "flexibility": reading.fitted.family.name,
            "bin": np.arange(BINS),
            "side": _sides(reading.window),
            "observed": counts.astype(int),
            "expected": expected,
            "low": low * scale,
            "high": high * scale,
        }
        frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True)


def _sides(window: Window) -> npt.NDArray[np.str_]:
    return np.select([window.above, window.below], ["above", "below"], "outside")


def _rounded_up(units: Units, reading: Reading, threshold: int) -> float:
    """Of units expected to print the standard, the share that lies below it before rounding."""
    short = 0.0
    for size, often in zip(*np.unique(units.sizes, return_counts=True), strict=True):
        chance = printed_below(int(size), units.rounded_to, threshold) @ reading.fitted.density
        short += float(often * chance)
    return short / float(reading.expected[threshold] * len(units.values))
