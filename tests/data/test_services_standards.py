"""Rates near the standards and odd counts, found a second time by plain counting; and the chapter's figures."""

from __future__ import annotations

from collections import defaultdict
from statistics import median

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from plain_services import DECLARED, LATEST, number, stored

from iapt_ledger.figures import services as figures
from iapt_ledger.measures import services, services_odd, services_pile_up
from iapt_ledger.measures.services_own_spread import own_spread

Frames = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def years(corrected: Frames) -> pd.DataFrame:
    return services.service_years(corrected["iapt_organisations_annual"])


@pytest.fixture(scope="module")
def latest(years: pd.DataFrame) -> pd.DataFrame:
    return services.compared(years, LATEST)


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
        ("recovery.areas", 2458, 604, 351),
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
            or "COMMISSIONING HUB" in row.get("org_name", "")
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
    # The control lacks months at fifty, and two of three nulls call that more than chance.
    control = found["control.services_2019"].by_flexibility
    assert (control["excess"] < 0).all()
    assert (control["p_value"] < 0.05).sum() == 2
    # On both sides of the standard there are more months than the smooth spread expects.
    shown = services_pile_up.shown_null(found["recovery.services"])
    assert shown["observed_above"] > shown["expected_above"]
    assert shown["observed_below"] > shown["expected_below"]
    # For eighteen weeks the nulls part: some make much of it, some nothing.
    excess = found["eighteen_weeks.services"].by_flexibility["excess"]
    assert excess.max() - excess.min() > 50
    # As large an excess as that of the services lies within the interval of the areas.
    shares = {
        name: services_pile_up.shown_null(one)["excess"] / one.n for name, one in found.items()
    }
    areas = found["recovery.areas"]
    assert shares["recovery.services"] * areas.n < services_pile_up.shown_null(areas)["high"]


@pytest.mark.slow
def test_what_the_prose_says_of_services_own_spreads(corrected):
    standards = (*STANDARDS.values(), services_pile_up.CONTROL, services_pile_up.PEAK)
    rates = {
        s.name: services_pile_up.printed_rates(corrected[s.table], s)
        for s in standards
        if s.name.startswith(("recovery", "control", "peak"))
    }
    own = {s.name: own_spread(rates[s.name], s.threshold) for s in standards if s.name in rates}
    for name in ("recovery.services", "recovery.services_2019", "recovery.areas"):
        assert own[name]["low"] > 0, name
    assert own["control.services_2019"]["value"] < 0
    peak = own["peak.services_2019"]
    assert peak["low"] < 0 < peak["high"]
    # both of the placebo and of recovery there are as many months, and of the middle month the same distance
    assert abs(peak["months"] - own["recovery.services_2019"]["months"]) < 10
    middle = {name: rates[name]["value"].median() for name in rates}
    assert middle["peak.services_2019"] - services_pile_up.PEAK.threshold == 2
    assert middle["recovery.services_2019"] - 50 == 2
    every = rates["recovery.services"]
    usual = every[every["finished"].ge(50)].groupby("code")["value"].median()
    close = every["code"].map(usual).between(48, 52)
    near, far = (own_spread(every[which], 50) for which in (close, ~close))
    assert near["low"] > 0
    assert far["low"] < 0 < far["high"]


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
