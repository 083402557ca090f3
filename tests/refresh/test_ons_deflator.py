"""ONS series YBGB: financial years are the mean of their four quarters; laid out as described, with made-up numbers."""

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
from iapt_ledger.edition.tables import table
from iapt_ledger.errors import LedgerError
from iapt_ledger.refresh.merge import merge
from iapt_ledger.refresh.soundness import bounds_check
from iapt_ledger.registry import read_sources
from iapt_ledger.sources.base import ContentError, FetchError, Held, failed
from iapt_ledger.sources.ons_deflator import FEED, LAYOUT, TITLE

from .made_files import raw, workbook, zipped
from .made_ons_deflator import NAME, lines, quarter
from .mutations import Mutation, mutated, mutations

HELD = Held(find_edition("2026-11-22"))
CONTEXT = "context"


def test_financial_years_are_the_mean_of_their_quarters(tmp_path: Path) -> None:
    file = raw(tmp_path, NAME, "\n".join(lines()).encode())
    assert FEED.recognise(file) == LAYOUT
    got = FEED.parse(file)
    assert failed(got.checks) == []
    rows = got.tables[CONTEXT]
    assert list(rows["period_start"])[::35] == ["1990-04-01", "2025-04-01"]
    assert set(rows["measure"]) == {
        "GDP deflator index, financial year, 2025-26 = 100 (ONS YBGB, March 2026)"
    }
    values = dict(zip(rows["period_start"], rows["value"].astype(float), strict=True))
    for year in (1990, 2007, 2025):
        four = [quarter(year, 2), quarter(year, 3), quarter(year, 4), quarter(year + 1, 1)]
        base = [quarter(2025, 2), quarter(2025, 3), quarter(2025, 4), quarter(2026, 1)]
        assert values[f"{year}-04-01"] == pytest.approx(100 * sum(four) / sum(base), abs=5e-5)
    assert values["2025-04-01"] == 100
    assert got.refused == {
        "rows of calendar years and months": 41,
        "quarters before 1990-91, or of a year that is not whole": 21,
    }
    ids = {*read_sources(edition=HELD.edition).canonical, *(p["id"] for p in got.publications)}
    check = bounds_check(table(CONTEXT), rows, {str(i) for i in ids})
    assert check.passed, check.sentence
    assert set(told(rows)["change"]) == {"new"}


def told(rows: pd.DataFrame) -> pd.DataFrame:
    old = HELD.table(CONTEXT)
    owned = FEED.owned(CONTEXT, old)
    whole = not FEED.vintages
    return merge(table(CONTEXT), old, rows, owned, feed=FEED.name, whole=whole).changes


def test_a_year_that_is_not_whole_is_left_out(tmp_path: Path) -> None:
    got = FEED.parse(raw(tmp_path, NAME, "\n".join(lines()[:-1]).encode()))
    assert got.tables[CONTEXT]["period_start"].max() == "2024-04-01"


def put(where: str, old: str, new: str) -> Callable[[list[str]], list[str]]:
    return lambda rows: [r.replace(old, new) if r.startswith(f'"{where}"') else r for r in rows]


FAULTS: dict[str, tuple[Callable[[list[str]], list[str]], str]] = {
    "another series": (put("Title", TITLE, "CPIH INDEX"), "another series.*found .*CPIH INDEX"),
    "a label renamed": (put("Unit", "Unit", "Units"), "unknown label; found 'Units'.*nearest"),
    "no release": (lambda x: [r for r in x if "Release" not in r], "no day of release"),
    "a column gone": (lambda x: [r.split(",")[0] for r in x], "another series"),
    "a column more": (lambda x: [x[0], *(f'{r},"x"' for r in x[1:])], "not two cells"),
    "a quarter missing": (lambda x: [r for r in x if "2010 Q3" not in r], "missing; found 2010 Q3"),
    "a quarter twice": (lambda x: [*x, x[-1]], "twice; found 2026 Q1"),
    "an unknown marker": (put("2010 Q3", "40.3", "..") , "no number.*2010 Q3"),
    "no quarters": (lambda x: [r for r in x if " Q" not in r], "no quarters"),
    "noughts": (lambda x: [r if " Q" not in r else f'{r.split(",")[0]},"0"' for r in x], "no index numbers"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_of_content_are_named(fault: str, tmp_path: Path) -> None:
    change, said = FAULTS[fault]
    data = "\n".join(change(lines())).encode()
    assert data != "\n".join(lines()).encode()
    with pytest.raises(LedgerError, match=f"(?is){said}"):
        FEED.parse(raw(tmp_path, NAME, data))


def test_a_quarter_out_of_bounds_fails_the_rule(tmp_path: Path) -> None:
    data = "\n".join(put("2010 Q3", '"40', '"940')(lines())).encode()
    checks = FEED.parse(raw(tmp_path, NAME, data)).checks
    assert {c.rule for c in checks if not c.passed} == {"bounds"}


@pytest.mark.parametrize(
    "data",
    [b"<!DOCTYPE html><html>x</html>", b"", b"\x00", zipped({"a": b"x"}), workbook({"S": [["x"]]})],
)
def test_what_is_no_series_is_refused(data: bytes, tmp_path: Path) -> None:
    file = raw(tmp_path, NAME, data)
    assert FEED.recognise(file) is None
    with pytest.raises(ContentError):
        FEED.parse(file)


@settings(max_examples=80, suppress_health_check=list(HealthCheck), deadline=None)
@given(change=st.lists(mutations(), min_size=1, max_size=2))
def test_a_broken_file_gives_means_of_its_own_quarters_or_a_named_fault(
    change: list[Mutation], tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = "\n".join(lines()).encode()
    for one in change:
        data = mutated(data, *one) or b"x"
    try:
        got = FEED.parse(raw(tmp_path_factory.mktemp("fuzz"), NAME, data))
    except LedgerError as error:
        assert str(error)
        return
    cells = [
        line.replace('"', "").split(",") for line in data.decode("utf-8", "replace").split("\n")
    ]
    index = {c[0].strip(): float(c[1]) for c in cells if len(c) == 2 and " Q" in c[0]}
    rows = got.tables[CONTEXT]
    base = int(rows["period_start"].max()[:4])
    total = sum(index[f"{y} Q{q}"] for y, q in ((base, 2), (base, 3), (base, 4), (base + 1, 1)))
    for row in rows.itertuples():
        year = int(str(row.period_start)[:4])
        four = [index[f"{y} Q{q}"] for y, q in ((year, 2), (year, 3), (year, 4), (year + 1, 1))]
        assert float(str(row.value)) == pytest.approx(100 * sum(four) / total, abs=1e-4)


def test_the_series_is_asked_for_and_a_page_in_its_place_is_refused(
    server: HTTPServer, client: Callable[..., Any]
) -> None:
    query = {"format": "csv", "uri": "/economy/grossdomesticproductgdp/timeseries/ybgb/ukea"}
    server.expect_oneshot_request("/generator", query_string=query).respond_with_data(
        "\n".join(lines())
    )
    get = client({"www.ons.gov.uk": server.url_for("")})
    (file,) = FEED.fetch(get, HELD)
    assert len(FEED.parse(file).tables[CONTEXT]) == 36
    server.expect_oneshot_request("/generator").respond_with_data(
        "<!doctype html><html>x</html>" * 20
    )
    with pytest.raises(ContentError, match="a web page"):
        list(FEED.fetch(get, HELD))
    server.expect_request("/generator").respond_with_data(status=404)
    with pytest.raises(FetchError, match="404"):
        list(FEED.fetch(get, HELD))
