"""Headlines on scores, benefits and costs derived a second time: the pinned files, numpy, and formulas written out.

Nothing of the package is used here. What a chapter's function returns goes by the ids of its results.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from math import sqrt

import numpy as np
from plain_arithmetic import (
    BENEFITS,
    COSTS,
    GROUPS,
    MONTHLY,
    Triple,
    Z,
    base,
    count,
    deflator,
    one,
    rows,
    share,
    unscored,
)

Derived = dict[str, float | Triple]


def scores() -> Derived:
    """Falls in score against spreads, over all courses of therapy of 2024-25, types weighted by their courses."""
    found = rows(GROUPS, "2024-04", breakdown="therapy_type")
    wide = found.pivot_table("value", "category", "measure")
    n = wide["courses_of_therapy"]

    def pooled(when: str) -> tuple[float, float]:
        mean, sd = wide[f"phq9_mean_{when}"], wide[f"phq9_sd_{when}"]
        centre = float((n * mean).sum() / n.sum())
        return centre, sqrt(float((n * (sd**2 + (mean - centre) ** 2)).sum() / n.sum()))

    (first, s), (last, s_last) = pooled("start"), pooled("end")
    fall = first - last
    changes = [fall / sqrt(s**2 + s_last**2 - 2 * r * s * s_last) for r in (0.3, 0.5, 0.7)]
    steady = [1 - (points / (Z * s * sqrt(2))) ** 2 for points in (6, 5)]
    cases = float((n - wide["not_at_caseness_start"]).sum())
    return {
        "score.phq9.fall": fall,
        "effect.phq9.start": fall / s,
        "effect.phq9.change": (changes[1], min(changes), max(changes)),
        "implied_reliability.phq9": (steady[0], steady[0], steady[1]),
        "regression.usual_score.r5": first - fall / 0.5,
        "by_course.recovered": share(float(wide["therapy_recovery"].sum()), cases),
    }


def corners(ends: Sequence[Sequence[float]], made: Callable[..., float]) -> Triple:
    """A number at its points (the first of each), and its least and greatest over what the digits allow."""
    every = [made(*at) for at in product(*(np.linspace(e[1], e[2], 5) for e in ends))]
    return made(*(e[0] for e in ends)), min(every), max(every)


def by_first(m: float, o: float, m_1: float, o_1: float) -> float:
    """Points of the share of m in m + o that come from m becoming m_1: the mean of doing it first and second."""
    return 50 * (m_1 / (m_1 + o) - m / (m + o) + m_1 / (m_1 + o_1) - m / (m + o_1))


def apart() -> Derived:
    """Count and share of psychiatric claimants; printed digits as the sources have them."""

    def by_shares(s: float, n: float, s_1: float, n_1: float) -> float:
        return by_first(s * n, (100 - s) * n, s_1 * n_1, (100 - s_1) * n_1)

    def growth(s: float, s_1: float, n_1: float, rise: float) -> float:
        return 100 * (s_1 / 100 * n_1 / (s_1 / 100 * n_1 - rise) - 1)

    ifs = [(27, 26.5, 27.5), (2.5, 2.45, 2.55), (41, 40.5, 41.5), (2.3, 2.25, 2.35)]
    late = [(40, 39.5, 40.5), (44, 43.5, 44.5), (2.9, 2.85, 2.95), (0.5, 0.45, 0.55)]
    chapter = "mental and behavioural disorders (ICD-10 chapter V, F00-F99)"
    first = {
        year: [
            one(BENEFITS, year, benefit="ESA", measure="wca_decisions", condition_group=group)
            for group in (chapter, "all")
        ]
        for year in ("2023", "2024", "2025")
    }
    (m, n), (m_1, n_1) = first["2023"], first["2024"]
    parts: Derived = {
        "apart.incapacity_1999_2014.by_mental": corners(ifs, by_shares),
        "apart.dla_2019_2024.mental_growth": corners(late, growth),
        "apart.esa_2023_2024.by_mental": by_first(m, n - m, m_1, n_1 - m_1),
    }
    return parts | {f"flow.esa_{year}": 100 * m / n for year, (m, n) in first.items()}


def sessions() -> tuple[float, float, float]:
    """The bill of 2024-25 by session, in pounds of 2010-11: at the recorded mix, without and with all others dear."""
    kinds = rows(GROUPS, "2024-04", breakdown="therapy_type_appointments", measure="position_1")
    typed = kinds.set_index("category")["value"]
    low = typed[typed.index.str.startswith("2")].sum()
    high = typed["total"] - low
    seen = rows(MONTHLY, measure="appointments_attended")
    attended = seen["value"][seen["period_start"].between("2024-04-01", "2025-03-01")].sum()
    recorded = 99 * low + 177 * high
    dear = recorded + 177 * (attended - low - high)
    return recorded * attended / (low + high), recorded, dear


def bills() -> Derived:
    """Costs of 2024-25 with what each method leaves open, and the bounds of outcomes that nobody knows."""
    recovered, finished, of = (
        count("moved_to_recovery", 2024),
        count("finished_course", 2024),
        base(2024),
    )
    early = [deflator(y) for y in range(2008, 2012)]
    used, bill = early[2], sessions()
    course = one(COSTS, source_id="radhakrishnan_2013", measure="cost per completed course, all")
    treated = one(COSTS, source_id="lse_2014", measure="average cost of treatment, IAPT")
    least = treated * min(deflator(y) for y in (2013, 2014)) * finished
    left = count("ended_one_treatment_only", 2024) * of / finished
    known = of - unscored(2024)
    steps = rows(GROUPS, "2024-04", breakdown="stepped_care_pathway", measure="finished_course")
    taken = steps.set_index("category")["value"]
    up, down = (
        float(taken[taken.index.str.startswith(f"Step {way}")].sum()) for way in ("up", "down")
    )
    return {
        "average.session_mix.y2024_25": (
            bill[0] * used / recovered, bill[1] * min(early) / recovered, bill[2] * max(early) / recovered,
        ),
        "implied_total.y2024_25": (course * used * finished, least, bill[2] * max(early)),
        "missing.treated.recovered": (
            100 * recovered / known,
            100 * recovered / (of + left),
            100 * (recovered + of + left - known) / (of + left),
        ),
        "missing.treated.share": 100 * (of + left - known) / (of + left),
        "steps.known": 100 * (up + down) / float(taken["Received both high and low intensity therapy"]),
        "steps.up": 100 * up / (up + down),
        "net.lowest": course * used * finished / (recovered - 0.11 * of),
    }  # fmt: skip
