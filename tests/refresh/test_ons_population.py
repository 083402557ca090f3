"""ONS mid-year population: the described file with the edition's figures gives the edition's rows."""

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
from iapt_ledger.sources.ons_population import FEED, LAYOUT

from .agreement import differences
from .made_files import raw, workbook, zipped
from .made_ons_population import CONTEXT, HELD, lines, old_rows
from .mutations import Mutation, mutated, mutations


def test_the_figures_of_the_edition_come_back_and_the_united_kingdom_is_new(tmp_path: Path) -> None:
    file = raw(tmp_path, "pop.csv", "\n".join(lines()).encode("utf-8-sig"))
    assert FEED.recognise(file) == LAYOUT
    got = FEED.parse(file)
    assert failed(got.checks) == []
    rows = got.tables[CONTEXT]
    told = differences(CONTEXT, rows, old_rows())
    new = [line for line in told if line.startswith("not in the edition")]
    rest = [line for line in told if line not in new]
    assert len(new) == 27
    assert all("'UK'" in line for line in new)
    assert set(rest) == {"second_hand: 'yes' became 'no'"}, "copied before, from the publisher now"
    assert got.refused == {"years before 1990, which the table does not hold": 1}
    assert got.publications == ()
    assert merge_of(rows)["change"].value_counts().to_dict() == {"new": 27}


def merge_of(rows: pd.DataFrame) -> pd.DataFrame:
    """What a refresh would tell of these rows."""
    old = HELD.table(CONTEXT)
    owned = FEED.owned(CONTEXT, old)
    whole = not FEED.vintages
    return merge(table(CONTEXT), old, rows, owned, feed=FEED.name, whole=whole).changes


def test_a_later_release_stands_beside_the_one_that_is_held(tmp_path: Path) -> None:
    got = FEED.parse(raw(tmp_path, "pop.csv", "\n".join(lines(2025)).encode()))
    rows = got.tables[CONTEXT]
    assert set(rows["measure"]) == {
        "Mid-year population, all ages (series of the mid-2025 release)"
    }
    assert [p["id"] for p in got.publications] == ["ons_mye2025_series"]
    assert got.publications[0]["published"] == "2025-09-26"
    assert set(merge_of(rows)["change"]) == {"new"}
    ids = {*read_sources(edition=HELD.edition).canonical, "ons_mye2025_series"}
    check = bounds_check(table(CONTEXT), rows, ids)
    assert check.passed, check.sentence


def put(where: str, old: str, new: str) -> Callable[[list[str]], list[str]]:
    def change(rows: list[str]) -> list[str]:
        at = next(i for i, row in enumerate(rows) if row.startswith(f'"{where}"'))
        assert old in rows[at]
        return [*rows[:at], rows[at].replace(old, new, 1), *rows[at + 1 :]]

    return change


