"""The figures of whether the programme changed prescribing: no word hides another, margins stand where they belong."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from iapt_ledger.figures import prescribing_effect as yearly
from iapt_ledger.figures import prescribing_panel as drawn
from iapt_ledger.measures import antidepressants as drugs
from iapt_ledger.measures import prescribing_effect as effect
from iapt_ledger.measures import prescribing_england as england
from iapt_ledger.measures import prescribing_rules as rules
from iapt_ledger.methods.synthesis.multiverses import multiverse

Frames = dict[str, pd.DataFrame]
MARGIN, CEILING = 74.0, 415.0


@pytest.fixture(scope="module")
def held(corrected: Frames) -> effect.Evidence:
    names = ("prescribing_region_monthly", "iapt_providers_monthly", "iapt_providers")
    return effect.evidence(*(corrected[n] for n in names), corrected["iapt_organisations_annual"])


@pytest.fixture(scope="module")
def compared(held: effect.Evidence) -> pd.DataFrame:
    return effect.compared(held)


@pytest.fixture(scope="module")
def figures(
    corrected: Frames, held: effect.Evidence, compared: pd.DataFrame
) -> Iterator[dict[str, Figure]]:
    annual = corrected["antidepressants_annual"]
    pca = drugs.yearly(annual, "items", series="PCA")
    data = england.by_year(pca, *rules.ENGLAND_YEARS)
    links = list(yearly.LINK_TITLES)
    fits = {link: england.model(data, link, hac_lags=rules.HAC_LAGS) for link in links}
    series = {
        "items": data,
        "items per head": england.by_year(
            drugs.per_head(pca, drugs.population(corrected["context"])), *rules.ENGLAND_YEARS
        ),
        "SSRIs": england.by_year(
            drugs.yearly(annual, "items", series="PCA", scope=drugs.SSRIS), *rules.SSRI_YEARS
        ),
    }
    named = effect.panel(held)
    slope = effect.effect(named).value / 10
    tried = multiverse(effect.specification, effect.DIMENSIONS, data=effect.panels(held))
    made = {
        "segments": yearly.segments(england.drawn(fits, data)),
        "scan": yearly.scan(pd.concat([breaks(*one) for one in series.items()])),
        "seen": drawn.seen(effect.seen(named), slope),
        "effects": drawn.effects(compared, MARGIN, CEILING),
        "choices": drawn.choices(tried.curve, MARGIN, CEILING, tried.options),
    }
    for figure in made.values():
        figure.canvas.draw()
    yield made
    plt.close("all")


def breaks(name: str, data: pd.DataFrame) -> pd.DataFrame:
    parts = []
    for link in yearly.LINK_TITLES:
        table = england.break_scan(data, link).table
        value = 100 * table["joint"] / table["joint"].max()
        parts.append(
            pd.DataFrame({"series": name, "link": link, "year": table["time"], "value": value})
        )
    return pd.concat(parts)


def words(figure: Figure) -> list[Text]:
    found: list[Text] = []
    for axes in figure.axes:
        found += [t for t in axes.texts if t.get_text().strip()]
        for ticks, labels, limits in (
            (axes.get_xticks(), axes.get_xticklabels(), axes.get_xlim()),
            (axes.get_yticks(), axes.get_yticklabels(), axes.get_ylim()),
        ):
            low, high = sorted(limits)
            found += [
                t
                for at, t in zip(ticks, labels, strict=False)
                if low <= at <= high and t.get_visible() and t.get_text()
            ]
    return found


@pytest.mark.parametrize(
    ("name", "more_than"),
    [("segments", 15), ("scan", 15), ("seen", 15), ("effects", 45), ("choices", 15)],
)
def test_no_word_lies_on_another_or_leaves_the_picture(
    figures: dict[str, Figure], assert_apart: Callable[..., None], name: str, more_than: int
):
    assert_apart(figures[name], words(figures[name]), more_than=more_than)


def test_every_rival_is_drawn_under_each_link_and_named_once(figures: dict[str, Figure]):
    left, right = figures["segments"].axes
    assert len(left.patches) == len(right.patches) == len(yearly.RIVALS)
    named = [t.get_text() for t in left.texts if t.get_rotation() == 90]
    assert named == [text for *_, text in yearly.RIVALS.values()]


def test_nothing_is_drawn_as_expected_before_the_break(corrected: Frames):
    pca = drugs.yearly(corrected["antidepressants_annual"], "items", series="PCA")
    data = england.by_year(pca, *rules.ENGLAND_YEARS)
    rows = england.drawn({"gaussian": england.model(data, "gaussian", hac_lags=2)}, data)
    assert rows["expected"].isna().equals(rows["year"] < rules.START)
    assert (rows["low"] <= rows["expected"])[rows["year"] >= rules.START].all()


def test_margin_and_ceiling_are_bands_about_nought(figures: dict[str, Figure]):
    (axes,) = figures["effects"].axes
    spans = sorted(p.get_x() + p.get_width() for p in axes.patches)
    assert spans == [MARGIN, CEILING]
    assert all(p.get_x() == -(p.get_x() + p.get_width()) for p in axes.patches)


def test_the_forest_shows_each_estimate_with_its_interval(compared: pd.DataFrame):
    assert (compared["low"] < compared["value"]).all()
    assert (compared["value"] < compared["high"]).all()
    first = compared.set_index("name")
    # The named estimate is the difference of its two parts, as least squares is linear.
    parts = first.loc["apart", "value"] - first.loc["control", "value"]
    assert first.loc["difference", "value"] == pytest.approx(parts)
    assert compared["name"].is_unique


def test_what_is_seen_adds_up_to_nothing_by_region_and_quarter(held: effect.Evidence):
    points = effect.seen(effect.panel(held))
    assert len(points) == 7 * 12
    for by in ("region", "month"):
        sums = points.groupby(by)[["courses", "items"]].sum()
        assert np.allclose(sums, 0, atol=1e-9)


def test_the_borders_moved_for_all_drugs_alike(held: effect.Evidence):
    for outcome in (effect.ALL, effect.APART, effect.CONTROL):
        assert 2 < effect.step(held.items[outcome], "Midlands", effect.AFTER_BORDERS) < 3.5
        assert (
            effect.step(held.items[outcome], "North East and Yorkshire", effect.AFTER_BORDERS) < -1
        )


def test_closures_are_taken_out_and_nothing_else(held: effect.Evidence):
    published, mended = (held.courses[name].set_index(["region", "month"])["value"]
                         for name in ("benchmarked", "settled"))  # fmt: skip
    changed = published[~np.isclose(published, mended)].index
    assert set(changed.get_level_values("region")) == {"South West"}
    assert changed.get_level_values("month").min() == pd.Timestamp("2021-04-01")
    assert changed.get_level_values("month").max() <= pd.Timestamp("2022-01-01")
    april = ("South West", pd.Timestamp("2021-04-01"))
    assert published[april] - mended[april] > 4000


def test_providers_sums_with_places_agree_better_than_by_address(
    corrected: Frames, held: effect.Evidence
):
    yearly_counts = effect.access.commissioned(corrected["iapt_organisations_annual"])
    apart = {
        name: (effect.access.agreement(held.courses[name], yearly_counts)["ratio"] - 1).abs().mean()
        for name in ("listed", "places", "benchmarked")
    }
    assert apart["places"] < 0.7 * apart["listed"]
    assert apart["benchmarked"] < 1e-9
