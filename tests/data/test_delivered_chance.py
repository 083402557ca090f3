"""Chance, regression and effect sizes of the pinned scores, worked out a second time without the package's formulas."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pandas as pd
import pytest
from plain_arithmetic import GROUPS, rows
from scipy.integrate import dblquad
from scipy.stats import multivariate_normal, norm

from iapt_ledger.measures import scores

YEAR = "2024-04"


def stored_scores(scale: str, when: str) -> tuple[float, float]:
    """Mean and spread of all courses from the stored rows: the moments added up."""
    parts = {
        name: rows(GROUPS, YEAR, breakdown="therapy_type", measure=name).set_index("category")[
            "value"
        ]
        for name in ("courses_of_therapy", f"{scale}_mean_{when}", f"{scale}_sd_{when}")
    }
    n, mean, sd = (parts[name].astype(float) for name in parts)
    mean, sd = mean.dropna(), sd.dropna()
    n = n.loc[mean.index]
    first = sum(n * mean) / sum(n)
    second = sum(n * (sd**2 + mean**2)) / sum(n)
    return first, sqrt(second - first**2)


@pytest.fixture(scope="module")
def marks(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return scores.pooled_scores(frames["iapt_breakdowns"], "2024-04-01")


@pytest.mark.parametrize("scale", ["phq9", "gad7"])
@pytest.mark.parametrize("when", ["start", "end"])
def test_pooled_scores_are_the_moments_of_the_stored_rows(marks, scale, when):
    row = marks.set_index(["measure", "when"]).loc[(scale, when)]
    assert (row["value"], row["sd"]) == pytest.approx(stored_scores(scale, when))


@pytest.mark.parametrize("reliability", [0.5, 0.7, 0.9])
def test_the_share_that_crosses_both_lines_is_that_of_four_normals(marks, reliability):
    """Both scales at both readings as one normal of four dimensions, integrated by SciPy."""
    both = 0.7
    (m1, s1), (m2, s2) = stored_scores("phq9", "start"), stored_scores("gad7", "start")
    line = [(9.5 - m1) / s1, (7.5 - m2) / s2]
    cross = reliability * both  # true scores correlate by `both`, errors not at all
    covariance = np.array(
        [
            [1, cross, reliability, cross],
            [cross, 1, cross, reliability],
            [reliability, cross, 1, cross],
            [cross, reliability, cross, 1],
        ]
    )
    once = multivariate_normal([0, 0], covariance[:2, :2]).cdf(line)
    twice = multivariate_normal([0] * 4, covariance, abseps=1e-7, releps=1e-7).cdf([*line, *line])
    found = scores.chance_floor(marks, [reliability], [both]).set_index("measure")["value"]
    assert found["at_caseness"] == pytest.approx(100 * (1 - once), abs=0.01)
    assert found["recovered"] == pytest.approx(100 * (once - twice) / (1 - once), abs=0.02)


def test_the_model_says_what_is_seen_at_the_first_reading(marks):
    """It must predict how many begin at caseness before it may speak of the second reading."""
    floor = scores.chance_floor(marks, (0.5, 0.6, 0.7, 0.8, 0.9), (0.5, 0.7, 0.9))
    cases = floor[floor["measure"].eq("at_caseness")]
    assert cases["low"].min() < marks["case_share"].iloc[0] < cases["high"].max()


@pytest.mark.parametrize("reliability", [0.5, 0.8])
def test_regression_of_cases_is_the_integral_of_their_second_reading(marks, reliability):
    mean, sd = stored_scores("phq9", "start")
    z = (9.5 - mean) / sd
    spread = sqrt(1 - reliability**2)

    def density(y: float, x: float) -> float:
        return (x - y) * norm.pdf(x) * norm.pdf((y - reliability * x) / spread) / spread

    whole = dblquad(density, z, 8, -9, 9, epsabs=1e-6)[0] * sd / norm.sf(z)
    found = scores.regression(marks, "phq9", [reliability]).set_index("measure")["value"]
    assert found["regression_of_cases"] == pytest.approx(whole, abs=1e-3)
    fall = mean - stored_scores("phq9", "end")[0]
    back = found["usual_score"] + reliability * (mean - found["usual_score"])
    assert mean - back == pytest.approx(fall)


def test_every_printed_effect_size_is_over_the_spread_at_the_start(frames):
    found = scores.denominators_used(frames["iapt_breakdowns"])
    assert found["start"].all()
    assert len(found) == 178
    assert found["end"].sum() < len(found) / 1.5
    assert sorted(found["period"].unique()) == [f"{y}-{y - 1999}" for y in range(2019, 2025)]


def test_the_four_effect_sizes_of_one_fall(marks):
    (a, s1), (b, s2) = stored_scores("phq9", "start"), stored_scores("phq9", "end")
    sizes = scores.effect_sizes(marks, (0.3, 0.5, 0.7))
    found = sizes[sizes["scale"].eq("phq9")].set_index("denominator")["value"].to_dict()
    assert found == pytest.approx(
        {
            "start": (a - b) / s1,
            "end": (a - b) / s2,
            "average": (a - b) / sqrt((s1**2 + s2**2) / 2),
            "change": (a - b) / sqrt(s1**2 + s2**2 - s1 * s2),
        }
    )
