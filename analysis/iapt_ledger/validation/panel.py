"""Two-way fixed effects: the drinking age and deaths in the states of the USA, and Darwin's pairs of maize."""

from __future__ import annotations

import numpy as np
from scipy import stats

from iapt_ledger.methods.panels.panel import panel_effect
from iapt_ledger.methods.panels.panel_design import build_design, fit
from iapt_ledger.methods.panels.panel_flips import SignFlips
from iapt_ledger.validation.case import Case, Check
from iapt_ledger.validation.data import read

METHOD = "panel_effect"
# Table 5.2: estimate and standard error in columns (1) plain, (2) trends, (3) weights, (4) trends and weights.
COLUMNS = ((False, False), (True, False), (False, True), (True, True))
TABLE = {
    "all_deaths": ("all deaths", ((10.80, 4.59), (8.47, 5.10), (12.41, 4.60), (9.65, 4.64))),
    "motor_vehicle": (
        "motor vehicle accidents",
        ((7.59, 2.50), (6.64, 2.66), (7.50, 2.27), (6.46, 2.24)),
    ),
    "suicide": ("suicide", ((0.59, 0.59), (0.47, 0.79), (1.49, 0.88), (1.26, 0.89))),
    "internal": ("internal causes", ((1.33, 1.59), (0.08, 1.93), (1.89, 1.78), (1.28, 1.45))),
}


def _drinking_age() -> list[Check]:
    data = read("drinking_age.csv")
    checks = []
    for cause, (words, printed) in TABLE.items():
        data[cause] = 100_000 * data[cause] / data["population"]
        for place, ((trends, weighted), numbers) in enumerate(zip(COLUMNS, printed, strict=True)):
            effect = panel_effect(
                data, outcome=cause, exposure="legal", unit="state", time="year", trends=trends,
                weights="population" if weighted else None, errors="cluster",
            ).effect  # fmt: skip
            error = (effect.high - effect.value) / stats.t.ppf(0.975, 50)
            column = f"{words}, column {place + 1}"
            ours = (effect.value, float(error))
            for what, value, mine in zip(("effect on", "error of"), numbers, ours, strict=True):
                checks.append(
                    Check(
                        METHOD, "Drinking age and deaths", f"{what} {column}", value, 2, mine,
                        "angristpischke2015", "table 5.2",
                    )
                )  # fmt: skip
    return checks


def _maize() -> list[Check]:
    """Pairs have no time of their own: two plants of each, the exposure nought and one."""
    pairs = read("maize_pairs.csv")
    heights = pairs[["self_fertilised", "crossed"]].to_numpy(dtype=float)
    crossed = np.tile([0.0, 1.0], (len(pairs), 1))
    design = build_design(heights.shape, periods=False)
    found = fit(
        design, crossed, heights, tuple(pairs["pair"]), outcome="height", exposure="crossed"
    )
    flips = SignFlips(found)

    def check(quantity: str, published: float, decimals: int, ours: float) -> Check:
        return Check(
            METHOD,
            "Darwin's maize",
            quantity,
            published,
            decimals,
            ours,
            "fisher1935",
            "section 21",
        )

    p = flips.p_value()
    return [
        check("ways of signs as extreme, of 32,768", 1726, 0, p * 2 * flips.ways),
        check("sign-flip p, per cent", 5.267, 3, 100 * p),
    ]


CASES = (
    Case("Drinking age and deaths, 51 states, 1970-1983", METHOD, _drinking_age),
    Case("All sign flips of Darwin's maize", METHOD, _maize),
)
