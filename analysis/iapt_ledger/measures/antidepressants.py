"""Antidepressant prescribing in England: items, cost, patients and rates, one series at a time.

Three publications count different things (BNF section 4.3) and are never joined as they stand:
PCA counts items dispensed in the community in England; EPD and MUMH count items prescribed in
England, dispensed anywhere in Great Britain. PCA and EPD are by calendar year, MUMH mostly by
financial year. Where several sources give one year of one series, one of them is taken by a stated
rule and the others must agree with it; they are never averaged. Part years are left out.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.evidence import full_periods
from iapt_ledger.measures.series import last_digit, period_label, periods, ratio

ALL_ANTIDEPRESSANTS = "BNF 4.3"
SSRIS = "BNF 4.3.3 (SSRIs)"
AMITRIPTYLINE = "amitriptyline (within BNF 4.3.1)"
POPULATION = "Mid-year population, all ages (series of the mid-2024 release)"
SERIES = ("PCA", "EPD", "MUMH")
MEAN_RATIO = "mean ratio on the overlap"

COARSE = 10_000  # a figure whose last non-zero digit stands here or higher is a rounded headline
AGREEMENT = 0.005  # a figure rounded to three digits is off by no more than this share
COLUMNS = [
    "measure", "series", "bnf_scope", "period", "period_type", "start", "end",
    "value", "low", "high", "unit", "status", "source_id", "obs",
]  # fmt: skip


def yearly(
    table: pd.DataFrame,
    measure: str,
    *,
    series: str,
    scope: str = ALL_ANTIDEPRESSANTS,
    geography: str = "England",
) -> pd.DataFrame:
    """One series of `antidepressants_annual`, one row a year, in base units (items, GBP, patients).

    The source of a year: no press report; an unrounded figure before a rounded headline, a
    published one before a sum of ours, the finer before the coarser. Rounded figures carry the
    bounds of their rounding as low and high.

    Raises:
        LedgerError: more than one series is asked for, none of it is held, or two sources of one
            year disagree by more than rounding allows.
    """
    if series not in SERIES:
        raise LedgerError(
            "Series of items count different things and are read one at a time",
            where="antidepressants.yearly, argument series",
            found=series,
            choices=SERIES,
        )
    held = table[
        table["measure"].eq(measure)
        & table["series"].eq(series)
        & table["bnf_scope"].eq(scope)
        & table["geography"].eq(geography)
        & ~table["status"].eq("press_report")
    ]
    held = full_periods(held)
    if held.empty:
        raise LedgerError(
            "No whole year is held",
            where=f"antidepressants_annual, {series}, {measure}, {scope}, {geography}",
        )
    return _one_source_a_year(held)


def _one_source_a_year(held: pd.DataFrame) -> pd.DataFrame:
    step = held["value"].map(last_digit)
    ranked = held.assign(
        coarse=step.ge(COARSE), unpublished=held["status"].ne("published"), step=step
    ).sort_values(["period_start", "coarse", "unpublished", "step"], kind="stable")
    best = ranked.drop_duplicates(["period_start", "period_end"])
    _refuse_disagreement(ranked)
    half = np.where(best["coarse"], best["step"] / 2, np.nan)
    return pd.DataFrame(
        {
            **{c: best[c] for c in ("measure", "series", "bnf_scope", "period_type", "unit")},
            **{c: best[c] for c in ("status", "source_id", "value")},
            "period": [period_label(s, e) for s, e in periods(best)],
            "start": best["period_start"],
            "end": best["period_end"],
            "low": best["value"] - half,
            "high": best["value"] + half,
            "obs": [(one,) for one in best["obs_id"]],
        }
    )[COLUMNS].reset_index(drop=True)


def _refuse_disagreement(ranked: pd.DataFrame) -> None:
    for (start, _), rows in ranked.groupby(["period_start", "period_end"], sort=True):
        first = rows["value"].iloc[0]
        apart = (rows["value"] / first - 1).abs()
        if apart.max() > AGREEMENT:
            worst = rows.loc[apart.idxmax()]
            raise LedgerError(
                "Two sources of one series disagree",
                where=f"antidepressants_annual, {worst['series']}, {worst['measure']}, {start:%Y}",
                expected=f"{first:,.0f} ({rows['source_id'].iloc[0]}) within {AGREEMENT:.1%}",
                found=f"{worst['value']:,.0f} ({worst['source_id']})",
                fix="declare the wrong one in data/corrections.yaml",
            )


def population(context: pd.DataFrame, geography: str = "England") -> pd.DataFrame:
    """Mid-year population of all ages (ONS, one series rebased to the 2021 census): year, value, obs."""
    rows = context[context["measure"].eq(POPULATION) & context["geography"].eq(geography)]
    if rows.empty:
        raise LedgerError("No population is held", where=f"context, {geography}, {POPULATION}")
    years = rows["period_start"].dt.year
    return pd.DataFrame(
        {"year": years, "value": rows["value"], "obs": [(o,) for o in rows["obs_id"]]}
    ).reset_index(drop=True)


def per_head(items: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Items per head of population, for the years whose mid-year population is held and no others."""
    both = items.assign(year=items["start"].dt.year).merge(people, on="year", suffixes=("", "_b"))
    per = {c: both[c] / both["value_b"] for c in ("value", "low", "high")}
    return both.assign(
        measure="items_per_head", unit="items per head", obs=both["obs"] + both["obs_b"], **per
    )[COLUMNS]


