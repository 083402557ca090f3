"""What the quarterly counts say of 2000, 2008 and 2013: shares, changes and counts, for the claims about benefits.

The first year is 2000, or where no quarter of it is held the nearest year, two years off at most; the last is 2013. The
years of the programme are 2008, when it began, to 2013. What the edition cannot make is left out: no result, no row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pandas as pd

from iapt_ledger.measures.benefit_quarters import (
    ALL_AGES,
    WORKING_AGE,
    growth,
    mean_count,
    nearest_year,
    of,
    share,
)

WANTED, MOST_OFF, BEGAN, LAST = 2000, 2, 2008, 2013
BLURRED = "what the blurring of counts allows: by how much the conditions of a quarter together miss their total"
BLURRED_SHARE = f"the lowest and the highest quarter, with {BLURRED}"
LABELS = {
    "incapacity": "Claimants of IB and SDA, from November 2008 with ESA",
    "dla": "Disability Living Allowance in payment",
}
COUNTED = {
    "mental": {
        "incapacity": "ICD-10 chapter V",
        "dla": "conditions that lie in ICD-10 chapter V, with learning difficulties",
    },
    "mental_without_learning": {"dla": "the same conditions without learning difficulties"},
}


class Series(NamedTuple):
    """One way to count a scheme: the suffix of its results, and what it counts."""

    suffix: str
    scheme: str
    geography: str
    ages: str
    counted: str

    @property
    def words(self) -> str:
        """What is counted, as the making of a result says."""
        area = "Great Britain" if self.geography == "GB" else self.geography
        ages = "ages 16 to 64" if self.ages == WORKING_AGE else self.ages
        return f"{LABELS[self.scheme]}, {area}, {ages}; {COUNTED[self.counted][self.scheme]}"


def results(held: pd.DataFrame) -> pd.DataFrame:
    """Everything that the quarters held give, a row a result.

    Args:
        held: frame of `benefit_quarters.quarters`.

    Returns:
        A measure frame: measure (end of the result's id), value, low, high, unit, digits, style, interval, made, obs.
        For each scheme share.<scheme>_first and _2013 with year.<scheme>_first, growth.<scheme>_span and _programme,
        count.<scheme>_first, _2008 and _2013; and shares and changes for England, for all ages and, of DLA, without
        learning difficulties.
    """
    rows = [row for scheme in LABELS for row in _of_scheme(held, scheme)]
    columns = ["measure", "value", "low", "high", "unit", "digits", "style", "interval", "made"]
    return pd.DataFrame(rows, columns=[*columns, "obs"])


def _of_scheme(held: pd.DataFrame, scheme: str) -> Iterator[dict[str, Any]]:
    ages = main_ages(held, scheme)
    years = set(of(held, scheme, ages=ages)["year"])
    first = nearest_year(years, WANTED, MOST_OFF)
    if first is None:
        return
    main = Series(scheme, scheme, "GB", ages, "mental")
    others = [
        main._replace(suffix=f"{scheme}_england", geography="England"),
        main._replace(suffix=f"{scheme}_all_ages", ages=ALL_AGES),
    ]
    if scheme == "dla":
        without = f"{scheme}_without_learning"
        others.append(main._replace(suffix=without, counted="mental_without_learning"))
    for one in (main, *others):
        series = of(held, one.scheme, one.geography, one.ages, one.counted)
        yield from _shares(series, one, first)
        yield from _changes(series, one, first)
    yield from _counts(of(held, scheme, ages=ages), main, first)


def main_ages(held: pd.DataFrame, scheme: str) -> str:
    """Working age; of incapacity benefits, which end at pension age, all ages where working age is not held."""
    years = set(of(held, scheme)["year"])
    whole = nearest_year(years, WANTED, MOST_OFF) is not None and LAST in years
    return WORKING_AGE if whole or scheme != "incapacity" else ALL_AGES


def _shares(series: pd.DataFrame, one: Series, first: int) -> Iterator[dict[str, Any]]:
    """Both shares, or neither: one alone settles nothing."""
    ends = {"first": share(series, first), "2013": share(series, LAST)}
    if not all(ends.values()):
        return
    for (end, row), year in zip(ends.items(), (first, LAST), strict=True):
        made = f"{one.words}: share of all, over the quarters held of {year}."
        yield _result(f"share.{one.suffix}_{end}", row, made, "percent", interval=BLURRED_SHARE)
    if one.suffix == one.scheme:
        row = {"value": float(first), "obs": ends["first"]["obs"]}  # type: ignore[index]
        made = f"{one.words}: the year nearest to 2000 of which quarters are held."
        yield _result(f"year.{one.suffix}_first", row, made, "year", style="plain")


def _changes(series: pd.DataFrame, one: Series, first: int) -> Iterator[dict[str, Any]]:
    for name, start in (("span", first), ("programme", BEGAN)):
        if row := growth(series, start, LAST):
            made = f"{one.words}: change of the number from {start} to 2013, the mean of the same quarters of each."
            yield _result(f"growth.{one.suffix}_{name}", row, made, "percent", digits=0)


def _counts(series: pd.DataFrame, one: Series, first: int) -> Iterator[dict[str, Any]]:
    for name, year in (("first", first), ("2008", BEGAN), ("2013", LAST)):
        if row := mean_count(series, year):
            made = f"{one.words}: the mean of the quarters held of {year}."
            unit = "people" if one.scheme == "incapacity" else "claims in payment"
            yield _result(f"count.{one.suffix}_{name}", row, made, unit)


def _result(
    measure: str, row: dict[str, Any] | None, made: str, unit: str, **fields: Any
) -> dict[str, Any]:
    told = {"interval": BLURRED if row and "low" in row else "", "digits": None, "style": "auto"}
    return {"measure": measure, **(row or {}), "unit": unit, "made": made, **told, **fields}
