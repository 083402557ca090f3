"""The time series workbook, the one original that is held: every row of the edition, and the months that it lacked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iapt_ledger.edition.store import find_edition
from iapt_ledger.errors import LedgerError
from iapt_ledger.sources.base import ContentError, FetchError, Held, RawFile, Request, failed
from iapt_ledger.sources.reading.workbooks import Workbook
from iapt_ledger.sources.talking_therapies_time_series import (
    COLUMNS,
    FEED,
    LAYOUT,
    NATIONAL,
    SHEET,
    WIDE,
)

from .agreement import differences
from .made_files import TIME_SERIES, raw, real, workbook

HELD = Held(find_edition("2026-11-22"))


def test_the_real_workbook_comes_to_the_rows_of_the_edition() -> None:
    path = real(TIME_SERIES)
    given_file = RawFile(path=path, name=path.name)
    assert FEED.recognise(given_file) == LAYOUT
    parsed = FEED.parse(given_file)
    assert failed(parsed.checks) == []
    wide = parsed.tables[WIDE]
    assert differences(WIDE, wide, HELD.table(WIDE)) == []
    assert (len(wide), len(parsed.tables[NATIONAL])) == (4979, 117)


def test_what_it_says_of_england_agrees_with_all_that_the_edition_has_from_elsewhere() -> None:
    path = real(TIME_SERIES)
    new = FEED.parse(RawFile(path=path, name=path.name)).tables[NATIONAL]
    old = HELD.table(NATIONAL)
    both = old.merge(new, on=["period_start", "period_end", "measure"], suffixes=("", "_new"))
    both = both.assign(apart=(both["value"].astype(float) - both["value_new"].astype(float)).abs())
    assert len(both) == 20
    # Fingertips gives rates to four decimals and counts people; the workbook rounds to one and counts referrals.
    assert both.loc[both["unit"].eq("percent"), "apart"].max() <= 0.05
    assert both.loc[both["unit"].ne("percent"), "apart"].max() == 0
    gap = new[new["period_start"].between("2019-10-01", "2020-02-01")]
    assert len(gap) == 45
    assert not old["period_start"].between("2019-10-01", "2020-02-01").any()


@pytest.fixture(scope="module")
def rows() -> list[list[str]]:
    """The sheet cut to England and two commissioners and providers, England made their sum so far as it must be."""
    table = Workbook(real(TIME_SERIES).read_bytes(), "x").rows(SHEET)
    heads = table[:8]
    kept = [
        r for r in table[8:] if r[4] == "England" or r[0] in ("15E", "") or r[2] in ("TAJ", "RAT")
    ]
    return [*heads, *(r for r in kept if r[4] != "CCG/Provider" or (r[0], r[2]) == ("15E", "TAJ"))]


def book(rows: list[list[str]], sheet: str = SHEET) -> bytes:
    return workbook({"Title sheet": [["x"]], sheet: rows})


Rows = list[list[str]]


def cell(rows: Rows, group: str, column: str, text: str) -> Rows:
    at = next(i for i, r in enumerate(rows) if r[4] == group)
    row = list(rows[at])
    row[list(COLUMNS).index(column)] = text
    return [*rows[:at], row, *rows[at + 1 :]]


FAULTS: dict[str, tuple[Callable[[Rows], Rows], str]] = {
    "a header renamed": (
        lambda x: [*x[:7], [c.replace("Ended Referrals", "Ended") for c in x[7]], *x[8:]],
        "found 'Ended'.*expected Ended Referrals|expected Ended Referrals.*found 'Ended'",
    ),
    "no header": (lambda x: x[:7], "No row of headings is found"),
    "an unknown group": (
        lambda x: cell(x, "Provider", "Group Type", "Trust"),
        "unknown Group Type; found 'Trust'; valid choices are England, CCG",
    ),
    "an unknown marker": (
        lambda x: cell(x, "CCG", "Recovery rate", "n/a"),
        "neither a number nor a known marker in recovery_rate_pct; found 'n/a'",
    ),
    "no month": (lambda x: cell(x, "CCG", "Month / Year", "Feb-19"), "A date cannot be read"),
    "not the first of the month": (
        lambda x: cell(x, "CCG", "Month / Year", "2019-02-02"),
        "not written as its first day",
    ),
    "a row twice": (lambda x: [*x, x[-1]], "a row comes twice"),
    "a code gone": (
        lambda x: [["", *r[1:]] if r[0] == "15E" else r for r in x],
        "a row has no code: CCG, NHS BIRMINGHAM",
    ),
    "England of one commissioner": (
        lambda x: cell(x, "England", "CCG Code", "15E"),
        "a row of England is of commissioner '15E'",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_content_faults_are_named(fault: str, rows: Rows, tmp_path: Path) -> None:
    make, said = FAULTS[fault]
    with pytest.raises(LedgerError, match=f"(?s){said}"):
        FEED.parse(raw(tmp_path, "ts.xlsx", book(make(rows))))


def test_bounds_totals_and_lost_months_are_checked(rows: Rows, tmp_path: Path) -> None:
    def broken(changed: Rows) -> set[str]:
        return {
            c.rule
            for c in FEED.parse(raw(tmp_path, "ts.xlsx", book(changed))).checks
            if not c.passed
        }

    assert broken(rows) == {"totals"}  # England against a few of its parts
    assert "bounds" in broken(cell(rows, "CCG", "Recovery rate", "101"))
    assert "bounds" in broken(cell(rows, "Provider", "First Treatment", "7"))
    assert "periods" in broken([r for r in rows if r[5] != "2019-06-01"])
    gone = next(i for i, r in enumerate(rows) if r[4] == "Provider")
    assert "periods" in broken([*rows[:gone], *rows[gone + 1 :]])


@pytest.mark.parametrize("cut", [60, 400, -200, -30])
def test_a_workbook_cut_short_is_refused(cut: int, rows: Rows, tmp_path: Path) -> None:
    file = raw(tmp_path, "ts.xlsx", book(rows)[:cut])
    assert FEED.recognise(file) is None
    with pytest.raises(ContentError):
        FEED.parse(file)


def test_other_files_are_not_taken_for_it(tmp_path: Path, rows: Rows) -> None:
    for data in (b"<html></html>", b"", b"a,b\n1,2\n", book(rows, "Table 2")):
        file = raw(tmp_path, "ts.xlsx", data)
        assert FEED.recognise(file) is None
        with pytest.raises(ContentError):
            FEED.parse(file)


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(
    changes=st.lists(
        st.tuples(st.integers(0, 10**6), st.integers(0, 14), st.text(max_size=5)),
        min_size=1,
        max_size=3,
    )
)
def test_a_changed_cell_gives_its_own_value_or_a_named_fault(
    changes: list[tuple[int, int, str]], rows: Rows, tmp_path_factory: pytest.TempPathFactory
) -> None:
    changed = [list(r) for r in rows]
    for at, column, text in changes:
        changed[7 + at % (len(changed) - 7)][column] = text
    try:
        data = book(changed)
        wide = FEED.parse(raw(tmp_path_factory.mktemp("fuzz"), "ts.xlsx", data)).tables[WIDE]
    except LedgerError as error:
        assert str(error)
        return
    told = {
        (r[5][:7], r[4], (r[2] if r[4] == "Provider" else r[0]).strip()): [c.strip() for c in r[6:]]
        for r in changed[8:]
    }
    for row in wide.to_numpy().tolist():
        assert row[4:13] == told[row[0], row[1], row[2]]


def test_it_is_asked_for_only_while_england_lacks_it(tmp_path: Path) -> None:
    def get(request: Request) -> RawFile:
        path = tmp_path / "page"
        link = "https://files.digital.nhs.uk/3E/1/IAPT%20time%20series%20Feb20.xlsx"
        path.write_text(f'<html><a href="{link}">x</a><a href="/other.xlsx">y</a></html>')
        return RawFile(path=path, name=request.url)

    assert [f.name for f in FEED.fetch(get, HELD)] == [
        "https://files.digital.nhs.uk/3E/1/IAPT%20time%20series%20Feb20.xlsx"
    ]

    def empty(request: Request) -> RawFile:
        path = tmp_path / "page"
        path.write_text('<html><a href="/other.xlsx">y</a></html>')
        return RawFile(path=path, name=request.url)

    with pytest.raises(FetchError, match="does not link to one workbook"):
        list(FEED.fetch(empty, HELD))
