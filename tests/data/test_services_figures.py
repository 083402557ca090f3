"""The chapter on services derived a second time from the edition's files by plain arithmetic."""

from __future__ import annotations

from math import lgamma, log, sqrt
from statistics import median

import numpy as np
import pandas as pd
import pytest
from plain_arithmetic import EDITION, ROOT, share
from plain_services import LATEST, number, plain_services, stored

from iapt_ledger.measures import services, services_areas, services_odd

Frames = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def years(corrected: Frames) -> pd.DataFrame:
    return services.service_years(corrected["iapt_organisations_annual"])


@pytest.fixture(scope="module")
def latest(years: pd.DataFrame) -> pd.DataFrame:
    return services.compared(years, LATEST)


@pytest.mark.parametrize("year", ["2017-18", "2020-21", "2021-22", LATEST])
def test_the_services_compared_and_their_counts(years, year):
    got = services.compared(years, year).set_index("code")
    plain = plain_services(year)
    assert set(got.index) == set(plain)
    for code, (recovered, base) in plain.items():
        assert (got.loc[code, "recovered"], got.loc[code, "base"]) == (recovered, base)
        rate, low, high = share(recovered, base)
        assert got.loc[code, ["value", "low", "high"]].tolist() == pytest.approx([rate, low, high])


def tail(x: float, n: float, p: float) -> float:
    """Probability of x events or fewer of n, term by term."""
    k = np.arange(0, int(x) + 1)
    coefficient = np.array([lgamma(n + 1) - lgamma(i + 1) - lgamma(n - i + 1) for i in k])
    return float(np.exp(coefficient + k * log(p) + (n - k) * log(1 - p)).sum())


def test_how_many_lie_outside_the_exact_limits(latest):
    plain = plain_services(LATEST)
    pooled = sum(x for x, _ in plain.values()) / sum(n for _, n in plain.values())
    funnel = services.funnel_of(latest)
    assert 100 * funnel.target == pytest.approx(100 * pooled)
    for level, above, below in ((0.95, 37, 44), (0.998, 27, 31)):
        cut = (1 - level) / 2
        high = sum(tail(n - x, n, 1 - pooled) < cut for x, n in plain.values())
        low = sum(tail(x, n, pooled) < cut for x, n in plain.values())
        assert (high, low) == (above, below)
        flags = funnel.units[f"outside_{100 * level:g}".replace(".", "_")]
        assert (int(flags.eq(1).sum()), int(flags.eq(-1).sum())) == (above, below)


def test_how_many_lie_outside_limits_that_make_room_for_the_spread(latest):
    plain = plain_services(LATEST)
    pooled = sum(x for x, _ in plain.values()) / sum(n for _, n in plain.values())
    middle = np.arcsin(sqrt(pooled))
    z = np.array([2 * sqrt(n) * (np.arcsin(sqrt(x / n)) - middle) for x, n in plain.values()])
    low, high = np.percentile(z, [10, 90])
    phi = float(np.mean(np.minimum(np.maximum(z, low), high) ** 2))
    weights, k = [4 * n for _, n in plain.values()], len(z)
    tau2 = (k * phi - (k - 1)) / (sum(weights) - sum(w * w for w in weights) / sum(weights))
    adjusted = [v / sqrt(1 + w * tau2) for v, w in zip(z, weights, strict=True)]
    funnel = services.funnel_of(latest)
    assert funnel.phi == pytest.approx(phi)
    assert funnel.tau2 == pytest.approx(tau2)
    outside = sum(abs(v) > 3.090232306167813 for v in adjusted)
    assert outside == len(funnel.outside(0.998, adjusted=True)) == 13


def test_rounding_leaves_most_of_them_outside(latest):
    plain = plain_services(LATEST)
    pooled = sum(x for x, _ in plain.values()) / sum(n for _, n in plain.values())
    hidden = {
        str(r["org_code"])
        for r in stored("iapt_organisations_annual")
        if r["financial_year"] == LATEST and number(r["not_at_caseness_start"]) is None
    }
    sure = 0
    for code, (x, n) in plain.items():
        fewer, more = (6, 2) if code in hidden else (4, 4)
        high = tail(n + more - (x - 2), n + more, 1 - pooled) < 0.001
        low = tail(x + 2, n - fewer, pooled) < 0.001
        sure += high or low
    assert sure == services.outside_whatever_the_rounding(latest, 0.998).ne(0).sum() == 51


