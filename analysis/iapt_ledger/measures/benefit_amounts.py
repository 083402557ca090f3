"""How many claim, and what PIP costs: counts by scheme as held, and PIP spending by condition."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.series import last_digit, period_label, periods

CHAPTER_V = "mental and behavioural disorders (ICD-10 chapter V, F00-F99)"
NARROW = ("anxiety and depression", "psychotic disorders", "other psychiatric disorders")
DEVELOPMENTAL = ("ADHD / ADD", "autistic spectrum disorders", "learning disabilities")

PANELS = {
    "incapacity": (
        "IB",
        "IB/SDA",
        "IB+ESA",
        "IB/SDA/ESA",
        "INCAP (IB/SDA/ESA and equivalents)",
    ),
    "dla": ("DLA", "DLA with another key benefit"),
    "pip": ("PIP",),
}
MENTAL = (
    CHAPTER_V,
    "mental health",
    "psychiatric disorders",
    "psychosis, psychoneurosis, personality disorder or alcohol abuse",
)
DLA_TABLE = "dla_condition_c2011"
DLA_PSYCHIATRIC = (
    "psychosis",
    "psychoneurosis (anxiety, depression, phobia)",
    "personality disorder",
    "dementia",
    "behavioural disorder",
    "alcohol and drug abuse",
    "hyperkinetic syndrome",
)
LEARNING = "learning difficulties"
QUARTERLY = r"statxplore_(dla|pip|esa|ib_sda)|nomis_(esa|ib_sda)"
"""Publications that a refresh brings: whole series by quarter, nation and age, which this chart of single figures
leaves out."""


def counts(benefits: pd.DataFrame) -> pd.DataFrame:
    """Claimants by scheme, all and with a mental-health condition, as held and never joined.

    Returns:
        A measure frame with panel (incapacity, dla, pip), measure ("all", "mental", and for DLA also
        "mental_with_learning"), benefit, end, unit (the scheme's own word for what it counts), press,
        source_id, obs; sorted by panel, measure, benefit, source and date. A line may join rows of one
        benefit and source only.
    """
    caseload = benefits[
        benefits["measure"].eq("caseload")
        & benefits["geography"].isin(["GB", "UK", "England and Wales"])
        & ~benefits["source_id"].str.fullmatch(QUARTERLY)
    ]
    panel_of = {benefit: panel for panel, names in PANELS.items() for benefit in names}
    rows = caseload[caseload["benefit"].isin(panel_of)]
    kinds = {
        "all": rows["condition_group"].eq("all"),
        "mental": rows["condition_group"].isin(MENTAL),
    }
    parts = [_counted(rows[mask], kind, panel_of) for kind, mask in kinds.items()]
    parts += [_dla_groups(rows, panel_of)]
    order = ["panel", "measure", "benefit", "source_id", "end"]
    return pd.concat(parts, ignore_index=True).sort_values(order).reset_index(drop=True)


def _counted(rows: pd.DataFrame, kind: str, panel_of: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "measure": kind,
            "panel": rows["benefit"].map(panel_of),
            "benefit": rows["benefit"],
            "period": rows["period_end"].dt.strftime("%Y-%m"),
            "end": rows["period_end"],
            "value": rows["value"],
            **rounding_bounds(rows),
            "unit": rows["unit"],
            "press": rows["second_hand"].astype(bool),
            "source_id": rows["source_id"],
            "obs": [(one,) for one in rows["obs_id"]],
        }
    )


def rounding_bounds(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Columns low and high of counts as worded: what the rounding of the source allows, else NaN.

    A rounded count lies within half a step of its last digit that is not nought. "Almost" cuts the
    upper half off: almost 1.1 million is 1.05 to 1.1 million.
    """
    half = rows["value"].map(last_digit) / 2
    almost = rows["qualifier"].eq("almost")
    rounded = almost | rows["rounding"].eq("rounded")
    low, high = rows["value"] - half, (rows["value"] + half).mask(almost, rows["value"])
    return {"low": low.where(rounded), "high": high.where(rounded)}


def _dla_groups(rows: pd.DataFrame, panel_of: dict[str, str]) -> pd.DataFrame:
    table = rows[rows["source_id"].eq(DLA_TABLE)]
    parts = []
    for kind, conditions in {
        "mental": DLA_PSYCHIATRIC,
        "mental_with_learning": (*DLA_PSYCHIATRIC, LEARNING),
    }.items():
        held = table[table["condition_group"].isin(conditions)]
        if missing := sorted(set(conditions) - set(held["condition_group"])):
            raise LedgerError("A condition is not held", where=f"{DLA_TABLE}", found=missing)
        whole = _counted(held.head(1), kind, panel_of)
        obs = pd.Series([tuple(held["obs_id"])], index=whole.index)
        total = held["value"].sum()
        parts.append(whole.assign(value=total, low=np.nan, high=np.nan, obs=obs))
    return pd.concat(parts, ignore_index=True)


def one_count(
    benefits: pd.DataFrame, benefit: str, condition: str, source: str, date: str
) -> pd.Series:
    """The one caseload row of a benefit, condition, source and date.

    Raises:
        LedgerError: there is none, or more than one.
    """
    rows = benefits[
        benefits["measure"].eq("caseload")
        & benefits["benefit"].eq(benefit)
        & benefits["condition_group"].eq(condition)
        & benefits["source_id"].eq(source)
        & benefits["period_end"].eq(pd.Timestamp(date))
    ]
    if len(rows) != 1:
        where = f"benefits_annual, {benefit}, {condition}, {source}, {date}"
        raise LedgerError("Expected one count", where=where, expected=1, found=len(rows))
    return rows.iloc[0]


def pip_spending(benefits: pd.DataFrame) -> pd.DataFrame:
    """PIP spending by financial year in GBP, cash: each condition, `narrow`, `wide` and `all`.

    Narrow is anxiety and depression, psychotic and other psychiatric disorders; wide adds ADHD,
    autism and learning disabilities. Both are added up here from the published conditions.

    Raises:
        LedgerError: a condition lacks a year that another has.
    """
    money = benefits[benefits["benefit"].eq("PIP") & benefits["measure"].eq("expenditure_gbp_m")]
    parts = money[money["condition_group"].isin([*NARROW, *DEVELOPMENTAL, "all"])]
    wide = parts.pivot_table(index="period_start", columns="condition_group", values="value")
    if wide.isna().any(axis=None):
        raise LedgerError("A condition lacks a year", where="benefits_annual, PIP spending")
    groups = {c: (c,) for c in wide.columns} | {"narrow": NARROW, "wide": (*NARROW, *DEVELOPMENTAL)}
    return pd.concat(
        [_group(parts, name, names) for name, names in groups.items()], ignore_index=True
    )


def _group(parts: pd.DataFrame, name: str, conditions: Iterable[str]) -> pd.DataFrame:
    rows = parts[parts["condition_group"].isin(list(conditions))]
    rows = rows.assign(period=[period_label(s, e) for s, e in periods(rows)])
    years = rows.groupby("period", sort=True)
    return pd.DataFrame(
        {
            "measure": name,
            "period": sorted(set(rows["period"])),
            "value": years["value"].sum().to_list(),
            "low": np.nan,
            "high": np.nan,
            "unit": "GBP",
            "obs": years["obs_id"].agg(tuple).to_list(),
        }
    )
