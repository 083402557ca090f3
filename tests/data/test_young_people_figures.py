"""The figures of children's services: counts that add up, and pictures in which no word hides another."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from iapt_ledger.figures import young_people as drawn
from iapt_ledger.measures import endings, money, pathway
from iapt_ledger.measures import young_people as young
from iapt_ledger.measures import young_people_rows as rows

Frames = dict[str, pd.DataFrame]
SCORES, DROPOUT = (11.0, 22.0), (41.0, 62.0)  # stand-ins: no test reads a document under test


@pytest.fixture(scope="module")
def audits(corrected: Frames) -> pd.DataFrame:
    return pd.concat([young.one_service(corrected["cyp"], y) for y in (2018, 2019)])


@pytest.fixture(scope="module")
def adults(corrected: Frames) -> pd.DataFrame:
    counts = pathway.pathway_counts(corrected["iapt_national_annual"])
    ended = endings.in_one_collection(counts, corrected["iapt_national_monthly"])
    return young.adults(counts, ended, "2024-25")


@pytest.fixture(scope="module")
def figures(
    corrected: Frames, audits: pd.DataFrame, adults: pd.DataFrame
) -> Iterator[dict[str, Figure]]:
    cyp = corrected["cyp"]
    made = {
        "referred": drawn.referred(young.referred(cyp), young.closed(cyp)),
        "scores": drawn.second_scores(rows.second_scores(cyp, audits, adults, SCORES)),
        "outcomes": drawn.outcomes(rows.outcomes(cyp, corrected["claims_evidence"], DROPOUT)),
    }
    for figure in made.values():
        figure.canvas.draw()
    yield made
    plt.close("all")


def labels(figure: Figure) -> list[Text]:
    found: list[Text] = []
    for axes in figure.axes:
        found += [t for t in (*axes.texts, axes._left_title) if t.get_text().strip()]
        found += [t for t in axes.get_yticklabels() if t.get_text() and axes.get_yticks().size]
    return found


@pytest.mark.parametrize(("name", "more_than"), [("referred", 8), ("scores", 25), ("outcomes", 17)])
def test_no_word_lies_on_another_or_leaves_the_picture(
    figures: dict[str, Figure], assert_apart: Callable[..., None], name: str, more_than: int
):
    assert_apart(figures[name], labels(figures[name]), more_than=more_than)


def test_other_words_are_not_joined_to_the_years_before(figures: dict[str, Figure]):
    joined, apart = [line for line in figures["referred"].axes[1].lines if line.get_marker() == "o"]
    assert len(joined.get_xdata()) == 4
    assert list(apart.get_xdata()) == [4]
    assert apart.get_markerfacecolor() == "white"


def test_the_three_counts_make_up_nearly_all_who_were_referred(corrected: Frames):
    parts = young.referred(corrected["cyp"])
    assert 99.5 < parts["value"].sum() <= 100.05
    closed = young.closed(corrected["cyp"]).set_index("period")["value"]
    share = parts.set_index("measure").loc["closed", "value"]
    assert round(share) == closed["2022-23"]


def test_the_audit_gives_back_the_shares_that_it_prints(corrected: Frames, audits: pd.DataFrame):
    for _, row in audits[audits["measure"].eq("eligible")].iterrows():
        printed = young.one(corrected["cyp"], young.SECOND_SCORE, int(row["period"]))["value"]
        assert row["value"] == pytest.approx(printed, abs=0.05)


def test_a_wider_base_never_has_a_larger_share(audits: pd.DataFrame):
    wide = audits.pivot_table(index="period", columns="measure", values="value")
    assert (wide["eligible"] > wide["first_score"]).all()
    assert (wide["first_score"] > wide["accepted"]).all()


def test_adults_on_the_wider_base_are_fewer_than_of_finished_courses(adults: pd.DataFrame):
    share = adults.set_index("measure")["value"]
    assert 97 < share["finished"] < 100
    assert 50 < share["treated"] < 60


def test_the_two_pledges_are_the_total(corrected: Frames):
    prices = money.deflator(corrected["context"])
    cash = young.money(corrected["cyp"], prices, "2024-25").set_index("measure")["cash"]
    assert cash["pledged_2011"] + cash["added_2012"] == cash["total"]


def test_system_changes_are_told_with_their_evidence(corrected: Frames):
    told = rows.system_change(corrected["cyp"], corrected["claims_evidence"])
    assert told["obs"].map(len).gt(0).all()
    assert not told.isna().any(axis=None)
