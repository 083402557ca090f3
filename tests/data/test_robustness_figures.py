"""The figures of the chapter on robustness, drawn from the edition and the claims: no word hides another."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from iapt_ledger.figures import ledger as figures
from iapt_ledger.ledger.claims import read_ledger
from iapt_ledger.ledger.deciding import ORDER
from iapt_ledger.measures import hundred_multiverse as ways
from iapt_ledger.measures import hundred_readings as reading
from iapt_ledger.measures import hundred_thousand as per
from iapt_ledger.measures import recovery_cost as cost
from iapt_ledger.measures.benchmarks import natural_recovery, remission_range
from iapt_ledger.measures.money import deflator
from iapt_ledger.measures.pathway import pathway_counts

QUOTED = {"IAPT": 49.0, "voluntary": 78.0, "primary care": 115.0}


def by_choice(tidy: dict[str, pd.DataFrame]) -> Figure:
    pathway = pathway_counts(tidy["iapt_national_annual"])
    counts = cost.activity_of(pathway, tidy["iapt_national_monthly"])
    years = list(ways.DIMENSIONS[ways.POUNDS])
    combined = per.combinations(
        counts, tidy, deflator(tidy["context"]), years, (ways.EARLY, ways.LATE)
    )
    benchmarks = remission_range(natural_recovery(tidy["claims_evidence"]))
    found = ways.all_ways(ways.held_from(combined, pathway, benchmarks))
    first = {dimension: labels[0] for dimension, labels in found.options.items()}
    return figures.recoveries_by_choice(reading.spread_by_option(found, ("t:1",)), first, QUOTED)


def by_reading() -> Figure:
    """Every claim that can be read otherwise, with all verdicts at once and the longest thing that may move it."""
    claims = [one for one in read_ledger().claims.values() if one.readings]
    assert len(claims) > 10
    rows = [
        {
            "claim": one.id,
            "verdict": ORDER[place % len(ORDER)],
            "moves_most": max(one.readings, key=len),
            **dict.fromkeys(ORDER, 10),
        }
        for place, one in enumerate(claims)
    ]
    titles = {one.id: one.title for one in claims}
    return figures.verdicts_by_reading(pd.DataFrame(rows), titles)


@pytest.fixture(scope="module")
def drawn(frames: dict[str, pd.DataFrame]) -> Iterator[dict[str, Figure]]:
    every = {"by_choice": by_choice(frames), "by_reading": by_reading()}
    for figure in every.values():
        figure.canvas.draw()
    yield every
    plt.close("all")


def words(figure: Figure) -> list[Text]:
    """Words on the axes and beside them, and the names of ticks that are in view."""
    (axes,) = figure.axes
    low, high = axes.get_xlim()
    along = zip(axes.get_xticks(), axes.get_xticklabels(), strict=True)
    ticks = [*(t for x, t in along if low <= x <= high), *axes.get_yticklabels()]
    return [t for t in (*axes.texts, *ticks) if t.get_visible() and t.get_text().strip()]


@pytest.mark.parametrize(("name", "least"), [("by_choice", 30), ("by_reading", 60)])
def test_no_word_lies_on_another_or_leaves_the_picture(
    drawn: dict[str, Figure], assert_apart: Callable[..., None], name: str, least: int
):
    assert_apart(drawn[name], words(drawn[name]), more_than=least)


def test_every_option_and_every_choice_is_named(drawn: dict[str, Figure]):
    written = {t.get_text().split(" (")[0] for t in words(drawn["by_choice"])}
    for dimension, options in ways.DIMENSIONS.items():
        assert {dimension, *options} <= written
