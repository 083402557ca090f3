"""Annual reports before 2017-18, in layouts made as they are described: figures of the edition come back from them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iapt_ledger.errors import LedgerError
from iapt_ledger.sources.base import ContentError, RawFile, Request, failed
from iapt_ledger.sources.talking_therapies import older
from iapt_ledger.sources.talking_therapies_annual_older import BREAKDOWNS, FEED, NATIONAL

from .agreement import differences
from .made_files import raw, workbook, zipped
from .mutations import Mutation, as_text, mutated, mutations
from .older_reports import HELD, NAMES, Sheets, edition, made, pack, sheets


@pytest.mark.parametrize("year", list(NAMES))
def test_a_file_in_the_described_layout_comes_to_the_rows_of_the_edition(
    year: str, tmp_path: Path
) -> None:
    file = raw(tmp_path, NAMES[year], made(year))
    assert FEED.recognise(file) in FEED.layouts
    assert "as described, not seen" in str(FEED.recognise(file))
    parsed = FEED.parse(file)
    assert failed(parsed.checks) == []
    for name in (NATIONAL, BREAKDOWNS):
        told = differences(name, parsed.tables[name], edition(name, year))
        # The first edition read copies: it names them in the locator and, of people, in the note.
        assert {line.split(":")[0] for line in told} <= {"locator", "note"}
        assert all("re-layout" in line for line in told if line.startswith("note"))


def without(sheet: str) -> Callable[[Sheets], Sheets]:
    return lambda s: {k: v for k, v in s.items() if k != sheet}


def shifted(s: Sheets) -> Sheets:
    name = "Table 9a"
    return s | {name: [[None, *row] if i == 1 else row for i, row in enumerate(s[name])]}


def swapped(s: Sheets) -> Sheets:
    name = "Table 9a"
    row = list(s[name][1])
    row[5], row[7] = row[7], row[5]
    return s | {name: [s[name][0], row]}


def relabelled(s: Sheets) -> Sheets:
    return s | {
        "Table 14b": [[c if c != "Sikh (1)" else "Sikhs" for c in row] for row in s["Table 14b"]]
    }


def marked(s: Sheets) -> Sheets:
    return s | {"Table 1a": [s["Table 1a"][0], [older.ENGLAND, None, "n/a", 1, 2]]}


FAULTS: dict[str, tuple[Callable[[Sheets], Sheets], str]] = {
    "a sheet gone": (without("Table 9a"), "not the one sheet that is looked for.*Table 9a"),
    "the first sheet gone": (without("Table 1a"), "laid out as none of these reports.*nearest is"),
    "England not in the first column": (shifted, "No row of England is found.*Table 9a"),
    "an unknown category": (
        relabelled,
        "unknown category of religion; found 'Sikhs'; nearest is Sikh",
    ),
    "an unknown marker": (marked, "neither a number nor a known marker.*'n/a'"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_workbook_that_differs_is_refused(fault: str, tmp_path: Path) -> None:
    make, said = FAULTS[fault]
    with pytest.raises(LedgerError, match=f"(?s){said}"):
        FEED.parse(raw(tmp_path, NAMES["2014-15"], workbook(make(sheets("2014-15")))))


def test_columns_in_another_order_do_not_pass(tmp_path: Path) -> None:
    parsed = FEED.parse(raw(tmp_path, NAMES["2014-15"], workbook(swapped(sheets("2014-15")))))
    assert [c.rule for c in parsed.checks if not c.passed] == ["totals"]


@pytest.mark.parametrize(
    ("table_name", "old", "new", "said"),
    [
        ("7a", "RecoveryRate", "RecovRate", "A column is not there in table-7a"),
        ("14", "LTC", "LCT", "unknown category of long_term_condition; found 'LCT'"),
        ("1a", "England", "ENGLAND TOTAL", "No row of England is found"),
    ],
)
def test_a_pack_that_differs_is_refused(
    table_name: str, old: str, new: str, said: str, tmp_path: Path
) -> None:
    files = pack("2016-17")
    name = f"pack/psych-ther-ann-2016-17-table-{table_name}.csv"
    head, _, rest = files[name].partition(b"\n")
    changed = head.replace(old.encode(), new.encode()) if table_name == "7a" else head
    rest = rest if table_name == "7a" else rest.replace(old.encode(), new.encode())
    files[name] = changed + b"\n" + rest
    with pytest.raises(LedgerError, match=f"(?s){said}"):
        FEED.parse(raw(tmp_path, NAMES["2016-17"], zipped(files)))


@pytest.mark.parametrize(
    "data",
    [b"", b"<html></html>", zipped({"../table-1a.csv": b"a", "table-7a.csv": b"b"}), b"PK\x03\x04"],
)
@pytest.mark.parametrize("year", ["2014-15", "2016-17"])
def test_files_of_another_kind_are_refused(data: bytes, year: str, tmp_path: Path) -> None:
    file = raw(tmp_path, NAMES[year], data)
    assert FEED.recognise(file) is None
    with pytest.raises(ContentError, match="none of these reports"):
        FEED.parse(file)


SUMS = "pack/psych-ther-ann-2016-17-table-7a.csv"
GROUPS = "pack/psych-ther-ann-2016-17-table-14.csv"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: [r.rsplit(b",", 1)[0] for r in rows], "A column is not there"),
        (lambda rows: [*rows, rows[1]], "stands more than once.*2 rows of England"),
        (lambda rows: rows[:1], "No row of England is found"),
        (lambda rows: [rows[0], rows[1].rsplit(b",", 1)[0] + b",n/a"], "unknown marker|'n/a'"),
    ],
)
def test_a_table_of_a_pack_that_differs_is_refused(
    change: Callable[[list[bytes]], list[bytes]], said: str, tmp_path: Path
) -> None:
    files = pack("2016-17")
    files[SUMS] = b"\n".join(change(files[SUMS].splitlines()))
    with pytest.raises(LedgerError, match=f"(?s){said}"):
        FEED.parse(raw(tmp_path, NAMES["2016-17"], zipped(files)))


def test_a_value_out_of_bounds_fails_the_rule(tmp_path: Path) -> None:
    files = pack("2016-17")
    head, row = files[SUMS].splitlines()[:2]
    cells = row.split(b",")
    files[SUMS] = head + b"\n" + b",".join([*cells[:2], b"-5", *cells[3:]])
    checks = FEED.parse(raw(tmp_path, NAMES["2016-17"], zipped(files))).checks
    assert "bounds" in {c.rule for c in checks if not c.passed}


@settings(max_examples=30, suppress_health_check=list(HealthCheck), deadline=None)
@given(change=st.lists(mutations(), min_size=1, max_size=2))
def test_a_broken_table_gives_its_own_values_or_a_named_fault(
    change: list[Mutation], tmp_path_factory: pytest.TempPathFactory
) -> None:
    files = pack("2016-17")
    for one in change:
        files[SUMS] = mutated(files[SUMS], *one) or b"x"
    try:
        got = FEED.parse(raw(tmp_path_factory.mktemp("fuzz"), NAMES["2016-17"], zipped(files)))
    except LedgerError as error:
        assert str(error)
        return
    known = {float(r) for r in edition(NATIONAL, "2016-17")["value"]}
    cells = as_text(files[SUMS]).replace('"', "").replace("\n", ",").split(",")
    told = {float(c) for c in map(str.strip, cells) if c.replace(".", "", 1).isdigit()}
    assert {float(v) for v in got.tables[NATIONAL]["value"] if v} <= told | known


def test_every_year_is_asked_for(tmp_path: Path) -> None:
    asked: list[Request] = []

    def get(request: Request) -> RawFile:
        asked.append(request)
        return RawFile(path=tmp_path, name=request.url)

    assert len(list(FEED.fetch(get, HELD))) == 5
    assert [r.content for r in asked] == ["xlsx", "xlsx", "xlsx", "zip", "zip"]


def test_the_feed_owns_its_own_years_only() -> None:
    old = HELD.table(NATIONAL)
    owned = old[FEED.owned(NATIONAL, old)]
    assert owned["period_start"].max() == "2016-04-01"
    assert not owned["source_id"].str.contains("PAGE").any()
