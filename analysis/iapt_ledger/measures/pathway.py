"""The pathway through the programme in England, by financial year: counts, and rates under every denominator.

One source stands behind each number: the annual report where there is one, else the collection or the
sum of monthly files, said in `basis`. Sums of months never fill a hole in a year's annual report without
that mark. The first year of the data set, 2012-13, counts only referrals received in that year; it keeps
its own basis, and its rates are marked as not comparable.

Referrals of a year are no cohort. Someone referred in March finishes in the next financial year, so a rate
per referral or per entrant divides one yearly flow by another. Only rates per finished course, per recovery
denominator and per ended referral have their outcomes inside their denominators (`same_referrals`).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.frames import added_obs, financial_year, joined_obs, next_year, pick
from iapt_ledger.methods.intervals import proportion_interval

UNDERCOUNT = "received-in-year undercount"
BASES = {  # how a yearly number came about, best first: published series -> our word for it
    "annual report": "annual report",
    "KPI collection": "earlier collection",
    "data set, received-in-year undercount": UNDERCOUNT,
    "sum of monthly files": "sum of months",
}
RANKS = ["rank_series", "rank_rounding", "rank_status"]  # of two sources the one that ranks first
STATUSES = ("published", "derived", "press_report")
ENDINGS = (
    "ended_not_seen",
    "ended_seen_not_treated",
    "ended_one_treatment_only",
    "finished_course",
)
CHANGES = ("reliable_improvement", "no_reliable_change", "reliable_deterioration")
STAGES = (
    "people_referred",
    "referrals_received",
    "entered_treatment",
    "ended_referrals",
    *ENDINGS,
    "not_at_caseness_start",
    "at_caseness_start",
    *CHANGES,
    "moved_to_recovery",
    "reliable_recovery",
)
RECOVERIES = ("moved_to_recovery", "reliable_recovery")
SAME_REFERRALS = ("recovery_denominator", "finished_course", "ended_referrals")
DENOMINATORS = (*SAME_REFERRALS, "entered_treatment", "referrals_received", "people_referred")

RATE_COLUMNS = [
    "measure",
    "outcome",
    "denominator",
    "period",
    "value",
    "low",
    "high",
    "unit",
    "events",
    "n",
    "basis",
    "same_referrals",
    "comparable",
    "obs",
]


def pathway_counts(annual: pd.DataFrame) -> pd.DataFrame:
    """One row for each stage and year, from `iapt_national_annual`.

    Also computed: `recovery_denominator` (finished less not at caseness at the start) and
    `no_paired_scores` (finished less the three change categories; absent in 2015-16, when the
    publisher put finishers without paired scores among those without reliable change).

    Returns:
        measure, period, value, low, high, unit, basis, complete (a full year), comparable (not the
        undercount), second_hand, obs; sorted by measure and period.

    Raises:
        LedgerError: two equally good sources of one number disagree.
    """
    found = annual[
        annual["measure"].isin(STAGES)
        & annual["status"].isin(STATUSES)
        & annual["series"].isin(BASES)
    ].dropna(subset="value")
    ranked = found.assign(
        period=found["period_start"].map(financial_year),
        rank_series=found["series"].map(list(BASES).index),
        rank_rounding=(found["rounding"] == "rounded").astype(int),
        rank_status=found["status"].map(STATUSES.index),
    )
    ordered = ranked.sort_values(["measure", "period", *RANKS, "obs_id"]).to_dict("records")
    groups = groupby(ordered, key=itemgetter("measure", "period"))
    frame = pd.DataFrame(_one_source(list(group)) for _, group in groups)
    return _sorted([frame, *_computed(frame)])


def pathway_rates(counts: pd.DataFrame) -> pd.DataFrame:
    """Every outcome per every denominator that holds it, in per cent, with 95% Wilson intervals.

    England's counts are complete, so the interval speaks of the process, not of sampling. Improvement
    and deterioration have no rate per recovery denominator: referrals that began below caseness can
    improve and worsen too.

    Args:
        counts: from `pathway_counts`.

    Returns:
        measure ("<outcome>_per_<denominator>"), outcome, denominator, period, value, low, high, unit,
        events, n, basis, same_referrals, comparable, obs.
    """
    pairs = [
        (outcome, denominator)
        for outcome in (*RECOVERIES, *CHANGES)
        for denominator in DENOMINATORS
        if outcome in RECOVERIES or denominator != "recovery_denominator"
    ]
    return _rates(counts, pairs)


def per_hundred_referrals(counts: pd.DataFrame, period: str) -> pd.DataFrame:
    """Every stage of one year, as a count and per hundred referrals received in that year.

    Stages without a number in that year are left out. The referrals that reach a stage in a year are
    not all of that year's: these are ratios of yearly flows.

    Returns:
        measure (the stage), period, value (the count), low, high, unit, per_hundred, basis, obs.
    """
    received = pick(counts, "referrals_received", period)
    year = counts[(counts["period"] == period) & (counts["unit"] == received["unit"])]
    return year.assign(
        per_hundred=100 * year["value"] / received["value"],
        obs=added_obs(year["obs"], received["obs"]),
    )[
        ["measure", "period", "value", "low", "high", "unit", "per_hundred", "basis", "obs"]
    ].reset_index(drop=True)


def of_finished(counts: pd.DataFrame) -> pd.DataFrame:
    """What became of finished courses: improved, no reliable change, worse, no paired scores; per cent."""
    return _rates(counts, [(part, "finished_course") for part in (*CHANGES, "no_paired_scores")])


def of_ended(counts: pd.DataFrame) -> pd.DataFrame:
    """How ended referrals ended: not seen, seen once or more but not treated, one treatment, finished; per cent.

    Only for years whose parts are of the same collection as the whole and make it up.

    Args:
        counts: from `pathway_counts` or, with the years of the monthly files, `endings.in_one_collection`.
    """
    parts = _rates(counts, [(part, "ended_referrals") for part in ENDINGS])
    whole = parts.groupby("period")["value"].transform("sum")
    return parts[(whole - 100).abs() < 0.01].reset_index(drop=True)


def lagged_rate(counts: pd.DataFrame, outcome: str, denominator: str) -> pd.DataFrame:
    """A ratio of yearly flows with what the lag between them could do to it.

    Returns:
        value: outcomes of a year per referral (or entrant) of that year, per cent; low and high: the
        smaller and larger of that and the ratio to the year before. The lag of most referrals lies
        between none and a year. Years without a complete year before them are left out.
    """
    before = _stage(counts, denominator)
    before = before[before["complete"] & before["comparable"]]
    before = before.assign(period=before["period"].map(next_year))[["period", "value", "obs"]]
    rate = _rates(counts, [(outcome, denominator)])
    rate = rate[rate["comparable"]].merge(before, on="period", suffixes=("", "_before"))
    lagged = 100 * rate["events"] / rate["value_before"]
    return rate.assign(
        low=np.minimum(rate["value"], lagged),
        high=np.maximum(rate["value"], lagged),
        obs=joined_obs(rate["obs"], rate["obs_before"]),
    )[["measure", "period", "value", "low", "high", "unit", "basis", "obs"]]


def referrals_per_person(counts: pd.DataFrame) -> pd.DataFrame:
    """Referrals for each person referred in a year, where both were published (2012-13 to 2015-16)."""
    both = _joined(counts, [("referrals_received", "people_referred")])
    return both.assign(
        measure="referrals_per_person",
        value=both["events"] / both["n"],
        low=np.nan,
        high=np.nan,
        unit="referrals per person",
    )[["measure", "period", "value", "low", "high", "unit", "basis", "comparable", "obs"]]


def _one_source(rows: list[dict[Hashable, Any]]) -> dict[str, object]:
    """One number of one year, from the rows that state it, the best first."""
    best = rows[0]
    equal = [row for row in rows if all(row[rank] == best[rank] for rank in RANKS)]
    if len({row["value"] for row in equal}) > 1:
        raise LedgerError(
            "Equally good sources disagree",
            where=f"{best['measure']}, {best['period']} ({', '.join(row['obs_id'] for row in equal)})",
            expected="one value",
            found=sorted(row["value"] for row in equal),
        )
    return {
        "measure": best["measure"],
        "period": best["period"],
        "value": best["value"],
        "unit": best["unit"],
        "basis": BASES[best["series"]],
        "complete": bool(best["full_period"]),
        "comparable": BASES[best["series"]] != UNDERCOUNT,
        "second_hand": bool(best["second_hand"]) or best["status"] == "press_report",
        "obs": (best["obs_id"],),
    }


def _computed(frame: pd.DataFrame) -> list[pd.DataFrame]:
    denominator = _less(frame, "recovery_denominator", "finished_course", "not_at_caseness_start")
    unpaired = _less(frame, "no_paired_scores", "finished_course", *CHANGES)
    lumped = unpaired.loc[unpaired["value"] == 0, "period"]
    if len(lumped):  # the categories add up exactly: unpaired finishers stand among them
        unpaired = unpaired[unpaired["value"] != 0]
    return [denominator, unpaired]


def _less(frame: pd.DataFrame, name: str, whole: str, *parts: str) -> pd.DataFrame:
    """The whole less its parts, for years in which all are known on the same basis."""
    result = _stage(frame, whole)
    for part in parts:
        other = _stage(frame, part)[["period", "basis", "value", "obs"]]
        result = result.merge(other, on=["period", "basis"], suffixes=("", "_part"))
        result["value"] -= result.pop("value_part")
        result["obs"] = joined_obs(result["obs"], result.pop("obs_part"))
    return result.assign(measure=name)


def _sorted(frames: list[pd.DataFrame]) -> pd.DataFrame:
    frame = pd.concat(frames, ignore_index=True).assign(low=np.nan, high=np.nan)
    columns = [
        "measure",
        "period",
        "value",
        "low",
        "high",
        "unit",
        "basis",
        "complete",
        "comparable",
    ]
    shown = frame[[*columns, "second_hand", "obs"]]
    return shown.sort_values(["measure", "period"], ignore_index=True)


def _stage(counts: pd.DataFrame, measure: str) -> pd.DataFrame:
    return counts[counts["measure"] == measure]


def _joined(counts: pd.DataFrame, pairs: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Part and whole of each pair, side by side, for the full years that have both.

    A part of ended referrals is taken from their own collection or not at all.
    """
    wanted = pd.DataFrame(pairs, columns=["outcome", "denominator"])
    full = counts[counts["complete"]]
    both = wanted.merge(full, left_on="outcome", right_on="measure")
    both = both.merge(
        full, left_on=["denominator", "period"], right_on=["measure", "period"], suffixes=("", "_n")
    )
    both = both[
        both["denominator"].ne("ended_referrals") | both["basis"].eq(both["basis_n"])
    ].reset_index(drop=True)
    same = both["basis"] == both["basis_n"]
    return both.assign(
        events=both["value"],
        n=both["value_n"],
        basis=both["basis"].where(same, both["basis"] + " over " + both["basis_n"]),
        comparable=both["comparable"] & both["comparable_n"],
        obs=joined_obs(both["obs"], both["obs_n"]),
    )


def _rates(counts: pd.DataFrame, pairs: Sequence[tuple[str, str]]) -> pd.DataFrame:
    both = _joined(counts, pairs)
    value, low, high = proportion_interval(both["events"], both["n"]).percent
    return both.assign(
        measure=both["outcome"] + "_per_" + both["denominator"],
        value=value,
        low=low,
        high=high,
        unit="percent",
        same_referrals=both["denominator"].isin(SAME_REFERRALS),
    )[RATE_COLUMNS]
