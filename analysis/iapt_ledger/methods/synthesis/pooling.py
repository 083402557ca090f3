"""Studies combined: a random-effects mean, how far the studies differ, and what a new study would find.

Stands on `statsmodels.stats.meta_analysis.combine_effects`. The library leaves a negative variance between
studies as it is; here it is set to nought, as DerSimonian and Laird (1986) define it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects

from iapt_ledger.methods.base import Estimate, Headlined, MethodError, printed
from iapt_ledger.methods.synthesis.pooling_inputs import Numbers, check_choices, studies
from iapt_ledger.methods.synthesis.pooling_variance import TAU2, cochran_q, q_profile

Array = npt.NDArray[np.float64]

FEWEST_FOR_PREDICTION = 3  # its t distribution has k - 2 degrees of freedom


@dataclass(frozen=True)
class Pooled(Headlined):
    """A random-effects meta-analysis.

    Attributes:
        estimate: mean of the effects over studies like these, with its interval and p-value against nought.
        prediction: the same mean with limits between which the true effect of a new study would lie
            (Higgins, Thompson and Spiegelhalter 2009); NaN, with the reason in `interval`, below three studies.
            With few studies that differ a little it is too narrow: eight of them held four new effects in five, not
            nineteen in twenty (tests/validation/test_pooling_simulation.py).
        tau2: variance of the true effects between studies, with its Q-profile interval (Viechtbauer 2007); limits are
            NaN where the studies differ so little that no variance, not even nought, is within them.
        i2: per cent of the variance that lies between studies, and the same interval on that scale.
        q, q_p_value: Cochran's test that all studies have one effect.
        standard_error: of the mean, as the interval uses it.
        weights: one row a study, in the order given: label, value, standard_error, low, high
            (normal limits of the study by itself) and weight (per cent, summing to 100).
        method: DL, PM or REML; knapp_hartung: whether the interval is Hartung, Knapp, Sidik and Jonkman's.
        never_narrower: whether that interval was kept from being narrower than its unscaled form.
    """

    estimate: Estimate
    prediction: Estimate
    tau2: Estimate
    i2: Estimate
    q: float
    q_p_value: float
    standard_error: float
    weights: pd.DataFrame
    method: str
    knapp_hartung: bool
    never_narrower: bool

    @property
    def headline(self) -> Estimate:
        """The mean effect, its p-value against a mean of nought."""
        return self.estimate

    @property
    def k(self) -> int:
        """How many studies were combined."""
        return len(self.weights)

    @cached_property
    def leave_one_out(self) -> pd.DataFrame:
        """The mean without each study in turn: label (who was left out), value, low, high, p_value, tau2.

        Raises:
            MethodError: there are only two studies, so one would be left.
        """
        if self.k == 2:
            raise MethodError(
                "Leaving one of two studies out leaves nothing to combine", expected="three or more"
            )
        rows = [self._without(i) for i in range(self.k)]
        return pd.DataFrame(
            [
                {
                    "label": label,
                    **{c: getattr(left, c) for c in ("value", "low", "high", "p_value")},
                    "tau2": left.tau2.value,
                }
                for label, left in zip(self.weights["label"], rows, strict=True)
            ]
        )

    def _without(self, place: int) -> Pooled:
        kept = self.weights.drop(index=self.weights.index[place])
        return combine_studies(
            kept["value"],
            kept["standard_error"],
            labels=kept["label"],
            method=self.method,
            knapp_hartung=self.knapp_hartung,
            never_narrower=self.never_narrower,
            level=self.level,
            name=self.estimate.name,
            unit=self.estimate.unit,
        )

    def summary(self) -> str:
        """The mean, a new study, and how far studies differ, one line each."""
        q_p = "< 0.001" if self.q_p_value < 0.001 else f"= {self.q_p_value:.3f}"
        return "\n".join(
            [
                f"{self.estimate.summary()}; {self.k} studies",
                self.prediction.summary(),
                f"{self.tau2.summary()}; I² {printed(self.i2.value, 'percent')}; Q {self.q:.1f}, p {q_p}",
            ]
        )


def combine_studies(
    estimates: Numbers,
    standard_errors: Numbers | None = None,
    *,
    low: Numbers | None = None,
    high: Numbers | None = None,
    inputs_level: float = 0.95,
    labels: Sequence[object] | pd.Series | None = None,
    method: str = "REML",
    knapp_hartung: bool = True,
    never_narrower: bool = True,
    level: float = 0.95,
    name: str = "Mean effect",
    unit: str = "",
) -> Pooled:
    """Combine effects of independent studies under a random-effects model.

    Ratios are given as logs. A study's own standard error is taken as known.

    Args:
        estimates: k effects on one scale on which errors are about normal.
        standard_errors: k of them; or else low and high, the limits of symmetric normal intervals of
            `inputs_level`.
        labels: k different names; 1 to k without.
        method: of the variance between studies: "REML", "PM" (Paule and Mandel 1982, the same as
            empirical Bayes) or "DL" (DerSimonian and Laird 1986).
        knapp_hartung: a t interval with k - 1 degrees of freedom and a rescaled error (Hartung and Knapp 2001);
            without it a normal interval, which is too short with few studies.
        never_narrower: with Knapp-Hartung, never scale the error down (Röver, Knapp and Friede 2015).
        level: of all intervals; name, unit: of the effect, for summaries.

    Raises:
        MethodError: fewer than two studies, lengths that differ, an error that is not above nought, limits that
            are not symmetric around the estimate, a missing number, a method or a level that is unknown.
    """
    check_choices(method, TAU2, level)
    y, errors, names = studies(estimates, standard_errors, low, high, inputs_level, labels)
    v = errors**2
    tau2 = TAU2[method](y, v)
    with np.errstate(all="ignore"):  # of its own second guess at the variance
        fit = combine_effects(y, v + tau2, method_re="dl")
    mean, k = float(fit.mean_effect_fe), len(y)
    error, dist, kind = _error(fit, k, knapp_hartung, never_narrower)
    half = float(dist.ppf(0.5 + level / 2)) * error
    p_value = float(2 * dist.sf(abs(mean) / error))
    q, limits = cochran_q(y, v), q_profile(y, v, level)
    return Pooled(
        Estimate(name, mean, mean - half, mean + half, level, p_value, unit, f"{level:.0%} {kind}"),
        _prediction(mean, error, tau2, k, level, name, unit),
        Estimate(
            "Variance between studies",
            tau2,
            *limits,
            level,
            interval=_profile(limits, level),
        ),
        _i2(tau2, limits, v, level),
        q,
        float(stats.chi2.sf(q, k - 1)),
        error,
        _weights(y, errors, names, v + tau2, level),
        method,
        knapp_hartung,
        never_narrower,
    )


def _error(
    fit: Any, k: int, knapp_hartung: bool, never_narrower: bool
) -> tuple[float, stats.distributions.rv_frozen, str]:
    plain = float(fit.sd_eff_w_fe)
    if not knapp_hartung:
        return plain, stats.norm(), "normal interval"
    scale = float(fit.scale_hksj_fe)
    if not never_narrower and not scale > 0:
        raise MethodError(
            "The studies have one and the same effect, so that their scatter gives the mean no error",
            where="column estimates",
            expected="effects that differ",
            found=f"{float(fit.mean_effect_fe):g} in each",
            fix="leave never_narrower=True, which goes by the errors of the studies",
        )
    return (
        plain * float(np.sqrt(max(scale, 1.0) if never_narrower else scale)),
        stats.t(k - 1),
        "Knapp-Hartung interval" + (", never narrower" if never_narrower and scale < 1 else ""),
    )


def _prediction(
    mean: float, error: float, tau2: float, k: int, level: float, name: str, unit: str
) -> Estimate:
    title = f"{name} in a new study"
    if k < FEWEST_FOR_PREDICTION:
        why = f"no interval: {k} studies, and at least {FEWEST_FOR_PREDICTION} are needed"
        return Estimate(title, mean, np.nan, np.nan, level, unit=unit, interval=why)
    half = float(stats.t(k - 2).ppf(0.5 + level / 2) * np.sqrt(tau2 + error**2))
    kind = f"{level:.0%} prediction interval"
    return Estimate(title, mean, mean - half, mean + half, level, unit=unit, interval=kind)


def _profile(limits: tuple[float, float], level: float) -> str:
    if np.isnan(limits).any():
        return "no Q-profile interval: the studies differ less than chance lets them"
    return f"{level:.0%} Q-profile interval"


def _i2(tau2: float, limits: tuple[float, float], v: Array, level: float) -> Estimate:
    """Higgins and Thompson (2002): of the variance, what lies between studies and not within a typical one."""
    w = 1 / v
    typical = (len(v) - 1) * w.sum() / (w.sum() ** 2 - (w**2).sum())
    value, low, high = (float(100 * t / (t + typical)) for t in (tau2, *limits))
    return Estimate(
        "Share of variance between studies", value, low, high, level, unit="percent",
        interval=_profile(limits, level),
    )  # fmt: skip


def _weights(
    y: Array, errors: Array, names: list[object], total: Array, level: float
) -> pd.DataFrame:
    half = stats.norm.ppf(0.5 + level / 2) * errors
    share = 100 * (1 / total) / (1 / total).sum()
    return pd.DataFrame(
        {"label": names, "value": y, "standard_error": errors, "low": y - half, "high": y + half, "weight": share}
    )  # fmt: skip
