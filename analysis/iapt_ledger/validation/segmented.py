"""Interrupted time series that others published, and what our method makes of the same data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from iapt_ledger.methods.time_series.segmented import InterruptedTimeSeries, interrupted_time_series
from iapt_ledger.validation.case import Case, Check
from iapt_ledger.validation.data import read

METHOD = "interrupted_time_series"
R_STOPS = (
    "R's glm stops at a change of 1e-8 in the deviance and takes the dispersion from the round before the last; "
    "with epsilon = 1e-14 it gives 2.274558, as ours."
)
BAN = 37  # January 2005 as the tutorial counts months: January 2002 is 1


def sicily(**choices: object) -> InterruptedTimeSeries:
    """The tutorial's series with its offset, under some choices of model."""
    data = read("sicily_smoking_ban.csv")
    return interrupted_time_series(
        data,
        "aces",
        "time",
        start=BAN,
        offset="stdpop",
        **choices,  # type: ignore[arg-type]
    )


def standard_error(result: InterruptedTimeSeries, term: str) -> float:
    """The standard error of one term."""
    return float(result.coefficients.set_index("term")["std_error"][term])


def _checks(
    case: str, citation: str, where: str, *rows: tuple[str, float, int, float]
) -> list[Check]:
    """Checks of one case from rows of quantity, published number, its decimals and ours."""
    return [
        Check(METHOD, case, quantity, published, decimals, ours, citation, where)
        for quantity, published, decimals, ours in rows
    ]


def _poisson_step() -> Sequence[Check]:
    found = sicily(family="poisson", slope_change=False)
    ratio = found.level_change.ratio
    return _checks(
        "Sicilian smoking ban, Poisson step",
        "cleland_its",
        "output of model1",
        ("log rate ratio of the level", -0.1116284, 7, found.value),
        ("its standard error", 0.0172248, 7, standard_error(found, "level_change")),
        ("rate ratio of the level", 0.894, 3, ratio.value),
        ("its lower 95% limit", 0.865, 3, ratio.low),
        ("its upper 95% limit", 0.925, 3, ratio.high),
        ("log trend a month", 0.0049450, 7, found.trend.value),
    )


def _quasi_poisson_with_seasons() -> Sequence[Check]:
    found = sicily(family="quasipoisson", slope_change=False, harmonics=2, quantiles="normal")
    ratio = found.level_change.ratio
    return _checks(
        "Sicilian smoking ban, quasi-Poisson step with two harmonics",
        "cleland_its",
        "output of model3",
        ("rate ratio of the level", 0.8850715, 7, ratio.value),
        ("its lower 95% limit, normal", 0.8394010, 7, ratio.low),
        ("its upper 95% limit, normal", 0.9332270, 7, ratio.high),
        ("ratio of the trend a year", 1.066808, 6, float(np.exp(12 * found.trend.value))),
    )


def _quasi_poisson_with_slope() -> Sequence[Check]:
    """The tutorial multiplies the ban by time itself: its level is the gap carried back to month 0."""
    found = sicily(family="quasipoisson", harmonics=2)
    slope = found.slope_change
    assert slope is not None
    back = {"level_change": 1.0, "slope_change": -float(BAN)}
    level, error = found.model.combination(back)
    case = "Sicilian smoking ban, quasi-Poisson with two harmonics and a change of slope"
    citation, where = "cleland_its", "output of model4"
    checks = _checks(
        case,
        citation,
        where,
        ("log ratio of the slope a month", 0.0014822, 7, slope.value),
        ("its standard error", 0.0018546, 7, standard_error(found, "slope_change")),
        ("its p-value, t", 0.427879, 6, slope.p_value or np.nan),
        ("log ratio of the level, carried back to month 0", -0.1852194, 7, level),
        ("standard error of the trend", 0.0008745, 7, standard_error(found, "trend")),
    )
    stopped = (
        ("standard error of the level, carried back to month 0", 0.0835610, 7, error, 0.5),
        ("dispersion", 2.274563, 6, found.dispersion, 4.5),
    )
    return [
        *checks,
        *(
            Check(
                METHOD, case, quantity, published, decimals, ours, citation, where, slack, R_STOPS
            )
            for quantity, published, decimals, ours, slack in stopped
        ),
    ]


def _least_squares() -> Sequence[Check]:
    data = read("cigarettes_39_states.csv")
    found = interrupted_time_series(data, "California", "year", start=1989, hac_lags=1)
    slope = found.slope_change
    assert slope is not None
    first = found.coefficients.set_index("term")["value"]["level"]
    return _checks(
        "California's Proposition 99, least squares",
        "linden2025power",
        "help file, first multiple-group example",
        ("level in 1970", 132.2258, 4, float(first)),
        ("trend a year before 1989", -1.779474, 6, found.trend.value),
        ("change of level in 1989", -20.0581, 4, found.value),
        ("trend a year from 1989", -3.274126, 6, found.trend.value + slope.value),
        ("counterfactual of 1989", 98.416, 3, float(found.counterfactual["value"].iloc[0])),
    )


CASES: tuple[Case, ...] = (
    Case("Sicilian smoking ban: Poisson", METHOD, _poisson_step),
    Case("Sicilian smoking ban: quasi-Poisson with seasons", METHOD, _quasi_poisson_with_seasons),
    Case("Sicilian smoking ban: change of slope", METHOD, _quasi_poisson_with_slope),
    Case("Proposition 99: least squares", METHOD, _least_squares),
)
