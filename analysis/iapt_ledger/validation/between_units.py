"""Published results of beta-binomial fits, and of hospitals' rates shrunk towards each other."""

from __future__ import annotations

import numpy as np

from iapt_ledger.methods.units.between_units import BetweenUnits, between_unit_variance
from iapt_ledger.validation.case import Case, Check
from iapt_ledger.validation.data import read

PRINTED = {  # week: alpha, beta, intraclass correlation with their decimals
    "week_1": (("alpha", 0.722942, 6), ("beta", 0.5808483, 7), ("icc", 0.4340673, 7)),
    "week_2": (("alpha", 0.8575354, 7), ("beta", 0.7007619, 7), ("icc", 0.390885, 6)),
}
WORDS = {
    "alpha": "first beta parameter",
    "beta": "second beta parameter",
    "icc": "intraclass correlation",
}
EARLY = "Their search for the maximum stops a few millionths short of it."
OTHER_MODEL = (
    "BUGS takes log-odds to be normal and counts the uncertainty of the fit in; here the true rates follow a"
    " beta distribution at its likeliest."
)


def _fit(week: str) -> BetweenUnits:
    alcohol = read("beta_binomial_alcohol.csv")
    days = np.repeat(alcohol["days"].to_numpy(), alcohol[week])
    return between_unit_variance(days, np.full(len(days), 7))


def _alcohol() -> list[Check]:
    checks = []
    for week, numbers in PRINTED.items():
        fit = _fit(week)
        ours = {"alpha": fit.alpha, "beta": fit.beta, "icc": fit.icc.value}
        for key, published, decimals in numbers:
            slack = 5.0 * 10 ** (decimals - 6)
            checks.append(
                _check(
                    f"{WORDS[key]}, {week.replace('_', ' ')}",
                    published,
                    decimals,
                    ours[key],
                    slack,
                )
            )
        if week == "week_1":
            aic = 2 * 2 - 2 * fit.log_likelihood
            checks.append(_check("Akaike's criterion, week 1", 1630.914, 3, aic))
    return checks


def _check(
    quantity: str, published: float, decimals: int, ours: float, slack: float = 0.0
) -> Check:
    return Check(
        "between_unit_variance",
        "Days of drinking",
        quantity,
        published,
        decimals,
        ours,
        "fitodbod2019",
        "documentation, Beta-Binomial fits",
        slack,
        EARLY if slack else "",
    )


def _hospitals() -> list[Check]:
    rows = read("hospitals_bugs.csv")
    fit = between_unit_variance(rows["deaths"], rows["operations"], names=rows["hospital"])
    ours = fit.units["shrunken"]
    return [
        Check(
            "between_unit_variance",
            "Heart operations on babies",
            f"true death rate of hospital {rows['hospital'][at]}",
            rows["posterior_mean"][at],
            4,
            float(ours.iloc[at]),
            "bugs_examples",
            "Surgical, random effects",
            slack=25,
            why=OTHER_MODEL,
        )
        for at in (0, 3, 7, 11)
    ]


CASES = (
    Case("days of drinking in two weeks", "between_unit_variance", _alcohol),
    Case("twelve hospitals of the BUGS examples", "between_unit_variance", _hospitals),
)