def without(items: pd.DataFrame, drug: pd.DataFrame, scope: str) -> pd.DataFrame:
    """Items less those of one drug, year by year; `scope` names what is left."""
    both = items.merge(drug, on=["period", "series"], suffixes=("", "_b"))
    return both.assign(
        value=both["value"] - both["value_b"], bnf_scope=scope, obs=both["obs"] + both["obs_b"]
    )[COLUMNS]


def splice(base: pd.DataFrame, other: pd.DataFrame, *, rescaling: str = "") -> pd.DataFrame:
    """The years of `other` that `base` lacks, brought to the level of `base`, with the range of ratios.

    Raises:
        LedgerError: no rescaling is named, the two share no period, or one counts another thing
            (measure, drugs, kind of year).
    """
    names = base["series"].iloc[0], other["series"].iloc[0]
    where = "antidepressants.splice, " + " and ".join(names)
    if rescaling != MEAN_RATIO:
        raise LedgerError(
            "Series of different level are not joined without a named rescaling",
            where=where,
            found=rescaling or "none",
            choices=[MEAN_RATIO],
        )
    same = ["measure", "bnf_scope", "period_type", "unit"]
    if not base[same].drop_duplicates().equals(other[same].drop_duplicates()):
        raise LedgerError("The two series do not count the same thing", where=where, expected=same)
    overlap = ratio(base, other, "ratio", "ratio")
    if overlap.empty:
        raise LedgerError("The two series share no period", where=where)
    new = other[~other["period"].isin(base["period"])]
    shared = tuple(o for ids in overlap["obs"] for o in ids)
    return new.assign(
        series=f"{names[0]}, rescaled from {names[1]}",
        value=new["value"] * overlap["value"].mean(),
        low=new["value"] * overlap["value"].min(),
        high=new["value"] * overlap["value"].max(),
        status="derived",
        obs=[ids + shared for ids in new["obs"]],
    ).reset_index(drop=True)


def monthly_cost_per_item(monthly: pd.DataFrame, scope: str = SSRIS) -> pd.DataFrame:
    """Actual cost per item by month, GBP in cash, from the OpenPrescribing export (GP practices only).

    A level of its own (actual cost, not net ingredient cost): for the course of prices, not to be
    set beside the yearly cost per item.
    """
    held = monthly[monthly["series"].eq("OpenPrescribing") & monthly["bnf_scope"].eq(scope)]
    cost, items = (
        held[held["measure"].eq(m)][["period_start", "value", "obs_id"]]
        for m in ("actual_cost_gbp", "items")
    )
    both = cost.merge(items, on="period_start", suffixes=("", "_items"))
    if both.empty:
        raise LedgerError("No month is held", where=f"OpenPrescribing, {scope}")
    return pd.DataFrame(
        {
            "measure": "cost_per_item",
            "period": both["period_start"].dt.strftime("%Y-%m"),
            "value": both["value"] / both["value_items"],
            "low": np.nan,
            "high": np.nan,
            "unit": "GBP",
            "obs": list(zip(both["obs_id"], both["obs_id_items"], strict=True)),
        }
    )
