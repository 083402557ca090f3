"""The indices of inequality, derived a second time from the stored files by written-out formulas, and their picture."""

from __future__ import annotations

from math import log, sqrt

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.text import Text
from plain_arithmetic import GROUPS, Z, less, rows

from iapt_ledger.figures.who_benefits_trend import inequality_trend
from iapt_ledger.measures import gaps
from iapt_ledger.measures import inequality_trend as trend

YEARS = (2015, 2018, 2020, 2024)


def tenths(measure: str, year: int) -> list[float]:
    """Counts from the most to the least deprived tenth; the publisher's labels run the other way."""
    found = rows(GROUPS, f"{year}-04", breakdown="deprivation_decile_imd", measure=measure)
    found = found[found["category"].str.contains("deprived")]
    ordered = found.sort_values("category", ascending=False)  # "10 Most deprived" first
    assert len(ordered) == 10
    assert "Most" in ordered["category"].iloc[0]
    return [float(v) for v in ordered["value"]]


def slope(values: list[float], weights: list[float]) -> tuple[float, float, list[float]]:
    """Slope and intercept on the ridit by the formulas of moments, and what each value adds to the slope."""
    share = [w / sum(weights) for w in weights]
    ridit = [sum(share[:i]) + share[i] / 2 for i in range(len(share))]
    middle = sum(p * r for p, r in zip(share, ridit, strict=True))
    spread = sum(p * (r - middle) ** 2 for p, r in zip(share, ridit, strict=True))
    part = [p * (r - middle) / spread for p, r in zip(share, ridit, strict=True)]
    found = sum(c * v for c, v in zip(part, values, strict=True))
    mean = sum(p * v for p, v in zip(share, values, strict=True))
    return found, mean - found * middle, part


def recovery_slope(year: int) -> tuple[float, float, float]:
    base = [
        a - b
        for a, b in zip(
            tenths("finished_course", year), tenths("not_at_caseness_start", year), strict=True
        )
    ]
    p = [x / n for x, n in zip(tenths("moved_to_recovery", year), base, strict=True)]
    found, _, part = slope([100 * one for one in p], base)
    error = 100 * sqrt(sum(c * c * q * (1 - q) / n for c, q, n in zip(part, p, base, strict=True)))
    return found, found - Z * error, found + Z * error


@pytest.fixture(scope="module")
def counts(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return gaps.group_counts(frames["iapt_breakdowns"], gaps.DECILES)


@pytest.fixture(scope="module")
def indices(counts: pd.DataFrame) -> pd.DataFrame:
    return trend.slope_indices(gaps.group_rates(counts))


def picked(indices: pd.DataFrame, measure: str, year: int) -> tuple[float, float, float]:
    period = f"{year}-{(year + 1) % 100:02d}"
    (row,) = indices[indices["measure"].eq(measure) & indices["period"].eq(period)].itertuples()
    return row.value, row.low, row.high


@pytest.mark.parametrize("year", YEARS)
def test_the_slope_index_of_recovery_and_its_interval(indices, year):
    assert picked(indices, "recovery_rate_slope", year) == pytest.approx(recovery_slope(year))


@pytest.mark.parametrize("year", YEARS)
def test_the_ratio_of_the_ends_of_recovery(indices, year):
    base = [
        a - b
        for a, b in zip(
            tenths("finished_course", year), tenths("not_at_caseness_start", year), strict=True
        )
    ]
    p = [x / n for x, n in zip(tenths("moved_to_recovery", year), base, strict=True)]
    steep, start, _ = slope(p, base)
    assert picked(indices, "recovery_rate_ends", year)[0] == pytest.approx((start + steep) / start)


def test_the_narrowing_stopped_in_2020(indices):
    rows_ = indices[indices["measure"].eq("recovery_rate_slope")]
    early = gaps.change(rows_, "2015-16", "2020-21")
    late = gaps.change(rows_, "2020-21", "2024-25")
    assert early.high < -5
    assert late.low < 0 < late.high
    plain = less(recovery_slope(2024), recovery_slope(2020))
    assert (late.value, late.low, late.high) == pytest.approx(plain)


def test_referrals_run_the_other_way(counts):
    found = trend.referral_index(counts).set_index("period")["value"]
    received = tenths("referrals_received", 2024)
    steep, start, _ = slope(received, [1.0] * 10)
    assert found["2024-25"] == pytest.approx(start / (start + steep))
    assert (found > 2).all()


def test_the_two_parts_of_reliable_recovery_add_up(counts):
    found = trend.part_at_the_line(counts).set_index("period")
    finished, below, better, recovered = (
        tenths(m, 2024)
        for m in (
            "finished_course",
            "not_at_caseness_start",
            "reliable_improvement",
            "reliable_recovery",
        )
    )
    base = [a - b for a, b in zip(finished, below, strict=True)]
    improving = slope([log(i / n) for i, n in zip(better, base, strict=True)], base)[0]
    crossing = slope([log(r / i) for r, i in zip(recovered, better, strict=True)], base)[0]
    assert found.loc["2024-25", "value"] == pytest.approx(100 * crossing / (improving + crossing))
    assert (found["low"] <= found["value"]).all()
    assert (found["value"] <= found["high"]).all()


def test_equal_tenths_make_little_difference(indices):
    slopes = indices.dropna(subset="equal_tenths")
    assert (slopes["equal_tenths"] - slopes["value"]).abs().max() < 0.7


def test_no_word_of_the_picture_lies_on_another(indices, counts, assert_apart):
    figure = inequality_trend(indices, trend.referral_index(counts))
    figure.canvas.draw()
    words = [
        t
        for axes in figure.axes
        for t in (*axes.texts, axes.title, *axes.get_xticklabels())
        if isinstance(t, Text) and t.get_text().strip()
    ]
    assert_apart(figure, words, more_than=20)
    plt.close(figure)
