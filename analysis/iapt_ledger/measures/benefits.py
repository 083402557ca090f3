"""Disability and incapacity benefits with a mental-health condition: each scheme by itself.

Incapacity benefits (IB, SDA, later ESA) replace earnings; DLA and PIP pay for the extra cost of being
disabled, in or out of work. They record conditions by different lists, overlap in claimants, and are
never added or joined here. What the schemes count differs too (claims, claims in payment, claims with
entitlement, claimants): a row keeps its own word, and no difference is taken across two of them.
"""

from __future__ import annotations

from math import fsum  # the same last digit on every Python
from typing import NamedTuple

import numpy as np
import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.benefit_amounts import CHAPTER_V, one_count, rounding_bounds

INCAPACITY, EXTRA_COST = "incapacity benefits", "disability benefits"
WITH_LD = "with learning disabilities"
WITHOUT_LD = "without learning disabilities"


class Reading(NamedTuple):
    """One way to read "the share of benefit claimants with a mental-health condition".

    Attributes:
        key: short name, also the end of result ids.
        scheme: INCAPACITY or EXTRA_COST.
        label: scheme and people, as printed.
        definition: what counts as a mental-health condition.
        rows: (benefit, condition_group, source_id) of the share rows that belong to it.
    """

    key: str
    scheme: str
    label: str
    definition: str
    rows: tuple[tuple[str, str, str], ...]


READINGS = (
    Reading(
        "ib", INCAPACITY, "Incapacity Benefit alone", "ICD-10 chapter V, " + WITH_LD,
        (("IB", CHAPTER_V, "hrreview_2012"), ("IB", CHAPTER_V, "wh_debate_2005_06_15")),
    ),
    Reading(
        "incapacity", INCAPACITY, "Incapacity Benefit and SDA, from 2008 ESA too",
        "ICD-10 chapter V, " + WITH_LD,
        (
            ("IB/SDA", CHAPTER_V, "ifs_wp1509_press"), ("IB/SDA", CHAPTER_V, "hrreview_2012"),
            ("IB/SDA/ESA", CHAPTER_V, "ifs_wp1509_press"),
            ("IB/SDA/ESA", CHAPTER_V, "viola_moncrieff2016"),
        ),
    ),
    Reading(
        "dla_narrow", EXTRA_COST, "DLA, all ages", WITHOUT_LD,
        (("DLA", "psychiatric group without learning difficulties", "dla_condition_c2011"),),
    ),
    Reading(
        "dla_wide", EXTRA_COST, "DLA, all ages", WITH_LD,
        (("DLA", "psychiatric group with learning difficulties", "dla_condition_c2011"),),
    ),
    Reading(
        "dla_pip_ifs_2022", EXTRA_COST, "DLA, later with PIP, working age (IFS 2022)", WITH_LD,
        (
            ("DLA", "psychiatric disorders incl. learning disabilities", "ifs_2022_abstract"),
            ("DLA+PIP", "psychiatric disorders incl. learning disabilities", "ifs_2022"),
        ),
    ),
    Reading(
        "dla_pip_ifs_2025", EXTRA_COST, "DLA, later with PIP, 16 to 64 (IFS 2025)",
        "mental or behavioural, not defined in what was read",
        (
            ("DLA+PIP", "mental health or behavioural", "ifs_2025_press"),
            ("PIP/DLA", "mental and behavioural disorders", "bbc_verify_2025"),
        ),
    ),
    Reading(
        "pip", EXTRA_COST, "PIP, all ages", "psychiatric category, with learning disabilities, autism, ADHD",
        (
            ("PIP", "psychiatric disorders", "independent_2023_01"),
            ("PIP", "psychiatric disorders", "thebuzzinghub_2024"),
            ("PIP", "psychiatric disorders", "pressbee_2025"),
        ),
    ),
)  # fmt: skip


class Division(NamedTuple):
    """A share that no publication prints: one count over others, dated as near as they are held."""

    reading: str
    counted: tuple[str, str, str, str]
    bases: tuple[tuple[str, str, str], ...]


# (benefit, condition_group, source_id, date) over (benefit, source_id, date). The dates of count and
# base differ by three, seven and twelve months. The first divides the count of the 2005 debate by the
# caseload of a Commons answer, which counts credits-only cases too.
DIVISIONS = (
    Division(
        "ib",
        ("IB", "mental health", "wh_debate_2005_06_15", "2005-02-28"),
        (("IB", "hansard_2007_01_29", "2005-05-31"),),
    ),
    Division(
        "incapacity",
        ("IB/SDA", CHAPTER_V, "ruffley_2007b", "2006-12-31"),
        (("IB", "hansard_2007_01_29", "2006-05-31"), ("SDA", "hansard_2007_01_29", "2006-05-31")),
    ),
    Division(
        "incapacity",
        ("IB+ESA", CHAPTER_V, "hrreview_2012", "2012-02-29"),
        (("INCAP (IB/SDA/ESA and equivalents)", "statxplore_bencomb_2019", "2013-02-28"),),
    ),
)


