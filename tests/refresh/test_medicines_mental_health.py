"""Medicines Used in Mental Health in the layout that its makers' own program writes, and what it may come to be.

No real workbook is beside the checkout: months are the real sums of the English Prescribing Dataset, and years agree
with the rounded key findings that the edition holds.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer

from iapt_ledger.edition.tables import TABLES
from iapt_ledger.errors import LedgerError
from iapt_ledger.refresh.bring import bring
from iapt_ledger.refresh.merge import merge
from iapt_ledger.registry import read_sources
from iapt_ledger.sources.base import failed
from iapt_ledger.sources.medicines_mental_health import FEED, QUARTERLY, YEARLY
from iapt_ledger.sources.prescribing.sums import ANNUAL, MONTHLY

from .made_files import raw, workbook, zipped
from .made_medicines_mental_health import (
    HELD,
    HOST,
    SERIES,
    Sheet,
    held_months,
    quarterly,
    yearly,
)

Make = Callable[..., Any]


def test_years_agree_with_the_key_findings_that_they_take_the_place_of(tmp_path: Path) -> None:
    file = raw(tmp_path, "mumh_bnf0403_2024_25_v001.xlsx", workbook(yearly()))
    assert FEED.recognise(file) == YEARLY
    parsed = FEED.parse(file)
    assert failed(parsed.checks) == []
    new = parsed.tables[ANNUAL].set_index(["period_start", "measure"])["value"]
    old = HELD.table(ANNUAL)
    old = old[FEED.owned(ANNUAL, old)]
    for row in old.to_dict("records"):
        exact = float(new[row["period_start"], row["measure"]]) / float(row["unit_scale"])
        digits = len(row["value"].partition(".")[2])
        assert round(exact, digits) == float(row["value"])
    assert len(old) == 9
    merged = merge(
        TABLES[ANNUAL],
        HELD.table(ANNUAL),
        parsed.tables[ANNUAL],
        FEED.owned(ANNUAL, HELD.table(ANNUAL)),
        feed=FEED.name,
        whole=True,
    )
    assert merged.changes["change"].value_counts().to_dict() == {"new": 15, "withdrawn": 9}


def test_quarters_and_months_are_read_and_held_together(tmp_path: Path) -> None:
    file = raw(tmp_path, "mumh_bnf0403_Sep_24.xlsx", workbook(quarterly()))
    assert FEED.recognise(file) == QUARTERLY
    parsed = FEED.parse(file)
    assert failed(parsed.checks) == []
    table = parsed.tables[MONTHLY]
    assert table["period_type"].value_counts().to_dict() == {"month": 18, "quarter": 9}
    items = table[table["measure"].eq("items")].set_index(["period_start", "period_end"])["value"]
    for month, value in held_months().items():
        found = items.xs(f"{month}-01", level=0)
        assert str(value) in set(found)
    assert int(items["2024-07-01", "2024-09-30"]) == sum(list(held_months().values())[6:])
    assert "2024-01-01" in set(table.loc[table["period_type"].eq("quarter"), "period_start"])


def page(server: HTTPServer, path: str, *links: str) -> None:
    anchors = "".join(f'<a href="{link}">x</a>' for link in links)
    body = f"<!doctype html><html><body>{anchors}</body></html>"
    server.expect_request(path).respond_with_data(body, content_type="text/html")


def published(server: HTTPServer) -> dict[str, str]:
    """The page of the series with two releases below it."""
    page(server, f"/p{SERIES}", f"{SERIES}/quarterly-2024", f"{SERIES}/annual-2025")
    old, new = (
        "/sites/default/files/mumh_bnf0403_Dec_23.xlsx",
        "/sites/files/mumh_bnf0403_Sep_24.xlsx",
    )
    page(server, f"/p{SERIES}/quarterly-2024", old, new, "/sites/mumh_bnf0404_Sep_24.xlsx")
    page(server, f"/p{SERIES}/annual-2025", "/sites/files/mumh_bnf0403_2024_25_v001.xlsx")
    server.expect_request(f"/p{new}").respond_with_data(workbook(quarterly()))
    server.expect_request("/p/sites/files/mumh_bnf0403_2024_25_v001.xlsx").respond_with_data(
        workbook(yearly())
    )
    return {HOST: server.url_for("/p")}


def test_the_newest_tables_of_each_kind_are_found_and_taken(
    server: HTTPServer, client: Make
) -> None:
    get = client(published(server))
    brought = bring(FEED, get, HELD, read_sources(edition=HELD.edition), lambda _: ())
    assert brought.failures == []
    assert [t.file.name for t in brought.files] == [
        "mumh_bnf0403_2024_25_v001.xlsx",
        "mumh_bnf0403_Sep_24.xlsx",
    ]
    assert {n: len(rows) for n, rows in brought.tables.items()} == {ANNUAL: 15, MONTHLY: 27}


def test_a_page_in_place_of_a_workbook_is_refused_and_the_other_one_counts(
    server: HTTPServer, client: Make
) -> None:
    name = "/p/sites/files/mumh_bnf0403_Sep_24.xlsx"
    server.expect_request(name).respond_with_data("<html>Not found</html>")
    mirrors = published(server)
    brought = bring(FEED, client(mirrors), HELD, read_sources(edition=HELD.edition), lambda _: ())
    assert set(brought.tables) == {ANNUAL}
    assert "put a page in the place of the file" in " ".join(brought.failures)


def test_a_page_without_tables_is_told(server: HTTPServer, client: Make) -> None:
    page(server, f"/p{SERIES}", "/elsewhere")
    with pytest.raises(LedgerError, match="no workbook named"):
        list(FEED.fetch(client({HOST: server.url_for("/p")}), HELD))


def changed(row: int, column: int, value: object) -> Callable[[Sheet], Sheet]:
    def make(cells: Sheet) -> Sheet:
        out = [list(r) for r in cells]
        out[row][column] = value
        return out

    return make


FAULTS: dict[str, tuple[Callable[[Sheet], Sheet], str]] = {
    "a header renamed": (changed(3, 5, "Items dispensed"), "no row of headings.*total items"),
    "a new column": (
        lambda c: [[*r, "x"] if i > 2 else r for i, r in enumerate(c)],
        "unknown column",
    ),
    "a column gone": (
        lambda c: [r[:-1] if i > 2 else r for i, r in enumerate(c)],
        "column is not there.*Net Ingredient",
    ),
    "another section": (changed(4, 2, "0404"), "another section.*'0404'"),
    "an unknown flag": (changed(4, 3, "U"), "unknown flag.*'U'"),
    "a period twice": (lambda c: [*c, c[-1]], "row comes twice"),
    "half a period": (lambda c: c[:-1], "period lacks a row"),
    "a marker": (changed(4, 5, "*"), r"items cannot be that.*'\*'"),
    "an empty cell": (changed(4, 6, None), "nic cannot be that"),
    "patients without a number": (changed(5, 4, 12), "patients cannot be that"),
    "half an item": (changed(4, 5, 10.5), "items cannot be that"),
    "below nothing": (changed(4, 5, -3), "items cannot be that"),
    "a year of three": (changed(4, 0, "2020/2023"), "year cannot be read"),
    "no rows": (lambda c: c[:4], "no rows"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_content_faults_are_named(fault: str, tmp_path: Path) -> None:
    make, said = FAULTS[fault]
    book = yearly()
    book["National_Total"] = make(book["National_Total"])
    with pytest.raises(LedgerError, match=f"(?si){said}"):
        FEED.parse(raw(tmp_path, "x.xlsx", workbook(book)))


def test_a_missing_month_and_totals_that_do_not_add_up_are_told(tmp_path: Path) -> None:
    book = quarterly()
    book["Monthly_Section"] = [r for r in book["Monthly_Section"] if "202405" not in r]
    checks = FEED.parse(raw(tmp_path, "x.xlsx", workbook(book))).checks
    assert next(c.sentence for c in checks if not c.passed).endswith("after 2024-04-01.")
    book = quarterly()
    book["National_Total"] = changed(4, 6, 1_000_000)(book["National_Total"])
    checks = FEED.parse(raw(tmp_path, "x.xlsx", workbook(book))).checks
    assert [c.rule for c in checks if not c.passed] == ["totals"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html></html>",
        b"a,b\n1,2\n",
        workbook(yearly())[:900],
        zipped({"../x.xml": b"x"}),
        workbook({"Sheet1": [["x"]]}),
    ],
)
def test_other_files_are_not_known(data: bytes, tmp_path: Path) -> None:
    file = raw(tmp_path, "x.xlsx", data)
    assert FEED.recognise(file) is None
    with pytest.raises(LedgerError):
        FEED.parse(file)


@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(
    edits=st.lists(
        st.tuples(
            st.integers(3, 13),
            st.integers(0, 6),
            st.one_of(st.none(), st.integers(), st.text(max_size=4)),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_a_changed_sheet_gives_its_own_values_or_a_named_fault(
    edits: list[tuple[int, int, object]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    book = yearly()
    for row, column, value in edits:
        if isinstance(value, str):
            value = "".join(c for c in value if c.isprintable())
        book["National_Total"] = changed(row, column, value)(book["National_Total"])
    try:
        file = raw(tmp_path_factory.mktemp("fuzz"), "x.xlsx", workbook(book))
        parsed = FEED.parse(file)
    except LedgerError as error:
        assert str(error)
        return
    found = parsed.tables[ANNUAL]
    items = found[found["measure"].eq("items")]["value"].astype(int).sum()
    assert items == sum(int(str(row[5])) for row in book["National_Total"][4:])
