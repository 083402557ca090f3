"""The chapter's figures, drawn from the edition: every word is readable, and breaks and gaps are drawn."""

from __future__ import annotations

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from iapt_ledger.figures import delivered, delivered_access
from iapt_ledger.measures.benchmarks import natural_recovery
from iapt_ledger.measures.pathway import pathway_counts, pathway_rates, per_hundred_referrals
from iapt_ledger.measures.waits import waits

Frames = dict[str, pd.DataFrame]
BASE, QUOTED = 6_114_246.57, 900_000


@pytest.fixture(scope="module")
def figures(frames: Frames) -> dict[str, Figure]:
    annual = frames["iapt_national_annual"]
    counts = pathway_counts(annual)
    rates = pathway_rates(counts)
    natural = natural_recovery(frames["claims_evidence"])
    drawn = {
        "pathway": delivered.pathway(per_hundred_referrals(counts, "2023-24")),
        "recovery": delivered.recovery(
            rates[rates["outcome"].eq("moved_to_recovery")],
            natural[natural["definition"].eq("remission")],
            50,
        ),
        "entrants": delivered_access.entrants(
            counts[counts["measure"].eq("entered_treatment")], BASE, 15, QUOTED
        ),
        "waits": delivered_access.waiting_times(waits(annual, counts)),
    }
    for figure in drawn.values():
        figure.canvas.draw()
    yield drawn
    plt.close("all")


def texts(figure: Figure) -> list[Text]:
    found = figure.findobj(
        lambda a: isinstance(a, Text) and bool(a.get_text().strip()) and a.get_visible()
    )
    unseen = {
        t for axes in figure.axes for axis in (axes.xaxis, axes.yaxis) for t in _outside(axis)
    }
    return [t for t in found if t not in unseen]


def _outside(axis) -> list[Text]:
    """Tick labels beyond the axis' limits, and those a shared axis hides: they are not drawn."""
    low, high = sorted(axis.get_view_interval())
    ticks = zip(axis.get_majorticklocs(), axis.get_major_ticks(), strict=False)
    beyond = [tick for at, tick in ticks if not low <= at <= high]
    hidden = [t for t in axis.get_major_ticks() if not t.label1.get_visible()]
    return [label for tick in (*beyond, *hidden) for label in (tick.label1, tick.label2)]


@pytest.mark.parametrize("name", ["pathway", "recovery", "entrants", "waits"])
def test_no_word_lies_on_another_or_leaves_the_picture(figures, assert_apart, name):
    figure = figures[name]
    assert_apart(figure, texts(figure), more_than=10)


def test_new_versions_of_the_data_set_are_drawn_where_they_began(figures):
    written = {t.get_text(): t for t in texts(figures["recovery"])}
    assert {"v1.5", "v2.0", "v2.1"} <= set(written)
    assert written["v2.1"].xy[0] == 2022.0  # the first of April on this axis


def test_the_undercounted_year_is_no_part_of_a_line(figures):
    starts = [
        line.get_xdata()[0]
        for line in figures["recovery"].axes[0].lines
        if len(line.get_xdata()) > 5
    ]
    assert starts == [2013.5] * 4


def test_part_years_and_sums_of_months_are_hatched_and_as_wide_as_their_months(figures):
    bars = {
        round(b.get_x() - 0.04, 2): b
        for b in figures["entrants"].axes[0].patches
        if b.get_height() > 2
    }
    hatched = {x for x, bar in bars.items() if bar.get_hatch()}
    assert hatched == {2008.75, 2011.25, 2012.25, 2024.25, 2025.25}
    assert bars[2008.75].get_width() < bars[2011.25].get_width() < bars[2012.25].get_width()
