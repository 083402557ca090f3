"""The ledger's form: its choices in the report's order and words, and none lost."""

import json
from itertools import pairwise
from pathlib import Path

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from iapt_ledger.build.offered.names import LEDGER
from iapt_ledger.reader.ledger_filter import ORDER, fields, put_filter
from iapt_ledger.reader.page import page_of

VALUE = {name: st.sampled_from([*order, "another", "words"]) for name, order in ORDER.items()}


@given(st.lists(st.fixed_dictionaries(VALUE), max_size=6))
def test_every_value_can_be_chosen_once_and_the_known_ones_in_their_order(
    claims: list[dict[str, str]],
) -> None:
    for name, _, options in fields(claims):
        values = [value for value, _ in options]
        assert sorted(values) == sorted({claim[name] for claim in claims})
        known = [ORDER[name].index(value) for value in values if value in ORDER[name]]
        assert all(one < other for one, other in pairwise(known))
        assert values[: len(known)] == [value for value in values if value in ORDER[name]]


def test_choices_have_the_reports_words() -> None:
    (claim,) = [{"document": "timimi2015", "verdict": "supported", "grade": "", "topic": "cost"}]
    assert fields([claim]) == [
        ("document", "Document", [("timimi2015", "The editorial")]),
        ("verdict", "Verdict", [("supported", "Supported")]),
        ("grade", "Grade", [("", "No grade")]),
        ("topic", "Topic", [("cost", "Cost")]),
    ]


def test_rows_and_sections_are_marked_and_the_form_stands_before_the_first_table(
    tmp_path: Path,
) -> None:
    file = tmp_path / LEDGER
    file.parent.mkdir()
    row = {"claim": "T01", "document": "timimi2015", "topic": "cost", "grade": "low"}
    pd.DataFrame([row | {"verdict": "supported"}]).to_csv(file, index=False)
    body = (
        '<main><h3>Claims</h3><div id="tbl-ledger-editorial"><table>'
        '<tr><td><a href="#T01">T01</a></td></tr></table></div>'
        '<div class="claims"><h4 id="T01">One</h4><div class="evidence">It.</div></div></main>'
    )
    page = page_of(f"<html><head></head><body>{body}</body></html>", tmp_path)
    put_filter(page)
    assert page.tree.xpath("//main/*[1]/@id") == ["ledger-filter"]
    assert page.tree.xpath("//*[@data-claim='T01']/@id") == ["T01", "T01-evidence"]
    assert len(page.tree.xpath("//tr[@data-claim='T01']")) == 1
    data = json.loads(
        html.tostring(page.tree.get_element_by_id("ledger-filter-data"), method="text")
    )
    assert data["claims"] == {
        "T01": {name: (row | {"verdict": "supported"})[name] for name in ORDER}
    }
