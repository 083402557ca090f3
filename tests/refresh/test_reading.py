"""Readers that all feeds share: text, archives, workbooks, headers, periods, markers, links, addresses."""

from __future__ import annotations

import gzip
import io
import zipfile

import pandas as pd
import pytest
import rars
from hypothesis import given
from hypothesis import strategies as st

from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.sources.base import ContentError
from iapt_ledger.sources.reading.addresses import series
from iapt_ledger.sources.reading.archives import gunzipped, members, read_member
from iapt_ledger.sources.reading.headers import matched
from iapt_ledger.sources.reading.kinds import kind
from iapt_ledger.sources.reading.links import links
from iapt_ledger.sources.reading.markers import numbers, statuses, unknown_cells
from iapt_ledger.sources.reading.periods import (
    day,
    month,
    month_in_name,
    year_bounds,
    year_in_name,
)
from iapt_ledger.sources.reading.text import decoded, read_csv
from iapt_ledger.sources.reading.workbooks import Workbook, row_with

from .made_files import workbook, zipped

TABLE = 'code,name,value\nA1,Ynys Môn,5\nB2,"one, two",*\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_table_is_the_same_in_every_encoding(encoding: str) -> None:
    frame = read_csv(TABLE.encode(encoding), "t")
    assert frame.columns.tolist() == ["code", "name", "value"]
    assert frame.to_numpy().tolist() == [["A1", "Ynys Môn", "5"], ["B2", "one, two", "*"]]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "found nothing"),
        (b"\xef\xbb\xbf\n", "found nothing"),
        (b"<!DOCTYPE html><html><body>Sorry</body></html>", "a web page"),
        (b"PK\x03\x04" + b"x" * 50, "found zip"),
        (b"a,b\n1,2\x00\n", "no text"),
        (b"a,b\n1,\x07\n", "U+0007"),
        (b"a,b\n1,\x81\n", "no encoding that is known"),
        (b"a,b\n1,2\n3\n", "row 3 has 1 cells"),
        (b"a,b\n1,2,3\n", "row 2 has 3 cells"),
        (b"a,a\n1,2\n", "a name twice"),
        (b'a,b\n1,"2\n3,4\n', "not closed"),
    ],
)
def test_what_is_no_whole_table_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(ContentError, match=said.replace("+", r"\+")):
        read_csv(data, "t")


def test_empty_rows_at_the_end_are_dropped_and_blanks_around_cells_do_not_count() -> None:
    frame = read_csv(b" a ,b\r\n 1 , * \r\n,\r\n,\r\n", "t")
    assert frame.to_dict("list") == {"a": ["1"], "b": ["*"]}


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_a_named_fault(data: bytes) -> None:
    try:
        frame = read_csv(data, "t")
    except ContentError:
        return
    assert all(isinstance(cell, str) for cell in frame.to_numpy().ravel())


def test_decoding_never_loses_a_character() -> None:
    assert decoded("£5 – half".encode("cp1252"), "t") == "£5 – half"


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"{}", "json"),
        (b"a,b", "text"),
        (gzip.compress(b"a", mtime=0), "gzip"),
        (zipped({"a.csv": b"a"}), "zip"),
        (workbook({"S": [["a"]]}), "workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old workbook"),
    ],
)
def test_kinds_are_told_by_content(data: bytes, found: str) -> None:
    assert kind(data) == found


