"""Quarterly counts of claimants by condition, as the department publishes them: shares and changes by year.

An edition has these rows only after a refresh has brought them. What cannot be made of those it has is left out and
stays a gap; nothing is filled in.

- Claimants with a mental or behavioural disorder: ICD-10 chapter V of the incapacity benefits; of Disability Living
  Allowance the eight conditions of its own list that lie in that chapter, learning difficulties among them.
- Incapacity benefits: IB/SDA, and with them ESA from its first quarter on, November 2008. A quarter that lacks either
  of the two is not made. No other schemes are added: they overlap in people.
- Where Stat-Xplore and Nomis both have a quarter of a benefit, Stat-Xplore's is taken.
- The publisher changes every count a little and does not say by how much. What can be seen is by how much the
  conditions of a quarter together miss their own total; low and high allow for that much either way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from iapt_ledger.measures.benefit_amounts import (
    CHAPTER_V,
    DLA_PSYCHIATRIC,
    LEARNING,
    QUARTERLY,
)

WORKING_AGE, ALL_AGES = "16-64", "all ages"
BANDS = ("16-24", "25-34", "35-44", "45-54", "55-64")
ALL = "all"
NIL = "nil or negligible"
ESA_BEGINS = pd.Timestamp("2008-11-01")
NATIONS = ("GB", "England")
CONDITIONS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "IB/SDA": {"mental": (CHAPTER_V,)},
    "ESA": {"mental": (CHAPTER_V,)},
    "DLA": {"mental": (*DLA_PSYCHIATRIC, LEARNING), "mental_without_learning": DLA_PSYCHIATRIC},
    "PIP": {"mental": ("psychiatric disorders",)},
}
SCHEMES = {"IB/SDA": "incapacity", "ESA": "incapacity", "DLA": "dla", "PIP": "pip"}
KEYS = ["geography", "ages", "counted", "end"]
KEY = ["geography", "period_end", "source_id"]
Key = tuple[Any, ...]
Quarter = dict[str, Any]
COLUMNS = ["scheme", *KEYS, "mental", "all", "gap", "benefits", "source_id", "obs"]


def quarters(benefits: pd.DataFrame) -> pd.DataFrame:
    """Claimants by scheme and quarter, with a mental or behavioural disorder and all.

    Args:
        benefits: the tidy table benefits_annual.

    Returns:
        scheme (incapacity, dla, pip), geography (GB, England), ages (16-64, all ages), counted (mental; of DLA
        mental_without_learning too), end, mental and all (people or claims), gap (by how much the conditions of all
        ages together miss their total), benefits (those added up), source_id, obs; by scheme and in order of date.
        Empty where the edition has no such rows.
    """
    rows = _rows(benefits)
    parts = [
        _of_benefit(here, benefit, counted, conditions)
        for benefit, groups in CONDITIONS.items()
        if len(here := rows[rows["benefit"].eq(benefit)])
        for counted, conditions in groups.items()
    ]
    every = [row for part in parts for row in part]
    found = [*_incapacity(every), *(row for row in every if row["scheme"] != "incapacity")]
    frame = pd.DataFrame(found, columns=COLUMNS)
    return frame.sort_values(["scheme", *KEYS]).reset_index(drop=True)


def _rows(benefits: pd.DataFrame) -> pd.DataFrame:
    """The quarterly counts, one source a quarter; a cell that is said to be nil or negligible counts as nought."""
    rows = benefits[
        benefits["measure"].eq("caseload")
        & benefits["source_id"].str.fullmatch(QUARTERLY)
        & benefits["geography"].isin(NATIONS)
    ]
    nil = rows["value"].isna() & rows["note"].fillna("").str.contains(NIL)
    rows = rows.assign(value=rows["value"].mask(nil, 0.0)).dropna(subset="value")
    first = rows["source_id"].str.startswith("statxplore")
    better = rows.assign(first=first).groupby(["benefit", "period_end"])["first"].transform("any")
    return rows[first | ~better.astype(bool)]


def _of_benefit(
    rows: pd.DataFrame, benefit: str, counted: str, conditions: Sequence[str]
) -> list[Quarter]:
    """Quarters of one benefit for all ages and for working age, where every cell of a sum is held."""
    gaps = _gaps(rows)
    found = []
    for ages, bands in ((ALL_AGES, (ALL,)), (WORKING_AGE, BANDS)):
        here = rows[rows["age_group"].isin(bands)]
        mental = _summed(here[here["condition_group"].isin(conditions)])
        whole = _summed(here[here["condition_group"].eq(ALL)])
        for key in gaps.keys() & mental.keys() & whole.keys():
            (m, cells, m_obs), (n, all_cells, n_obs) = mental[key], whole[key]
            if cells == len(bands) * len(conditions) and all_cells == len(bands):
                geography, end, source = key
                series = (SCHEMES[benefit], geography, ages, counted, end)
                numbers = (m, n, gaps[key], benefit, source, (*m_obs, *n_obs))
                found.append(dict(zip(COLUMNS, (*series, *numbers), strict=True)))
    return found


def _summed(rows: pd.DataFrame) -> dict[Key, tuple[float, int, tuple[str, ...]]]:
    """Sum, number of cells and observations by geography, quarter and source."""
    return {
        key: (float(group["value"].sum()), len(group), tuple(group["obs_id"]))
        for key, group in rows.groupby(KEY)
    }


def _gaps(rows: pd.DataFrame) -> dict[Key, float]:
    """By how much the conditions of all ages together miss their total."""
    every = rows[rows["age_group"].eq(ALL)]
    is_all = every["condition_group"].eq(ALL)
    whole = every[is_all].groupby(KEY)["value"].sum()
    parts = every[~is_all].groupby(KEY)["value"].sum()
    gaps = (whole - parts).abs().dropna()
    return dict(zip(gaps.index, gaps, strict=True))


def _incapacity(every: Iterable[Quarter]) -> list[Quarter]:
    """IB/SDA with ESA from its first quarter on; quarters that lack one of the two are left out."""
    found: dict[tuple[Any, ...], dict[str, Quarter]] = {}
    for row in every:
        if row["scheme"] == "incapacity":
            found.setdefault(tuple(row[key] for key in KEYS), {})[row["benefits"]] = row
    return [
        _joined(list(held.values()))
        for (*_, end), held in found.items()
        if set(held) == ({"IB/SDA"} if end < ESA_BEGINS else {"IB/SDA", "ESA"})
    ]


def _joined(rows: Sequence[Quarter]) -> Quarter:
    """One quarter of several benefits added up."""
    names = {name: " and ".join(row[name] for row in rows) for name in ("benefits", "source_id")}
    numbers = {name: sum(row[name] for row in rows) for name in ("mental", "all", "gap")}
    return {**rows[0], **names, **numbers, "obs": tuple(one for row in rows for one in row["obs"])}


def of(
    held: pd.DataFrame,
    scheme: str,
    geography: str = "GB",
    ages: str = WORKING_AGE,
    counted: str = "mental",
) -> pd.DataFrame:
    """The quarters of one series, with the year and month of each."""
    chosen = held[
        held["scheme"].eq(scheme) & held["geography"].eq(geography)
        & held["ages"].eq(ages) & held["counted"].eq(counted)
    ]  # fmt: skip
    ends = pd.to_datetime(chosen["end"])
    return chosen.assign(year=ends.dt.year, month=ends.dt.month)


def nearest_year(years: Iterable[int], wanted: int, most: int) -> int | None:
    """The year held nearest to one, the earlier of two; None where none lies within `most` years of it.

    >>> nearest_year([1998, 2001, 2003], 2000, 2), nearest_year([2003], 2000, 2)
    (2001, None)
    """
    near = [year for year in sorted(set(years)) if abs(year - wanted) <= most]
    return min(near, key=lambda year: abs(year - wanted), default=None)


def share(series: pd.DataFrame, year: int) -> dict[str, object] | None:
    """The share of claimants with a mental or behavioural disorder over the quarters held of a year.

    Args:
        series: frame of `of`.

    Returns:
        value: claimants of these quarters with one over all of them, in percent. low, high: the lowest and the highest
        quarter, with what the blurring of counts allows. quarters, obs. None where no quarter of the year is held.
    """
    rows = series[series["year"].eq(year)]
    if rows.empty:
        return None
    low = 100 * (rows["mental"] - rows["gap"]) / (rows["all"] + rows["gap"])
    high = 100 * (rows["mental"] + rows["gap"]) / (rows["all"] - rows["gap"])
    value = 100 * rows["mental"].sum() / rows["all"].sum()
    return _row(rows, value, low.min(), high.max())


def growth(series: pd.DataFrame, first: int, last: int) -> dict[str, object] | None:
    """Change of the number of claimants with a mental or behavioural disorder between two years.

    Each year is the mean of the quarters that both hold, so that no season enters.

    Args:
        series: frame of `of`.

    Returns:
        value in percent of the first year; low, high: what the blurring of counts allows, the largest of either year
        added to the one and taken from the other. quarters, obs. None where the years share no quarter.
    """
    ends = [series[series["year"].eq(year)] for year in (first, last)]
    months = set(ends[0]["month"]) & set(ends[1]["month"])
    if not months:
        return None
    then, now = (rows[rows["month"].isin(months)] for rows in ends)
    (m_0, g_0), (m_1, g_1) = ((r["mental"].mean(), r["gap"].max()) for r in (then, now))
    value, low, high = (
        100 * (b / a - 1) for a, b in ((m_0, m_1), (m_0 + g_0, m_1 - g_1), (m_0 - g_0, m_1 + g_1))
    )
    return _row(pd.concat([then, now]), value, low, high)


def _row(rows: pd.DataFrame, value: float, low: float, high: float) -> dict[str, object]:
    return {
        "value": float(value),
        "low": float(low),
        "high": float(high),
        "quarters": len(rows),
        "obs": tuple(dict.fromkeys(one for ids in rows["obs"] for one in ids)),
    }


def mean_count(series: pd.DataFrame, year: int) -> dict[str, object] | None:
    """Claimants with a mental or behavioural disorder, the mean of the quarters held of a year; fields as `share`."""
    rows = series[series["year"].eq(year)]
    if rows.empty:
        return None
    value, gap = rows["mental"].mean(), rows["gap"].max()
    return _row(rows, value, value - gap, value + gap)


def drawn(held: pd.DataFrame) -> pd.DataFrame:
    """What the chart of counts draws of the quarters: Great Britain, all ages, as rows of `benefit_amounts.counts`."""
    here = held[held["geography"].eq("GB") & held["ages"].eq(ALL_AGES)]
    everybody = here[here["counted"].eq("mental")]
    parts = [_drawn(everybody, "all", "all")]
    for (scheme, counted), rows in here.groupby(["scheme", "counted"]):
        wide = scheme == "dla" and counted == "mental"
        parts.append(_drawn(rows, "mental_with_learning" if wide else "mental", "mental"))
    return pd.concat(parts, ignore_index=True)


def _drawn(rows: pd.DataFrame, measure: str, column: str) -> pd.DataFrame:
    value, gap, ends = (rows[name] for name in (column, "gap", "end"))
    units = {
        "incapacity": "claimants",
        "dla": "claims in payment",
        "pip": "claims with entitlement",
    }
    return pd.DataFrame(
        {
            "measure": measure,
            "panel": rows["scheme"],
            "benefit": rows["benefits"],
            "period": pd.to_datetime(ends).dt.strftime("%Y-%m"),
            "end": pd.to_datetime(ends),
            "value": value.astype(float),
            "low": (value - gap).astype(float),
            "high": (value + gap).astype(float),
            "unit": rows["scheme"].map(units),
            "press": False,
            "source_id": rows["source_id"],
            "obs": rows["obs"],
        }
    )
