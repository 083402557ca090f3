"""Workbooks of the mental health dashboard in the layouts that are described; none was ever at hand.

The sheet of trends is laid out as public code reads it and filled with the real figures from which the edition's rows
came; spending on talking therapies is in the same layouts with made-up numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer

from iapt_ledger.edition.store import find_edition
from iapt_ledger.errors import LedgerError
from iapt_ledger.refresh.soundness import bounds_check
from iapt_ledger.sources.base import FetchError, Held, Parsed, failed
from iapt_ledger.sources.mental_health.headings import area_type, scale, stage, subject, year
from iapt_ledger.sources.mental_health.rows import AREAS, MONEY, SOURCE
from iapt_ledger.sources.mental_health_dashboard import FEED, PAGES

from .agreement import differences
from .made_files import raw, workbook
from .made_mental_health_dashboard import (
    ENGLAND,
    FILE,
    HEADS,
    META,
    TALKING,
    YEARS,
    Rows,
    book,
    trends,
)

HELD = Held(find_edition("2026-11-22"))


def parsed(tmp_path: Path, data: bytes, name: str = FILE) -> Parsed:
    return FEED.parse(raw(tmp_path, name, data))


def test_the_real_figures_in_the_described_sheet_come_to_the_rows_of_the_edition(
    tmp_path: Path,
) -> None:
    data = workbook({"Metadata": META, "Trend MHF (i and ii)": trends()})
    file = raw(tmp_path, "OCC data file and trend_2022.xlsx", data)
    assert FEED.recognise(file) == "sheets of trends, as described, not seen"
    got = FEED.parse(file)
    assert list(got.tables) == [AREAS]
    assert failed(got.checks) == []
    assert differences(AREAS, got.tables[AREAS], HELD.table(AREAS)) == []
    assert len(got.tables[AREAS]) == 530
    assert any("no heading names it" in why for why in got.refused)
    assert FEED.owned(AREAS, HELD.table(AREAS)).all()


def test_spending_on_talking_therapies_is_read_planned_and_actual(tmp_path: Path) -> None:
    file = raw(tmp_path, FILE, book())
    assert FEED.recognise(file) in FEED.layouts
    got = FEED.parse(file)
    assert failed(got.checks) == []
    rows = got.tables[MONEY]
    shown = {
        (r.measure, r.geography_code, r.period_start[:4]): (r.value, r.status)
        for r in rows.itertuples()
    }
    england = "E92000001"
    actual, planned = "Talking therapies spending, actual", "Talking therapies spending, planned"
    assert shown == {
        (planned, england, "2021"): ("700.25", "target_or_plan"),
        (actual, england, "2020"): ("650", "published"),
        (actual, "QHM", "2020"): ("650", "published"),
        (actual, "QHM", "2021"): ("500", "published"),
        (actual, "00Q", "2020"): ("", "suppressed"),
        (actual, "00Q", "2021"): ("2.5", "published"),
        ("CCG spending on mental health", england, "2016"): ("9723", "published"),
        ("CCG spending on mental health", england, "2018"): ("10000.5", "published"),
        ("Mental health share of base allocations", england, "2016"): ("13.4", "published"),
        ("Mental health share of base allocations", england, "2018"): ("13.9", "published"),
    }
    assert set(rows["geography_type"]) == {"country", "icb", "ccg"}
    assert set(rows["source_id"]) == {SOURCE}
    assert rows["locator"].str.startswith(f"{FILE}, sheet ").all()
    assert got.suppressed == {actual: 1}
    assert "column of England not taken: Specialised commissioning spend (£m)" in got.refused
    assert bounds_check_holds(rows)


def bounds_check_holds(rows: pd.DataFrame) -> bool:
    """Whether the dictionary allows the rows."""
    from iapt_ledger.edition.tables import table

    check = bounds_check(table(MONEY), rows, {SOURCE})
    assert check.passed, check.sentence
    return check.passed


def test_the_order_of_sheets_rows_and_columns_does_not_matter(tmp_path: Path) -> None:
    """Drift between workbooks: other rows above, other columns first, years with other dashes, boards for groups."""
    moved = [["x"], [], *([[None, None, *row] for row in ENGLAND])]
    one = parsed(tmp_path, book()).tables[MONEY]
    other = parsed(tmp_path, book(Dashboard=moved)).tables[MONEY]
    pd.testing.assert_frame_equal(one.drop(columns="locator"), other.drop(columns="locator"))
    spelt = [
        [str(c).replace("/", "-").replace("£000s", "£'000") if isinstance(c, str) else c for c in r]
        for r in TALKING
    ]
    again = parsed(tmp_path, book(Trend_IAPT=spelt)).tables[MONEY]
    pd.testing.assert_frame_equal(one.drop(columns="locator"), again.drop(columns="locator"))


def without(rows: Rows, *cells: tuple[int, int, Any]) -> Rows:
    """The rows with some cells changed."""
    out = [list(row) for row in rows]
    for row, column, value in cells:
        out[row][column] = value
    return out


FAULTS: dict[str, tuple[dict[str, Rows], str]] = {
    "a heading renamed": (
        {"Trend_IAPT": without(TALKING, (0, 0, "Wellbeing spend (£000s), actual"))},
        "an unknown heading.*'Wellbeing spend.*valid choices are spending on talking therapies",
    ),
    "a column of England renamed": (
        {"Dashboard": without(ENGLAND, (2, 3, "CCG spend on wellbeing (£m)"))},
        "unknown heading.*CCG spend on wellbeing",
    ),
    "an unknown column of areas": (
        {"Trend_IAPT": without(TALKING, (1, 3, "Accrual"))},
        "unknown heading.*'Accrual'",
    ),
    "no unit": (
        {"Trend_IAPT": without(TALKING, (0, 0, "NHS Talking Therapies spend, actual"))},
        "no unit of money.*valid choices are £, £000, £m, £bn",
    ),
    "neither planned nor spent": (
        {"Trend_IAPT": without(TALKING, (0, 0, "NHS Talking Therapies spend (£000s)"))},
        "nothing says whether money was planned or spent",
    ),
    "a forecast": (
        {"Trend_IAPT": without(TALKING, (0, 0, "NHS Talking Therapies forecast spend (£000s)"))},
        "planned or spent.*found forecast; valid choices are planned, actual",
    ),
    "an unknown kind of area": (
        {"Trend_IAPT": without(TALKING, (3, 0, "ZZ9"), (3, 1, "NHS Blackburn"))},
        "unknown kind of area.*'ZZ9', 'NHS Blackburn'; valid choices are England, CCG, ICB",
    ),
    "an unknown marker": (
        {"Trend_IAPT": without(TALKING, (3, 5, "tbc"))},
        "neither a number nor a known marker.*'tbc'",
    ),
    "a figure twice": ({"Trend_IAPT": [*TALKING, TALKING[2]]}, "a figure stands twice.*QHM, 2020-21"),
    "a year outside": (
        {"Trend_IAPT": [TALKING[0], [*TALKING[1], None, "2022/23"], *TALKING[2:]]},
        "a year stands outside of every block.*2022/23",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_of_content_are_named(fault: str, tmp_path: Path) -> None:
    sheets, said = FAULTS[fault]
    with pytest.raises(LedgerError, match=f"(?is){said}"):
        parsed(tmp_path, book(**sheets))


def test_spending_of_areas_without_its_share_is_refused(tmp_path: Path) -> None:
    rows = [row[9:] for row in trends()]
    rows[1] = ["Total CCG spend on mental health (£)"]
    with pytest.raises(LedgerError, match=r"(?i)without its share"):
        parsed(tmp_path, workbook({"Metadata": META, "Trend MHF (ii)": rows}))


def test_a_workbook_without_known_headings_is_refused_with_what_was_found(tmp_path: Path) -> None:
    other = [["Access to services"], HEADS, ["00Q", "NHS X CCG", "Annual", 1, 2, 3, 4, 5]]
    with pytest.raises(LedgerError, match=r"No heading names spending.*Access to services"):
        parsed(tmp_path, workbook({"Metadata": META, "Trend CYP (i)": other}))
    with pytest.raises(LedgerError, match="found .*Dashbord.*nearest is Dashbord"):
        parsed(tmp_path, workbook({"Dashbord": ENGLAND}))
    assert FEED.recognise(raw(tmp_path, FILE, workbook({"Dashbord": ENGLAND}))) is None


@pytest.mark.parametrize(
    "data", [b"<!DOCTYPE html><html>No</html>", b"", b"a,b\n1,2\n", workbook({"S": [["x"]]})[:300]]
)
def test_what_is_no_workbook_is_refused(data: bytes, tmp_path: Path) -> None:
    file = raw(tmp_path, FILE, data)
    assert FEED.recognise(file) is None
    with pytest.raises(LedgerError):
        FEED.parse(file)


def test_values_out_of_bounds_and_totals_that_do_not_add_up_fail_the_rules(tmp_path: Path) -> None:
    big = without(ENGLAND, (6, 3, 700_250_000))
    rules = {c.rule for c in parsed(tmp_path, book(Dashboard=big)).checks if not c.passed}
    assert rules == {"bounds"}
    total = [*TALKING[:2], ["ENG", "England", "Annual", "", 900000, 900000], TALKING[2]]
    quiet = [row for row in ENGLAND if row[1:2] != ["Total actual spend - 2020/21 ^"]]
    got = parsed(tmp_path, book(Trend_IAPT=total, Dashboard=quiet))
    assert [c.rule for c in got.checks if not c.passed] == ["totals"]


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("CCG spend on MH as a % of CCG base allocations", "share"),
        ("Total MH spend including learning disability and dementia", "all"),
        ("Spend on MH excluding learning disability", "other money"),
        ("CYP IAPT spend", "other money"),
        ("IAPT planned spend (£m)", "talking therapies"),
        ("IAPT access rate", "no money"),
        ("IAPT spend as a % of plan", "other money"),
        ("Total (£m)", ""),
    ],
)
def test_a_heading_is_told_by_its_words(text: str, about: str) -> None:
    assert subject(text) == about


def test_units_stages_years_and_areas_are_read_or_left_open() -> None:
    assert [scale(t) for t in ("(£m)", "£000s", "£'000", "£bn", "spend (£)", "spend", "£m or £000")] == [
        10**6, 1000, 1000, 10**9, 1, 0, 0,
    ]  # fmt: skip
    assert [stage(t) for t in ("Planned", "outturn", "plan and actual", "x")] == [
        "planned", "actual", "", "",
    ]  # fmt: skip
    assert [year(t) for t in ("2019/20 ^", "2019-2020", "2019/21", "2019")] == [
        "2019-20",
        "2019-20",
        "",
        "",
    ]
    codes = (("00Q", ""), ("D2P2L", ""), ("QHM", ""), ("Y58", ""), ("", "England"), ("ABC", ""))
    assert [area_type(*c) for c in codes] == [
        "ccg",
        "ccg",
        "icb",
        "commissioning_region",
        "country",
        "",
    ]


def test_the_pages_are_searched_and_every_workbook_comes_the_oldest_first(
    server: HTTPServer, client: Callable[..., Any], tmp_path: Path
) -> None:
    names = [
        "mental-health-dashboard-q1-23-24.xlsx",
        "nhsmh-dashboard-q4-21-22-v3.2.xlsm",
        "mh-dashboard.pdf",
    ]
    links = "".join(f'<a href="/wp-content/uploads/{n}">{n}</a>' for n in names)
    server.expect_request("/publication/nhs-mental-health-dashboard/").respond_with_data(
        f"<!doctype html><html><body>{links}</body></html>", content_type="text/html"
    )
    server.expect_request("/mental-health/taskforce/imp/mh-dashboard/").respond_with_data(
        status=503
    )
    for name in names:
        server.expect_request(f"/wp-content/uploads/{name}").respond_with_data(book())
    get = client({"www.england.nhs.uk": server.url_for("")})
    brought = []
    with pytest.raises(FetchError, match="Finding the workbooks"):
        for file in FEED.fetch(get, HELD):
            brought.append((file.name, FEED.recognise(file)))
            FEED.parse(file)
    assert [name for name, _ in brought] == [names[1], names[0]]
    assert all(layout in FEED.layouts for _, layout in brought)
    assert len(PAGES) == 2


def test_a_page_in_the_place_of_a_workbook_is_refused(
    server: HTTPServer, client: Callable[..., Any]
) -> None:
    page = '<!doctype html><html><body><a href="/x/mh-dashboard-q4-22-23.xlsx">x</a></body></html>'
    server.expect_request("/mental-health/taskforce/imp/mh-dashboard/").respond_with_data(
        page, content_type="text/html"
    )
    server.expect_request("/publication/nhs-mental-health-dashboard/").respond_with_data(page)
    server.expect_request("/x/mh-dashboard-q4-22-23.xlsx").respond_with_data(page * 100)
    get = client({"www.england.nhs.uk": server.url_for("")})
    with pytest.raises(FetchError, match="web page"):
        list(FEED.fetch(get, HELD))


@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(
    sheet=st.sampled_from(["Dashboard", "Trend_IAPT"]),
    place=st.tuples(st.integers(0, 9), st.integers(0, 9)),
    cell=st.one_of(st.none(), st.text(max_size=8), st.floats(-1e9, 1e9), st.sampled_from(YEARS)),
    how=st.sampled_from(["cell", "row gone", "row twice", "column gone"]),
)
def test_a_broken_workbook_gives_its_own_values_or_a_named_fault(
    sheet: str,
    place: tuple[int, int],
    cell: Any,
    how: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    rows = [list(row) for row in (ENGLAND if sheet == "Dashboard" else TALKING)]
    at = place[0] % len(rows)
    if how == "cell":
        rows[at] = [*rows[at], *[None] * 9][:9]
        rows[at][place[1] % 9] = cell
    elif how == "row gone":
        del rows[at]
    elif how == "row twice":
        rows.insert(at, rows[at])
    else:
        rows = [row[: place[1]] + row[place[1] + 1 :] for row in rows]
    told = {
        f"{float(c):.6f}"
        for rows_ in (rows, ENGLAND, TALKING)
        for r in rows_
        for c in r
        if number_like(c)
    }
    try:
        got = parsed(tmp_path_factory.mktemp("fuzz"), book(**{sheet: rows}))
    except LedgerError as error:
        assert str(error)
        return
    for row in got.tables[MONEY].itertuples():
        if row.value:
            sizes = [float(row.value) * k for k in (1, 1000, 1e6, 0.01, 0.001)]
            assert any(f"{v:.6f}" in told for v in sizes), row


def number_like(cell: Any) -> bool:
    try:
        float(cell)
    except (TypeError, ValueError):
        return False
    return True
