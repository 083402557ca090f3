"""ONS suicides: dataset and workbook laid out as public code reads them; the edition's figures, others made up."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer

from iapt_ledger.edition.tables import table
from iapt_ledger.errors import LedgerError
from iapt_ledger.refresh.merge import merge
from iapt_ledger.refresh.soundness import bounds_check
from iapt_ledger.registry import read_sources
from iapt_ledger.sources.base import ContentError, FetchError, failed
from iapt_ledger.sources.ons_suicides import (
    AREAS,
    DATASET,
    FEED,
    MEASURES,
    NUMBERS,
    RATES,
    TABLES,
)

from .made_files import as_csv, put, raw, workbook, zipped
from .made_ons_suicides import (
    BOOK,
    CODES,
    CONTEXT,
    HELD,
    PAGE,
    VERSION,
    Rows,
    files,
    held,
    numbers,
    rates,
)
from .mutations import Mutation, as_text, mutated, mutations


@pytest.mark.parametrize(("layout", "years"), [(NUMBERS, 23), (RATES, 34)])
def test_the_figures_of_the_edition_come_back_and_whole_years_beside_them(
    layout: str, years: int, tmp_path: Path
) -> None:
    file = raw(tmp_path, "file", files()[layout])
    assert FEED.recognise(file) == layout
    got = FEED.parse(file)
    assert failed(got.checks) == []
    rows = got.tables[CONTEXT]
    assert len(rows) == 3 * years
    old = HELD.table(CONTEXT)
    owned = FEED.owned(CONTEXT, old) & old["measure"].eq(MEASURES[layout])
    merged = merge(table(CONTEXT), old, rows, owned, feed=FEED.name, whole=True)
    assert set(merged.changes["change"]) == {"new"}, "nothing of the edition revised or withdrawn"
    assert merged.unchanged == len(held(layout)) >= 3
    check = bounds_check(table(CONTEXT), rows, set(read_sources(edition=HELD.edition).canonical))
    assert check.passed, check.sentence


def test_a_later_release_stands_under_its_own_name(tmp_path: Path) -> None:
    rows = [*numbers(), ["5000", "2024", "2024", "K04000001", "England and Wales"]]
    got = FEED.parse(raw(tmp_path, "1.csv", as_csv(rows)))
    assert [entry["id"] for entry in got.publications] == ["ons_suicides_2024"]
    assert FEED.owned(CONTEXT, got.tables[CONTEXT]).all()


FAULTS: dict[str, tuple[Callable[[Rows], Rows], str]] = {
    "a header renamed": (put("v4_0", "v4_1", 0), "unknown column; found 'v4_1'; nearest is v4_0"),
    "a column gone": (lambda x: [r[1:] for r in x], "not there; expected v4_0"),
    "a column more": (lambda x: [[*r, "sex"] for r in x], "unknown column; found 'sex'"),
    "an unknown marker": (put("v4_0", ":"), "no number in England and Wales, 2001; found ':'"),
    "less than none": (put("v4_0", "-5105"), "no number in England and Wales, 2001"),
    "no year": (
        put("calendar-years", "2001 to 2003"),
        "no year in England and Wales; found '2001 to 2003'",
    ),
    "a year twice": (lambda x: [*x, x[1]], "a year stands twice; found England and Wales, 2001"),
    "no country": (lambda x: [x[0], *x[-9:]], "nothing of England or Wales"),
    "a row cut short": (lambda x: [*x[:-1], x[-1][:2]], "more or fewer cells"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_of_the_dataset_are_named(fault: str, tmp_path: Path) -> None:
    change, said = FAULTS[fault]
    with pytest.raises(LedgerError, match=f"(?is){said}"):
        FEED.parse(raw(tmp_path, "1.csv", as_csv(change(numbers()))))


@pytest.mark.parametrize(
    ("at", "cell", "said"),
    [
        ((3, 3), "Persons Rate per 1,000", "unknown column.*Persons Rate per 1,000"),
        ((3, 1), "", "not there once; expected Year of death registration"),
        ((4, 0), "Scotland", "other areas than its own.*expected England and Wales"),
        ((4, 3), "[x]", "no number in England and Wales, 2023"),
        ((5, 1), 2023, "year stands twice; found England and Wales, 2023"),
    ],
)
def test_faults_of_the_workbook_are_named(
    at: tuple[int, int], cell: object, said: str, tmp_path: Path
) -> None:
    sheets = rates()
    sheets["Table_1"][at[0]][at[1]] = cell
    with pytest.raises(LedgerError, match=f"(?is){said}"):
        FEED.parse(raw(tmp_path, "main.xlsx", workbook(sheets)))


def test_a_workbook_without_a_sheet_is_refused(tmp_path: Path) -> None:
    sheets = rates()
    del sheets["Table_2"]
    with pytest.raises(ContentError, match="Table_2"):
        FEED.parse(raw(tmp_path, "main.xlsx", workbook(sheets)))


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (put("v4_0", "51050"), "bounds"),
        (lambda rows: [r for r in rows if r[1:5:3] != ["2014", "Wales"]], "periods"),
    ],
)
def test_a_value_out_of_bounds_and_a_missing_year_fail_their_rules(
    change: Callable[[Rows], Rows], rule: str, tmp_path: Path
) -> None:
    checks = FEED.parse(raw(tmp_path, "1.csv", as_csv(change(numbers())))).checks
    assert {c.rule for c in checks if not c.passed} == {rule}


@pytest.mark.parametrize(
    "data",
    [b"<!DOCTYPE html><html>x</html>", b"", b"\x00", zipped({"a": b"x"}), workbook({"S": [["x"]]})],
)
def test_what_is_neither_is_refused(data: bytes, tmp_path: Path) -> None:
    file = raw(tmp_path, "x", data)
    assert FEED.recognise(file) is None
    with pytest.raises(ContentError):
        FEED.parse(file)


@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(change=st.lists(mutations(), min_size=1, max_size=2))
def test_a_broken_file_gives_its_own_values_or_a_named_fault(
    change: list[Mutation], tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = as_csv(numbers())
    for one in change:
        data = mutated(data, *one) or b"x"
    try:
        got = FEED.parse(raw(tmp_path_factory.mktemp("fuzz"), "1.csv", data))
    except LedgerError as error:
        assert str(error)
        return
    cells = {}
    for told in csv.DictReader(io.StringIO(as_text(data), newline="")):
        clean = {str(k).strip(): str(v).strip() for k, v in told.items()}
        area = CODES.get(clean["administrative-geography"], "")
        cells[f"{area}, {clean['calendar-years']}"] = clean["v4_0"]
    for one in got.tables[CONTEXT].itertuples():
        assert one.geography in AREAS
        assert one.value == cells[str(one.locator)]


OLDER = f"/file?uri={TABLES}/2022registrations/suicides2022.xlsx"


def serve(server: HTTPServer, client: Callable[..., Any], links: list[str]) -> Any:
    described = json.dumps({"links": {"latest_version": {"href": VERSION, "id": "1"}}})
    server.expect_request(f"/api/v1/datasets/{DATASET}").respond_with_data(
        described, content_type="application/json"
    )
    server.expect_request(
        f"/downloads/datasets/{DATASET}/editions/2023/versions/1.csv"
    ).respond_with_data(files()[NUMBERS])
    page = "".join(f'<a href="{link}">xlsx</a>' for link in links)
    server.expect_request(PAGE).respond_with_data(f"<!doctype html><html>{page}</html>")
    hosts = ("api.beta.ons.gov.uk", "download.ons.gov.uk", "www.ons.gov.uk")
    bases = (server.url_for("/api"), server.url_for(""), server.url_for(""))
    return client(dict(zip(hosts, bases, strict=True)))


def test_the_dataset_and_the_newest_workbook_are_asked_for(
    server: HTTPServer, client: Callable[..., Any]
) -> None:
    get = serve(server, client, ["/about", BOOK, OLDER])
    query = {"uri": f"{TABLES}/current/mainaccessible.xlsx"}
    server.expect_request("/file", query_string=query).respond_with_data(files()[RATES])
    got = [FEED.parse(file) for file in FEED.fetch(get, HELD)]
    assert [one.layout for one in got] == [NUMBERS, RATES]


def test_what_cannot_be_had_does_not_lose_the_other(
    server: HTTPServer, client: Callable[..., Any]
) -> None:
    got = []
    get = serve(server, client, ["/about", "https://example.org/x.xlsx"])
    with pytest.raises(FetchError, match="links to no workbook"):
        for file in FEED.fetch(get, HELD):
            got.append(FEED.parse(file).layout)
    assert got == [NUMBERS]
    server.clear()
    get = serve(server, client, [BOOK])
    server.expect_request("/file").respond_with_data("<!doctype html><html>x</html>" * 20)
    with pytest.raises(FetchError, match="web page"):
        list(FEED.fetch(get, HELD))
