"""Regions by month: did antidepressant items move with courses of therapy more than control drugs did?

Estimates are items a year for each 100 courses a year, so that they can be set beside the margin
(`prescribing_margin`). The interval is the cluster jackknife's, with t on six degrees of freedom; the sign
flips and the permutations are tests beside it. What was decided beforehand stands in `prescribing_rules`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
import pandas as pd

from iapt_ledger.measures import prescribing_access as access
from iapt_ledger.measures import prescribing_regions as regions
from iapt_ledger.measures import prescribing_rules as rules
from iapt_ledger.measures.prescribing_margin import COURSES
from iapt_ledger.methods.base import Estimate
from iapt_ledger.methods.panels.panel import PanelEffect, panel_effect
from iapt_ledger.methods.synthesis.margins import equivalence

APART, CONTROL, ALL, FROM_ALL = "apart", "control", "all", "difference_from_all"
DIFFERENCE = rules.HEADLINE
UNIT = "items"
FREEDOM = len(access.REGIONS) - 1
AFTER_BORDERS = "2022-07"
LEVEL_YEARS = ("2021-22", "2024-25")


@dataclass(frozen=True)
class Evidence:
    """What the panel is made of.

    Attributes:
        items: frames of `regional_items` by outcome (apart, control, all, and one a section).
        outcomes: their logarithms, and the differences from the control drugs and from all drugs.
        courses: monthly courses by name of the count (benchmarked, settled, places, listed, entered).
        scale: yearly antidepressant items by region, an average of the years of the panel.
    """

    items: Mapping[str, pd.DataFrame]
    outcomes: pd.DataFrame
    courses: Mapping[str, pd.DataFrame]
    scale: pd.Series

    @cached_property
    def obs(self) -> tuple[str, ...]:
        """All observations that stand behind it, each once."""
        return observations([*self.items.values(), *self.courses.values()])

    @cached_property
    def obs_named(self) -> tuple[str, ...]:
        """Those behind the estimate named beforehand."""
        frames = [self.items[APART], self.items[CONTROL], self.courses["benchmarked"]]
        return observations(frames)


def observations(frames: Sequence[pd.DataFrame]) -> tuple[str, ...]:
    """The observations behind some frames, each once."""
    return tuple(dict.fromkeys(o for frame in frames for ids in frame["obs"] for o in ids))


def evidence(
    prescribing: pd.DataFrame,
    providers: pd.DataFrame,
    codes: pd.DataFrame,
    organisations: pd.DataFrame,
) -> Evidence:
    """Items and courses by region and month from the four tidy tables."""
    single = {s: [s] for s in (*regions.CONTROLS, *regions.NEAR)}
    sections = {APART: [regions.ANTIDEPRESSANTS], CONTROL: list(regions.CONTROLS),
                ALL: [regions.ALL], **single}  # fmt: skip
    last_used = pd.Timestamp(rules.LAST) + pd.DateOffset(months=rules.BEFORE)  # for the placebo
    providers = providers[providers["period_start"].le(last_used)]
    items = {name: regions.regional_items(prescribing, held) for name, held in sections.items()}
    placed, listed = (access.provider_regions(codes, as_listed=flag) for flag in (False, True))
    finished = access.monthly_courses(providers, placed, "finished_course")
    only = providers[providers["measure"].eq("finished_course")]
    mended = access.monthly_courses(access.settled(only), placed, "finished_course")
    yearly = access.commissioned(organisations)
    yearly = yearly[yearly["period"].between(*LEVEL_YEARS)]
    courses = {
        "benchmarked": access.benchmarked(finished, yearly),
        "settled": access.benchmarked(mended, yearly, counted=finished),
        "places": finished,
        "listed": access.monthly_courses(providers, listed, "finished_course"),
        "entered": access.monthly_courses(providers, placed, "entered_treatment"),
    }
    first, last = (int(month[:4]) for month in (rules.FIRST, rules.LAST))
    logs = regions.logs(items)
    outcomes = logs.assign(
        **{DIFFERENCE: logs[APART] - logs[CONTROL], FROM_ALL: logs[APART] - logs[ALL]}
    )
    return Evidence(items, outcomes, courses, regions.yearly_items(items[APART], first, last))


def panel(
    held: Evidence,
    *,
    courses: str = "benchmarked",
    months: int = rules.BEFORE,
    shift: int = 1,
    first: str = rules.FIRST,
) -> pd.DataFrame:
    """Regions x months with the logs of all outcomes, the difference, and courses for each item of a year."""
    rate = access.rate_before(held.courses[courses], months, shift=shift)
    return regions.panel(held.outcomes, rate, held.scale, first=first, last=rules.LAST)


def effect(
    frame: pd.DataFrame,
    outcome: str = DIFFERENCE,
    *,
    trends: bool = False,
    beside: Sequence[str] = (),
) -> PanelEffect:
    """Region and month effects, one exposure, negative controls beside; see `panel_effect`."""
    return panel_effect(
        frame, outcome=outcome, exposure="courses", unit="region", time="month", trends=trends,
        negative_controls=beside, errors="crv3", level=rules.LEVEL,
    )  # fmt: skip


def per_100(estimate: Estimate) -> Estimate:
    """A coefficient (items for one course) as items for each 100 courses."""
    return estimate.times(COURSES, UNIT)


def ten_percent(estimate: Estimate, frame: pd.DataFrame) -> Estimate:
    """What 10% more courses than the average of the panel go with, in per cent of items."""
    return estimate.times(10 * float(frame["courses"].mean()), "percent")


def verdict(estimate: Estimate, margin: float) -> str:
    """Whether no effect beyond a margin is supported, contradicted or undecided."""
    return equivalence(estimate, margin, level=rules.LEVEL, df=FREEDOM).verdict


def inside(row: object, bound: float) -> bool:
    """Whether the interval of a row (low, high) lies within a bound on either side of nought."""
    return bool(-bound < row.low and row.high < bound)  # type: ignore[attr-defined]


CHECKS: Mapping[str, tuple[str, dict[str, object], bool]] = {
    "settled": ("old referrals closed at once taken out", {"courses": "settled"}, False),
    "settled_trends": ("the same, a line of its own for each region", {"courses": "settled"}, True),
    "trends": ("a straight line of its own for each region", {}, True),
    "from_july_2022": ("after the borders moved, July 2022 on", {"first": AFTER_BORDERS}, False),
    "lagged": ("twelve months that end three months before", {"shift": 4, "first": "2022-04"}, False),
    "entered": ("courses entered, not finished", {"courses": "entered"}, False),
    "places": ("providers’ counts as they are", {"courses": "places"}, False),
    "listed": ("providers by the list of addresses", {"courses": "listed"}, False),
    "month": ("courses of the month itself, 2021 on",
              {"months": 1, "shift": 0, "first": "2021-01"}, False),
}  # fmt: skip
"""The estimate made otherwise: words, what the panel is made with, whether regions have trends."""


def compared(held: Evidence) -> pd.DataFrame:
    """The named estimate, its parts, controls, placebo, checks: name, label, group, value, low, high, p_value, unit."""
    base = panel(held)
    others = {CONTROL: ("the five control drugs together", "apart"), ALL: ("all drugs", "apart")}
    for group, sections in (("control", regions.CONTROLS), ("near", regions.NEAR)):
        others |= {section: (words.lower(), group) for section, words in sections.items()}
    found = effect(base, APART, beside=tuple(others))
    rows = [
        (DIFFERENCE, "antidepressants less control drugs", "headline", found.differences[0]),
        (APART, "antidepressants", "apart", found.effect),
    ]
    rows += [
        (_id(words) if section not in (CONTROL, ALL) else section, words, group, estimate)
        for (section, (words, group)), estimate in zip(
            others.items(), found.negative_controls, strict=True
        )
    ]
    after = effect(panel(held, shift=-rules.BEFORE)).effect
    rows.append(("placebo", "courses of the twelve months after", "placebo", after))
    rows += [
        (name, words, "check", effect(panel(held, **made), trends=trends).effect)  # type: ignore[arg-type]
        for name, (words, made, trends) in CHECKS.items()
    ]
    return pd.DataFrame([_row(*row) for row in rows])


def _row(name: str, label: str, group: str, estimate: Estimate) -> dict[str, object]:
    shown = per_100(estimate)
    return {"name": name, "label": label, "group": group, "value": shown.value, "low": shown.low,
            "high": shown.high, "p_value": shown.p_value, "unit": "items for each 100 courses"}  # fmt: skip


def _id(words: str) -> str:
    return words.lower().replace(" ", "_")


def without_each(found: PanelEffect) -> pd.DataFrame:
    """The estimate without each region: region, value (items for each 100 courses)."""
    left = found.leave_one_out
    return pd.DataFrame({"region": left["unit"], "value": COURSES * left["value"]})


def seen(frame: pd.DataFrame, outcome: str = DIFFERENCE, *, span: int = 3) -> pd.DataFrame:
    """What the estimate sees, averaged over `span` months: region, month, courses (for 1,000 items), items (per cent).

    Both sides less the averages of the region and of the month.
    """
    wide = {c: frame.pivot_table(c, "region", "month") for c in ("courses", outcome)}
    left = {
        c: w.sub(w.mean(axis=1), axis=0).sub(w.mean(axis=0), axis=1) + w.to_numpy().mean()
        for c, w in wide.items()
    }
    long = [
        t.melt(ignore_index=False, value_name=c).set_index("month", append=True)
        for c, t in left.items()
    ]
    both = pd.concat(long, axis=1).reset_index()
    block = both["month"].rank(method="dense").sub(1).floordiv(span)
    mean = both.groupby(["region", block], as_index=False).agg(
        month=("month", "min"), courses=("courses", "mean"), items=(outcome, "mean")
    )
    return mean.assign(courses=1000 * mean["courses"], items=100 * mean["items"])


OWN_LINES, FROM_JULY = "own lines", "from July 2022"
COUNTS = {
    "finished, commissioners’ level": "benchmarked",
    "the same, closures taken out": "settled",
    "finished, providers’ level": "places",
    "finished, by list of addresses": "listed",
    "entered treatment": "entered",
}
DIMENSIONS: Mapping[str, Sequence[str]] = {
    "read against": ("against five control drugs", "against all drugs", "against nothing"),
    "courses": tuple(COUNTS),
    "regions": ("no own lines", OWN_LINES),
    "months": ("from January 2022", FROM_JULY),
}
OUTCOMES = dict(zip(DIMENSIONS["read against"], (DIFFERENCE, FROM_ALL, APART), strict=True))


def panels(held: Evidence) -> dict[tuple[str, str], pd.DataFrame]:
    """The panels that a multiverse needs, by courses and months."""
    first = {DIMENSIONS["months"][0]: rules.FIRST, FROM_JULY: AFTER_BORDERS}
    return {
        (courses, months): panel(held, courses=COUNTS[courses], first=first[months])
        for courses, months in product(DIMENSIONS["courses"], DIMENSIONS["months"])
    }


def specification(data: Mapping[tuple[str, str], pd.DataFrame], **choice: str) -> Estimate:
    """One way to make the estimate, for a multiverse over `DIMENSIONS`."""
    frame = data[choice["courses"], choice["months"]]
    outcome = OUTCOMES[choice["read against"]]
    return per_100(effect(frame, outcome, trends=choice["regions"] == OWN_LINES).effect)


def step(items: pd.DataFrame, region: str, month: str, *, months: int = 6) -> float:
    """How far a region's items jump against the others' in a month, per cent: `months` from it on over those before."""
    wide = items.assign(log=np.log(items["value"])).pivot_table("log", "month", "region")
    against = wide[region] - wide.drop(columns=region).mean(axis=1)
    at = int((against.index < pd.Timestamp(month)).sum())
    after, before = against.iloc[at : at + months].mean(), against.iloc[at - months : at].mean()
    return float(100 * np.expm1(after - before))
