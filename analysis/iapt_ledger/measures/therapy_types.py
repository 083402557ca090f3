"""Therapy types: what patients get, and the outcomes that the publisher gives for each, from 2019-20 on.

Three counts, none of which is the others. *Appointments*: attended appointments at which the type was
recorded first; they add up. *Referrals*: finished referrals with the type; they overlap, as one referral can
hold several types. *Courses*: at least two attended appointments of the type, with scores; outcomes rest
on these. Patients are not randomised between types: the type follows the problem, its severity, what a
service offers and what the patient chose, so a difference between types is not an effect of the type.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.gaps import group_counts
from iapt_ledger.measures.rates import Rate, rate_of_groups
from iapt_ledger.methods.intervals import proportion_interval

CBT = "Cognitive Behaviour Therapy (CBT)"
GUIDED = ("Guided Self Help (Book)", "Guided Self Help (Computer)")
COUNSELLING = "Counselling for Depression"
ALL = "All"
OUTCOMES: Mapping[str, str] = MappingProxyType(
    {
        "all": "therapy_type",
        "depression": "therapy_type_within_depression",
        "anxiety": "therapy_type_within_anxiety",
    }
)
"""The publisher's tables of outcomes: all courses, and those of referrals for depression and for anxiety."""

FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        CBT: "CBT",
        GUIDED[0]: "Guided self-help",
        GUIDED[1]: "Guided self-help",
        "Non-Guided Self Help (Book)": "Self-help without a guide",
        "Non-Guided Self Help (Computer)": "Self-help without a guide",
        COUNSELLING: "Counselling for depression",
        "Psychoeducational peer support": "Psychoeducational peer support",
        "Eye Movement Desensitisation Reprocessing": "EMDR",
        "Interpersonal psychotherapy (IPT)": "Interpersonal psychotherapy",
        "Couples Therapy for Depression": "Couple therapy",
        "Brief psychodynamic psychotherapy": "Brief psychodynamic therapy",
    }
)
"""Our grouping of the recorded types; those not named are "Other types"."""

OTHER = "Other types"
CBT_BASED = ("CBT", "Guided self-help")
"""Stated grouping for the question of choice: guided self-help follows CBT materials. Self-help without a guide,
behavioural activation, applied relaxation and mindfulness stand outside it, so the share is a cautious one."""

MEASURES: Mapping[str, Rate] = MappingProxyType(
    {
        "recovery_rate": Rate("therapy_recovery", "courses_of_therapy", "not_at_caseness_start"),
        "reliable_improvement_rate": Rate("therapy_reliable_improvement", "courses_of_therapy"),
        "reliable_deterioration_rate": Rate("therapy_reliable_deterioration", "courses_of_therapy"),
    }
)
SCORES = ("phq9_mean_start", "phq9_effect_size", "gad7_mean_start", "gad7_effect_size")


def outcomes(breakdowns: pd.DataFrame, condition: str = "all") -> pd.DataFrame:
    """Rates by therapy type and year with Wilson intervals, and the publisher's scores and effect sizes.

    Args:
        breakdowns: tidy `iapt_breakdowns`.
        condition: "all", "depression" or "anxiety" (the problem of the referral).

    Returns:
        A measure frame with condition, therapy, events and base. Rates are of courses of the type;
        recovery leaves out those not at caseness at the start. Scores and effect sizes are as
        published, without an interval. The publisher's effect size is the fall in the mean score over
        the standard deviation at the start (it follows from the published means, see the tests): a
        change without a comparison.

    Raises:
        LedgerError: no such condition.
    """
    if condition not in OUTCOMES:
        raise LedgerError("No such condition", found=condition, choices=tuple(OUTCOMES))
    counts = group_counts(breakdowns, OUTCOMES[condition], levels=("overlapping",))
    frames = [
        *(rate_of_groups(counts, m, rate) for m, rate in MEASURES.items()),
        *(_score(counts, m) for m in SCORES),
    ]
    frame = pd.concat(frames, ignore_index=True).rename(columns={"group": "therapy"})
    frame.insert(0, "condition", condition)
    return frame.sort_values(["measure", "period", "therapy"], ignore_index=True)


def shares(breakdowns: pd.DataFrame, of: str = "appointments") -> pd.DataFrame:
    """Each therapy type's share of attended appointments or of courses, by year, in per cent.

    Args:
        breakdowns: tidy `iapt_breakdowns`.
        of: "appointments" (type recorded first; the types add up to all) or "courses" (with scores).

    Returns:
        A measure frame with therapy, family, events and base; the shares of a year add up to 100.

    Raises:
        LedgerError: another count is asked for, or the types do not add up to the published total.
    """
    if of not in ("appointments", "courses"):
        raise LedgerError("No such count", found=of, choices=("appointments", "courses"))
    appointments = of == "appointments"
    counts = group_counts(
        breakdowns,
        "therapy_type_appointments" if appointments else "therapy_type",
        levels=("overlapping",),
    )
    column = "position_1" if appointments else "courses_of_therapy"
    types = counts[counts["group"].ne(ALL)]
    base = types.groupby("period")[column].transform("sum")
    if appointments:
        _check_total(counts, types, column)
    share = proportion_interval(types[column], base).percent
    return pd.DataFrame(
        {
            "measure": f"share_of_{of}",
            "period": types["period"],
            "therapy": types["group"],
            "family": types["group"].map(FAMILIES).fillna(OTHER),
            "value": share.value,
            "low": share.low,
            "high": share.high,
            "unit": "percent",
            "events": types[column],
            "base": base,
            "obs": [(ids[column],) for ids in types["obs"]],
        }
    ).reset_index(drop=True)


