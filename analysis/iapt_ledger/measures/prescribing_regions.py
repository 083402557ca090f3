"""Items by NHS region and month, with the sections of other drugs that serve as control, and the panel made of them.

The two series of regional items (2016 to 2020, 2021 to 2024) count different things and are not joined. In
July 2022 the borders of three regions moved with the integrated care boards (Bassetlaw and Glossop, both to
the Midlands), and items written in England and dispensed in Scotland are missing from June 2023 to June 2024.
Both touch every kind of drug, which is why antidepressants are read against other drugs of the same region
and month.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.prescribing_access import YEAR, region_name

SERIES = "NHSBSA English Prescribing Dataset (net ingredient cost)"
EARLIER = "OpenPrescribing practice prescribing (actual cost)"
ANTIDEPRESSANTS = "Antidepressant drugs"
ALL = "All sections"
# Drugs for the body that talking therapy has no business with. Chosen before any estimate was seen.
CONTROLS = {
    "Lipid-regulating drugs": "Cholesterol",
    "Hypertension and heart failure": "Blood pressure and heart failure",
    "Antisecretory drugs and mucosal protectants": "Stomach acid",
    "Thyroid and antithyroid drugs": "Thyroid",
    "Bronchodilators": "Asthma",
}
# Drugs of the mind: therapy might change these too, so they are shown and are no control.
NEAR = {
    "Hypnotics and anxiolytics": "Sleep and anxiety",
    "Drugs used in psychoses and related disorders": "Psychosis",
}


def regional_items(
    table: pd.DataFrame, sections: Sequence[str], *, series: str = SERIES
) -> pd.DataFrame:
    """Items of some BNF sections added up: region, month, value, obs.

    Raises:
        LedgerError: a section is not held in every region and month of the series.
    """
    rows = table[table["series"].eq(series) & table["measure"].eq("items")]
    cells = rows.groupby(["geography", "period_start"]).ngroups
    held = rows[rows["bnf_section"].isin(sections)]
    short = [s for s in sections if held["bnf_section"].eq(s).sum() != cells]
    if short or held["value"].isna().any():
        raise LedgerError(
            "A section is not held for every region and month",
            where=f"prescribing_region_monthly, {series}",
            found=short,
            choices=sorted(set(rows["bnf_section"])),
        )
    names = {place: region_name(place) for place in set(held["geography"])}
    part = held.assign(region=held["geography"].map(names), month=held["period_start"])
    part = part.sort_values(["region", "month", "bnf_section"], ignore_index=True)
    cell = part.iloc[:: len(sections)]  # as many rows a cell as there are sections
    return pd.DataFrame(
        {
            "region": cell["region"].to_numpy(),
            "month": cell["month"].to_numpy(),
            "value": part["value"].to_numpy().reshape(len(cell), -1).sum(axis=1),
            "obs": list(map(tuple, part["obs_id"].to_numpy().reshape(len(cell), -1))),
        }
    )


def growth_by_region(items: pd.DataFrame, first: int, last: int) -> pd.DataFrame:
    """Change in yearly items between two calendar years, per cent: region, value, obs.

    Raises:
        LedgerError: a region lacks a month of either year.
    """
    years = items.assign(year=items["month"].dt.year)
    both = years[years["year"].isin([first, last])]
    added = both.groupby(["region", "year"])
    if not added.size().eq(YEAR).all() or both["year"].nunique() != 2:
        raise LedgerError("A year is not whole", where="growth_by_region", found=(first, last))
    total = added["value"].sum().reset_index().pivot_table("value", "region", "year")
    return pd.DataFrame(
        {
            "region": total.index,
            "value": (100 * (total[last] / total[first] - 1)).to_numpy(),
            "obs": [tuple(o for ids in both["obs"][both["region"].eq(r)] for o in ids)
                    for r in total.index],
        }
    ).reset_index(drop=True)  # fmt: skip


def logs(items: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Natural logarithms of the items of each named outcome: index region and month, a column an outcome."""
    named = {
        name: np.log(held.set_index(["region", "month"])["value"]) for name, held in items.items()
    }
    return pd.DataFrame(named)


def panel(
    outcomes: pd.DataFrame, rate: pd.DataFrame, scale: pd.Series, *, first: str, last: str
) -> pd.DataFrame:
    """Regions x months: logs of items, and courses for each item that the region has in a year.

    Args:
        outcomes: from `logs`.
        rate: courses a year by region and month, from `prescribing_access.rate_before`.
        scale: yearly antidepressant items by region, the same throughout.
        first, last: months, such as "2022-01".

    Returns:
        region, month (Timestamp), the logs by name, and `courses`: a coefficient on it is the change in items a year
        for one course a year more (as a share of items, times items, over courses).

    Raises:
        LedgerError: a cell of the panel is not held.
    """
    months = pd.date_range(first, last, freq="MS")
    cells = pd.MultiIndex.from_product([scale.index, months], names=["region", "month"])
    courses = rate.set_index(["region", "month"])["value"].reindex(cells)
    per_item = courses / scale.reindex(cells.get_level_values("region")).to_numpy()
    frame = outcomes.reindex(cells).assign(courses=per_item)
    if frame.isna().any(axis=None):
        hole = frame.index[frame.isna().any(axis=1)][0]
        raise LedgerError(
            "A cell of the panel is not held",
            where="prescribing_regions.panel",
            found=f"{hole[0]}, {hole[1]:%Y-%m}",
        )
    return frame.reset_index()


def yearly_items(items: pd.DataFrame, first: int, last: int) -> pd.Series:
    """Average items of a calendar year by region, over the years from `first` to `last`."""
    held = items[items["month"].dt.year.between(first, last)]
    return held.groupby("region")["value"].sum() / (last - first + 1)
