"""How far units truly differ, and how far their ranks can be trusted.

The true rates of units are taken to follow a beta distribution, so that their counts are beta-binomial
(Skellam 1948). Its likelihood is made of SciPy's beta functions: statsmodels has no such model. Ranks and their
ranges come from draws of each unit's true rate given its counts and the fitted distribution (Laird and Louis 1989;
Goldstein and Spiegelhalter 1996; Lin and others 2006).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import stats

from iapt_ledger.methods.base import Estimate, MethodError
from iapt_ledger.methods.columns import refuse_level
from iapt_ledger.methods.intervals import proportion_interval
from iapt_ledger.methods.units.beta_binomial import Fit, fit_beta_binomial
from iapt_ledger.methods.units.binomial_units import Array, Counts, Names, Units, read_units

DRAWS = 4000


@dataclass(frozen=True)
class BetweenUnits:
    """What parts units beyond chance, and what each unit's rate and rank are worth.

    Attributes:
        mean: the mean true rate of units, each counting once. (A share, as all rates here.)
        variance, spread: variance and standard deviation of the true rates between units.
        icc: intraclass correlation: the part of all variation between single outcomes that lies between units.
        chance_share: the part of the variance of the observed rates that is chance, on average over units.
        alpha, beta: of the fitted beta distribution; infinite where units do not differ beyond chance.
        log_likelihood: of the fit, binomial coefficients included.
        p_value: of so much variation between units if chance alone parted them (likelihood ratio, the
            variance being at its bound of nought).
        units: a row a unit: name, events, denominator, rate, low, high (Wilson), rank (1 is the highest rate,
            ties share the mean rank), reliability (weight of the unit's own rate: 1 less the part of its
            variance that is chance), shrunken, shrunken_low, shrunken_high (the true rate given the fit).
    """

    mean: Estimate
    variance: Estimate
    spread: Estimate
    icc: Estimate
    chance_share: Estimate
    alpha: float
    beta: float
    log_likelihood: float
    p_value: float
    units: pd.DataFrame
    level: float
    draws: int
    seed: int

    @property
    def value(self) -> float:
        """The intraclass correlation."""
        return self.icc.value

    @property
    def low(self) -> float:
        """Lower limit of the intraclass correlation."""
        return self.icc.low

    @property
    def high(self) -> float:
        """Upper limit of the intraclass correlation."""
        return self.icc.high

    @cached_property
    def ranks(self) -> pd.DataFrame:
        """Name, rank (observed), expected_rank, rank_low and rank_high of each unit; 1 is the highest rate.

        The expected rank is the mean over draws; its range holds the middle of the drawn ranks at `level`.
        Units that do not differ beyond chance share the middle of the table, with ranges over all of it.
        """
        k = len(self.units)
        if np.isinf(self.alpha):
            middle = self.units[["name", "rank"]]
            return middle.assign(expected_rank=(k + 1) / 2, rank_low=1.0, rank_high=float(k))
        drawn = stats.rankdata(-self._drawn, axis=1)
        tail = (1 - self.level) / 2
        return pd.DataFrame(
            {
                "name": self.units["name"],
                "rank": self.units["rank"],
                "expected_rank": drawn.mean(axis=0),
                "rank_low": np.quantile(drawn, tail, axis=0, method="lower"),
                "rank_high": np.quantile(drawn, 1 - tail, axis=0, method="higher"),
            }
        )

    @property
    def rank_reliability(self) -> float:
        """Share of the variance of the true ranks that the expected ranks catch: 0 for a lottery, 1 for a league."""
        k = len(self.units)
        return float(np.var(self.ranks["expected_rank"]) / ((k**2 - 1) / 12))

    def summary(self) -> str:
        """Spread, intraclass correlation, chance, and what the ranks are worth."""
        widths = self.ranks["rank_high"] - self.ranks["rank_low"]
        return "\n".join(
            [
                f"{len(self.units)} units",
                self.mean.summary(),
                self.spread.summary(),
                self.icc.summary(),
                self.chance_share.summary(),
                f"Median reliability of a rate: {self.units['reliability'].median():.2f}; of the ranks:"
                f" {self.rank_reliability:.2f}; median width of a rank range: {widths.median():.0f}",
            ]
        )

    @cached_property
    def _drawn(self) -> Array:
        """True rates given the fit, a row a draw, a column a unit; the same for the same seed."""
        shape = (self.draws, len(self.units))
        if np.isinf(self.alpha):
            return np.full(shape, self.mean.value)
        a, b = self._posterior()
        return np.random.default_rng(self.seed).beta(a, b, size=shape)

    def _posterior(self) -> tuple[Array, Array]:
        x, n = (self.units[c].to_numpy(dtype=float) for c in ("events", "denominator"))
        return self.alpha + x, self.beta + n - x


def between_unit_variance(
    events: Counts,
    denominators: Counts,
    *,
    names: Names | None = None,
    level: float = 0.95,
    draws: int = DRAWS,
    seed: int = 1,
) -> BetweenUnits:
    """Fit the spread of true rates between units, and judge each unit's rate and rank by it.

    Variance and intraclass correlation are the maximum-likelihood ones with profile-likelihood intervals. Each
    unit's true rate given its counts is a beta distribution (empirical Bayes: the fit is taken as known, so with
    few units the ranges are somewhat narrow). The reliability of a rate of n outcomes is n icc / (1 + (n - 1) icc).

    Args:
        events, denominators: one count a unit, three units or more.
        names: one a unit, each once.
        level: of all intervals and rank ranges; draws: of the true rates, for ranks; seed: of the draws.

    Raises:
        MethodError: see `read_units`; or no unit has more than one outcome, level, draws or seed cannot be used, or
            the fit does not settle.
    """
    refuse_level(level)
    if draws < 100 or draws != int(draws):
        raise MethodError(
            "Ranks need draws", where="argument draws", expected="100 or more", found=draws
        )
    units = read_units(events, denominators, names, at_least=3)
    if (units.denominators == 1).all():
        raise MethodError(
            "One outcome a unit says nothing of the variance between units",
            where="column denominators",
            expected="two outcomes or more in some unit",
            found="1 in each",
        )
    fit = fit_beta_binomial(units.events, units.denominators, level)
    return BetweenUnits(
        **_estimates(units, fit, level),
        alpha=fit.alpha,
        beta=fit.beta,
        log_likelihood=fit.log_likelihood,
        p_value=fit.p_value,
        units=_unit_frame(units, fit, level),
        level=level,
        draws=int(draws),
        seed=seed,
    )


def _estimates(units: Units, fit: Fit, level: float) -> dict[str, Estimate]:
    whole = fit.mean * (1 - fit.mean)

    def profiled(name: str, of_icc: Callable[[float], float], p_value: float | None) -> Estimate:
        value, *ends = (of_icc(rho) for rho in fit.icc)
        kind = f"{level:.0%} profile-likelihood interval"
        return Estimate(name, value, min(ends), max(ends), level, p_value, interval=kind)

    return {
        "mean": Estimate(
            "Mean rate of units",
            fit.mean,
            *fit.mean_interval,
            level,
            interval=f"{level:.0%} Wald interval",
        ),
        "variance": profiled("Variance between units", lambda rho: whole * rho, fit.p_value),
        "spread": profiled(
            "Standard deviation between units", lambda rho: float(np.sqrt(whole * rho)), None
        ),
        "icc": profiled("Intraclass correlation", lambda rho: rho, fit.p_value),
        "chance_share": profiled(
            "Share of the variance of rates that is chance",
            lambda rho: _chance_share(units, rho),
            None,
        ),
    }


def _chance_share(units: Units, rho: float) -> float:
    within = float(np.mean((1 - rho) / units.denominators))
    return within / (within + rho)


def _unit_frame(units: Units, fit: Fit, level: float) -> pd.DataFrame:
    n = units.denominators
    observed = proportion_interval(units.events, n, level=level)
    rho, tail = fit.icc[0], (1 - level) / 2
    frame = units.frame().assign(
        low=observed.low,
        high=observed.high,
        rank=stats.rankdata(-units.rates),
        reliability=n * rho / (1 + (n - 1) * rho),
    )
    if np.isinf(fit.alpha):
        return frame.assign(shrunken=fit.mean, shrunken_low=fit.mean, shrunken_high=fit.mean)
    posterior = stats.beta(fit.alpha + units.events, fit.beta + n - units.events)
    return frame.assign(
        shrunken=posterior.mean(),
        shrunken_low=posterior.ppf(tail),
        shrunken_high=posterior.ppf(1 - tail),
    )
