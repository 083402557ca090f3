"""Key results of the report, derived a second time: plain arithmetic on the pinned files, nothing of the package.

Each chapter's function works its numbers out from the stored tables by itself, intervals by their formulas. A result
agrees if it is nearer than a tenth of the last digit that is printed. So a wrong row, denominator, price year or
formula shows here, even where the package's own tests share the mistake.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import product
from math import exp, log, sqrt

import pandas as pd
import pytest
from plain_arithmetic import (
    BENEFITS,
    CONTEXT,
    COSTS,
    DRUGS,
    EDITION,
    GROUPS,
    MONEY,
    MONTHLY,
    ROOT,
    Triple,
    Z,
    base,
    count,
    deflator,
    growth,
    less,
    one,
    recovery,
    rows,
    share,
    stored,
    unscored,
)
from plain_groups import gradient, services
from plain_sums import apart, bills, scores

RESULTS = ROOT / "report" / "generated" / "results.json"
BUILT = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
OTHER = BUILT.get("edition", EDITION) != EDITION
pytestmark = [
    pytest.mark.built,
    pytest.mark.skipif(not BUILT, reason="the report is not built: run `envs/run snakemake` first"),
    pytest.mark.skipif(OTHER, reason=f"the report was not built from edition {EDITION}"),
]
PLANNED_FOR = 6_114_246.57  # with a common mental disorder, NHS England's estimate for 2014-15
Derived = Mapping[str, float | Triple]  # a result's id within its chapter: value, or with its range


def delivered() -> Derived:
    recovered, finished = count("moved_to_recovery", 2024), count("finished_course", 2024)
    by_referral = [100 * recovered / count("referrals_received", y) for y in (2024, 2023)]
    scored = {y: count("moved_to_recovery", y) / (base(y) - unscored(y)) for y in (2013, 2016)}
    late = "waited_first_to_second_treatment_over_90_days"
    waited = [share(count(late, y), count("finished_course", y)) for y in (2024, 2017)]
    people = count("people_referred", 2015)
    cases = count("ended_one_treatment_only", 2024) * base(2024) / finished
    if_so = {"none": 0.0, "natural_low": 0.11, "natural_high": 0.32, "all": 1.0}
    bounds = {k: (recovered + rate * cases) / (base(2024) + cases) for k, rate in if_so.items()}
    found: dict[str, float | Triple] = {
        "recovery.published.y2024_25": recovery(2024),
        "recovery.per_referral.y2024_25": (by_referral[0], min(by_referral), max(by_referral)),
        "recovery.per_person.y2015_16": 100 * count("moved_to_recovery", 2015) / people,
        "change.recovery_to_2018_19": less(recovery(2018), recovery(2013)),
        "change.recovery_since_2018_19": less(recovery(2024), recovery(2018)),
        "change.recovery_scored_to_2016_17": 100 * (scored[2016] - scored[2013]),
        "change.second_over_90_days": less(waited[0], waited[1]),
        "unpaired.y2013_14": share(unscored(2013), count("finished_course", 2013)),
        "bounds.unpaired.all.y2024_25": 100 * (recovered + unscored(2024)) / base(2024),
        "access_share.y2023_24": 100 * count("entered_treatment", 2023) / PLANNED_FOR,
        "reading.entered_run_rate_less_lift": less_the_winter_lift(),
        "reading.people_entered_following_year": (
            count("entered_treatment", 2015) * people / count("referrals_received", 2015)
        ),
    }
    return found | {f"bounds.one_session.{k}.y2024_25": 100 * b for k, b in bounds.items()}


def less_the_winter_lift() -> Triple:
    """January to March 2015 times four, less what that quarter stood above its year in the next four."""
    found = rows(MONTHLY, measure="entered_treatment", source_id="FINGERTIPS_90592")
    months = found.set_index(found["period_start"].str[:7])["value"].sort_index()
    fast = {y: 4 * months[f"{y}-01" : f"{y}-03"].sum() for y in range(2015, 2020)}
    lifts = [fast[y + 1] / months[f"{y}-04" : f"{y + 1}-03"].sum() for y in range(2015, 2019)]
    middle, low, high = (fast[2015] / x for x in (sum(lifts) / 4, max(lifts), min(lifts)))
    return middle, low, high


def antidepressants() -> Derived:
    pca = rows(DRUGS, series="PCA", measure="items", full_period="yes", bnf_scope="BNF 4.3")
    pca = pca[pca["source_id"].isin(["EN_PCA_9817", "EN_PQ_HL2020", "EN_PCA_REG"])]
    items = pca.set_index(pca["period_start"].str[:4].astype(int))["value"].groupby(level=0).last()
    early, after = growth(items, 1998, 2008), growth(items, 2008, 2018)
    apart = [b - a for a, b in product(early, after)]
    cost = {"series": "PCA", "measure": "net_ingredient_cost_gbp", "full_period": "yes"}
    index = [one(CONTEXT, y, source_id="hmt_defl_2025_12_cal") for y in ("2005", "2023")]
    real = [100 * one(DRUGS, y, **cost) / i for y, i in zip(("2005", "2023"), index, strict=True)]
    people, lines = (
        [one(DRUGS, y, series="MUMH", measure=measure) for y in ("2020-04", "2024-04")]
        for measure in ("patients", "items")
    )
    heads = one(CONTEXT, "2023-06", source_id="ons_mye2024_series", geography="England")
    return {
        "growth.y1998_2008": (early[0], min(early), max(early)),
        "growth.y2008_2018": (after[0], min(after), max(after)),
        "growth.difference": (after[0] - early[0], min(apart), max(apart)),
        "per_head.y2023": items[2023] / heads,
        "cost.real_y2005": real[0],
        "cost.fall": 100 * (1 - real[1] / real[0]),
        "patients.growth_a_year": 100 * ((people[1] / people[0]) ** 0.25 - 1),
        "mumh_items.growth_a_year": 100 * ((lines[1] / lines[0]) ** 0.25 - 1),
        "patients.gain_a_year": (people[1] - people[0]) / 4,
        "patients.share_of_growth": 100 * log(people[1] / people[0]) / log(lines[1] / lines[0]),
    } | {f"ceiling.{name}": 100 * n / people[1] for name, n in medicine().items()}


def medicine() -> dict[str, float]:
    """Finished courses of 2024-25 that took medicine at the start, that stopped, and that less those that began."""
    found = rows(GROUPS, "2024-04", breakdown="psychotropic_medication_status", level="detail")
    end = found["measure"].str.removeprefix("finished_course_status_end_")
    took = found["category"].eq("Prescribed and taking")
    took_none = found["category"].isin(["Not Prescribed", "Prescribed but not taking"])
    off = end.isin(["not_prescribed", "prescribed_but_not_taking"])
    stopped = found["value"][took & off].sum()
    began = found["value"][took_none & end.eq("prescribed_and_taking")].sum()
    taking = found["value"][took].sum()
    return {"every_finisher_taking": taking, "stopped": stopped, "net": stopped - began}


def benefits() -> Derived:
    pip = rows(BENEFITS, benefit="PIP", measure="expenditure_gbp_m")
    kinds = ("anxiety and depression", "psychotic disorders", "other psychiatric disorders")
    year = pip["period_start"].str[:4]
    narrow = pip["value"][pip["condition_group"].isin(kinds)].groupby(year).sum()
    disorder = "mental and behavioural disorders (ICD-10 chapter V, F00-F99)"
    ill = one(BENEFITS, "2006-12", benefit="IB/SDA", measure="caseload", condition_group=disorder)
    whole = {"measure": "caseload", "condition_group": "all"}
    claimed = sum(one(BENEFITS, "2006-05", benefit=b, **whole) for b in ("IB", "SDA"))
    almost = (ill, ill - 50_000)  # "almost 1.1 million"
    come = [100 * (100 * n / claimed - 27) / (end - 27) for n, end in product(almost, (47, 41))]
    spent = pip["value"][pip["condition_group"].eq("all") & year.eq("2024")].sum()
    return {
        "spending.narrow_rise": 100 * (narrow["2024"] / narrow["2018"] / deflator(2018) - 1),
        "spending_share.narrow_y2024_25": 100 * narrow["2024"] / spent,
        "rise.by_2006": (come[0], min(come), max(come)),
    }


def group(year: int, column: str, *cells: str) -> pd.Series:
    """Counts of one group of referrals by measure, with the base of its recovery rate."""
    found = rows(GROUPS, f"{year}-04")
    n = found[found[column].isin(cells)].set_index("measure")["value"]
    return pd.concat([n, pd.Series({"base": n["finished_course"] - n["not_at_caseness_start"]})])


def part_below_the_line(top: pd.Series, low: pd.Series, q: float) -> float:
    """Of a gap in reliable recovery, per cent that lies in ending below the line once improved (Kitagawa)."""
    could = [n["reliable_improvement"] - q * n["not_at_caseness_start"] for n in (top, low)]
    i = [x / n["base"] for x, n in zip(could, (top, low), strict=True)]
    c = [n["reliable_recovery"] / x for x, n in zip(could, (top, low), strict=True)]
    return 100 * (c[0] - c[1]) * (i[0] + i[1]) / 2 / (i[0] * c[0] - i[1] * c[1])


def who_benefits() -> Derived:
    decile = "imd_decile_1_most_deprived"
    top, low, old_top, old_low = (
        group(y, decile, d, f"{d}.0") for y in (2024, 2015) for d in ("10", "1")
    )
    ethnic = [group(2024, "category", name) for name in ("White British", "BME")]
    six = (top, low, old_top, old_low, *ethnic)
    rates = [share(g["moved_to_recovery"], g["base"]) for g in six]
    x, n, x0, n0 = (g[m] for g in (top, low) for m in ("moved_to_recovery", "referrals_received"))
    ratio, spread = (x / n) / (x0 / n0), exp(Z * sqrt(1 / x - 1 / n + 1 / x0 - 1 / n0))
    finished = (top["finished_course"] / n) / (low["finished_course"] / n0)
    floor = [part_below_the_line(top, low, i / 100) for i in range(101)]
    now, then = less(rates[0], rates[1]), less(rates[2], rates[3])
    return {
        "gap.recovery.y2024_25": now,
        "gap.recovery.narrowed": less(then, now),
        "gap.per_referral.y2024_25": less(share(x, n), share(x0, n0)),
        "ratio.per_referral.y2024_25": (ratio, ratio / spread, ratio * spread),
        "finishing_part.y2024_25": 100 * log(finished) / log(ratio),
        "floor.same.y2024_25": (floor[0], min(floor), max(floor)),
        "ethnic.gap.recovery.y2024_25": less(rates[4], rates[5]),
    }


def recovery_cost() -> Derived:
    recovered, finished = count("moved_to_recovery", 2024), count("finished_course", 2024)
    five_trusts = {"source_id": "radhakrishnan_2013"}
    course = one(COSTS, measure="cost per completed course, all", **five_trusts)
    early = [deflator(y) for y in range(2008, 2012)]
    treated = one(COSTS, source_id="lse_2014", measure="average cost of treatment, IAPT")
    each = [course * f * finished / recovered for f in (early[2], min(early), max(early))]
    # of the third year of announced money the nine months to December 2010 count
    levels = "IAPT central programme funding announced, annual level"
    money = [one(MONEY, f"{y}-04", measure=levels) * deflator(y) for y in (2008, 2009, 2010)]
    counted = one(MONEY, measure="People moving to recovery")
    # dearest is a level for each year with all three years spent by December 2010
    ends = (treated * deflator(2014) * finished / recovered, sum(money) / counted)
    then = count("moved_to_recovery", 2013) / count("finished_course", 2013)
    return {
        "average.course.y2024_25": (each[0], each[1], each[2]),
        "average.all_methods": (each[0], *ends),
        "announced.real_levels.moved_to_recovery": (sum(money) - money[2] / 4) / counted,
        "per_100k.moved_to_recovery.course_y2013_14": 100_000 * then / course,
        "net.highest": each[0] * recovered / (recovered - 0.32 * base(2024)),
    }


def promised() -> Derived:
    quarters = rows(MONEY, measure="People entering IAPT treatment (quarter)")
    entered = quarters["value"][quarters["period_end"].le("2011-03-31")].sum()
    areas = stored("mental_health_spend_ccg_annual.csv")
    after = areas["mh_spend_gbp"][areas["financial_year"].eq("2021-22")].sum() * deflator(2021)
    before = one(MONEY, "2015-04", measure="CCG spending on mental health") * deflator(2015)
    return {
        "kept.treated.share": 100 * entered / 900_000,
        "spend.local_rise": 100 * (after / before - 1),
    }


def last_digit(text: str) -> float:
    """What one step of the last printed digit is worth, in the unit of the stored value."""
    number, _, word = text.strip("£−%").partition(" ")
    return {"million": 1e6, "billion": 1e9}.get(word, 1.0) / 10 ** len(number.partition(".")[2])


CHAPTERS = [
    *((f.__name__, f) for f in (delivered, antidepressants, benefits, who_benefits, recovery_cost)),
    *((f.__name__, f) for f in (promised, services)),
    ("who_benefits", gradient),
    ("delivered", scores),
    ("benefits", apart),
    ("recovery_cost", bills),
]


@pytest.mark.parametrize(
    ("chapter", "derive"), CHAPTERS, ids=[f"{c}, {f.__name__}" for c, f in CHAPTERS]
)
def test_results_agree_with_a_second_derivation(
    chapter: str, derive: Callable[[], Derived]
) -> None:
    results = {record["id"]: record for record in BUILT["results"]}
    wrong = []
    for name, mine in derive().items():
        record = results[f"{chapter}.{name}"]
        derived = mine if isinstance(mine, tuple) else (mine,)
        printed = [record[part] for part in ("value", "low", "high")][: len(derived)]
        step = last_digit(record["text"]) / 10
        if any(abs(a - b) > step for a, b in zip(printed, derived, strict=True)):
            wrong.append(f"{record['id']}: the report has {printed}, derived here {derived}")
    assert not wrong, "\n".join(wrong)
