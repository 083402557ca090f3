"""What was promised beside what came: people, recoveries and therapists; and all mental-health money as a backdrop.

Each promise stands with the nearest count that is held, and with what keeps the two from being the same thing.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.evidence import one_unit, outturn_only
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
PROMISES = tuple(
    Promise(*one)
    for one in (
        ("therapists", "therapists", _DUE, "therapists", "trained", "trained by August 2011", True),
        ("therapists_press", "therapists", _DUE, "therapists", "trained_press", "trained by April 2011" + _PRESS, True),
        ("treated", "treated", _DUE, "to_treat", "entered", "entered treatment by March 2011", True),
        ("recovered", "recovered", _DUE, "to_recover", "recovered", "recovered by December 2010" + _PRESS, True),
        ("off_benefits", "off_benefits", _DUE, "off_benefits", "moved_off",
         "moved off by December 2010" + _PRESS, True),
        ("access_year", "access", "March 2015", "fifteen_percent", "entered_2014_15",
         "referrals that entered treatment in 2014-15", False),
        ("access_rate", "access", "March 2015", "fifteen_percent", "entered_quarter",
         "January to March 2015, times four", False),
        ("long_term_plan", "long_term_plan", "March 2024", "long_term_plan", "entered_2023_24",
         "referrals that entered treatment in 2023-24", False),
    )
)  # fmt: skip


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
    counts, came = pathway_counts(annual), outturn_only(expenditure)
    quarter, obs = _sum(monthly, "entered_treatment", "2015-01-01", "2015-03-31")
    moved_off = "People moved off sick pay and benefits (more than)"
    return {
        "trained": _sum(annual, "workforce_therapists_completed_training"),
        "trained_press": _held(_one(came, "IAPT CBT workers trained by April 2011")),
        "entered": _sum(quarterly, "entered_treatment", "2008-10-01", "2011-03-31"),
        "recovered": _held(_one(came, "People moving to recovery")),
        "moved_off": _held(_one(came, moved_off)),
        "entered_2014_15": _entered(counts, "2014-15"),
        "entered_quarter": (4 * quarter, obs),
        "entered_2023_24": _entered(counts, "2023-24"),
    }


WORKBOOKS, SUM_OF_AREAS = "nhse_mhdash_workbooks", "sum of areas"


def mental_health_spend(
    expenditure: pd.DataFrame, by_area: pd.DataFrame, year: str, prices: Deflator
) -> pd.DataFrame:
    """All NHS mental-health spending in England, three bases that do not join, in the prices of `year`.

    Local: the sum of the areas' rows where these are held, before that the publisher's figure, its workbook's rather
    than its page's; 2013-14 (programme budgets, one area missing) is another basis and is left out. Where a year has
    another figure too, that is kept beside as a check. Context only: nothing of it isolates the programme.

    Returns:
        A measure frame in GBP: measure, basis, period, value, low, high, unit, cash, status, source_id ("sum of
        areas" for those), check (the other figure, NaN where there is none), check_from (its source), obs.

    Raises:
        LedgerError: a source tells one year twice.
    """
    frame = _with_checks(pd.concat([_told(expenditure), _sums(by_area)], ignore_index=True))
    factor = np.array([prices.factor(p, year) for p in frame["period"]])
    frame = frame.assign(
        measure="mental_health_spend",
        cash=frame["value"],
        value=frame["value"] * factor,
        check=frame["check"] * factor,
        low=np.nan,
        high=np.nan,
        unit="GBP",
        obs=joined_obs(
            frame["obs"], frame["check_obs"], frame["period"].map(lambda p: prices.obs(p, year))
        ),
    )
    return frame.drop(columns="check_obs").sort_values(["basis", "period"], ignore_index=True)


def _told(expenditure: pd.DataFrame) -> pd.DataFrame:
    """England's figures as published."""
    named = {
        "CCG spending on mental health": CCG,
        "CCG and specialised spending on mental health": CCG_AND_SPECIAL,
        "Total mental health spend (section 3(2) statement basis)": STATEMENT,
    }
    rows = expenditure[expenditure["measure"].isin(named) & expenditure["geography"].eq("England")]
    rows = rows[rows["value"].notna()]
    return pd.DataFrame(
        {
            "basis": rows["measure"].map(named),
            "period": rows["period_start"].map(financial_year),
            "value": rows["value"],
            "status": rows["status"],
            "source_id": rows["source_id"],
            "obs": [(one,) for one in rows["obs_id"]],
        }
    )


def _sums(by_area: pd.DataFrame) -> pd.DataFrame:
    """The areas of each year added up."""
    areas = by_area[by_area["measure"].eq("mh_spend_gbp")]
    years = areas.groupby(areas["period_start"].map(financial_year).rename("period"))
    sums = years.agg(value=("value", "sum"), obs=("obs_id", tuple)).reset_index()
    return sums.assign(basis=CCG, status="derived", source_id=SUM_OF_AREAS)


def _with_checks(frame: pd.DataFrame) -> pd.DataFrame:
    """One figure a year and basis, with the best of the others beside it."""
    if frame.duplicated(["basis", "period", "source_id"]).any():
        raise LedgerError(
            "A year of mental-health spending stands twice", where="promises.mental_health_spend"
        )
    rank = frame["source_id"].map({SUM_OF_AREAS: 0, WORKBOOKS: 1}).fillna(2)
    order = frame.assign(rank=rank).sort_values(["basis", "period", "rank", "source_id"])
    place = order.groupby(["basis", "period"]).cumcount()
    others = order[place.eq(1)].rename(
        columns={"value": "check", "source_id": "check_from", "obs": "check_obs"}
    )
    columns = ["basis", "period", "check", "check_from", "check_obs"]
    joined = order[place.eq(0)].merge(others[columns], on=["basis", "period"], how="left")
    beside = [obs if isinstance(obs, tuple) else () for obs in joined["check_obs"]]
    return joined.drop(columns="rank").assign(
        check_obs=pd.Series(beside, dtype=object), check_from=joined["check_from"].fillna("")
    )


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
    return float(one_unit(rows)["value"].sum()), tuple(rows["obs_id"])
