"""Who benefits: rates by group, gaps between groups and their trend, from the breakdowns of the annual reports.

Everything counts referrals. The breakdowns of 2012-13 and 2013-14 count people, so they are never read
here (no rate exists for them). Only rows of level "detail" are summed. The intervals treat each referral
as one independent trial: they show chance, not what differs between the groups.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from types import MappingProxyType

import pandas as pd
from scipy import stats

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.evidence import detail_only
from iapt_ledger.measures.rates import Rate, as_tuple, rate_of_groups
from iapt_ledger.methods.intervals import Interval, difference, ratio

NOT_STATED = "Not stated/Not known/Invalid"
MOST_DEPRIVED, LEAST_DEPRIVED = "1", "10"
DECILES = "deprivation_decile_imd"


RATES: Mapping[str, Rate] = MappingProxyType(
    {
        "recovery_rate": Rate("moved_to_recovery", "finished_course", "not_at_caseness_start"),
        "reliable_recovery_rate": Rate(
            "reliable_recovery", "finished_course", "not_at_caseness_start"
        ),
        "reliable_improvement_rate": Rate("reliable_improvement", "finished_course"),
        "reliable_deterioration_rate": Rate("reliable_deterioration", "finished_course"),
        "not_at_caseness_share": Rate("not_at_caseness_start", "finished_course"),
        "recovery_per_referral": Rate("moved_to_recovery", "referrals_received"),
        "finished_per_referral": Rate("finished_course", "referrals_received"),
    }
)
"""Recovery's base: finished courses less those not at caseness at the start. Referrals: received in the year."""

NOT_PER_REFERRAL = ("presenting_complaint", "problem_descriptor")
"""The problem is written down after the referral: nearly half of referrals never get one, and some change it.
In 2024-25 more referrals finished for health anxiety than were received. No rate by referral is made."""

BREAKS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "age_band": {"2021-22": "new age bands"},
        "ethnic_group": {"2017-18": "those of no stated group come in"},
        "problem_descriptor": {"2020-21": "presenting complaint replaces it"},
        "presenting_complaint": {"2022-23": "unexplained symptoms become a group"},
        "long_term_condition": {"2020-21": "new coding, most not stated"},
    }
)
"""First year of a new classification, by breakdown: no trend is drawn across it."""


def group_counts(
    breakdowns: pd.DataFrame, breakdown: str, *, levels: Collection[str] = ()
) -> pd.DataFrame:
    """Published counts of each group and year.

    Args:
        breakdowns: tidy `iapt_breakdowns`.
        breakdown: which one, such as "ethnic_group".
        levels: rows to take instead of details; they overlap or repeat, and do not add up.

    Returns:
        A row a year and group: period, group, then a column a published count (NaN where none) and
        `obs`, the observation ids behind the row by measure. Deprivation deciles are named "1" (most
        deprived) to "10", whatever way the publisher's labels run.

    Raises:
        LedgerError: no such breakdown.
    """
    rows = breakdowns[breakdowns["breakdown"].eq(breakdown)]
    if rows.empty:
        raise LedgerError(
            "No such breakdown", found=breakdown, choices=sorted(breakdowns["breakdown"].unique())
        )
    rows = rows[rows["level"].isin(levels)] if levels else detail_only(rows)
    rows = rows[~rows["unit"].isin(["people", "percent"])]
    start = rows["period_start"].dt.year
    rows = rows.assign(
        period=[f"{y}-{(y + 1) % 100:02d}" for y in start], group=_group_names(rows, breakdown)
    )
    if breakdown in NOT_PER_REFERRAL:
        rows = rows[~rows["measure"].isin(["referrals_received", "entered_treatment"])]
    keys = ["period", "group"]
    counts = rows.pivot(index=keys, columns="measure", values="value")  # noqa: PD010 - refuses doubles
    ids = rows.groupby(keys)[["measure", "obs_id"]]
    obs = {key: dict(frame.itertuples(index=False, name=None)) for key, frame in ids}
    counts["obs"] = pd.Series(obs, dtype=object)
    return counts.reset_index().rename_axis(columns=None)


def merge_groups(counts: pd.DataFrame, groups: Mapping[str, str]) -> pd.DataFrame:
    """Counts of groups added up under new names; groups without a new name are left out.

    A count is missing where it is missing for any part.
    """
    kept = counts.assign(group=counts["group"].map(groups)).dropna(subset="group")
    measures = [c for c in counts.columns if c not in ("period", "group", "obs")]
    grouped = kept.groupby(["period", "group"])
    merged = grouped[measures].sum(min_count=0, skipna=False)
    merged["obs"] = grouped["obs"].agg(_join_ids)
    return merged.reset_index()


def group_rates(counts: pd.DataFrame, rates: Collection[str] | None = None) -> pd.DataFrame:
    """Rates of every group and year whose counts are held, in per cent with a Wilson interval.

    Args:
        counts: from `group_counts` or `merge_groups`.
        rates: names in `RATES`; all whose counts are held when None.

    Returns:
        A measure frame with the columns group, events and base besides.

    Raises:
        LedgerError: events exceed their base, or a rate was asked for whose counts are not held.
    """
    possible = [name for name, rate in RATES.items() if set(rate.counts) <= set(counts.columns)]
    wanted = possible if rates is None else list(rates)
    if lacking := set(wanted) - set(possible):
        raise LedgerError(
            "No counts are held for a rate by this breakdown",
            found=", ".join(sorted(lacking)),
            choices=possible,
        )
    frame = pd.concat(
        [rate_of_groups(counts, name, RATES[name]) for name in wanted], ignore_index=True
    )
    return frame.sort_values(["measure", "period", "group"], ignore_index=True)


