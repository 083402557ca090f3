"""The data behind charts as tables: complete, readable, and text whatever stands in them."""

import csv

from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from iapt_ledger.reader.page import page_of, page_text
from iapt_ledger.reader.pictures import mark_tools
from iapt_ledger.reader.tables import MOST_ROWS, behind, foretell_tables, put_data, read

PAGE = (
    "<!doctype html><html><head><title>A report</title></head><body><main>"
    '<div id="fig-a"><figure><div></div><figcaption><span>Figure\u00a01:</span> What rose. By year.'
    '</figcaption></figure></div><div class="fig-source"><p>Source: x.</p>'
    '<p><a href="downloads/fig-a.csv">Data (CSV)</a></p></div></main></body></html>'
)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30)


def finished(folder, columns, rows):
    chapter = folder / "topic"
    chapter.mkdir(exist_ok=True)
    with (chapter / "fig-a.csv").open("w", encoding="utf8", newline="") as opened:
        csv.writer(opened, lineterminator="\n").writerows([columns, *rows])
    page = page_of(PAGE, folder, "2026-11-22")
    mark_tools(page)
    put_data(page)
    return html.fromstring(page_text(page))


def cells(table, tag="td"):
    return [[c.text_content() for c in row.iter(tag)] for row in table.iter("tr")]


def test_a_short_table_stands_below_its_chart_with_what_is_the_same_said_once(tmp_path):
    columns = ["measure", "period", "value", "press", "unit", "low", "sources", "observations"]
    rows = [
        ["moved_to_recovery", "2013-14", "1234567.8", "True", "people", "", "A B", "t:1"],
        ["all", "2014-15", "-0.123456", "False", "people", "", "A", "t:2-4"],
    ]
    tree = finished(tmp_path, columns, rows)
    (link,) = tree.xpath("//p[@class='tools']/a")
    assert link.text == "Data (CSV, 2 rows)"
    (details,) = tree.iter("details")
    assert details.find("summary").text == "Data of Figure 1 as a table"
    assert details.find(".//caption").text.endswith("In all rows: unit people.")
    assert cells(details, "th")[0] == ["measure", "period", "value", "press"]
    assert cells(details)[1:] == [
        ["moved to recovery", "2013-14", "1,234,568", "yes"],
        ["all", "2014-15", "−0.1235", "no"],
    ]


def test_a_long_table_is_offered_as_a_file_alone(tmp_path):
    tree = finished(tmp_path, ["value"], [[str(n)] for n in range(MOST_ROWS + 1)])
    assert not list(tree.iter("details"))
    assert tree.xpath("string(//p[@class='tools']/a)") == "Data (CSV, 41 rows)"


def test_a_box_says_how_high_its_table_will_be_beside_what_it_says_already(tmp_path):
    rows = "<tr><td>x</td></tr>" * 10
    table = f'<div class="table-scroll" style="--least: 20rem"><table>{rows}</table></div>'
    page = page_of(PAGE.replace("<main>", f"<main>{table}"), tmp_path)
    foretell_tables(page)
    assert 'style="--least: 20rem; --height: 22"' in page_text(page)


def test_a_citation_names_the_chart_the_report_and_the_edition(tmp_path):
    tree = finished(tmp_path, ["value"], [["1"]])
    (line,) = tree.xpath("//p[@class='tools']")
    assert line.get("data-cite") == "Figure 1: What rose. In: A report. Edition 2026-11-22."


@given(st.lists(st.tuples(TEXT, TEXT), min_size=2, max_size=6))
def test_texts_are_text_and_every_row_is_there(rows):
    made = behind("Figure 1", ["place", "words"], [list(row) for row in rows])
    again = html.fromstring(html.tostring(made, encoding="unicode"))
    tags = {"details", "summary", "div", "table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert {element.tag for element in again.iter()} <= tags
    for position, name in enumerate(("place", "words")):
        column = [row[position] for row in rows]
        if len(set(column)) > 1:
            shown = cells(again)[1:]
            assert len(shown) == len(rows)
            assert name in cells(again, "th")[0]


def test_codes_years_and_unreadable_numbers_stay_as_they_are(tmp_path):
    rows = [["007", "2013", "12345", "1e400x"], ["8J766", "2014", "23456", "nan"]]
    tree = finished(tmp_path, ["label", "year", "code", "said"], rows)
    assert cells(tree)[1:] == rows


def test_reading_a_file_gives_its_columns_and_rows(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text('a,b\n"1, one",\n', encoding="utf8")
    assert read(file) == (["a", "b"], [["1, one", ""]])
