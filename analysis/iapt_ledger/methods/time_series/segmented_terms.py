"""The columns of a segmented regression, counted in whole periods of the series."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from iapt_ledger.methods.time_series.segmented_series import Series, Settings

Array = npt.NDArray[np.float64]
Terms = dict[str, Array]


def base_terms(series: Series, start: int, settings: Settings, *, treated: bool = True) -> Terms:
    """Level, trend, change of level, change of slope and seasons of one series, by name.

    The trend is 0 in the first period; the change of slope is 0 in the period of the break, so that the
    change of level is the jump in that period. `treated=False` leaves both changes at nought: the terms
    of the counterfactual.
    """
    t = np.arange(len(series), dtype=float)
    after = (t >= start).astype(float) if treated else np.zeros(len(series))
    terms = {"level": np.ones(len(series)), "trend": t, "level_change": after}
    if settings.slope_change:
        terms["slope_change"] = after * (t - start)
    for pair in range(1, settings.harmonics + 1):
        turn = 2 * np.pi * pair * t / settings.period
        terms[f"sine_{pair}"] = np.sin(turn)
        terms[f"cosine_{pair}"] = np.cos(turn)
    return terms


def with_covariates(terms: Terms, series: Series, settings: Settings) -> Terms:
    """The terms of a series and its covariates, each under `covariate NAME`."""
    columns = {
        f"covariate {name}": series.covariates[:, n] for n, name in enumerate(settings.covariates)
    }
    return {**terms, **columns}
