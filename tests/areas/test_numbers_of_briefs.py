"""The numbers of a brief, derived a second way from the tables, with plain sums and SciPy's own intervals."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from iapt_ledger.areas.change import (
    BEYOND,
    INSIDE_CHANCE,
    INSIDE_ROUNDING,
    UNLESS_ROUNDING,
    Counted,
    reading,
)
from iapt_ledger.areas.held import ANNUAL, MONTHLY, Held
from iapt_ledger.areas.model import Brief, Number
from iapt_ledger.areas.numbers_file import numbers_csv
from iapt_ledger.results import expand_observations

CHOSEN = ("icb-QWO", "provider-RV5CJ", "provider-NMG")
Tables = Mapping[str, pd.DataFrame]


def count(published: Tables, name: str, measure: str, start: str = "2024-04-01") -> float:
    rows = published[ANNUAL]
    kind, code = name.split("-")
    org_type = {"icb": "ICB", "provider": "Provider"}[kind]
    rows = rows[rows.org_type.eq(org_type) & rows.org_code.eq(code)]
    rows = rows[rows.period_start.eq(start) & rows.measure.eq(measure)]
    (value,) = rows["value"]
    return float(value)


def base(published: Tables, name: str, start: str = "2024-04-01") -> float:
    easy = count(published, name, "not_at_caseness_start", start)
    return count(published, name, "finished_course", start) - (0 if math.isnan(easy) else easy)


def number(brief: Brief, name: str) -> Number:
    (found,) = [one for one in brief.numbers if one.name == name]
    return found


def wilson(x: float, n: float) -> tuple[float, float]:
    limits = stats.binomtest(round(x), round(n)).proportion_ci(0.95, method="wilson")
    return 100 * limits.low, 100 * limits.high


@pytest.mark.parametrize("name", CHOSEN)
def test_recovery_and_its_interval(published: Tables, briefs: dict[str, Brief], name: str) -> None:
    found = number(briefs[name], "recovery_rate")
    x, n = count(published, name, "moved_to_recovery"), base(published, name)
    assert found.value == pytest.approx(100 * x / n)
    assert (found.low, found.high) == pytest.approx(wilson(x, n), abs=1e-6)
    assert f"{100 * x / n:.1f}%" in briefs[name].facts[2].value
    assert number(briefs[name], "base").value == n
    better = count(published, name, "reliable_improvement")
    finished = count(published, name, "finished_course")
    assert number(briefs[name], "reliable_improvement_rate").value == pytest.approx(
        100 * better / finished
    )


@pytest.mark.parametrize("name", CHOSEN)
def test_change_in_a_year(published: Tables, briefs: dict[str, Brief], name: str) -> None:
    found = number(briefs[name], "moved_to_recovery_change")
    years = ("2023-04-01", "2024-04-01")
    x_0, x = (count(published, name, "moved_to_recovery", y) for y in years)
    n_0, n = (base(published, name, y) for y in years)
    gap = 100 * (x / n - x_0 / n_0)
    (l_0, u_0), (low, high) = wilson(x_0, n_0), wilson(x, n)
    below = math.hypot(100 * x / n - low, u_0 - 100 * x_0 / n_0)
    above = math.hypot(high - 100 * x / n, 100 * x_0 / n_0 - l_0)
    assert found.value == pytest.approx(gap)
    assert (found.low, found.high) == pytest.approx((gap - below, gap + above), abs=1e-6)
    received = [count(published, name, "referrals_received", y) for y in years]
    assert number(briefs[name], "referrals_received_change").value == received[1] - received[0]


@pytest.mark.parametrize("name", CHOSEN)
def test_place_in_the_funnel_is_what_the_words_say(
    published: Tables, briefs: dict[str, Brief], name: str
) -> None:
    rows = published[ANNUAL]
    kind = "ICB" if name.startswith("icb") else "Provider"
    rows = rows[rows.org_type.eq(kind) & rows.period_start.eq("2024-04-01")]
    rows = rows[~rows.org_code.isin(["UNKNOWN", "DA1"])]  # no area; declared unlike any other
    wide = rows.pivot_table(index="org_code", columns="measure", values="value")
    n = wide["finished_course"] - wide["not_at_caseness_start"].fillna(0)
    kept = n.ge(50) & wide["moved_to_recovery"].notna()
    target = wide["moved_to_recovery"][kept].sum() / n[kept].sum()
    x, size = wide["moved_to_recovery"][name.split("-")[1]], n[name.split("-")[1]]
    below, above = stats.binom.cdf(x, size, target), stats.binom.sf(x - 1, size, target)
    words = " ".join(briefs[name].first[1].paragraphs)
    assert f"The {kept.sum()} " in words
    assert f"recovered {100 * target:.1f}% together" in words
    side = "above" if above < below else "below"
    tail = min(below, above)
    if tail >= 0.025:
        assert "Its rate lies inside what chance alone would show" in words
    elif tail >= 0.001:
        assert f"Its rate lies {side} what chance alone would show for its size in 95" in words
    else:
        assert f"Its rate lies {side} what chance alone would show for its size in 998" in words


def test_waits_of_a_year_are_months_weighted_by_finished_courses(
    published: Tables, briefs: dict[str, Brief]
) -> None:
    rows = published[MONTHLY]
    rows = rows[rows.org_code.eq("RV5CJ") & rows.period_start.between("2024-04-01", "2025-03-31")]
    wide = rows.pivot_table(index="period_start", columns="measure", values="value")
    for weeks in (6, 18):
        rates = wide[f"waited_under_{weeks}_weeks_pct"]
        known = rates.notna()
        mean = np.average(rates[known], weights=wide["finished_course"][known])
        found = number(briefs["provider-RV5CJ"], f"waited_under_{weeks}_weeks_2024_25")
        assert found.value == pytest.approx(mean)
    entered = number(briefs["provider-RV5CJ"], "entered_treatment")
    assert entered.value == wide["entered_treatment"].sum()
    assert entered.high - entered.value == 2 * 12


def test_rank_holds_the_observed_rank_and_says_how_wide_it_is(
    briefs: dict[str, Brief], held: Held
) -> None:
    for name in CHOSEN:
        peers = held.peers[name.split("-")[0]]
        found = number(briefs[name], "rank")
        rates = peers.compared.set_index("code")["value"]
        place = rates.rank(ascending=False)[name.split("-")[1]]
        assert found.low is not None
        assert found.low <= found.value <= found.high
        assert found.low - 10 <= place <= found.high + 10
        assert f"of {len(rates)}" in briefs[name].facts[3].words


def test_no_row_without_figures_is_ranked_or_drawn(briefs: dict[str, Brief]) -> None:
    odd = briefs["provider-DA1"]  # declared unlike any other service
    assert odd.facts[3].value == "not ranked"
    assert "unlike those of any other service" in odd.first[1].paragraphs[0]
    assert odd.first[1].picture is None
    assert odd.second[0].table is None
    unnamed = briefs["provider-AP60"]  # in the months alone
    assert unnamed.facts[0].value == "not published"
    assert "no figure of this provider" in unnamed.first[0].paragraphs[0]


def test_every_number_leads_to_observations_that_exist(
    briefs: dict[str, Brief], published: Tables
) -> None:
    known = {one for frame in published.values() if "obs_id" in frame for one in frame["obs_id"]}
    for name in (*CHOSEN, "provider-DA1", "provider-AP60"):
        for one in briefs[name].numbers:
            assert set(expand_observations(one.observations)) <= known, (name, one.name)
            assert one.sources, one.name


def test_the_file_of_numbers_holds_what_the_brief_prints(briefs: dict[str, Brief]) -> None:
    brief = briefs["provider-RV5CJ"]
    rows = {row["number"]: row for row in csv.DictReader(io.StringIO(numbers_csv(brief)))}
    assert set(rows) == {one.name for one in brief.numbers}
    rate = rows["recovery_rate"]
    assert brief.facts[2].value == f"{float(rate['value']):.1f}%"
    assert rate["interval"] == "95% Wilson interval"
    assert rate["edition"] == "2026-11-22"
    assert rate["table"] == ANNUAL


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((100, 200), (101, 200), INSIDE_ROUNDING),  # two counts rounded to five can make it
        ((100, 200), (112, 200), INSIDE_CHANCE),
        ((100, 200), (120, 200), UNLESS_ROUNDING),
        ((5000, 10_000), (5300, 10_000), BEYOND),
        ((5300, 10_000), (5000, 10_000), BEYOND),
        ((100, 200), (100, 200), INSIDE_ROUNDING),
    ],
)
def test_how_a_change_is_read(
    before: tuple[float, float], after: tuple[float, float], expected: str
) -> None:
    first, second = (Counted(x, n, 4, 4, ()) for x, n in (before, after))
    assert reading(first, second) == expected


def test_a_change_of_counts_within_rounding_is_said_to_be_none(briefs: dict[str, Brief]) -> None:
    near = [
        (row, one.organisation.code)
        for one in briefs.values()
        for table in [one.second[0].table]
        if table
        for row in table.rows
        if row[0] in ("Referrals received", "Finished courses")
        and abs(float(row[2].replace(",", "")) - float(row[1].replace(",", ""))) <= 4
    ]
    assert near
    assert {row[4] for row, _ in near} == {INSIDE_ROUNDING}
