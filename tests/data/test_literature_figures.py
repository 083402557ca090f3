"""The literature as held: the ids that the ledger asks for, what can be checked inside it, and its pictures."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from iapt_ledger import paths
from iapt_ledger.figures import literature as drawn
from iapt_ledger.measures import literature
from iapt_ledger.measures import literature_reading as reading
from iapt_ledger.measures import literature_said as said
from iapt_ledger.measures import literature_words as words
from iapt_ledger.quoted import quoted_results
from iapt_ledger.registry import read_sources

Frames = dict[str, pd.DataFrame]
TABLES = ("claims_evidence", "cyp", "unit_costs")
NOTEBOOK = paths.NOTEBOOKS / "10_literature.ipynb"


@pytest.fixture(scope="module")
def coding() -> literature.Coding:
    return literature.read_coding()


@pytest.fixture(scope="module")
def studies(corrected: Frames, coding: literature.Coding) -> pd.DataFrame:
    return literature.held(coding, {name: corrected[name] for name in TABLES}, read_sources())


@pytest.fixture(scope="module")
def apart(studies: pd.DataFrame) -> dict[str, object]:
    pair = [studies.loc[f"practice_pybis_{kind}"] for kind in ("counselling", "cbt")]
    less = reading.less(*pair, "Counselling less CBT")
    return {
        "slug": "counselling_less_cbt", "value": less.value, "low": less.low, "high": less.high,
        "unit": "d", "kind": literature.INTERVAL, "second_hand": False, "interested": True,
        "words": "", "obs": pair[0]["obs"] + pair[1]["obs"],
    }  # fmt: skip


@pytest.fixture(scope="module")
def figures(studies: pd.DataFrame, apart: dict[str, object]) -> Iterator[dict[str, Figure]]:
    made = {
        "inside": drawn.forest(
            words.panels(words.INSIDE, studies, [apart]), [(0, 0.5), (-0.5, 0.5), None]
        ),
        "practice": drawn.forest(
            words.panels(words.BENCHMARKS, studies), [(0, 1.8), (0, 1.8), (0, 1.8), (-5, 0)]
        ),
        "youth": drawn.forest(words.panels(words.YOUNG, studies), [(0, 0.8), (0, 0.8)]),
        "shares": shares(studies),
    }
    for figure in made.values():
        figure.canvas.draw()
    yield made
    plt.close("all")


def shares(studies: pd.DataFrame) -> Figure:
    bars = {
        "Cuijpers 2012": ("outside", "common", "specific"),
        "Lambert 1992 §": ("outside", "relationship", "expectation", "technique"),
    }
    improvement = [
        {
            "label": label,
            "part": part,
            "value": studies.loc[f"{part}_{label.split()[0].lower()}", "value"],
        }
        for label, parts in bars.items()
        for part in parts
    ]
    share = reading.variance_explained(studies.loc["alliance_fluckiger"])
    variance = [
        {"label": "Alliance, Flückiger 2018", "value": share.value, "low": share.low,
         "high": share.high, "text": "7.7 (6.6 to 8.9)"},
        {"label": "Therapies, Wampold 1997, at most", "value": 1.0, "low": None, "high": None,
         "text": "1.0, no interval"},
    ]  # fmt: skip
    return drawn.shares(pd.DataFrame(improvement), pd.DataFrame(variance))


def labels(figure: Figure) -> list[Text]:
    found: list[Text] = []
    for axes in figure.axes:
        found += [t for t in (*axes.texts, axes.title, axes._left_title) if t.get_text().strip()]
        found += [t for t in axes.get_yticklabels() if t.get_text()]
    return found


class TestIds:
    """What the ledger names has to be made here: a slug that is misspelt on either side is found by this."""

    def made(self, studies: pd.DataFrame) -> set[str]:
        own = {fields["name"] for fields in literature.published(studies)}
        counted = literature.counts(studies)
        return own | {f"count.{r['claim'].lower()}.{r['finding']}" for _, r in counted.iterrows()}

    def test_every_study_and_count_that_a_claim_names_is_made(self, studies: pd.DataFrame):
        text = literature.CLAIMS.read_text(encoding="utf8")
        named = set(re.findall(r"\bliterature\.([a-z0-9_]+(?:\.[a-z0-9_]+)*)", text))
        worked = {name for name in named if name.startswith("worked.")}
        assert len(named) > 40
        assert named - worked <= self.made(studies)

    def test_every_worked_number_that_a_claim_names_stands_in_the_notebook(self):
        text = literature.CLAIMS.read_text(encoding="utf8")
        source = "".join(
            "".join(cell["source"]) for cell in json.loads(NOTEBOOK.read_text("utf8"))["cells"]
        )
        for name in re.findall(r"\bliterature\.worked\.([a-z0-9_]+)", text):
            assert name in source, name


class TestWhatCanBeChecked:
    def test_chance_of_doing_better_is_the_one_that_the_abstract_prints(
        self, studies: pd.DataFrame, corrected: Frames
    ):
        row = studies.loc["youth_usual_care_2013"]
        notes = corrected["claims_evidence"].set_index("obs_id")["note"]
        (printed,) = re.findall(r"^(\d+)% probability", notes[row["obs"][0]])
        assert round(reading.better_off(row["value"])) == int(printed)

    def test_shares_of_each_source_are_shares_of_one_whole(self, studies: pd.DataFrame):
        value = studies["value"]
        for source in ("cuijpers", "lambert"):
            parts = [v for slug, v in value.items() if re.fullmatch(rf"[a-z]+_{source}", str(slug))]
            assert np.nansum(parts) == pytest.approx(100)

    def test_the_alliance_in_variance_is_what_its_record_says(
        self, studies: pd.DataFrame, corrected: Frames
    ):
        row = studies.loc["alliance_fluckiger"]
        note = corrected["claims_evidence"].set_index("obs_id").loc[row["obs"][0], "note"]
        (printed,) = re.findall(r"r squared is about (0\.\d+)", note)
        assert reading.variance_explained(row).value == pytest.approx(
            100 * float(printed), abs=0.05
        )

    def test_no_question_is_combined_while_its_reasons_stand(self, studies: pd.DataFrame):
        table = reading.pooling_table(studies)
        assert table["Combined"].eq("no").all()
        assert table["Why not"].str.len().gt(0).all()

    def test_no_study_rests_on_a_document_under_test(self, studies: pd.DataFrame):
        assert not studies["how_read"].eq("starting document").any()

    def test_interests_are_told_of_both_sides_in_one_phrase(self, coding: literature.Coding):
        assert all(sentence.startswith(said.PART) for sentence in coding.interests.values())
        assert {"timimi_2015", "dormon_2014", "fonagy_clark_2015"} <= set(coding.interests)

    @pytest.mark.parametrize("part", ["ADULTS", "YOUTH"])
    def test_every_claim_is_set_beside_its_own_studies(
        self, part: str, studies: pd.DataFrame, coding: literature.Coding
    ):
        beside = said.set_beside(getattr(said, part), studies, coding, quoted_results())
        assert beside["obs"].map(len).gt(0).all()
        assert not beside.drop(columns="obs").map(lambda text: "{" in text).any(axis=None)


@pytest.mark.parametrize(
    ("name", "more_than"), [("inside", 25), ("practice", 25), ("youth", 20), ("shares", 15)]
)
def test_no_word_lies_on_another_or_leaves_the_picture(
    figures: dict[str, Figure], assert_apart: Callable[..., None], name: str, more_than: int
):
    assert_apart(figures[name], labels(figures[name]), more_than=more_than)


def test_only_what_has_an_interval_is_drawn_filled(figures: dict[str, Figure]):
    for name in ("inside", "practice", "youth"):
        for axes in figures[name].axes:
            for line in axes.lines:
                if line.get_marker() == "D":
                    assert line.get_markerfacecolor() == "white"
                elif line.get_marker() == "o":
                    at = line.get_ydata()[0]
                    spans = [
                        x for x in axes.lines if len(x.get_xdata()) == 2 and x.get_ydata()[0] == at
                    ]
                    assert spans, f"{name}: a filled point without its interval"


def test_a_size_without_a_direction_is_drawn_in_both(figures: dict[str, Figure]):
    axes = figures["inside"].axes[1]
    points = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "D"]
    assert sorted(points) == [-0.2, -0.2, 0.2, 0.2]


def test_words_have_no_point(figures: dict[str, Figure]):
    assert not figures["inside"].axes[2].lines
