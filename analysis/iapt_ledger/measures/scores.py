"""Scores at the start and at the end of courses of therapy: what chance alone makes of them, and their effect sizes.

The publisher prints means and standard deviations by therapy type, and an effect size for each. A referral with
courses of two types counts twice. How first and last scores correlate is not printed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pandas as pd

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.frames import financial_year
from iapt_ledger.measures.rates import Rate, rate_of_groups
from iapt_ledger.methods.scores.change import (
    StandardisedChange,
    implied_reliability,
    standardised_change,
)
from iapt_ledger.methods.scores.change_floor import Scale, caseness_floor

# The programme's own lines: scores from which somebody is a case, points of a reliable change, highest score.
LINES = {"phq9": (10, 6, 27), "gad7": (8, 4, 21)}
FLOOR = ("at_caseness", "recovered", "reliably_recovered", "improved", "deteriorated")
EFFECTS = "effect_size"
_CASES = ("courses_of_therapy", "not_at_caseness_start")
BY_COURSE: Mapping[str, Rate] = MappingProxyType(
    {
        "recovered": Rate("therapy_recovery", *_CASES),
        "reliably_recovered": Rate("therapy_reliable_recovery", *_CASES),
        "improved": Rate("therapy_reliable_improvement", "courses_of_therapy"),
        "deteriorated": Rate("therapy_reliable_deterioration", "courses_of_therapy"),
    }
)
FEWEST_COURSES = 100  # a mean of fewer is too rough to tell denominators apart


def pooled_scores(breakdowns: pd.DataFrame, period_start: str) -> pd.DataFrame:
    """Mean and spread of the first and last scores of a year's courses of therapy, all types pooled.

    Types are weighted by their courses; the spread between types is included.

    Args:
        breakdowns: tidy `iapt_breakdowns`; period_start: first day of the year, such as "2024-04-01".

    Returns:
        A row a scale and time: measure ("phq9", "gad7"), when ("start", "end"), value (mean), sd, courses,
        case_share (per cent of the courses that began at caseness), period, obs.

    Raises:
        LedgerError: the year is not held.
    """
    rows = _of_year(breakdowns, period_start)
    wide = rows.pivot_table(index="category", columns="measure", values="value")
    pairs = [(scale, when) for scale in LINES for when in ("start", "end")]
    return pd.DataFrame([_pooled(rows, wide, *pair) for pair in pairs]).assign(
        period=financial_year(pd.Timestamp(period_start))
    )


def published_by_course(breakdowns: pd.DataFrame, period_start: str) -> pd.DataFrame:
    """What the publisher counts for the same courses of therapy, all types pooled, beside `chance_floor`.

    Returns:
        A measure frame in per cent with Wilson intervals: measure as there, group "all types", events, base.
        Lower than the rates of finished referrals: each course is judged by itself.
    """
    rows = _of_year(breakdowns, period_start)
    names = sorted({name for rate in BY_COURSE.values() for name in rate.counts})
    used = rows[rows["measure"].isin(names)]
    counts = used.groupby("measure")["value"].sum().to_frame().T
    counts[["period", "group"]] = financial_year(pd.Timestamp(period_start)), "all types"
    ids = used.groupby("measure")["obs_id"].agg(tuple).to_dict()
    counts["obs"] = pd.Series([ids], index=counts.index, dtype=object)
    frames = [rate_of_groups(counts, name, rate) for name, rate in BY_COURSE.items()]
    return pd.concat(frames, ignore_index=True)


def chance_floor(
    scores: pd.DataFrame, reliabilities: Sequence[float], correlations: Sequence[float]
) -> pd.DataFrame:
    """What would count as recovery, improvement and deterioration if nobody changed.

    Args:
        scores: from `pooled_scores`.
        reliabilities: assumed correlations of two readings of people who did not change, the same for both scales.
        correlations: assumed correlations of the two scales' true scores; the middle one gives the value.

    Returns:
        A measure frame in per cent: measure (see `iapt_ledger.methods.scores.change_floor.Floor`), reliability,
        value, low and high over the correlations. Recoveries are of cases, the rest of all.
    """
    start = scores[scores["when"].eq("start")].set_index("measure")
    obs = sum(start["obs"], ())
    means, spreads = (start[column].astype(float).to_dict() for column in ("value", "sd"))
    rows = []
    for reliability in reliabilities:
        scales = [
            Scale(means[scale], spreads[scale], line, points, top, reliability)
            for scale, (line, points, top) in LINES.items()
        ]
        found = [caseness_floor(scales, correlation=c) for c in correlations]
        for measure in FLOOR:
            shares = [100 * getattr(one, measure) for one in found]
            rows.append(
                {
                    "measure": measure,
                    "period": start["period"].iloc[0],
                    "reliability": reliability,
                    "value": shares[len(shares) // 2],
                    "low": min(shares),
                    "high": max(shares),
                    "unit": "percent",
                    "obs": obs,
                }
            )
    return pd.DataFrame(rows)


def regression(scores: pd.DataFrame, scale: str, reliabilities: Sequence[float]) -> pd.DataFrame:
    """Regression to the mean on one scale, over assumed reliabilities.

    Returns:
        A measure frame in points. `regression_of_cases`: how far the mean of those at or over the line comes
        back at a second reading, if nobody changed. `usual_score`: the mean to which all who come would have
        to go back for regression alone to give the whole published fall; below nought it cannot.
    """
    both = scores[scores["measure"].eq(scale)].set_index("when")
    obs = sum(both["obs"], ())
    rows = []
    for reliability in reliabilities:
        found = _change(both, reliability=reliability)
        numbers = {
            "regression_of_cases": found.selected(LINES[scale][0] - 0.5).effect,
            "usual_score": found.explained_from(),
        }
        rows += [
            {
                "measure": measure,
                "scale": scale,
                "period": both["period"].iloc[0],
                "reliability": reliability,
                "value": value,
                "low": float("nan"),
                "high": float("nan"),
                "unit": "scale points",
                "obs": obs,
            }
            for measure, value in numbers.items()
        ]
    return pd.DataFrame(rows)


def implied_reliabilities(scores: pd.DataFrame) -> pd.DataFrame:
    """The reliability that the programme's points of a reliable change imply, at the spreads seen at the start.

    Scores are whole numbers, so that the exact criterion lies above the points less one.

    Returns:
        A measure frame: measure "implied_reliability", scale, value and low (at the points), high (at the
        points less one).
    """
    start = scores[scores["when"].eq("start")]
    rows = []
    for row in start.itertuples():
        points = LINES[str(row.measure)][1]
        at, below = (implied_reliability(p, float(row.sd)) for p in (points, points - 1))  # type: ignore[arg-type]
        rows.append(
            {
                "measure": "implied_reliability",
                "scale": row.measure,
                "period": row.period,
                "value": at,
                "low": at,
                "high": below,
                "unit": "",
                "obs": row.obs,
            }
        )
    return pd.DataFrame(rows)


def effect_sizes(scores: pd.DataFrame, correlations: Sequence[float]) -> pd.DataFrame:
    """One fall in score over each spread that it can be divided by.

    Args:
        scores: from `pooled_scores`.
        correlations: assumed correlations of first and last score, for the spread of the change; the middle
            one gives the value.

    Returns:
        A measure frame: measure "effect_size", scale, denominator ("start", "average", "end", "change"),
        value, low and high (over the correlations; NaN for the other denominators), unit, obs.
    """
    rows = []
    for scale in LINES:
        both = scores[scores["measure"].eq(scale)].set_index("when")
        found = [_change(both, correlation=c) for c in correlations]
        for denominator in ("start", "average", "end", "change"):
            sizes = [one.effect(denominator).d.value for one in found]
            free = denominator == "change"
            rows.append(
                {
                    "measure": EFFECTS,
                    "scale": scale,
                    "denominator": denominator,
                    "period": both["period"].iloc[0],
                    "value": sizes[len(sizes) // 2],
                    "low": min(sizes) if free else float("nan"),
                    "high": max(sizes) if free else float("nan"),
                    "unit": "standard deviations",
                    "obs": sum(both["obs"], ()),
                }
            )
    return pd.DataFrame(rows)


def denominators_used(breakdowns: pd.DataFrame) -> pd.DataFrame:
    """Which spreads give the publisher's effect sizes, type by type and year by year, within rounding.

    Returns:
        A row a year, therapy type and scale with a hundred courses or more: period, category, scale,
        published, start, average, end (whether that spread gives it), obs.
    """
    rows = breakdowns[breakdowns["breakdown"].eq("therapy_type")]
    keys = ["period_start", "category"]
    wide = rows.pivot_table(index=keys, columns="measure", values="value")
    wide = wide[wide["courses_of_therapy"].ge(FEWEST_COURSES)]
    ids = rows.set_index([*keys, "measure"])["obs_id"]
    found = []
    for scale in LINES:
        names = [f"{scale}_{n}" for n in ("mean_start", "mean_end", "sd_start", "sd_end", EFFECTS)]
        for key, row in wide[names].dropna().iterrows():
            pre, post, s1, s2, published = (float(row[n]) for n in names)
            change = standardised_change(pre_mean=pre, post_mean=post, pre_sd=s1, post_sd=s2)
            fitting = change.used_by(published)
            found.append(
                {
                    "period": financial_year(key[0]),  # type: ignore[index]
                    "category": key[1],  # type: ignore[index]
                    "scale": scale,
                    "published": published,
                    **{d: d in fitting for d in ("start", "average", "end")},
                    "obs": tuple(ids.loc[[(*key, n) for n in names]]),  # type: ignore[misc]
                }
            )
    return pd.DataFrame(found)


def _of_year(breakdowns: pd.DataFrame, period_start: str) -> pd.DataFrame:
    rows = breakdowns[
        breakdowns["breakdown"].eq("therapy_type")
        & breakdowns["period_start"].eq(pd.Timestamp(period_start))
    ]
    if rows.empty:
        raise LedgerError("No scores are held for this year", found=period_start)
    return rows


def _change(
    both: pd.DataFrame, *, reliability: float | None = None, correlation: float | None = None
) -> StandardisedChange:
    (pre, s1), (post, s2) = both.loc[["start", "end"], ["value", "sd"]].to_numpy(dtype=float)
    return standardised_change(
        pre_mean=pre,
        post_mean=post,
        pre_sd=s1,
        post_sd=s2,
        reliability=reliability,
        correlation=correlation,
    )


def _pooled(rows: pd.DataFrame, wide: pd.DataFrame, scale: str, when: str) -> dict[str, object]:
    names = [
        "courses_of_therapy",
        "not_at_caseness_start",
        f"{scale}_mean_{when}",
        f"{scale}_sd_{when}",
    ]
    courses, below, mean, spread = (wide[name] for name in names)
    known = mean.notna() & spread.notna() & courses.notna()
    weight = courses[known] / courses[known].sum()
    centre = float((weight * mean[known]).sum())
    variance = float((weight * (spread[known] ** 2 + (mean[known] - centre) ** 2)).sum())
    return {
        "measure": scale,
        "when": when,
        "value": centre,
        "sd": variance**0.5,
        "courses": float(courses[known].sum()),
        "case_share": 100 * (1 - below[known].sum() / courses[known].sum()),
        "obs": tuple(rows.loc[rows["measure"].isin(names), "obs_id"]),
    }
