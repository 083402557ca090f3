"""HM Treasury deflators: the release of December 2023 as published, with the edition's figures, gives its rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
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
from iapt_ledger.sources.treasury_deflators import FEED, LAYOUTS

from .agreement import differences
from .made_files import raw, workbook, zipped
from .made_treasury_deflators import CONTEXT, HELD, NAME, Cells, as_csv, held, sheet
from .mutations import Mutation, mutated, mutations


def test_the_release_of_december_2023_comes_to_the_rows_of_the_edition(tmp_path: Path) -> None:
    file = raw(tmp_path, NAME, as_csv(sheet()))
    assert FEED.recognise(file) == LAYOUTS[0]
    got = FEED.parse(file)
    assert failed(got.checks) == []
    rows = got.tables[CONTEXT]
    ours = rows[rows["source_id"].eq("hmt_defl_2023_12")].reset_index(drop=True)
    told = {d.split(":")[0] for d in differences(CONTEXT, ours, held("hmt_defl_2023_12"))}
    assert told == {"locator", "note"}, "our words on place and vintage, not the publisher's"
    assert len(ours) == 39
    calendar = rows[rows["source_id"].eq("hmt_defl_2023_12_cal")]
    assert set(calendar["measure"]) == {
        "GDP deflator index, calendar year, 2022 = 100 (HMT December 2023)"
    }
    assert set(changes(rows)["change"]) == {"new"}
    assert len(changes(rows)) == len(calendar) == 33
    check = bounds_check(table(CONTEXT), rows, ids(got.publications))
    assert check.passed, check.sentence
    assert [p["published"] for p in got.publications] == ["2023-12-22"] * 2


def changes(rows: pd.DataFrame) -> pd.DataFrame:
    """What a refresh would tell of these rows."""
    old = HELD.table(CONTEXT)
    whole = not FEED.vintages
    owned = FEED.owned(CONTEXT, old)
    return merge(table(CONTEXT), old, rows, owned, feed=FEED.name, whole=whole).changes


def ids(publications: Any) -> set[str]:
    return {*read_sources(edition=HELD.edition).canonical, *(p["id"] for p in publications)}


def test_a_workbook_of_a_later_release_stands_beside_those_held(tmp_path: Path) -> None:
    rows = sheet(updated="30 June 2026")
    cells = [[_number(c) for c in row] for row in rows]
    file = raw(
        tmp_path,
        "GDP_Deflators_Qtrly_National_Accounts_June_2026_update.xlsx",
        workbook({"S": cells}),
    )
    assert FEED.recognise(file) == LAYOUTS[1]
    got = FEED.parse(file)
    assert failed(got.checks) == []
    assert {p["id"] for p in got.publications} == {"hmt_defl_2026_06", "hmt_defl_2026_06_cal"}
    told = changes(got.tables[CONTEXT])
    assert set(told["change"]) == {"new"}
    check = bounds_check(table(CONTEXT), got.tables[CONTEXT], ids(got.publications))
    assert check.passed, check.sentence


def _number(cell: Any) -> Any:
    try:
        return float(cell) if "." in cell else cell
    except ValueError:
        return cell


def test_an_index_chained_from_forecasts_by_others_is_not_this_feeds_own() -> None:
    rows = held("hmt_defl_2026_03")
    assert FEED.owned(CONTEXT, rows).tolist() == rows["status"].eq("published").tolist()
    assert not FEED.owned("expenditure", rows).any()


def cell(row: str, column: int, text: str) -> Callable[[Cells], Cells]:
    def change(rows: Cells) -> Cells:
        out = [list(r) for r in rows]
        next(r for r in out if r[1:2] and r[1].startswith(row))[column] = text
        return out

    return change


FAULTS: dict[str, tuple[Callable[[Cells], Cells], str]] = {
    "a heading renamed": (
        lambda x: [[c.replace("Calendar year", "Calendar") for c in r] for r in x],
        "no headings of deflators.*Financial year \\| Calendar",
    ),
    "the index renamed": (
        lambda x: [[c.replace("2022-23 = 100", "Index") for c in r] for r in x],
        "no headings of deflators.*Financial year \\| Index",
    ),
    "a column gone": (lambda x: [r[:3] + r[4:] for r in x], "no headings of deflators"),
    "a year missing": (lambda x: [r for r in x if r[1:2] != ["2001-02"]], "missing; found 2001"),
    "a year twice": (lambda x: [*x[:20], x[19], *x[20:]], "a year stands twice; found"),
    "an unknown marker": (cell("2001-02", 2, "n/a"), "index of 2001-02; found 'n/a'; valid choices"),
    "another base": (cell("2022-23", 2, "98.7"), "index of 2022-23 is not 100; found 98.7"),
    "an outturn after a forecast": (cell("2024-25", 2, "103.1"), "below a year without one.*2024-25"),
    "cut short": (lambda x: x[:-2], "nothing stands below the last year"),
    "no growth": (cell("2024-25", 3, ""), "growth of 2024-25; found ''"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_of_content_are_named(fault: str, tmp_path: Path) -> None:
    change, said = FAULTS[fault]
    with pytest.raises(LedgerError, match=f"(?is){said}"):
        FEED.parse(raw(tmp_path, NAME, as_csv(change(sheet()))))


def test_a_release_that_tells_no_month_is_refused(tmp_path: Path) -> None:
    rows = sheet(updated="lately")
    with pytest.raises(ContentError, match="month of the release"):
        FEED.parse(raw(tmp_path, "deflators.csv", as_csv(rows)))
    got = FEED.parse(raw(tmp_path, "deflators.csv", as_csv(sheet())))
    assert got.publications[0]["id"] == "hmt_defl_2023_12"


def test_an_index_out_of_bounds_fails_the_rule(tmp_path: Path) -> None:
    got = FEED.parse(raw(tmp_path, NAME, as_csv(cell("2001-02", 2, "6149.9")(sheet()))))
    assert {c.rule for c in got.checks if not c.passed} == {"bounds"}


@pytest.mark.parametrize(
    "data",
    [b"<!DOCTYPE html><html>x</html>", b"", b"\x00", zipped({"a": b"x"}), workbook({"S": [["x"]]})],
)
def test_what_is_no_release_is_refused(data: bytes, tmp_path: Path) -> None:
    file = raw(tmp_path, NAME, data)
    assert FEED.recognise(file) is None
    with pytest.raises(ContentError):
        FEED.parse(file)


@settings(max_examples=80, suppress_health_check=list(HealthCheck), deadline=None)
@given(change=st.lists(mutations(), min_size=1, max_size=2))
def test_a_broken_file_gives_its_own_values_or_a_named_fault(
    change: list[Mutation], tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = as_csv(sheet())
    for one in change:
        data = mutated(data, *one) or b"x"
    try:
        got = FEED.parse(raw(tmp_path_factory.mktemp("fuzz"), NAME, data))
    except LedgerError as error:
        assert str(error)
        return
    text = data.decode("utf-8", "replace")
    for row in got.tables[CONTEXT].itertuples():
        year = str(row.period_start)[:4]
        lines = [line for line in text.splitlines() if f",{year}" in line or f'"{year}' in line]
        assert any(str(row.value) in line for line in lines), row


COLLECTION = "/government/collections/gdp-deflators-at-market-prices-and-money-gdp"
PAGE = "/government/statistics/gdp-deflators-at-market-prices-and-money-gdp"


def page(*addresses: str) -> str:
    links = "".join(f'<a href="{a}">x</a>' for a in addresses)
    return f"<!doctype html><html><body>{links}</body></html>"


def test_releases_after_the_one_held_are_found_from_the_collection(
    server: HTTPServer, client: Callable[..., Any]
) -> None:
    june, march = (
        f"{PAGE}-june-2026-quarterly-national-accounts",
        f"{PAGE}-march-2026-quarterly-national-accounts",
    )
    server.expect_request(COLLECTION).respond_with_data(page(march, june, "/help"))
    files = "https://assets.publishing.service.gov.uk/media/1/GDP_Deflators_QNA_June_2026_update"
    server.expect_request(june).respond_with_data(page(f"{files}.csv", f"{files}.xlsx", "/x.pdf"))
    data = workbook({"S": sheet(updated="30 June 2026")})
    server.expect_request("/media/1/GDP_Deflators_QNA_June_2026_update.xlsx").respond_with_data(
        data
    )
    base = server.url_for("")
    get = client({"www.gov.uk": base, "assets.publishing.service.gov.uk": base})
    (file,) = FEED.fetch(get, HELD)
    assert FEED.parse(file).publications[0]["id"] == "hmt_defl_2026_06"
    assert not any("march-2026" in str(r.url) for r, _ in server.log), "held already"


def test_a_collection_without_releases_or_a_host_that_is_down_is_told(
    server: HTTPServer, client: Callable[..., Any]
) -> None:
    get = client({"www.gov.uk": server.url_for("")})
    server.expect_oneshot_request(COLLECTION).respond_with_data(page("/help"))
    with pytest.raises(FetchError, match="lists no release"):
        list(FEED.fetch(get, HELD))
    with pytest.raises(FetchError, match="Finding the releases"):
        list(FEED.fetch(get, HELD))
