"""Scores of courses: pooled with their weights, what chance makes of them, and which spread the publisher used."""

from __future__ import annotations

import pandas as pd
import pytest

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures.scores import (
    chance_floor,
    denominators_used,
    effect_sizes,
    implied_reliabilities,
    pooled_scores,
    published_by_course,
    regression,
)


def breakdowns(published: float = 0.8) -> pd.DataFrame:
    rows = []
    for category, courses, below, mean in [("A", 300, 30, 12.0), ("B", 100, 20, 16.0)]:
        counts = {
            "courses_of_therapy": courses,
            "not_at_caseness_start": below,
            "therapy_recovery": (courses - below) / 2,
            "therapy_reliable_recovery": (courses - below) / 4,
            "therapy_reliable_improvement": courses * 0.6,
            "therapy_reliable_deterioration": courses * 0.05,
        }
        scores = {
            f"{scale}_{name}": value
            for scale in ("phq9", "gad7")
            for name, value in {
                "mean_start": mean,
                "mean_end": mean - 4.0,
                "sd_start": 5.0,
                "sd_end": 6.0,
                "effect_size": published,
            }.items()
        }
        for measure, value in {**counts, **scores}.items():
            rows.append(
                {
                    "breakdown": "therapy_type",
                    "period_start": pd.Timestamp(2024, 4, 1),
                    "category": category,
                    "measure": measure,
                    "value": value,
                    "obs_id": f"iapt_breakdowns:{len(rows) + 1}",
                }
            )
    return pd.DataFrame(rows)


@pytest.fixture
def scores() -> pd.DataFrame:
    return pooled_scores(breakdowns(), "2024-04-01")


def test_scores_are_pooled_with_courses_as_weights_and_the_spread_between_types(scores):
    start = scores.set_index(["measure", "when"]).loc[("phq9", "start")]
    assert start["value"] == 13
    assert start["sd"] == pytest.approx((25 + 0.75 * 1 + 0.25 * 9) ** 0.5)
    assert start["case_share"] == pytest.approx(87.5)
    assert start["period"] == "2024-25"
    assert len(start["obs"]) == 8
    with pytest.raises(LedgerError, match="2011-04-01"):
        pooled_scores(breakdowns(), "2011-04-01")


def test_the_same_courses_as_published_are_set_beside(scores):
    found = published_by_course(breakdowns(), "2024-04-01").set_index("measure")
    assert found["value"].to_dict() == pytest.approx(
        {"recovered": 50, "reliably_recovered": 25, "improved": 60, "deteriorated": 5}
    )
    assert found.loc["recovered", "base"] == 350
    assert len(found.loc["recovered", "obs"]) == 6


def test_chance_gives_less_the_steadier_scores_are(scores):
    found = chance_floor(scores, (0.5, 0.7, 0.9), (0.5, 0.7, 0.9))
    wide = found.pivot_table(index="reliability", columns="measure", values="value")
    for measure in ("recovered", "reliably_recovered", "improved", "deteriorated"):
        assert wide[measure].is_monotonic_decreasing
    assert (found["low"] <= found["value"]).all()
    assert (found["value"] <= found["high"]).all()
    assert (wide["improved"] - wide["deteriorated"]).abs().max() < 2


def test_regression_comes_back_by_what_is_not_steady(scores):
    found = regression(scores, "phq9", (0.5, 0.8)).set_index(["measure", "reliability"])["value"]
    assert found["usual_score", 0.5] == pytest.approx(13 - 4 / 0.5)
    assert found["usual_score", 0.8] == pytest.approx(13 - 4 / 0.2)
    assert found["regression_of_cases", 0.5] == pytest.approx(
        2.5 * found["regression_of_cases", 0.8]
    )


def test_the_points_of_the_programme_imply_a_reliability(scores):
    found = implied_reliabilities(scores).set_index("scale")
    assert found.loc["phq9", "value"] == pytest.approx(1 - (6 / 1.959964) ** 2 / (2 * 28))
    assert (found["value"] == found["low"]).all()
    assert (found["high"] > found["low"]).all()


def test_one_fall_has_an_effect_size_for_each_spread(scores):
    found = effect_sizes(scores, (0.3, 0.5, 0.7))
    phq = found[found["scale"].eq("phq9")].set_index("denominator")
    assert phq.loc["start", "value"] == pytest.approx(4 / 28**0.5)
    assert phq.loc["end", "value"] == pytest.approx(4 / 39**0.5)
    assert phq.loc["change", "low"] < phq.loc["change", "value"] < phq.loc["change", "high"]
    assert pd.isna(phq.loc["start", "low"])


def test_the_publishers_denominator_is_found_where_rounding_allows():
    found = denominators_used(breakdowns(published=0.8))
    assert found["start"].all()
    assert not found["end"].any()
    assert denominators_used(breakdowns(published=0.7))["end"].all()
    assert len(found) == 4
    assert all(len(ids) == 5 for ids in found["obs"])
