"""Studies as coded and as published, the arithmetic on them, when they may be combined, and the words set beside."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iapt_ledger.errors import LedgerError
from iapt_ledger.measures import literature
from iapt_ledger.measures import literature_reading as reading
from iapt_ledger.measures import literature_said as said
from iapt_ledger.measures import literature_words as words
from iapt_ledger.methods.synthesis.pooling import combine_studies
from iapt_ledger.registry import Source
from iapt_ledger.results import Result, ResultBook

RECORD = {"low": np.nan, "high": np.nan, "unit": "d", "n": "10", "second_hand": False,
          "status": "study_estimate", "source_id": "a"}  # fmt: skip
TABLE = pd.DataFrame(
    [
        {**RECORD, "obs_id": "t:1", "study": "A", "value": 0.5, "low": 0.4, "high": 0.6},
        {**RECORD, "obs_id": "t:2", "study": "A", "value": 0.2},
        {**RECORD, "obs_id": "t:3", "study": "B", "value": np.nan, "low": 40.0, "high": 60.0,
         "unit": "percent", "source_id": "b"},
        {**RECORD, "obs_id": "t:4", "study": "C", "value": np.nan, "unit": "", "source_id": "b",
         "status": "press_report"},
    ]
)  # fmt: skip


def study(obs: str, effect: str = "standardised difference", **findings: str) -> dict[str, object]:
    coded = findings or {"T1": "improved"}
    return {"obs": obs, "design": "controlled", "effect": effect, "findings": coded, "words": "w"}


def source(name: str, how_read: str) -> Source:
    return Source(
        name, f"Title of {name}", "P", "2020", "Facts only", "https://x.org", how_read, "once"
    )


SOURCES = {"a": source("a", "abstract"), "b": source("b", "press")}
CODING = literature.Coding(
    studies={
        "first": study("t:1"),
        "again": study("t:2"),
        "wide": study("t:3", "percent", T2="estimate"),
        "told": study("t:4", "none", T1="no_difference", T2="no_benefit"),
    },
    claims={"T1": {"title": "One", "claim": "It cost {{< n claims.t1.cost >}} in all."}},
    interests={"b": "An author has a part in what is judged: sells it."},
)


@pytest.fixture
def studies() -> pd.DataFrame:
    return literature.held(CODING, {"t": TABLE}, SOURCES)


class TestHeld:
    def test_a_study_is_what_its_record_prints(self, studies: pd.DataFrame):
        assert studies["kind"].to_dict() == {
            "first": "interval", "again": "point", "wide": "range", "told": "words",
        }  # fmt: skip
        assert studies.loc["first", ["value", "low", "high"]].tolist() == [0.5, 0.4, 0.6]
        assert studies.loc["told", ["value", "low", "high"]].isna().all()

    def test_press_and_interests_are_marked_alike_for_all(self, studies: pd.DataFrame):
        assert studies["second_hand"].to_dict() == {
            "first": False, "again": False, "wide": False, "told": True,
        }  # fmt: skip
        assert studies["interested"].tolist() == [False, False, True, True]

    def test_a_study_in_words_keeps_no_number_even_where_its_record_has_one(self):
        coding = replace(CODING, studies={"x": study("t:1", "none")})
        found = literature.held(coding, {"t": TABLE}, SOURCES)
        assert found["kind"].item() == "words"
        assert found[["value", "low", "high"]].isna().all(axis=None)

    @pytest.mark.parametrize(
        ("entry", "says"),
        [
            (study("t:9"), r"rests on no record.*x.*t:9"),
            (study("u:1"), r"rests on no record.*u:1"),
            (study("t:4"), r"said to have a number has none.*effect: none"),
        ],
    )
    def test_a_wrong_coding_is_refused(self, entry: dict[str, object], says: str):
        with pytest.raises(LedgerError, match=says):
            literature.held(replace(CODING, studies={"x": entry}), {"t": TABLE}, SOURCES)

    def test_a_file_without_studies_is_refused(self, tmp_path: Path):
        (tmp_path / "claims.yaml").write_text("claims: {}\nstudies: {}\n", encoding="utf8")
        with pytest.raises(LedgerError, match="not whole.*interests"):
            literature.read_coding(tmp_path / "claims.yaml")


class TestPublished:
    def test_numbers_become_results_and_words_do_not(self, studies: pd.DataFrame):
        made = {fields.pop("name"): fields for fields in literature.published(studies)}
        assert set(made) == {"first", "again", "wide"}
        assert (made["first"]["low"], made["first"]["interval"]) == (
            0.4,
            "95% interval, as published",
        )
        assert "low" not in made["again"]
        for name, fields in made.items():
            assert not Result(id=f"literature.{name}", observations=("t:1",), **{
                key: value for key, value in fields.items() if key != "obs"
            }).faults()  # fmt: skip

    def test_a_range_says_that_its_value_is_its_middle(self, studies: pd.DataFrame):
        (wide,) = (f for f in literature.published(studies) if f["name"] == "wide")
        assert wide["value"] == 50
        assert "middle" in wide["made"]
        assert "middle" in wide["interval"]

    @pytest.mark.parametrize(
        ("unit", "numbers", "digits"),
        [("percent", (40.0, np.nan, np.nan), 0), ("percent", (33.3, np.nan, np.nan), 1),
         ("d", (0.2, 0.1, 0.3), 2), ("USD", (94e6, np.nan, np.nan), 0)],
    )  # fmt: skip
    def test_decimals_are_those_of_the_publication(
        self, unit: str, numbers: tuple[float, ...], digits: int
    ):
        assert literature.digits_of(unit, numbers) == digits


class TestCounts:
    def test_two_effects_of_one_study_count_once_and_opposites_are_asked_for(
        self, studies: pd.DataFrame
    ):
        counted = literature.counts(studies).set_index(["claim", "finding"])
        assert counted["value"].to_dict() == {
            ("T1", "improved"): 1, ("T1", "no_difference"): 1, ("T1", "difference"): 0,
            ("T2", "estimate"): 1, ("T2", "no_benefit"): 1, ("T2", "benefit"): 0,
        }  # fmt: skip
        assert counted.loc[("T1", "improved"), "obs"] == ("t:1", "t:2")

    def test_what_no_study_found_rests_on_all_that_were_asked(self, studies: pd.DataFrame):
        counted = literature.counts(studies).set_index(["claim", "finding"])
        assert counted.loc[("T1", "difference"), "obs"] == ("t:1", "t:2", "t:4")
        assert counted.loc[("T1", "difference"), "names"] == ()

    def test_publications_are_counted_and_not_studies(self, studies: pd.DataFrame):
        sought = TABLE.assign(status="not_found")
        read = literature.how_read(studies, sought, SOURCES).set_index("measure")["value"]
        assert read.to_dict() == {"all": 2, "abstract": 1, "second_hand": 1, "not_seen": 4}


def effect(value: float, half: float) -> pd.Series:
    return pd.Series({"value": value, "low": value - half, "high": value + half})


class TestReading:
    def test_a_correlation_squared(self):
        found = reading.variance_explained(pd.Series({"value": 0.3, "low": 0.2, "high": 0.4}))
        assert (found.value, found.low, found.high) == pytest.approx((9, 4, 16))

    def test_a_negative_one_has_its_limits_in_order(self):
        found = reading.variance_explained(pd.Series({"value": -0.3, "low": -0.4, "high": -0.2}))
        assert found.low < found.value < found.high

    def test_a_difference_as_variance_is_the_square_of_its_point_biserial_correlation(self):
        group = np.repeat([0.0, 1.0], 50_000)
        noise = np.random.default_rng(1).standard_normal(100_000)
        seen = np.corrcoef(group, noise + 0.5 * group)[0, 1]
        assert reading.variance_of_difference(0.5) == pytest.approx(100 * seen**2, abs=0.3)

    def test_the_better_group_wins_more_pairs(self):
        draws = np.random.default_rng(2).standard_normal((2, 100_000))
        seen = 100 * np.mean(draws[0] + 0.46 > draws[1])
        assert reading.better_off(0.46) == pytest.approx(seen, abs=0.5)
        assert reading.better_off(0) == 50

    @given(st.floats(-3, 3), st.floats(-3, 3), st.floats(0.01, 2), st.floats(0.01, 2))
    def test_a_difference_turned_round_is_its_mirror(
        self, a: float, b: float, one: float, two: float
    ):
        there = reading.less(effect(a, one), effect(b, two), "d")
        back = reading.less(effect(b, two), effect(a, one), "d")
        assert there.value == pytest.approx(-back.value)
        assert there.low == pytest.approx(-back.high)
        assert there.high - there.value == pytest.approx(np.hypot(one, two))

    def test_lopsided_limits_stay_lopsided(self):
        found = reading.less(
            pd.Series({"value": 1.0, "low": 0.9, "high": 1.3}), effect(0.5, 0.01), "d"
        )
        assert found.high - found.value > 2 * (found.value - found.low)

    def test_limits_from_a_p_value_leave_out_nought_if_it_is_small(self):
        assert reading.implied_by_p(0.3, 0.05, "e").low == pytest.approx(0, abs=1e-12)
        assert reading.implied_by_p(0.3, 0.01, "e").low > 0
        assert reading.implied_by_p(-0.3, 0.2, "e").high > 0


class TestCombining:
    INDEPENDENT = reading.Question("A question", ("one", "two"))

    def two(self, **changes: object) -> pd.DataFrame:
        rows = [
            {"slug": "one", "value": 0.4, "low": 0.2, "high": 0.6, "unit": "d", "kind": "interval"},
            {
                "slug": "two",
                "value": 0.1,
                "low": 0.0,
                "high": 0.2,
                "unit": "d",
                "kind": "interval",
                **changes,
            },
        ]
        return pd.DataFrame(rows).set_index("slug", drop=False)

    def test_like_and_independent_studies_are_combined(self):
        pooled = reading.combined(self.INDEPENDENT, self.two())
        assert pooled is not None
        by_hand = combine_studies([0.4, 0.1], low=[0.2, 0.0], high=[0.6, 0.2])
        assert pooled.value == pytest.approx(by_hand.value)

    @pytest.mark.parametrize(
        ("question", "changes", "why"),
        [
            (replace(INDEPENDENT, shared="The same people"), {}, "The same people"),
            (replace(INDEPENDENT, same_effect="Two scales"), {}, "Two scales"),
            (replace(INDEPENDENT, compared="Nobody is compared"), {}, "Nobody is compared"),
            (INDEPENDENT, {"unit": "r"}, "Different units"),
            (INDEPENDENT, {"kind": "point"}, "Only one prints an interval"),
        ],
    )
    def test_others_are_refused_with_the_reason(
        self, question: reading.Question, changes: dict[str, object], why: str
    ):
        assert why in reading.refusals(question, self.two(**changes))
        assert reading.combined(question, self.two(**changes)) is None


class TestWords:
    def test_a_number_carries_its_interval_or_says_that_it_has_none(
        self, studies: pd.DataFrame, monkeypatch
    ):
        monkeypatch.setattr(words, "LABELS", {slug: slug for slug in CODING.studies})
        rows = words.panels({"P|unit": tuple(CODING.studies)}, studies).set_index("slug")
        assert rows["text"].to_dict() == {
            "first": "0.50 (0.40 to 0.60)", "again": "0.20, no interval", "wide": "40% to 60%", "told": "",
        }  # fmt: skip
        assert rows["label"].to_dict() == {
            "first": "first", "again": "again", "wide": "wide °", "told": "told °§",
        }  # fmt: skip

    def test_a_study_that_is_not_coded_cannot_be_drawn(self, studies: pd.DataFrame):
        with pytest.raises(LedgerError, match="not coded.*nobody"):
            words.panels({"P|unit": ("nobody",)}, studies)

    def test_the_document_and_the_studies_stand_side_by_side(self, studies: pd.DataFrame):
        cost = Result(
            id="claims.t1.cost", value=94, unit="USD million", made="Quoted.", status="quoted"
        )
        beside = said.set_beside(
            {"T1": ("They find {first}.", "More")}, studies, CODING, ResultBook([cost])
        )
        (row,) = beside.to_dict("records")
        assert row["The document says"] == "It cost $94.0 million in all."
        assert row["The studies held say"] == "They find 0.50 (0.40 to 0.60)."
        assert row["obs"] == ("t:1", "t:2", "t:4")

    def test_a_study_in_words_has_no_number_to_print(self, studies: pd.DataFrame):
        plain = replace(CODING, claims={"T1": {"title": "One", "claim": "It cost much."}})
        with pytest.raises(LedgerError, match="no number.*told"):
            said.set_beside({"T1": ("They find {told}.", "")}, studies, plain, ResultBook())

    def test_interests_are_told_in_the_same_words(self):
        (row,) = said.interests(CODING, SOURCES).to_dict("records")
        assert row == {"Publication": "Title of b", "An author": "sells it"}