def by_family(share: pd.DataFrame, families: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Shares added up by family, or by a coarser grouping of the families.

    Args:
        share: from `shares`.
        families: family to coarser group; a family not named keeps its name.

    Returns:
        A measure frame with family in place of therapy.
    """
    names = share["family"].replace(dict(families or {}))
    grouped = share.assign(family=names).groupby(["measure", "period", "family"])
    frame = grouped.agg(
        events=("events", "sum"),
        base=("base", "first"),
        obs=("obs", _joined),
    ).reset_index()
    value = proportion_interval(frame["events"], frame["base"]).percent
    return frame.assign(value=value.value, low=value.low, high=value.high, unit="percent")


def outcomes_by_family(outcome: pd.DataFrame, measure: str = "recovery_rate") -> pd.DataFrame:
    """A rate of `outcomes` with the courses of each family added up.

    Returns:
        A measure frame with condition and family, events and base.
    """
    rows = outcome[outcome["measure"].eq(measure)]
    names = rows["therapy"].map(FAMILIES).fillna(OTHER)
    grouped = rows.assign(family=names).groupby(["condition", "measure", "period", "family"])
    frame = grouped.agg(
        events=("events", "sum"), base=("base", "sum"), obs=("obs", _joined)
    ).reset_index()
    value = proportion_interval(frame["events"], frame["base"]).percent
    return frame.assign(value=value.value, low=value.low, high=value.high, unit="percent")


def concentration(share: pd.DataFrame, top: int = 2) -> pd.DataFrame:
    """How concentrated the types are: the share of the largest, and the effective number of types.

    The effective number is one over the sum of squared shares (Laakso and Taagepera 1979): the number
    of equally common types that would be as varied.

    Args:
        share: from `shares` (by type) or `by_family`.
        top: how many of the largest are added up.

    Returns:
        Two rows a year, `largest_<top>_share` in per cent and `effective_number` of types.
    """
    rows = []
    for period, year in share.groupby("period"):
        ordered = year.sort_values("value", ascending=False)
        largest = proportion_interval(
            float(ordered["events"].iloc[:top].sum()), float(year["base"].iloc[0])
        ).percent
        number = 1 / float(np.square(year["value"] / 100).sum())
        obs = _joined(year["obs"])
        rows += [
            (f"largest_{top}_share", period, *largest, "percent", obs),
            ("effective_number", period, number, np.nan, np.nan, "types", obs),
        ]
    columns = ["measure", "period", "value", "low", "high", "unit", "obs"]
    return pd.DataFrame(rows, columns=columns)


def overlap(breakdowns: pd.DataFrame, national: pd.DataFrame) -> pd.DataFrame:
    """Finished referrals counted once for each therapy type they hold, over all finished referrals.

    Args:
        breakdowns: tidy `iapt_breakdowns`; national: tidy `iapt_national_annual`.

    Returns:
        A measure frame; the value is types per finished referral (1 would be no overlap).
    """
    counts = group_counts(breakdowns, OUTCOMES["all"], levels=("overlapping",))
    held = national[
        national["measure"].eq("finished_course")
        & national["series"].eq("annual report")
        & national["period_start"].dt.year.ge(2019)
    ]
    totals = {f"{d.year}-{(d.year + 1) % 100:02d}": (v, o) for d, v, o in _finished(held)}
    rows = []
    for period, (total, obs_id) in sorted(totals.items()):
        year = counts[counts["period"].eq(period)]
        ids = (*(one["finished_course"] for one in year["obs"]), obs_id)
        value = float(year["finished_course"].sum()) / total
        rows.append(("types_per_finished_referral", period, value, np.nan, np.nan, "types", ids))
    return pd.DataFrame(rows, columns=["measure", "period", "value", "low", "high", "unit", "obs"])


def _joined(parts: pd.Series) -> tuple[str, ...]:
    return tuple(one for part in parts for one in part)


def _finished(held: pd.DataFrame) -> list[tuple[pd.Timestamp, float, str]]:
    return list(held[["period_start", "value", "obs_id"]].itertuples(index=False, name=None))


def _score(counts: pd.DataFrame, measure: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "measure": measure,
            "period": counts["period"],
            "group": counts["group"],
            "value": counts[measure],
            "low": np.nan,
            "high": np.nan,
            "unit": "effect size" if measure.endswith("effect_size") else "score points",
            "events": np.nan,
            "base": counts["courses_of_therapy"],
            "obs": [(ids[measure],) for ids in counts["obs"]],
        }
    )


def _check_total(counts: pd.DataFrame, types: pd.DataFrame, column: str) -> None:
    total = counts[counts["group"].eq(ALL)].set_index("period")[column]
    added = types.groupby("period")[column].sum()
    wrong = added[added.ne(total.reindex(added.index))]
    if len(wrong):
        raise LedgerError(
            "Therapy types do not add up to the published total of appointments",
            where=f"therapy_type_appointments, {wrong.index[0]}",
            expected=total.get(wrong.index[0]),
            found=wrong.iloc[0],
        )