def shares(benefits: pd.DataFrame) -> pd.DataFrame:
    """Every share of a scheme's claimants with a mental-health condition that is held, by reading.

    Returns:
        A measure frame in percent with reading, scheme, label, definition, benefit, year, end,
        press (second-hand), inferred (its date), made_here (a division of ours; low and high are
        what the rounding of the count allows); sorted by reading and date.
        Shares of flows (new claims, assessments) are not among them.
    """
    published = benefits[benefits["measure"].eq("share_pct")]
    parts = [_published(published, reading) for reading in READINGS]
    parts += [_divided(benefits, division) for division in DIVISIONS]
    frame = pd.concat(parts, ignore_index=True)
    order = {reading.key: i for i, reading in enumerate(READINGS)}
    return frame.sort_values(
        ["reading", "end", "value"], key=lambda c: c.map(order) if c.name == "reading" else c
    ).reset_index(drop=True)


def _published(rows: pd.DataFrame, reading: Reading) -> pd.DataFrame:
    keys = pd.MultiIndex.from_frame(rows[["benefit", "condition_group", "source_id"]])
    held = rows[keys.isin(reading.rows)]
    if missing := sorted(set(reading.rows) - set(keys[keys.isin(reading.rows)])):
        raise LedgerError("A reading's row is not held", where="benefits_annual", found=missing)
    return _frame(held, reading, list(held["value"]), [(o,) for o in held["obs_id"]])


def _divided(benefits: pd.DataFrame, division: Division) -> pd.DataFrame:
    reading = next(r for r in READINGS if r.key == division.reading)
    count = one_count(benefits, *division.counted)
    bases = [one_count(benefits, b, "all", s, d) for b, s, d in division.bases]
    of_all = 100 / fsum(base["value"] for base in bases)
    row = benefits.loc[[count.name]]
    obs = tuple(row["obs_id"] for row in (count, *bases))
    frame = _frame(row, reading, [count["value"] * of_all], [obs], made_here=True)
    return frame.assign(**{c: (b * of_all).to_numpy() for c, b in rounding_bounds(row).items()})


def _frame(
    rows: pd.DataFrame,
    reading: Reading,
    values: list[float],
    obs: list[tuple[str, ...]],
    *,
    made_here: bool = False,
) -> pd.DataFrame:
    ends = pd.to_datetime(rows["period_end"])
    return pd.DataFrame(
        {
            "measure": "share_with_mental_condition", "reading": reading.key,
            "scheme": reading.scheme, "label": reading.label, "definition": reading.definition,
            "benefit": rows["benefit"].to_list(), "period": ends.dt.strftime("%Y-%m").to_list(),
            "year": ends.dt.year.to_list(), "end": ends.to_list(), "value": values,
            "low": np.nan, "high": np.nan, "unit": "percent",
            "press": rows["second_hand"].astype(bool).to_list(),
            "inferred": rows["date_status"].eq("inferred").to_list(), "made_here": made_here,
            "source_id": rows["source_id"].to_list(), "obs": obs,
        }
    )  # fmt: skip


def fit(held: pd.DataFrame, first: tuple[int, float], last: tuple[int, float]) -> pd.DataFrame:
    """Each reading beside two quoted shares: the values held nearest in time, and how far off they are.

    Args:
        held: frame of `shares`.
        first, last: (year, quoted share in percent).

    Returns:
        One row a reading: label, definition, and for each end the lowest and highest value among the
        rows nearest in time, on either side where there are two (`first_low`, `first_high`), their years
        (`first_years`), years off (`first_off`) and the gap in percentage points (`first_gap`: nought when the
        quoted share lies between them, negative when all held values are lower); press, obs.
    """
    rows = []
    for key, group in held.groupby("reading", sort=False):
        ends = {**_nearest(group, "first", *first), **_nearest(group, "last", *last)}
        used = ends.pop("first_rows") | ends.pop("last_rows")
        near = group[group.index.isin(used)]
        rows.append(
            {"reading": key, "scheme": group["scheme"].iloc[0], "label": group["label"].iloc[0],
             "definition": group["definition"].iloc[0], **ends,
             "press": bool(near["press"].any()),
             "obs": tuple(dict.fromkeys(o for ids in near["obs"] for o in ids))}
        )  # fmt: skip
    return pd.DataFrame(rows)


def _nearest(group: pd.DataFrame, end: str, year: int, quoted: float) -> dict:
    """The rows of the year, or of the nearest years before and after it: the limits of what it can have been."""
    off = group["year"] - year
    near = group[off.isin([off[off.le(0)].max(), off[off.ge(0)].min()])]
    low, high = near["value"].min(), near["value"].max()
    gap = 0.0 if low <= quoted <= high else min(low - quoted, high - quoted, key=abs)
    return {
        f"{end}_low": low,
        f"{end}_high": high,
        f"{end}_years": tuple(sorted(set(near["year"]))),
        f"{end}_off": int(off.abs().min()),
        f"{end}_gap": float(gap),
        f"{end}_rows": set(near.index),
    }


def share_of_rise(start: float, middle: float, end: float) -> float:
    """How much of a rise from `start` to `end` had come by `middle`, in per cent.

    Raises:
        LedgerError: there was no rise.
    """
    if end <= start:
        raise LedgerError("There was no rise to share out", where="benefits", found=(start, end))
    return 100 * (middle - start) / (end - start)