def gaps(rates: pd.DataFrame, *, of: str | None = None, against: str) -> pd.DataFrame:
    """Each group's rate less the reference group's, in percentage points with a Newcombe interval.

    Args:
        rates: from `group_rates`.
        of: one group only; all but the reference when None.
        against: the reference group.

    Returns:
        A measure frame with group and reference, `relative` (the first rate over the second), and
        `relative_low` and `relative_high` (log interval).
    """
    known = sorted(rates["group"].unique())
    if against not in known:
        raise LedgerError("No such group", found=against, choices=known)
    base = rates[rates["group"].eq(against)]
    others = rates[rates["group"].ne(against) if of is None else rates["group"].eq(of)]
    pairs = others.merge(base, on=["measure", "period"], suffixes=("", "_0"))
    sides = [pairs[c].to_numpy() for c in ("events", "base", "events_0", "base_0")]
    gap, relative = difference(*sides).percent, ratio(*sides)
    return pd.DataFrame(
        {
            "measure": pairs["measure"] + "_gap",
            "period": pairs["period"],
            "group": pairs["group"],
            "reference": against,
            "value": gap.value,
            "low": gap.low,
            "high": gap.high,
            "relative": relative.value,
            "relative_low": relative.low,
            "relative_high": relative.high,
            "unit": "percentage points",
            "obs": [a + b for a, b in zip(pairs["obs"], pairs["obs_0"], strict=True)],
        }
    )


def change(gap: pd.DataFrame, first: str, last: str) -> Interval[float]:
    """A gap's last value less its first, two separate years, with the interval of Newcombe's square-and-add rule.

    Args:
        gap: rows of one measure and one group from `gaps`, or of one group's rate.

    Raises:
        LedgerError: a year is not held.
    """
    (v0, low0, high0), (v1, low1, high1) = (_year(gap, year) for year in (first, last))
    moved = v1 - v0
    down, up = math.hypot(v1 - low1, high0 - v0), math.hypot(high1 - v1, v0 - low0)
    return Interval(moved, moved - down, moved + up)


def yearly_trend(gap: pd.DataFrame, breakdown: str) -> Interval[float]:
    """Straight-line change of a gap a year, least squares, 95% interval from Student's t.

    The interval rests on the scatter of the years around the line, so it holds whatever shook the
    service from year to year; it takes the years as independent, which neighbouring years are not quite.

    Raises:
        LedgerError: fewer than five years, or a change of classification lies between them.
    """
    years = sorted(gap["period"])
    for first_new, reason in BREAKS.get(breakdown, {}).items():
        if years[0] < first_new <= years[-1]:
            raise LedgerError(
                "No trend is drawn across a break in the series",
                where=f"{breakdown}, {first_new}",
                found=reason,
                fix="take the years on one side of it",
            )
    if len(years) < 5 or len(set(years)) != len(years):
        raise LedgerError(
            "A trend needs five years or more, each once", where=breakdown, found=years
        )
    x = gap["period"].str[:4].astype(int).to_numpy()
    line = stats.linregress(x, gap["value"].to_numpy())
    reach = float(stats.t.ppf(0.975, len(x) - 2) * line.stderr)
    slope = float(line.slope)
    return Interval(slope, slope - reach, slope + reach)


def if_unknown_were(
    counts: pd.DataFrame, rate: str, group: str, reference: str, *, unknown: str = NOT_STATED
) -> pd.DataFrame:
    """The gap if all referrals of unknown group were of one side, then of the other.

    Extremes if the unknown fare alike on either side, no better or no worse than both; not bounds on every mixture.

    Returns:
        A row a year: period, value (the gap as published), low and high (the two extremes), obs.
    """
    names = (group, reference)
    plain = merge_groups(counts, {name: name for name in names})
    extremes = [
        merge_groups(counts, {**{name: name for name in names}, unknown: taker}) for taker in names
    ]
    frames = [
        gaps(group_rates(frame, [rate]), of=group, against=reference).set_index("period")
        for frame in (plain, *extremes)
    ]
    ends = pd.concat([frame["value"] for frame in frames], axis=1)
    bounds = frames[1][["obs", "unit"]].assign(
        measure=f"{rate}_gap", value=frames[0]["value"], low=ends.min(axis=1), high=ends.max(axis=1)
    )
    return bounds.reset_index()


def _year(frame: pd.DataFrame, year: str) -> tuple[float, float, float]:
    rows = frame.loc[frame["period"].eq(year), ["value", "low", "high"]].to_numpy(dtype=float)
    if len(rows) != 1:
        raise LedgerError(
            "A change needs one value in each year", found=year, choices=sorted(frame["period"])
        )
    value, low, high = rows[0]
    return float(value), float(low), float(high)


def _group_names(rows: pd.DataFrame, breakdown: str) -> pd.Series:
    if breakdown != DECILES:
        return rows["category"]
    return rows["imd_decile"].astype("string").fillna(NOT_STATED)


def _join_ids(parts: pd.Series) -> dict[str, tuple[str, ...]]:
    joined: dict[str, tuple[str, ...]] = {}
    for ids in parts:
        for measure, found in ids.items():
            joined[measure] = joined.get(measure, ()) + as_tuple(found)
    return joined
