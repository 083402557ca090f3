"""Results: what is refused, how ids are joined, how texts are nested."""

import json
import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from iapt_ledger.build.merge import merge_results, results_document, variables_document
from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.results import Result, ResultBook, compact_observations, read_results


def a_result(**changes):
    fields = {
        "id": "delivered.recovery.y2024_25",
        "value": 50.5,
        "unit": "percent",
        "made": "Recovered divided by eligible.",
        "observations": ("t:1",),
    }
    return Result(**(fields | changes))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": "Recovery"}, "dotted lower-case"),
        ({"id": "recovery"}, "dotted lower-case"),
        ({"value": math.nan}, "finite"),
        ({"value": math.inf}, "finite"),
        ({"low": 1.0}, "come together"),
        ({"low": 51.0, "high": 52.0, "interval": "x"}, "outside its interval"),
        ({"low": 50.0, "high": 52.0}, "no name"),
        ({"unit": "GBP"}, "price base"),
        ({"made": "No stop"}, "full stop"),
        ({"observations": ()}, "no observation"),
    ],
)
def test_a_malformed_result_is_refused_with_its_reason(change, said):
    with pytest.raises(Faults, match=said):
        ResultBook([a_result(**change)])


def test_all_faults_of_a_result_are_told_at_once():
    with pytest.raises(Faults) as caught:
        ResultBook([a_result(unit="GBP", made="No stop", observations=())])
    assert len(caught.value.faults) == 3


def test_an_id_stands_once():
    with pytest.raises(Faults, match="stands already"):
        ResultBook([a_result(), a_result()])


def test_an_id_that_is_a_prefix_of_another_is_refused_on_merging():
    longer = a_result(id="delivered.recovery.y2024_25.low_intensity")
    with pytest.raises(Faults, match="prefix"):
        merge_results([[a_result()], [longer]])


def test_two_chapters_with_one_id_are_refused_naming_it():
    with pytest.raises(Faults, match=r"delivered\.recovery\.y2024_25"):
        merge_results([[a_result()], [a_result()]])


def test_an_unknown_result_names_the_choices():
    with pytest.raises(LedgerError, match=r"delivered\.recovery\.y2024_25"):
        ResultBook([a_result()])["delivered.nothing"]


def test_an_interval_whose_ends_print_alike_is_kept_and_not_printed():
    narrow = a_result(value=32.0, low=31.9, high=32.1, digits=0, interval="95% Wilson interval")
    assert narrow.range_text == ""
    assert narrow.record()["low"] == 31.9
    assert a_result(value=1.1, low=1.04, high=1.2, interval="x").range_text == "1.0% to 1.2%"


def test_texts_are_nested_and_ranges_stand_beside_them():
    book = ResultBook([a_result(low=50.4, high=50.6, interval="95% Wilson interval")])
    tree = yaml.safe_load(variables_document(book, "2026-11-22"))
    assert tree == {
        "edition": "2026-11-22",
        "edition_words": "22 November 2026",
        "delivered": {"recovery": {"y2024_25": "50.5%", "y2024_25_range": "50.4% to 50.6%"}},
    }


def test_an_edition_whose_name_is_no_date_is_printed_as_it_is():
    tree = yaml.safe_load(variables_document(ResultBook([a_result()]), "try-out"))
    assert tree["edition_words"] == "try-out"


def test_results_written_are_the_results_read(tmp_path):
    book = ResultBook([a_result(low=50.4, high=50.6, interval="95% Wilson interval")])
    book.write(tmp_path / "r.json")
    assert list(read_results(tmp_path / "r.json")) == list(book)


def test_results_json_does_not_depend_on_the_order_of_chapters():
    one, two = a_result(id="a.b"), a_result(id="c.d")
    documents = {
        results_document(merge_results(parts), "e") for parts in ([[one], [two]], [[two], [one]])
    }
    assert len(documents) == 1
    assert json.loads(documents.pop())["edition"] == "e"


@given(st.sets(st.integers(1, 60), min_size=1))
def test_joined_observations_say_the_same_rows(rows):
    (joined,) = compact_observations(f"t:{row}" for row in rows)
    found = set()
    for run in joined.removeprefix("t:").split(","):
        first, _, last = run.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    assert found == rows


def test_columns_of_wide_tables_are_kept_apart():
    assert compact_observations(["w:1:a", "w:2:a", "w:1:b"]) == ("w:1-2:a", "w:1:b")


def test_digits_that_depend_on_the_machine_are_not_kept():
    one, other = (a_result(value=v) for v in (0.4443482460887104, 0.4443482460887103))
    assert one == other
    assert a_result(value=7).value == 7
    assert a_result(value=56_286_961.25).value == 56_286_961.25


def test_a_range_whose_ends_print_alike_is_still_there_for_prose_that_asks():
    close = a_result(low=50.49, high=50.51, interval="rounding", digits=1)
    assert close.range_text == ""
    tree = ResultBook([close]).variables()
    assert tree["delivered"]["recovery"]["y2024_25_range"] == close.text
    exact = ResultBook([a_result(interval="rounding")]).variables()["delivered"]["recovery"]
    assert exact["y2024_25_range"] == close.text
    none = ResultBook([a_result()]).variables()["delivered"]["recovery"]
    assert "y2024_25_range" not in none
