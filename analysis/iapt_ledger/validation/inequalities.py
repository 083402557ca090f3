"""Slope and relative indices of inequality that England's public health bodies printed."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from iapt_ledger.methods.groups.inequalities import inequality
from iapt_ledger.validation.case import Case, Check
from iapt_ledger.validation.data import read

METHOD, PACKAGE = "inequality", "pheindicatormethods"
VIGNETTE = "vignette on slope indices, example"
DRAWN = "its limits are drawn, ours are the delta method's"
# Printed for men of three areas, and by year for children and for rates.
LIFE = {"E06000001": 11.68886, "E06000002": 12.54785, "E06000004": 14.85223}
NAMED = {"E06000001": "Hartlepool", "E06000002": "Middlesbrough", "E06000004": "Stockton-on-Tees"}
OBESITY = {
    "2006-07": (10.720032, 10.219930, 11.216222),
    "2010-11": (12.781047, 12.408601, 13.153370),
}
RATES = {
    2010: ((-14.848683, -18.94895, -10.767618), (0.8956758, 0.8689296, 0.9231619)),
    2015: ((-9.042367, -12.97108, -5.145767), (0.9332670, 0.9057449, 0.9614199)),
}
# Three times the mean difference between its own runs, which the vignette prints for 2010: 0.0187 and 0.00012.
SLOPE_RUNS, RATIO_RUNS = 3 * 0.0187, 3 * 0.00012


def _check(case: str, quantity: str, published: float, ours: float, **options: object) -> Check:
    decimals = int(options.pop("decimals", 6))  # type: ignore[call-overload]
    allowed = float(options.pop("allowed", 0.0))  # type: ignore[arg-type]
    where = f"{VIGNETTE} {options.pop('example')}"
    return Check(
        METHOD,
        case,
        quantity,
        published,
        decimals,
        ours,
        PACKAGE,
        where,
        slack=allowed * 10**decimals,
        why=DRAWN if allowed else "",
    )


def life_expectancy() -> list[Check]:
    """Means with standard errors: slope index in years of life, weights by population."""
    data = read("phe_life_expectancy.csv")
    checks = []
    for area, published in LIFE.items():
        rows = data[data["area"].eq(area)]
        found = inequality(
            rows["life_expectancy"],
            rows["population"],
            rows["decile"],
            standard_errors=rows["standard_error"],
        )
        name = f"slope index, years, men of {NAMED[area]}"
        checks.append(
            _check("life expectancy", name, published, found.value, decimals=5, example=1)
        )
    return checks


def obesity() -> list[Check]:
    """Shares from counts: slope index in percentage points; printed with its sign turned, as here."""
    data = read("phe_child_obesity.csv")
    checks = []
    for year, (slope, low, high) in OBESITY.items():
        rows = data[data["year"].eq(year)]
        found = inequality(
            100 * rows["obese"] / rows["measured"],
            rows["measured"],
            rows["decile"],
            counts=rows["obese"],
            kind="share",
        )
        # how far a limit moves between runs of 100,000: its standard error, three times
        error = (found.high - found.low) / 2 / norm.ppf(0.975)
        runs = 3 * error * np.sqrt(0.025 * 0.975 / 1e5) / norm.pdf(norm.ppf(0.975))
        for quantity, published, ours, allowed in (
            ("slope index", slope, -found.value, 0.0),
            ("lower limit", low, -found.high, runs),
            ("upper limit", high, -found.low, runs),
        ):
            name = f"{quantity}, percentage points, {year}"
            checks.append(
                _check("child obesity", name, published, ours, allowed=allowed, example=3)
            )
    return checks


def standardised_rates() -> list[Check]:
    """Rates with limits: slope index, and the relative index as the ratio of the two ends."""
    data = read("phe_standardised_rates.csv")
    checks = []
    for period, (slope, ratio) in RATES.items():
        rows = data[data["period"].eq(period)]
        errors = rows["rate"] * np.log(rows["high"] / rows["low"]) / 2 / norm.ppf(0.975)
        found = inequality(
            rows["rate"],
            rows["population"],
            rows["quintile"],
            standard_errors=errors,
            kind="rate",
        )
        for name, published, ours, decimals, runs in (
            ("slope index", slope, found.slope, (6, 5, 5), SLOPE_RUNS),
            ("relative index", ratio, found.relative, (7, 7, 7), RATIO_RUNS),
        ):
            numbers = (ours.value, ours.low, ours.high)
            for part, number, printed, places in zip(
                ("", ", lower limit", ", upper limit"), numbers, published, decimals, strict=True
            ):
                checks.append(
                    _check(
                        "standardised rates",
                        f"{name}{part}, {period}",
                        printed,
                        number,
                        decimals=places,
                        allowed=runs if part else 0.0,
                        example=2,
                    )
                )
    return checks


CASES = (
    Case("Life expectancy by tenth of deprivation", METHOD, life_expectancy),
    Case("Child obesity by tenth of deprivation", METHOD, obesity),
    Case("Standardised rates by fifth of deprivation", METHOD, standardised_rates),
)
