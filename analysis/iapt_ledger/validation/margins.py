"""Published tests of equivalence, judged again."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from iapt_ledger.methods.base import Estimate
from iapt_ledger.methods.synthesis.margins import equivalence
from iapt_ledger.validation.case import Case, Check
from iapt_ledger.validation.data import read

METHOD = "equivalence"


class Group(NamedTuple):
    """What a test of two means needs of each group."""

    mean: float
    sd: float
    n: int


def _group(values: pd.Series) -> Group:
    return Group(float(values.mean()), float(values.std()), len(values))


def _welch(first: Group, second: Group) -> tuple[Estimate, float]:
    """The difference of two means with Welch's interval, and its degrees of freedom."""
    a, b = first.sd**2 / first.n, second.sd**2 / second.n
    df = (a + b) ** 2 / (a**2 / (first.n - 1) + b**2 / (second.n - 1))
    gap, half = first.mean - second.mean, float(stats.t(df).ppf(0.975) * np.sqrt(a + b))
    return Estimate("Difference", gap, gap - half, gap + half), df


def organic_food() -> list[Check]:
    """Moral judgement after seeing organic food: means, deviations and numbers as printed, margin d = 0.43."""
    control, organic = Group(5.25, 0.95, 95), Group(5.22, 0.83, 89)
    gap, df = _welch(control, organic)
    margin = 0.43 * float(np.sqrt((control.sd**2 + organic.sd**2) / 2))
    found = equivalence(gap, margin, level=0.90, df=df)
    case = "Organic food and moral judgement"
    where = "p. 359, and documentation of TOSTER, TOSTtwo"
    supported = float(found.verdict == "supported")
    return [
        Check(
            METHOD,
            case,
            "t against the upper margin",
            -2.69,
            2,
            found.statistics[1],
            "lakens2017",
            where,
        ),
        Check(METHOD, case, "p-value", 0.004, 3, found.p_value or np.nan, "lakens2017", where),
        Check(METHOD, case, "equivalence declared (1 = yes)", 1, 0, supported, "lakens2017", where),
    ]


def sleep() -> list[Check]:
    """Two sleeping drugs, margin of half an hour."""
    rows = read("sleep_gain.csv")
    gap, df = _welch(*(_group(rows.loc[rows["drug"].eq(d), "extra"]) for d in (1, 2)))
    found = equivalence(gap, 0.5, level=0.90, df=df)
    numbers = [
        ("t against the lower margin", -1.271948, 6, found.statistics[0]),
        ("t against the upper margin", -2.449678, 6, found.statistics[1]),
        ("p-value", 0.89010996, 8, found.p_value),
        ("lower limit, 90 per cent", -3.053381, 6, found.low),
        ("upper limit, 90 per cent", -0.10661850, 8, found.high),
        ("equivalence declared (1 = yes)", 0, 0, float(found.verdict == "supported")),
    ]
    where = "documentation of TOSTER, vignette IntroTOSTt"
    return [
        Check(METHOD, "Two sleeping drugs", q, p, d, float(o or 0), "caldwell2022", where)
        for q, p, d, o in numbers
    ]


def mileage() -> list[Check]:
    """Ratio of geometric means against the bioequivalence margin of 0.8 to 1.25."""
    rows = read("cars_mileage.csv")
    logs = np.log(rows["mpg"])
    gap, df = _welch(*(_group(logs[rows["manual"].eq(g)]) for g in (0, 1)))
    found = equivalence(gap.ratio, 1.25, level=0.90, scale="ratio", df=df)
    numbers = [
        ("ratio of means", 0.7071, 4, found.value),
        ("lower limit, 90 per cent", 0.6055, 4, found.low),
        ("upper limit, 90 per cent", 0.8256, 4, found.high),
        ("standard error of the logarithm", 0.09061, 5, found.standard_error),
        ("t against the lower margin", -1.363, 3, found.statistics[0]),
        ("t against the upper margin", -6.288, 3, found.statistics[1]),
        ("p-value", 0.907, 3, found.p_value),
    ]
    where = "documentation of TOSTER, vignette robustTOST"
    return [
        Check(METHOD, "Mileage by gears, as a ratio", q, p, d, float(o or 0), "caldwell2022", where)
        for q, p, d, o in numbers
    ]


CASES = (
    Case("organic food and moral judgement", METHOD, organic_food),
    Case("two sleeping drugs", METHOD, sleep),
    Case("mileage by gears, as a ratio", METHOD, mileage),
)
