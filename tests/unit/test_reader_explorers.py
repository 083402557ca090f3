"""Tools of the page: the chapters' tables packed without loss, and put below their figures."""

import csv
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from iapt_ledger.errors import LedgerError
from iapt_ledger.reader.explorers import CALCULATOR, choices, put_explorers, services
from iapt_ledger.reader.page import page_of, page_text

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUE = st.floats(0, 200).map(lambda value: f"{value:.5g}")
ROW = st.fixed_dictionaries(
    {"whose cost": TEXT, "what": TEXT, "way": st.integers(0, 9).map(str), "value": VALUE}
    | {"low": st.one_of(st.just(""), VALUE), "high": st.one_of(st.just(""), VALUE)}
)


@given(st.lists(ROW, min_size=1, max_size=8))
def test_packed_combinations_give_their_rows_back(rows: list[dict[str, str]]) -> None:
    packed = json.loads(json.dumps(choices(rows)))
    for row, given_row in zip(packed["rows"], rows, strict=True):
        for (name, options), place in zip(packed["dimensions"], row, strict=False):
            assert options[place] == given_row[name]
        way, *numbers = row[len(packed["dimensions"]) :]
        assert str(way) == given_row["way"]
        for number, name in zip(numbers, ("value", "low", "high"), strict=True):
            text = given_row[name]
            assert (number is None) == (text == "")
            assert number is None or number == float(text)


def test_packed_services_keep_codes_as_text() -> None:
    rows = [{"code": "001", "name": "A", "value": "50.0", "rank": "7"}]
    assert services(rows) == {"columns": list(rows[0]), "rows": [["001", "A", 50, 7]]}


def written(tmp_path: Path, name: str) -> None:
    file = tmp_path / CALCULATOR.file
    file.parent.mkdir()
    row = {"whose cost": name, "way": 0, "value": 45, "low": 44, "high": 46}
    with file.open("w", encoding="utf8", newline="") as text:
        writer = csv.DictWriter(text, list(row))
        writer.writeheader()
        writer.writerow(row)


BODY = (
    '<main><div class="cell"><div id="fig-ways">picture</div></div>'
    '<div class="fig-source">source</div><p>after</p></main>'
)


def test_a_tool_stands_below_its_figures_source_line_and_no_text_in_it_is_markup(
    tmp_path: Path,
) -> None:
    hostile = "</script><img src=x onerror=alert(1)>"
    written(tmp_path, hostile)
    page = page_of(f"<html><head></head><body>{BODY}</body></html>", tmp_path)
    put_explorers(page)
    tree = html.fromstring(page_text(page))
    section = tree.get_element_by_id("calculator")
    assert section.getprevious().get("class") == "fig-source"
    assert section.getnext().text == "after"
    assert section.xpath(".//a/@href") == ["downloads/ways.csv"]
    assert not tree.xpath("//img")
    data = json.loads(tree.get_element_by_id("calculator-data").text)
    assert data["dimensions"] == [["whose cost", [hostile]]]


def test_a_missing_table_is_named_with_what_makes_it(tmp_path: Path) -> None:
    page = page_of(f"<html><head></head><body>{BODY}</body></html>", tmp_path)
    with pytest.raises(LedgerError, match=r"ways\.csv.*snakemake"):
        put_explorers(page)


def test_an_empty_table_is_named_with_what_stands_in_it(tmp_path: Path) -> None:
    file = tmp_path / CALCULATOR.file
    file.parent.mkdir()
    file.write_text("whose cost,way,value,low,high\n", encoding="utf8")
    page = page_of(f"<html><head></head><body>{BODY}</body></html>", tmp_path)
    with pytest.raises(LedgerError, match=r"no rows in .*robustness/ways\.csv.*snakemake"):
        put_explorers(page)


def test_a_page_without_the_figures_is_left_alone(tmp_path: Path) -> None:
    text = "<html><head></head><body><main><p>x</p></main></body></html>"
    page = page_of(text, tmp_path)
    put_explorers(page)
    assert not page.tree.xpath("//section | //script")
