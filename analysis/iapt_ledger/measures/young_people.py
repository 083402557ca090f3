"""Children's services: who is reached, who drops out, what a second score says, and what the money was.

The figures come from a handful of publications, most of them read in a summary or an abstract. Counts that a
row keeps in its note are read from there by `in_note`, which stops the build when the note changes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.evidence import only, outturn_only
from iapt_ledger.measures.frames import financial_year, joined_obs, pick
from iapt_ledger.measures.money import Deflator
from iapt_ledger.methods.intervals import proportion_interval

REFERRED = "Children referred to CYP mental health services"
SUPPORTED = "Referred children who received support"
WAITING = "Referred children still waiting"
CLOSED_BEFORE = "Referred children whose referral closed before support"
CLOSED = {
    "Referred children whose referral closed without treatment": "closed without treatment",
    CLOSED_BEFORE: "closed before support",
}
FIRST_SCORE = "One CAMHS: baseline outcome data obtained"
SECOND_SCORE = "One CAMHS: eligible with at least one follow-up measure"


def one(frame: pd.DataFrame, measure: str, year: int | None = None) -> pd.Series:
    """The one row of a table with this measure (and, if given, a period that starts in this calendar year).

    Raises:
        LedgerError: there is none, or more than one.
    """
    rows = only(frame, measure=measure)
    if year is not None:
        rows = rows[rows["period_start"].dt.year.eq(year)]
    if len(rows) != 1:
        raise LedgerError(
            "One row was asked for", where=f"{measure}, {year or 'any year'}", expected=1,
            found=len(rows), choices=sorted(frame["measure"].unique()),
        )  # fmt: skip
    return rows.iloc[0]


def in_note(row: pd.Series, pattern: str) -> tuple[float, ...]:
    """Numbers that the note of a row holds, as the groups of a pattern.

    Raises:
        LedgerError: the note no longer holds them.
    """
    found = re.search(pattern, row["note"])
    if found is None:
        raise LedgerError(
            "A note no longer holds its number", where=row["obs_id"], expected=pattern,
            found=row["note"],
        )  # fmt: skip
    return tuple(float(text.replace(",", "")) for text in found.groups())


def referred(cyp: pd.DataFrame) -> pd.DataFrame:
    """What became of the children referred in the one year with counts: a measure frame in per cent.

    The three published counts leave about one referral in a thousand unexplained: one is given as "almost".

    Returns:
        measure (supported, waiting, closed), period, value, low, high, unit, children, obs.
    """
    whole, *parts = (one(cyp, name) for name in (REFERRED, SUPPORTED, WAITING, CLOSED_BEFORE))
    (turned_away,) = in_note(parts[-1], r"^([\d,]+) children")
    counts = [*(part["value"] for part in parts[:-1]), turned_away]
    return pd.DataFrame(
        {
            "measure": ["supported", "waiting", "closed"],
            "period": financial_year(whole["period_start"]),
            "value": [100 * count / whole["value"] for count in counts],
            "low": np.nan,
            "high": np.nan,
            "unit": "percent",
            "children": counts,
            "obs": [(whole["obs_id"], part["obs_id"]) for part in parts],
        }
    )


def closed(cyp: pd.DataFrame) -> pd.DataFrame:
    """Share of referred children whose referral was closed without help, by year, with the words of its report."""
    rows = cyp[cyp["measure"].isin(CLOSED)].sort_values("period_start")
    return pd.DataFrame(
        {
            "measure": "closed",
            "period": rows["period_start"].map(financial_year),
            "value": rows["value"],
            "low": np.nan,
            "high": np.nan,
            "unit": "percent",
            "words": rows["measure"].map(CLOSED),
            "obs": [(i,) for i in rows["obs_id"]],
        }
    ).reset_index(drop=True)


def one_service(cyp: pd.DataFrame, year: int) -> pd.DataFrame:
    """Second scores in one audited service under three bases: those eligible, those with a first score, all accepted.

    The abstract prints the first share and the counts; the other two are worked out from them.

    Returns:
        measure (eligible, first_score, accepted), period, value, low, high (95% Wilson), unit, events, n, obs.
    """
    first, second = one(cyp, FIRST_SCORE, year), one(cyp, SECOND_SCORE, year)
    (scored_twice,) = in_note(second, r"^(\d+) young people")
    (scored_once,) = in_note(first, r"^(\d+) young people")
    bases = {
        "eligible": scored_twice / (second["value"] / 100),
        "first_score": scored_once,
        "accepted": scored_once / (first["value"] / 100),
    }
    n = np.round(list(bases.values()))
    shares, low, high = proportion_interval(np.full(len(n), scored_twice), n).percent
    return pd.DataFrame(
        {
            "measure": list(bases),
            "period": str(year),
            "value": shares,
            "low": low,
            "high": high,
            "unit": "percent",
            "events": scored_twice,
            "n": n,
            "obs": [(second["obs_id"],), *[(first["obs_id"], second["obs_id"])] * 2],
        }
    )


def adults(counts: pd.DataFrame, ended: pd.DataFrame, period: str) -> pd.DataFrame:
    """The adult programme's second scores, of finished courses and of all that ended after any treatment.

    Args:
        counts: from `pathway.pathway_counts`; ended: from `endings.in_one_collection`.

    Returns:
        measure (finished, treated), period, value, low, high (95% Wilson of the first; the second takes the
        first's share of finished courses in the annual report), unit, obs.
    """
    finished, without = (pick(counts, m, period) for m in ("finished_course", "no_paired_scores"))
    paired = proportion_interval(finished["value"] - without["value"], finished["value"]).percent
    whole, brief = (pick(ended, m, period) for m in ("finished_course", "ended_one_treatment_only"))
    part = whole["value"] / (whole["value"] + brief["value"])
    own = tuple(sorted({*finished["obs"], *without["obs"]}))
    return pd.DataFrame(
        {
            "measure": ["finished", "treated"],
            "period": period,
            "value": [paired.value, paired.value * part],
            "low": [paired.low, np.nan],
            "high": [paired.high, np.nan],
            "unit": "percent",
            "obs": [own, tuple(sorted({*own, *whole["obs"], *brief["obs"]}))],
        }
    )


MONEY: Mapping[str, tuple[str, str]] = {
    "CYP IAPT funding pledged 2011, four years": ("pledged_2011", "Pledged in 2011 for four years"),
    "CYP IAPT additional funding, three years": ("added_2012", "Added in 2012 for three years"),
    "CYP IAPT funding in total": ("total", "Both together, as a minister said in 2014"),
    "CYP IAPT transformation spend": ("spent_2014_15", "Spent by the programme in 2014-15"),
    "CYP mental health transformation allocation": (
        "allocated_2015_16",
        "Allocated to change children’s services, 2015-16",
    ),
    "CYP mental health in CCG baselines": (
        "baseline_2016_17",
        "In local commissioners’ baselines, 2016-17",
    ),
    "CYP IAPT roll-out completion funding": (
        "rollout_2015",
        "Announced in 2015 to complete the roll-out in four years",
    ),
}


def money(cyp: pd.DataFrame, prices: Deflator, year: str) -> pd.DataFrame:
    """Announced and spent money for children's services: cash, and in the prices of one year.

    Money of several years is moved from each of its years in turn: value is the mean, as if spent evenly,
    low and high are the first and the last year's prices.

    Returns:
        measure, label, period, value, low, high, unit, cash, qualifier, spent (not only announced),
        second_hand, obs (of the amount and of the prices).
    """
    frame = pd.DataFrame([_amount(one(cyp, name), *MONEY[name], prices, year) for name in MONEY])
    came = set(outturn_only(cyp)["measure"])
    frame.insert(list(frame).index("second_hand"), "spent", [name in came for name in MONEY])
    return frame


def _amount(
    row: pd.Series, name: str, label: str, prices: Deflator, year: str
) -> dict[str, object]:
    first, last = row["period_start"].year, row["period_end"].year
    years = [financial_year(pd.Timestamp(y, 4, 1)) for y in range(first, last)]
    moved = [prices.deflate(row["value"], y, year) for y in years]
    several = len(years) > 1
    return {
        "measure": name,
        "label": label,
        "period": years[0] if not several else f"{years[0]} to {years[-1]}",
        "value": float(np.mean(moved)),
        "low": min(moved) if several else np.nan,
        "high": max(moved) if several else np.nan,
        "unit": "GBP",
        "cash": float(row["value"]),
        "qualifier": row["qualifier"],
        "second_hand": bool(row["second_hand"]),
        "obs": (row["obs_id"], *prices.obs(*years, year)),
    }


def per_head(cyp: pd.DataFrame) -> pd.DataFrame:
    """NHS spending on mental health by child and by adult, the adult's from the same row's note; and their ratio."""
    row = one(cyp, "NHS spend per child on mental health")
    (adult,) = in_note(row, r"Against (\d+) per adult")
    values = {"child": row["value"], "adult": adult, "ratio": 100 * row["value"] / adult}
    return pd.DataFrame(
        {
            "measure": list(values),
            "period": financial_year(row["period_start"]),
            "value": list(values.values()),
            "unit": ["GBP", "GBP", "percent"],
            "obs": [(row["obs_id"],)] * len(values),
        }
    )


def changed(before: pd.Series, after: pd.Series) -> pd.Series:
    """The difference of two rows of the table, and it in per cent of the first."""
    return pd.Series(
        {
            "value": after["value"] - before["value"],
            "percent": 100 * (after["value"] / before["value"] - 1),
            "obs": joined_obs(
                pd.Series([(before["obs_id"],)]), pd.Series([(after["obs_id"],)])
            ).iloc[0],
        }
    )