def test_the_spread_is_the_likeliest_of_a_plain_search(latest):
    plain = list(plain_services(LATEST).values())
    found = services.spread_of(latest)

    def likelihood(mean: float, rho: float) -> float:
        a, b = mean * (1 - rho) / rho, (1 - mean) * (1 - rho) / rho
        return sum(
            lgamma(x + a)
            + lgamma(n - x + b)
            - lgamma(n + a + b)
            - lgamma(a)
            - lgamma(b)
            + lgamma(a + b)
            for x, n in plain
        )

    best = max(
        (likelihood(mean, rho), mean, rho)
        for mean in np.linspace(0.49, 0.51, 41)
        for rho in np.linspace(0.0062, 0.0112, 41)
    )
    assert found.icc.value == pytest.approx(best[2], abs=0.00015)
    assert found.spread.value == pytest.approx(sqrt(best[1] * (1 - best[1]) * best[2]), abs=0.0006)
    assert 100 * found.spread.value == pytest.approx(4.55, abs=0.01)
    weight = [n * best[2] / (1 + (n - 1) * best[2]) for _, n in plain]
    assert found.units["reliability"].median() == pytest.approx(median(weight), abs=0.005)


def test_service_years_over_the_claimed_rate(years):
    plain = sorted(
        (base, code, year)
        for year in sorted(set(years["period"]))
        for code, (recovered, base) in plain_services(year).items()
        if recovered / base > 0.65
    )
    got = services_odd.over_rate(years, 65)
    assert sorted(zip(got["base"], got["code"], got["period"], strict=True)) == plain
    assert len(plain) == 14
    assert {code for _, code, _ in plain} == {"RLYD7", "DHA", "DH8", "DA6", "AMC01"}
    assert sum(base < 250 for base, *_ in plain) == 12
    surely = [p for p in plain if share(*plain_services(p[2])[p[1]])[1] > 65]
    assert len(surely) == int(got["low"].gt(65).sum()) == 7


def test_by_chance_there_would_be_hardly_one(years):
    expected = 0.0
    for year in sorted(set(years["period"])):
        plain = plain_services(year).values()
        pooled = sum(x for x, _ in plain) / sum(n for _, n in plain)
        expected += sum(1 - tail(int(0.65 * n + 1e-9), n, pooled) for _, n in plain)
    got = sum(
        services_odd.over_by_chance(some, 65)
        for _, some in services.compared(years).groupby("period")
    )
    assert got == pytest.approx(expected, abs=1e-6)
    assert got < 1


def test_recovery_and_deprivation_of_areas(corrected):
    areas = services_areas.areas_by_deprivation(
        corrected["iapt_organisations_annual"],
        corrected["deprivation_population_ccg_2021"],
        "2021-22",
    )
    path = ROOT / "data" / "editions" / EDITION / "observations"
    poor = pd.read_csv(path / "deprivation_population_ccg_2021.csv").set_index("ccg_code")
    pairs = []
    for row in stored("iapt_organisations_annual"):
        code = str(row["org_code"])
        if row["org_type"] == "CCG" and row["financial_year"] == "2021-22" and code in poor.index:
            counts = [
                number(row[c])
                for c in ("moved_to_recovery", "finished_course", "not_at_caseness_start")
            ]
            if code != "92G":
                recovered, finished, not_cases = counts
                pairs.append(
                    (recovered / (finished - not_cases), poor.loc[code, "mean_imd_rank"])  # type: ignore[operator]
                )
    rates, ranks = zip(*pairs, strict=True)
    got = services_areas.with_deprivation(areas)
    assert got["areas"] == len(pairs) == 105
    assert got["value"] == pytest.approx(np.corrcoef(rates, ranks)[0, 1])
    reach = 1.959963984540054 / sqrt(len(pairs) - 3)
    z = np.arctanh(got["value"])
    assert got["high"] == pytest.approx(np.tanh(z + reach))


def test_the_share_of_chance_follows_from_the_fit(latest):
    """Chance share of the variance of rates, made again from the fit's own two numbers."""
    found = services.spread_of(latest)
    rho = found.icc.value
    within = np.mean([(1 - rho) / n for _, n in plain_services(LATEST).values()])
    assert found.chance_share.value == pytest.approx(within / (within + rho))
    assert found.chance_share.value < 0.2
