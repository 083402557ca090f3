"""Count and share apart on the pinned edition, derived a second way: from the stored file, with odds instead of shares.

The logarithm of the odds of being psychiatric is log M less log O, so its change is split between the two counts
without any order. Both splits must tell the same story; the split in points must be what a walk in small steps gives.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import log

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from plain_arithmetic import BENEFITS, one

from iapt_ledger.figures import benefits_apart
from iapt_ledger.measures import benefit_amounts as amounts
from iapt_ledger.measures import benefit_spans, money, series

DISORDER = "mental and behavioural disorders (ICD-10 chapter V, F00-F99)"


@pytest.fixture(scope="module")
def spans(corrected) -> pd.DataFrame:
    cash = amounts.pip_spending(corrected["benefits_annual"])
    real = series.in_prices(cash, money.deflator(corrected["context"]), "2024-25")
    return benefit_spans.spans(corrected["benefits_annual"], real)


def incapacity() -> dict[str, tuple[float, float, float, float]]:
    """Psychiatric and others at both ends; 2.5 and 2.3 million are what the source of the shares names beside them."""
    share = {
        year: one(BENEFITS, year, source_id="ifs_wp1509_press") / 100 for year in ("1999", "2014")
    }
    ifs = {"1999": 2.5e6, "2014": 2.3e6}
    early, late = ((share[y] * n, (1 - share[y]) * n) for y, n in ifs.items())
    ill = one(BENEFITS, "2006-12", benefit="IB/SDA", measure="caseload", condition_group=DISORDER)
    all_2006 = sum(
        one(BENEFITS, "2006-05", benefit=b, measure="caseload", condition_group="all")
        for b in ("IB", "SDA")
    )
    middle = (ill, all_2006 - ill)
    studied = {"source_id": "viola_moncrieff2016", "condition_group": DISORDER}
    count = one(BENEFITS, "2014", measure="caseload", **studied)
    part = one(BENEFITS, "2014", measure="share_pct", **studied) / 100
    return {
        "incapacity_1999_2014": early + late,
        "incapacity_1999_2006": early + middle,
        "incapacity_2006_2014_ifs": middle + late,
        "incapacity_2006_2014_study": (*middle, count, count / part - count),
    }


def others() -> dict[str, tuple[float, float, float, float]]:
    told = one(BENEFITS, "2002-02", benefit="IB", measure="caseload", condition_group=DISORDER)
    later = one(
        BENEFITS, "2005-02", benefit="IB", measure="caseload", condition_group="mental health"
    )
    whole = {
        "benefit": "IB",
        "measure": "caseload",
        "condition_group": "all",
        "source_id": "hansard_2007_01_29",
    }
    base = [one(BENEFITS, year, **whole) for year in ("2002-05", "2005-05")]
    esa = [
        [
            one(BENEFITS, year, benefit="ESA", measure="wca_decisions", condition_group=c)
            for c in (DISORDER, "all")
        ]
        for year in ("2023", "2024")
    ]
    n_2024 = one(BENEFITS, "2024", source_id="ifs_2025", measure="caseload")
    m_2024 = one(BENEFITS, "2024", source_id="ifs_2025_press") / 100 * n_2024
    m_2019 = m_2024 - one(BENEFITS, "2024", source_id="ifs_2025", measure="caseload_change")
    n_2019 = m_2019 / (one(BENEFITS, "2019", source_id="ifs_2025_press") / 100)
    return {
        "ib_2002_2005": (told, base[0] - told, later, base[1] - later),
        "esa_2023_2024": (esa[0][0], esa[0][1] - esa[0][0], esa[1][0], esa[1][1] - esa[1][0]),
        "dla_2019_2024": (m_2019, n_2019 - m_2019, m_2024, n_2024 - m_2024),
    }


ENDS = incapacity() | others()


def walked(m_0: float, o_0: float, m_1: float, o_1: float) -> tuple[float, float]:
    """Shapley's parts written out: each count moved first and second."""

    def share(m: float, o: float) -> float:
        return 100 * m / (m + o)

    first = share(m_1, o_0) - share(m_0, o_0)
    second = share(m_1, o_1) - share(m_0, o_1)
    whole = share(m_1, o_1) - share(m_0, o_0)
    return (first + second) / 2, whole - (first + second) / 2


