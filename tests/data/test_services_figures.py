"""The chapter on services derived a second time from the edition's files by plain arithmetic, and its figures."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from math import exp, lgamma, log, sqrt
from statistics import median

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from plain_arithmetic import EDITION, ROOT, share

from iapt_ledger.figures import services as figures
from iapt_ledger.measures import services, services_areas, services_odd, services_pile_up

Frames = dict[str, pd.DataFrame]
LATEST = "2024-25"
DECLARED = {
    *((("DA1", y)) for y in ("2021-22", "2022-23", "2023-24", "2024-25")),
    *((("DA4", y)) for y in ("2017-18", "2018-19", "2019-20")),
    ("RVN", "2021-22"),
    ("RVNCG", "2021-22"),
}


def number(cell: object) -> float | None:
    """A stored cell; hidden counts are stars."""
    try:
        return float(cell)  # type: ignore[arg-type]
    except ValueError:
        return None


@cache
def stored(name: str) -> list[dict[str, object]]:
    path = ROOT / "data" / "editions" / EDITION / "observations" / f"{name}.parquet"
    return pd.read_parquet(path).to_dict("records")


@cache
def plain_services(year: str) -> dict[str, tuple[float, float]]:
    """Recovered and begun at caseness of each compared service."""
    found = {}
    for row in stored("iapt_organisations_annual"):
        if row["org_type"] != "Provider" or row["financial_year"] != year:
            continue
        recovered, finished = number(row["moved_to_recovery"]), number(row["finished_course"])
        if recovered is None or finished is None or (row["org_code"], year) in DECLARED:
            continue
        base = finished - (number(row["not_at_caseness_start"]) or 0.0)
        if base >= 50:
            found[str(row["org_code"])] = (recovered, base)
    return found


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


@pytest.mark.parametrize(
    ("table", "rows"),
    [("iapt_providers_monthly", 19), ("iapt_ccg_provider_monthly_2019_20", 8)],
)
def test_the_months_that_the_rule_finds_are_those_declared(frames, corrected, table, rows):
    own: dict[tuple[str, str], list[tuple[str, float, float]]] = defaultdict(list)
    for row in stored(table):
        rate, finished = number(row["recovery_rate_pct"]), number(row["finished_course"])
        if rate is not None and finished is not None and row["org_code"]:
            key = (str(row.get("org_type", "Provider")), str(row["org_code"]))
            own[key].append((str(row["month"]), rate, finished))
    odd = set()
    for (_, code), months in own.items():
        usual, often = median(r for _, r, _ in months), median(f for *_, f in months)
        for month, rate, finished in months:
            closing = rate <= usual - 20 and finished >= 1.5 * often
            if finished >= 90 and (abs(rate - usual) >= 25 or closing):
                odd.add((code, month))
    found = services_odd.odd_months(corrected[table])
    assert set(zip(found["code"], found["period"], strict=True)) == odd
    assert len(odd) == rows
    assert found["odd"].ne("").all(), "each stands in data/corrections.yaml"
    assert services_odd.odd_months(frames[table])["odd"].eq("").all()


def test_the_service_years_that_the_rule_finds_are_those_declared(years):
    found = services_odd.odd_service_years(years)
    pairs = set(zip(found["code"], found["period"], strict=True))
    assert pairs == {p for p in DECLARED if p[0] in ("DA1", "DA4")}
    assert found["odd"].ne("").all()
    everyone = found[found["recovered"].eq(found["finished"])]
    assert (len(everyone), everyone["recovered"].sum()) == (3, 980)


STANDARDS = {s.name: s for s in services_pile_up.STANDARDS}


@pytest.mark.parametrize(
    ("name", "months", "above", "below"),
    [
        ("recovery.services", 7783, 2309, 1448),
        ("recovery.areas", 2459, 604, 351),
        ("recovery.services_2019", 1870, 474, 250),
        ("six_weeks.services", 7748, 152, 132),
        ("eighteen_weeks.services", 7782, 441, 156),
    ],
)
def test_months_at_and_under_the_standards(corrected, name, months, above, below):
    standard = STANDARDS[name]
    column = standard.measure
    odd = services_odd.odd_months(corrected[standard.table])
    unlike = set(zip(odd["geography_type"], odd["code"], odd["period"], strict=True))
    kind = {"provider": "Provider", "ccg": "CCG"}[standard.geography_type]
    printed = []
    for row in stored(standard.table):
        rate, finished = number(row[column]), number(row["finished_course"])
        if (
            row.get("org_type", "Provider") != kind
            or not row["org_code"]
            or row["org_code"] == "DA1"
        ):
            continue
        if (standard.geography_type, row["org_code"], row["month"]) in unlike:
            continue
        if rate is not None and finished is not None and finished >= 50:
            printed.append(rate)
    t = standard.threshold
    assert len(printed) == months
    assert sum(t <= r <= t + 2 for r in printed) == above
    assert sum(t - 3 <= r < t for r in printed) == below
    rates = services_pile_up.printed_rates(corrected[standard.table], standard)
    kept = rates[rates["finished"].ge(50)]["value"]
    assert (len(kept), int(kept.between(t, t + 2).sum())) == (months, above)


@pytest.fixture(scope="module")
def found(corrected: Frames):
    return {
        s.name: services_pile_up.pile_up(services_pile_up.printed_rates(corrected[s.table], s), s)
        for s in (*services_pile_up.STANDARDS, services_pile_up.CONTROL)
        if s.name
        in (
            "recovery.services",
            "recovery.services_2019",
            "recovery.areas",
            "six_weeks.services",
            "eighteen_weeks.services",
            "control.services_2019",
        )
    }


def test_what_the_prose_says_of_the_standards(found):
    """The words of the chapter hold only while these do."""
    says = {name: services_pile_up.verdict(one) for name, one in found.items()}
    assert says["recovery.services"] == "yes"
    assert (found["recovery.services"].by_flexibility["p_value"] < 0.01).all()
    table = found["recovery.services"].placebos
    others = table[~table["standard"] & ~table["round_number"]]
    (own,) = table.loc[table["standard"], "statistic"]
    assert others["statistic"].abs().max() < own
    assert services_pile_up.shown_null(found["recovery.areas"])["low"] < 0
    assert services_pile_up.shown_null(found["recovery.services_2019"])["low"] > 0
    for name in ("six_weeks.services", "control.services_2019"):
        assert says[name] == "no", name
    # For eighteen weeks the nulls part: some make much of it, some nothing.
    excess = found["eighteen_weeks.services"].by_flexibility["excess"]
    assert excess.max() - excess.min() > 50
    # As large an excess as that of the services lies within the interval of the areas.
    shares = {
        name: services_pile_up.shown_null(one)["excess"] / one.n for name, one in found.items()
    }
    areas = found["recovery.areas"]
    assert shares["recovery.services"] * areas.n < services_pile_up.shown_null(areas)["high"]


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


def test_the_chance_that_all_services_share_leaves_a_seventh_of_a_service_in_the_dark(latest):
    """Chance share of the variance of rates, made again from the fit's own two numbers."""
    found = services.spread_of(latest)
    rho = found.icc.value
    within = np.mean([(1 - rho) / n for _, n in plain_services(LATEST).values()])
    assert found.chance_share.value == pytest.approx(within / (within + rho))
    assert exp(0) - found.chance_share.value > 0.8


