"""What was promised beside what came: people, recoveries and therapists; and all mental-health money as a backdrop.

Each promise stands with the nearest count that is held, and with what keeps the two from being the same thing.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.frames import financial_year, joined_obs, pick
from iapt_ledger.measures.money import Deflator
from iapt_ledger.measures.pathway import pathway_counts

PROMISE_2007 = "IAPT target: newly trained therapists"
"""The row whose note holds the other numbers of the announcement of October 2007."""
IN_NOTE = {
    "to_treat": re.compile(r"treat ([\d,]+) more people"),
    "to_recover": re.compile(r"cure ([\d,]+)"),
    "off_benefits": re.compile(r"([\d,]+) fewer on sick pay"),
}
CCG, CCG_AND_SPECIAL, STATEMENT = "local", "local and specialised", "statement to Parliament"
Held = tuple[float, tuple[str, ...]]  # a number and the observations behind it


class Promise(NamedTuple):
    """A dated promise that has fallen due, and the nearest count held.

    Attributes:
        measure: name of the pair; promise: what was promised; due: when it fell due.
        target, outturn: which of the numbers held; basis: what the outturn counts.
        second_hand: whether target or outturn was read in the press.
    """

    measure: str
    promise: str
    due: str
    target: str
    outturn: str
    basis: str
    second_hand: bool


_DUE = "March 2011"
_PRESS = ", press report"
PROMISES = (
    Promise(
        "therapists", "therapists", _DUE, "therapists", "trained", "trained by August 2011", True
    ),
    Promise(
        "therapists_press",
        "therapists",
        _DUE,
        "therapists",
        "trained_press",
        "trained by April 2011" + _PRESS,
        True,
    ),
    Promise(
        "treated", "treated", _DUE, "to_treat", "entered", "entered treatment by March 2011", True
    ),
    Promise(
        "recovered",
        "recovered",
        _DUE,
        "to_recover",
        "recovered",
        "recovered by December 2010" + _PRESS,
        True,
    ),
    Promise(
        "off_benefits",
        "off_benefits",
        _DUE,
        "off_benefits",
        "moved_off",
        "moved off by December 2010" + _PRESS,
        True,
    ),
    Promise(
        "access_year",
        "access",
        "March 2015",
        "fifteen_percent",
        "entered_2014_15",
        "referrals that entered treatment in 2014-15",
        False,
    ),
    Promise(
        "access_rate",
        "access",
        "March 2015",
        "fifteen_percent",
        "entered_quarter",
        "January to March 2015, times four",
        False,
    ),
    Promise(
        "long_term_plan",
        "long_term_plan",
        "March 2024",
        "long_term_plan",
        "entered_2023_24",
        "referrals that entered treatment in 2023-24",
        False,
    ),
)


def promises(
    expenditure: pd.DataFrame,
    annual: pd.DataFrame,
    quarterly: pd.DataFrame,
    monthly: pd.DataFrame,
    evidence: pd.DataFrame,
) -> pd.DataFrame:
    """Dated promises that have fallen due, with the nearest count held.

    Args:
        expenditure, annual, quarterly, monthly, evidence: tidy tables of those names (evidence: claims_evidence,
            for 15 per cent of the planning base).

    Returns:
        A measure frame in percent (outturn over target): measure, promise, period (when due), target, outturn,
        basis (what was counted), value, low, high, unit, second_hand (target or outturn), obs, and
        those of the two numbers apart (target_obs, outturn_obs).

    Raises:
        LedgerError: a promise or a count is no longer held.
    """
    held = {**_targets(expenditure, evidence), **_outturns(expenditure, annual, quarterly, monthly)}
    rows = []
    for one in PROMISES:
        (target, behind_target), (outturn, behind_outturn) = held[one.target], held[one.outturn]
        rows.append(
            {
                "measure": one.measure,
                "promise": one.promise,
                "period": one.due,
                "target": target,
                "outturn": outturn,
                "basis": one.basis,
                "value": 100 * outturn / target,
                "low": np.nan,
                "high": np.nan,
                "unit": "percent",
                "second_hand": one.second_hand,
                "target_obs": behind_target,
                "outturn_obs": behind_outturn,
                "obs": tuple(dict.fromkeys((*behind_target, *behind_outturn))),
            }
        )
    return pd.DataFrame(rows)


def _targets(expenditure: pd.DataFrame, evidence: pd.DataFrame) -> dict[str, Held]:
    row = _one(expenditure, PROMISE_2007)
    plan = "Long Term Plan target: people able to access IAPT a year by 2023/24"
    return {
        "therapists": _held(row),
        "fifteen_percent": _held(_one(evidence, "15% of 6.11 million")),
        "long_term_plan": _held(_one(expenditure, plan)),
        **{name: _in_note(row, name) for name in IN_NOTE},
    }


def _outturns(
    expenditure: pd.DataFrame, annual: pd.DataFrame, quarterly: pd.DataFrame, monthly: pd.DataFrame
) -> dict[str, Held]:
    counts = pathway_counts(annual)
    quarter, obs = _sum(monthly, "entered_treatment", "2015-01-01", "2015-03-31")
    moved_off = "People moved off sick pay and benefits (more than)"
    return {
        "trained": _sum(annual, "workforce_therapists_completed_training"),
        "trained_press": _held(_one(expenditure, "IAPT CBT workers trained by April 2011")),
        "entered": _sum(quarterly, "entered_treatment", "2008-10-01", "2011-03-31"),
        "recovered": _held(_one(expenditure, "People moving to recovery")),
        "moved_off": _held(_one(expenditure, moved_off)),
        "entered_2014_15": _entered(counts, "2014-15"),
        "entered_quarter": (4 * quarter, obs),
        "entered_2023_24": _entered(counts, "2023-24"),
    }


def mental_health_spend(
    expenditure: pd.DataFrame, by_area: pd.DataFrame, year: str, prices: Deflator
) -> pd.DataFrame:
    """All NHS mental-health spending in England, three bases that do not join, in the prices of `year`.

    Local: the publisher's page for 2015-16 and 2016-17, then the sum of the areas' rows; 2013-14 (programme
    budgets, one area missing) is another basis and is left out. Context only: nothing of it isolates the programme.

    Returns:
        A measure frame in GBP: measure, basis, period, value, low, high, unit, cash, status, obs.
    """
    named = {
        "CCG spending on mental health": CCG,
        "CCG and specialised spending on mental health": CCG_AND_SPECIAL,
        "Total mental health spend (section 3(2) statement basis)": STATEMENT,
    }
    rows = expenditure[expenditure["measure"].isin(named) & expenditure["geography"].eq("England")]
    rows = rows.assign(
        period=rows["period_start"].map(financial_year), basis=rows["measure"].map(named)
    )
    areas = by_area[by_area["measure"].eq("mh_spend_gbp")]
    areas = areas.assign(period=areas["period_start"].map(financial_year))
    frame = pd.concat(
        [
            rows[["basis", "period", "value", "status"]].assign(
                obs=rows["obs_id"].map(lambda one: (one,))
            ),
            areas.groupby("period")
            .agg(value=("value", "sum"), obs=("obs_id", tuple))
            .reset_index()
            .assign(basis=CCG, status="derived"),
        ],
        ignore_index=True,
    )
    factor = np.array([prices.factor(p, year) for p in frame["period"]])
    frame = frame.assign(
        measure="mental_health_spend",
        cash=frame["value"],
        value=frame["value"] * factor,
        low=np.nan,
        high=np.nan,
        unit="GBP",
        obs=joined_obs(frame["obs"], frame["period"].map(lambda p: prices.obs(p, year))),
    )
    if frame.duplicated(["basis", "period"]).any():
        raise LedgerError(
            "A year of mental-health spending stands twice", where="promises.mental_health_spend"
        )
    return frame.sort_values(["basis", "period"], ignore_index=True)


def _entered(counts: pd.DataFrame, year: str) -> Held:
    row = pick(counts, "entered_treatment", year)
    return float(row["value"]), row["obs"]


def _in_note(row: pd.Series, name: str) -> Held:
    found = IN_NOTE[name].search(row["note"])
    if not found:
        raise LedgerError(
            "A promise is no longer in the note that held it",
            where=row["obs_id"],
            expected=IN_NOTE[name].pattern,
            found=row["note"],
        )
    return float(found[1].replace(",", "")), (row["obs_id"],)


def _held(row: pd.Series) -> Held:
    return float(row["value"]), (row["obs_id"],)


def _one(frame: pd.DataFrame, measure: str) -> pd.Series:
    rows = frame[frame["measure"].eq(measure)]
    if len(rows) != 1:
        raise LedgerError(
            "A promise is not held exactly once", where=measure, expected=1, found=len(rows)
        )
    return rows.iloc[0]


def _sum(
    frame: pd.DataFrame, measure: str, start: str = "1900-01-01", end: str = "2100-01-01"
) -> Held:
    rows = frame[
        frame["measure"].eq(measure)
        & frame["period_start"].ge(pd.Timestamp(start))
        & frame["period_end"].le(pd.Timestamp(end))
    ]
    if rows.empty:
        raise LedgerError("A count is not held", where=measure, found=f"none from {start} to {end}")
    return float(rows["value"].sum()), tuple(rows["obs_id"])