def test_one_member_is_found_by_its_name_in_zip_and_rar() -> None:
    builder = rars.RarBuilder()
    builder.add_bytes(b"a\n1\n", "folder/Main-CSV.csv")
    builder.add_bytes(b"b\n1\n", "folder/other.csv")
    for data in (
        zipped({"folder/Main-CSV.csv": b"a\n1\n", "folder/other.csv": b"b"}),
        builder.to_bytes(),
    ):
        assert read_member(data, "*main*.csv", "t") == ("Main-CSV.csv", b"a\n1\n")
        with pytest.raises(ContentError, match="valid choices are folder/Main-CSV.csv"):
            read_member(data, "*.csv", "t")
        with pytest.raises(ContentError):
            read_member(data[: len(data) * 2 // 3], "*main*.csv", "t")


@pytest.mark.parametrize("name", ["../out.csv", "/etc/out.csv", "a/../../out.csv", "C:\\out.csv"])
def test_paths_that_leave_the_folder_are_refused(name: str) -> None:
    with pytest.raises(ContentError, match="leaves its folder"):
        members(zipped({name: b"x"}), "t")


def test_bombs_are_refused_before_they_are_unpacked() -> None:
    large = b"\0" * 3_000_000
    with pytest.raises(ContentError, match="at most 1,000,000 bytes"):
        members(zipped({"a.csv": large}), "t", most=1_000_000)
    with pytest.raises(ContentError, match="unpacks to too much"):
        gunzipped(gzip.compress(large), "t", most=1_000_000)
    with pytest.raises(ContentError, match="at most 100 bytes"):
        Workbook(workbook({"S": [["a"]]}), "t", most=100)


def test_a_zip_that_lies_about_its_sizes_is_broken() -> None:
    data = bytearray(zipped({"a.csv": b"b" * 2000}))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        start = archive.start_dir
    data[start + 24 : start + 28] = (10).to_bytes(4, "little")
    with pytest.raises(ContentError):
        read_member(bytes(data), "a.csv", "t", most=100)


@pytest.mark.parametrize("cut", [30, 200, -40, -5])
def test_a_workbook_cut_short_is_broken(cut: int) -> None:
    with pytest.raises(ContentError):
        Workbook(workbook({"S": [["a", 1]]})[:cut], "t")


def test_a_cell_far_out_does_not_fill_the_memory() -> None:
    sheet = b'<worksheet><sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    files = {"[Content_Types].xml": b"<Types/>", "xl/worksheets/sheet1.xml": sheet}
    with pytest.raises(ContentError, match="at most 20,000,000 cells"):
        Workbook(zipped(files), "t")


def test_cells_of_a_workbook_are_text_and_formulas_are_not_worked_out() -> None:
    book = Workbook(workbook({"Table 1 ": [[None], ["=1+1", 12.0, 0.25, None, " x "]]}), "t")
    assert book.sheets == ["Table 1 "]
    assert book.rows("table 1")[1] == ["=1+1", "12", "0.25", "", "x"]
    assert row_with(book.rows("Table 1"), ["X", "0.25"], "t") == 1
    with pytest.raises(ContentError, match="nearest is Table 1"):
        book.rows("Table 2")


def test_every_fault_of_a_header_is_told_at_once() -> None:
    known = {"Org_Code": "code", "Count_First": "first", "Count_Accessing": "first", "Extra": ""}
    assert matched(["OrgCode", "CountFirst", "EXTRA"], known, ["code", "first"], "t", "L") == {
        "OrgCode": "code",
        "CountFirst": "first",
    }
    with pytest.raises(Faults) as caught:
        matched(["OrgCod", "CountFirst", "Count_Accessing"], known, ["code"], "t", "L")
    text = str(caught.value)
    assert "found 'OrgCod'; nearest is Org_Code" in text
    assert "expected Org_Code" in text
    assert "Two columns for one thing" in text


@pytest.mark.parametrize(
    ("text", "iso"), [("2025-06-30", "2025-06-30"), ("30/06/2025", "2025-06-30")]
)
def test_dates_in_both_styles(text: str, iso: str) -> None:
    assert str(day(text, "t")) == iso


@pytest.mark.parametrize("text", ["06/30/2025", "2025-02-30", "30/6/25", "", "45838"])
def test_other_dates_are_refused(text: str) -> None:
    with pytest.raises(ContentError, match="A date cannot be read"):
        day(text, "t")


def test_months_and_years_are_whole() -> None:
    assert month("01/02/2024", "29/02/2024", "t") == "2024-02"
    with pytest.raises(ContentError, match="no whole month"):
        month("2024-02-01", "2024-02-28", "t")
    assert [str(d) for d in year_bounds("2024-25")] == ["2024-04-01", "2025-03-31"]
    with pytest.raises(ContentError, match="No financial year"):
        year_bounds("2024-26")


def test_every_known_address_tells_its_period_in_its_name() -> None:
    for address in series("talking_therapies_monthly").files:
        assert month_in_name(address.url.rsplit("/", 1)[-1]) == address.period
    for feed in ("talking_therapies_annual", "talking_therapies_annual_older", "therapy_outcomes"):
        for address in series(feed).files:
            assert year_in_name(address.url.rsplit("/", 1)[-1]) == address.period


def test_addresses_that_are_not_there_are_told() -> None:
    with pytest.raises(LedgerError, match="valid choices are .*talking_therapies_annual"):
        series("no_such_feed")


def test_markers_stay_apart_and_unknown_ones_are_listed() -> None:
    cells = pd.Series(["5", "*", "-", "NULL", "", "0.5", "-3", "1e-05"])
    assert statuses(cells).tolist() == [
        "published",
        "suppressed",
        "no_activity",
        "not_applicable",
        "missing",
        "published",
        "published",
        "published",
    ]
    assert numbers(cells).dropna().tolist() == [5, 0.5, -3, 1e-05]
    assert unknown_cells(cells, "t") == []
    strange = pd.Series(["1,200", "n/a", "٣", "nan", "inf", "=1+1", "0x1", "n/a"])
    faults = unknown_cells(strange, "t")
    assert "'n/a' in 2 cells" in str(faults[0])
    assert statuses(strange).isna().all()


def test_links_are_made_whole_and_only_web_addresses_kept() -> None:
    page = b"""<html><body><a href="/a/b.csv">x</a><a href="https://h.example/c">y</a>
        <a href="javascript:alert(1)">z</a><a href="mailto:a@b">m</a><a href="/a/b.csv#top">again</a></body></html>"""
    found = links(page, "https://d.example/series")
    assert found == ["https://d.example/a/b.csv", "https://h.example/c"]
    with pytest.raises(ContentError, match="no links"):
        links(b"<html><body>Maintenance</body></html>", "https://d.example/series")