FAULTS: dict[str, tuple[Callable[[list[str]], list[str]], str]] = {
    "a code renamed": (put("CDID", "ENPOP", "ENGPOP"), "unknown series; found 'ENGPOP'; nearest"),
    "a column gone": (lambda x: [r.rsplit(",", 1)[0] for r in x], "not there; expected WAPOP"),
    "no codes": (lambda x: [x[0], *x[2:]], "no row of codes"),
    "an unknown label": (put("Unit", "Unit", "Units"), "unknown label; found 'Units'; .*nearest"),
    "an unknown unit": (put("Unit", "Persons", "Hundreds"), "unknown unit"),
    "a year missing": (lambda x: [r for r in x if not r.startswith('"2010"')], "missing; found 2010"),
    "a year twice": (lambda x: [*x, x[-1]], "twice; found 2024"),
    "an unknown marker": (put("2010", '"5262200"', '"[x]"'), "2010, SCPOP; found '\\[x\\]'"),
    "a row cut short": (lambda x: [*x[:-1], x[-1][:30].rsplit(",", 1)[0]], "more or fewer cells"),
    "a release in words": (put("Release Date", "26-09-2025", "soon"), "day of release cannot be"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_of_content_are_named(fault: str, tmp_path: Path) -> None:
    change, said = FAULTS[fault]
    data = "\n".join(change(lines())).encode()
    with pytest.raises(LedgerError, match=f"(?is){said}"):
        FEED.parse(raw(tmp_path, "pop.csv", data))


@pytest.mark.parametrize(
    "data",
    [
        b"<!DOCTYPE html><html>Busy</html>",
        b"",
        b"\x00\x01",
        zipped({"../pop.csv": b"x"}),
        workbook({"S": [["Title"]]}),
    ],
)
def test_what_is_no_text_of_series_is_refused(data: bytes, tmp_path: Path) -> None:
    file = raw(tmp_path, "pop.csv", data)
    assert FEED.recognise(file) is None
    with pytest.raises(ContentError):
        FEED.parse(file)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [('"52642500"', '"526425000"', "bounds"), ('"52642500"', '"52652500"', "totals")],
)
def test_a_country_out_of_bounds_or_off_its_sum_fails_the_rules(
    old: str, new: str, rule: str, tmp_path: Path
) -> None:
    data = "\n".join(put("2010", old, new)(lines())).encode()
    checks = FEED.parse(raw(tmp_path, "pop.csv", data)).checks
    assert rule in {c.rule for c in checks if not c.passed}


def test_a_file_without_its_last_year_does_not_pass_for_an_older_release(tmp_path: Path) -> None:
    data = "\n".join(lines()[:-1]).encode()
    got = FEED.parse(raw(tmp_path, "pop.csv", data))
    assert failed(got.checks) == [
        "periods: The file lacks 2024; it holds 26 from 1998 to 2023.",
    ]


def test_thousands_are_read_as_such(tmp_path: Path) -> None:
    rows = [r.replace("Persons", "000s") for r in lines()]
    rows = [
        ",".join(f'"{float(c.strip(chr(34))) / 1000:.1f}"' if i else c for i, c in enumerate(r.split(",")))
        if r.startswith(('"19', '"20'))
        else r
        for r in rows
    ]  # fmt: skip
    got = FEED.parse(raw(tmp_path, "pop.csv", "\n".join(rows).encode()))
    assert merge_of(got.tables[CONTEXT])["change"].eq("new").all()


@settings(max_examples=80, suppress_health_check=list(HealthCheck), deadline=None)
@given(change=st.lists(mutations(), min_size=1, max_size=2))
def test_a_broken_file_gives_its_own_values_or_a_named_fault(
    change: list[Mutation], tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = "\n".join(lines()).encode()
    for one in change:
        data = mutated(data, *one) or b"x"
    try:
        got = FEED.parse(raw(tmp_path_factory.mktemp("fuzz"), "pop.csv", data))
    except LedgerError as error:
        assert str(error)
        return
    cells = {
        c.strip().strip('"')
        for line in data.decode("utf-8", "replace").split("\n")
        for c in line.split(",")
    }
    for row in got.tables[CONTEXT].itertuples():
        if row.status == "published" and not failed(got.checks):
            assert str(row.value) in cells or any(c.endswith(str(row.value)) for c in cells), row


def test_the_file_is_asked_for_and_a_page_in_its_place_is_refused(
    server: HTTPServer, client: Callable[..., Any]
) -> None:
    server.expect_ordered_request("/file").respond_with_data("\n".join(lines()))
    server.expect_ordered_request("/file").respond_with_data("<!doctype html><html>x</html>" * 100)
    server.expect_request("/file").respond_with_data(status=503)
    get = client({"www.ons.gov.uk": server.url_for("")})
    (file,) = FEED.fetch(get, HELD)
    assert len(FEED.parse(file).tables[CONTEXT]) == 27 * 6
    with pytest.raises(ContentError, match="a web page"):
        list(FEED.fetch(get, HELD))
    with pytest.raises(FetchError, match="503"):
        list(FEED.fetch(get, HELD))
