"""Charts of verdicts by reading and of recoveries by choice: what is drawn is what the tables say."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib as mpl

mpl.use("Agg")

import itertools

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import same_color

from iapt_ledger.figures import ledger as figures
from iapt_ledger.figures.style import BLUE
from iapt_ledger.ledger.deciding import ORDER

COUNTS = st.lists(st.integers(0, 20), min_size=5, max_size=5).filter(any)


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def spread_of(counts: list[list[int]]) -> pd.DataFrame:
    rows = []
    for place, each in enumerate(counts):
        words = dict(zip(ORDER, each, strict=True))
        verdict = next(word for word in ORDER if words[word])
        rows.append({"claim": f"T{place:02}", "verdict": verdict, "moves_most": "", **words})
    return pd.DataFrame(rows)


def marks(axes) -> list[tuple[float, float, bool]]:
    """Place, row and whether filled, of every mark."""
    return [
        (line.get_xdata()[0], line.get_ydata()[0], same_color(line.get_markerfacecolor(), BLUE))
        for line in axes.lines
        if line.get_marker() == "o"
    ]


@settings(max_examples=15, deadline=None)
@given(st.lists(COUNTS, min_size=1, max_size=6))
def test_each_verdict_with_a_reading_has_one_mark_and_the_one_that_stands_is_filled(counts):
    spread = spread_of(counts)
    titles = dict.fromkeys(spread["claim"], "A title")
    axes = figures.verdicts_by_reading(spread, titles).axes[0]
    drawn = marks(axes)
    assert len(drawn) == spread[list(ORDER)].gt(0).to_numpy().sum()
    filled = [y for _, y, full in drawn if full]
    assert sorted(filled) == list(range(len(spread)))
    written = [t.get_text() for t in axes.texts]
    for row in spread.to_dict("records"):
        assert str(row[row["verdict"]]) in written
    plt.close("all")


def test_no_column_stands_for_what_no_reading_says():
    axes = figures.verdicts_by_reading(spread_of([[1, 2, 0, 0, 1]]), {"T00": "A title"}).axes[0]
    headings = [label.get_text().replace("\n", " ") for label in axes.get_xticklabels()]
    assert "not testable" not in headings
    assert len(headings) == 4


def test_what_moves_a_claim_stands_beside_it_or_nothing():
    spread = spread_of([[1, 1, 0, 0, 0], [0, 0, 0, 0, 3]])
    spread.loc[0, "moves_most"] = "margin"
    axes = figures.verdicts_by_reading(spread, {"T00": "One", "T01": "Two"}).axes[0]
    beside = {t.get_text(): t.xy[1] for t in axes.texts if t.get_text() in ("margin", "nothing")}
    assert beside == {"margin": 0, "nothing": 1}


@pytest.fixture
def shown() -> pd.DataFrame:
    rows = []
    for dimension, share, options in (("whose cost", 60.0, "ab"), ("activity", 20.0, "xyz")):
        for place, option in enumerate(options):
            low = 10.0 * place
            ends = {"low": low, "q25": low + 5, "value": low + 10, "q75": low + 15, "high": 60.0}
            rows.append({"dimension": dimension, "option": option, "share": share, **ends})
    return pd.DataFrame(rows)


def test_every_option_has_its_range_its_middle_and_the_base_is_bold(shown):
    base = {"whose cost": "a", "activity": "x"}
    axes = figures.recoveries_by_choice(shown, base, {"IAPT": 49.0}).axes[0]
    dots = sorted((y, x) for x, y, _ in marks(axes))
    assert [x for _, x in dots] == shown["value"].tolist()
    bold = [t.get_text() for t in axes.texts if t.get_fontweight() == 600]
    assert bold == ["a", "x", "49\nIAPT"]


def test_headings_give_the_share_and_rows_never_meet(shown):
    places, headings = figures._places(shown)
    assert [text for text, _ in headings.values()] == ["whose cost", "activity"]
    every = sorted([*places, *headings])
    assert min(b - a for a, b in itertools.pairwise(every)) >= 1


def test_quoted_figures_are_lines_and_no_marks(shown):
    base = {"whose cost": "a", "activity": "x"}
    quoted = {"IAPT": 49.0, "voluntary": 78.0}
    axes = figures.recoveries_by_choice(shown, base, quoted).axes[0]
    dashed = [line.get_xdata()[0] for line in axes.lines if line.get_linestyle() == "--"]
    assert sorted(dashed) == sorted(quoted.values())
    assert axes.get_xlim()[0] == 0