@pytest.fixture(scope="module")
def drawn(latest, found) -> dict[str, Figure]:
    funnel, spread = services.funnel_of(latest), services.spread_of(latest)
    labels = (
        ("DHA", "Bikur Cholim", (6, 0), "left"),
        ("ARY01", "The Village Practice, Thornton", (6, 0), "left"),
        ("RV5CJ", "Croydon", (6, 4), "left"),
        ("RT1AB", "voluntary organisations, Cambridge and Peterborough", (6, -4), "left"),
        ("Z2E3K", "Sunderland Mind", (6, 3), "left"),
        ("NGR01", "The Counselling Foundation", (6, -2), "left"),
        ("DA201", "We Are Survivors, Salford", (0, -15), "center"),
    )
    ranks = spread.ranks.assign(sure="")
    panels = [
        ("One", found["recovery.services"], "spline 7", (40, 60)),
        ("Two", found["recovery.areas"], "spline 7", (40, 60)),
        ("Three", found["six_weeks.services"], "spline 5", (65, 85)),
        ("Four", found["eighteen_weeks.services"], "spline 5", (85, 97)),
    ]
    made = {
        "funnel": figures.funnel_plot(funnel, labels),
        "ranks": figures.rank_ranges(ranks, {"top": 14, "bottom": 18}),
        "standards": figures.near_standards(panels),
    }
    for figure in made.values():
        figure.canvas.draw()
    yield made
    plt.close("all")


def texts(figure: Figure) -> list[Text]:
    """What is drawn: no tick labels beyond the limits of an axis."""
    found = figure.findobj(
        lambda a: isinstance(a, Text) and bool(a.get_text().strip()) and a.get_visible()
    )
    unseen = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            ticks = zip(axis.get_majorticklocs(), axis.get_major_ticks(), strict=False)
            beyond = [tick for at, tick in ticks if not low <= at <= high]
            unseen |= {
                label for t in (*beyond, *axis.get_minor_ticks()) for label in (t.label1, t.label2)
            }
    return [t for t in found if t not in unseen]


@pytest.mark.parametrize("name", ["funnel", "ranks", "standards"])
def test_no_word_lies_on_another_or_leaves_the_picture(drawn, assert_apart, name):
    assert_apart(drawn[name], texts(drawn[name]), more_than=6)


def test_every_service_is_in_the_funnel(drawn, latest):
    axes = drawn["funnel"].axes[0]
    points = sum(len(c.get_offsets()) for c in axes.collections)
    assert points == len(latest)
    assert latest["value"].between(*axes.get_ylim()).all()
    assert latest["base"].between(*axes.get_xlim()).all()