@pytest.mark.parametrize("key", ENDS)
def test_both_parts_agree_with_the_stored_figures(spans, key):
    row = spans.set_index("measure").loc[key]
    assert (row["by_mental"], row["by_others"]) == pytest.approx(walked(*ENDS[key]), abs=0.01)
    held = [row[c] for c in ("mental_first", "others_first", "mental_last", "others_last")]
    assert held == pytest.approx(list(ENDS[key]), rel=1e-6)


@pytest.mark.parametrize("key", ENDS)
def test_the_odds_tell_the_same_story(spans, key):
    """Of the change of the log odds, log M has its part; both parts have the signs that the points have."""
    m_0, o_0, m_1, o_1 = ENDS[key]
    row = spans.set_index("measure").loc[key]
    by_mental, by_others = log(m_1 / m_0), -log(o_1 / o_0)
    assert by_mental * row["by_mental"] >= 0
    assert by_others * row["by_others"] >= 0
    if abs(by_mental + by_others) > 0.05:
        part = by_mental / (by_mental + by_others)
        assert row["by_mental"] / row["change"] == pytest.approx(part, rel=0.03, abs=0.02)


def test_four_fifths_of_the_rise_is_what_the_span_of_dla_gives_back(spans):
    row = spans.set_index("measure").loc["dla_2002_2020"]
    rise = row["mental_last"] - row["mental_first"]
    whole = rise + row["others_last"] - row["others_first"]
    assert rise / whole == pytest.approx(0.8)
    assert row["mental_last"] == one(BENEFITS, source_id="ifs_2022", measure="caseload",
                                     condition_group="psychiatric disorders incl. learning disabilities")  # fmt: skip
    assert row["share_first"] == pytest.approx(27)
    assert row["share_last"] == pytest.approx(44)


def test_what_the_chapter_says_holds_over_all_that_rounding_allows(spans):
    by = spans.set_index("measure")
    assert (
        by.loc["incapacity_1999_2006", "by_mental_low"]
        > by.loc["incapacity_1999_2006", "by_others_high"]
    )
    assert by.loc["incapacity_2006_2014_ifs", "mental_growth_high"] < 0
    for key in ("incapacity_2006_2014_ifs", "incapacity_2006_2014_study"):
        assert by.loc[key, "by_others_low"] > by.loc[key, "by_mental_high"]
        assert by.loc[key, "change_low"] > 0
    assert by.loc["esa_2023_2024", "by_mental"] < 0 < by.loc["esa_2023_2024", "change"]
    assert by.loc["dla_2019_2024", "by_others_high"] < 0
    assert by.loc["dla_2019_2024", "mental_growth_low"] > 50
    assert (by["by_mental"] + by["by_others"]).tolist() == pytest.approx(by["change"].tolist())


def test_second_hand_ends_are_marked_and_no_figure_under_test_enters(spans, corrected):
    by = spans.set_index("measure")["press"]
    assert by[by.eq(False)].index.tolist() == [
        "esa_2023_2024",
        "pip_money_narrow",
        "pip_money_wide",
    ]
    table = corrected["benefits_annual"].set_index("obs_id")
    used = {o for ids in spans["obs"] for o in ids if o.startswith("benefits_annual:")}
    assert not set(table.loc[sorted(used), "status"]) & {"claim_under_test"}
    assert "timimi2015" not in set(table.loc[sorted(used), "source_id"])


@pytest.fixture
def drawn(spans) -> Iterator[plt.Figure]:
    figure = benefits_apart.apart(spans)
    figure.canvas.draw()
    yield figure
    plt.close(figure)


def test_the_chart_keeps_its_words_apart(drawn, assert_apart):
    axes = drawn.axes[0]
    words = [t for t in [*axes.texts, *axes.get_xticklabels(), axes.xaxis.label] if t.get_text()]
    assert_apart(drawn, words, more_than=25)
