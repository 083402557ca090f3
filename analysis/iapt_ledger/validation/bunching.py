"""Published tests of pile-ups beside ours, and a published deconvolution, on which the smooth null rests."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammaln

from iapt_ledger.methods.thresholds.bunching_caliper import caliper_above
from iapt_ledger.methods.thresholds.bunching_kernel import Array
from iapt_ledger.methods.thresholds.bunching_null import Family, Fit, fit, natural_spline
from iapt_ledger.validation.case import Case, Check
from iapt_ledger.validation.data import read

METHOD = "threshold_bunching"
FREEDOM = 5  # of the published spline
PENALTY = 2.0  # its weight
OPTIMUM = "the published search ended within its tolerance of the optimum"
ROOT = "the published root was sought to R's default tolerance, 0.0001"


def journals() -> list[Check]:
    """The caliper that every result carries: p-values just below .05 in psychology journals."""
    name, paper = "P-values just below .05", "hartgerink2016"
    example = caliper_above(60, 40)
    where = "section on the caliper test"
    checks = [Check(METHOD, name, "one-sided p, 60 of 100 near", 0.0284, 4, example, paper, where)]
    table = read("caliper_p_values.csv")
    names = (
        table["values"] + " values, " + table["journal"] + ", width " + table["width"].astype(str)
    )
    numbers = zip(table["near"].tolist(), table["both"].tolist(), table["p"].tolist(), strict=True)
    for label, (near, both, published) in zip(names, numbers, strict=True):
        p = caliper_above(near, both - near)
        quantity = f"one-sided p, {label}"
        checks.append(
            Check(METHOD, name, quantity, published, 3, p, paper, "tables of caliper tests")
        )
    return checks


def shakespeare() -> list[Check]:
    """The search that fits every null, on counts with Poisson noise where printed rates have binomial noise."""
    name, paper, where = "Shakespeare's vocabulary", "narasimhan2020", "package vignette"
    rates, found = _words()
    artificial = float(np.trace(found.curvature) / np.trace(found.information))
    below_one = float(found.density[: np.searchsorted(rates, 1.0, side="right")].sum())

    def found_again(times: float) -> float:
        """New words in so many times as much text, as a share of those known, less 1."""
        return float(found.density @ (-np.expm1(-rates * times) / np.expm1(rates))) - 1

    doubling = float(brentq(found_again, 2, 4))
    return [
        Check(
            METHOD,
            name,
            "words with a rate below one, per cent",
            44,
            0,
            100 * below_one,
            paper,
            where,
        ),
        Check(
            METHOD,
            name,
            "artificial over genuine information",
            0.005534954,
            9,
            artificial,
            paper,
            where,
            1.0,
            OPTIMUM,
        ),
        Check(
            METHOD,
            name,
            "times the text that would double it",
            3.653132,
            6,
            doubling,
            paper,
            where,
            100.0,
            ROOT,
        ),
    ]


def _words() -> tuple[Array, Fit]:
    """Rates of words, and their density fitted as published: zero counts are never seen, 100 is the most."""
    words = read("shakespeare_words.csv")
    times = words["times"].to_numpy(float)
    logs = np.arange(341) * 0.025 - 4
    rates = np.exp(logs)
    seen = -np.expm1(-rates)
    kernel = np.exp(times[:, None] * logs - rates - gammaln(times + 1)[:, None]) / seen
    inner = np.quantile(rates, np.arange(1, FREEDOM) / FREEDOM)
    basis = natural_spline(rates, inner.tolist(), (rates[0], rates[-1]))
    basis = np.column_stack([np.ones(len(rates)), basis - basis.mean(axis=0)])
    basis /= np.sqrt(np.sum(basis**2, axis=0))
    family = Family("published", basis, np.zeros(len(rates)), PENALTY)
    return rates, fit(family, kernel, words["words"].to_numpy(float))


CASES = (
    Case("caliper tests of p-values", METHOD, journals),
    Case("deconvolution of Shakespeare's words", METHOD, shakespeare),
)
