"""Fingertips: the table that the service writes, with the edition's figures, gives the edition's rows."""

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
from iapt_ledger.sources.fingertips import FEED, INDICATORS, LAYOUT

from .agreement import differences
from .made_files import as_csv, put, raw, workbook, zipped
from .made_fingertips import CONTEXT, HEADER, HELD, NAMES, answer, held, row
from .mutations import Mutation, mutated, mutations


@pytest.mark.parametrize("number", NAMES)
def test_the_figures_of_the_edition_come_back(number: str, tmp_path: Path) -> None:
    file = raw(tmp_path, "by_indicator_id", as_csv(answer(number)))
    assert FEED.recognise(file) == LAYOUT
    got = FEED.parse(file)
    assert failed(got.checks) == []
    rows = got.tables[CONTEXT]
    told = {d.split(":")[0] for d in differences(CONTEXT, rows, held(number))}
    assert told <= {"locator", "note"}, "our words on where it was read"
    old = HELD.table(CONTEXT)
    owned = FEED.owned(CONTEXT, old)
    merged = merge(table(CONTEXT), old, rows, owned, feed=FEED.name, whole=False)
    assert merged.changes.empty
    assert merged.unchanged == len(rows) > 5
    check = bounds_check(table(CONTEXT), rows, set(read_sources(edition=HELD.edition).canonical))
    assert check.passed, check.sentence
    if number == "848":
        assert got.refused == {
            "rows of other areas than England": 209,
            "rows of England by sex or category": 20,
        }


def test_a_newer_answer_has_a_column_more_and_a_year_more(tmp_path: Path) -> None:
    rows = [*answer(), row("848", "2025/26", "14.849"), row("848", "2026/27", "")]
    longer = [[*rows[0], "Time period range"], *([*r, "1y"] for r in rows[1:])]
    got = (
        FEED.parse(raw(tmp_path, "x.csv", as_csv(longer))).tables[CONTEXT].set_index("period_start")
    )
    assert got.loc["2025-04-01", ["value", "status"]].tolist() == ["14.8", "published"]
    assert got.loc["2026-04-01", ["value", "status"]].tolist() == ["", "missing"]


FAULTS: dict[str, tuple[Callable[[list[list[str]]], list[list[str]]], str]] = {
    "a header renamed": (put("Value", "Values", 0), "unknown column; found 'Values'; nearest"),
    "a column gone": (lambda x: [r[:12] + r[13:] for r in x], "not there; expected Value"),
    "an unknown indicator": (put("Indicator ID", "849"), "unknown indicator.*849.*valid choices are 848"),
    "another meaning": (put("Indicator Name", "Dementia"), "848 has a name that it did not have"),
    "another kind of period": (put("Time period", "2016 - 18"), "no financial year.*'2016 - 18'"),
    "a year twice": (lambda x: [*x, x[1]], "a year stands twice; found 848, 2014/15"),
    "an unknown marker": (put("Value", "*"), "no number in 848, 2014/15; found '\\*'"),
    "no England": (lambda x: [r for r in x if r[4] != "E92000001"], "nothing of England"),
    "no rows": (lambda x: x[:1], "nothing of England"),
    "a row cut short": (lambda x: [*x[:-1], x[-1][:5]], "more or fewer cells"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_of_content_are_named(fault: str, tmp_path: Path) -> None:
    change, said = FAULTS[fault]
    with pytest.raises(LedgerError, match=f"(?is){said}"):
        FEED.parse(raw(tmp_path, "x.csv", as_csv(change(answer()))))


def test_a_value_out_of_bounds_fails_the_rule(tmp_path: Path) -> None:
    checks = FEED.parse(raw(tmp_path, "x.csv", as_csv(put("Value", "730")(answer())))).checks
    assert {c.rule for c in checks if not c.passed} == {"bounds"}


@pytest.mark.parametrize(
    "data",
    [
        b"<!DOCTYPE html><html>x</html>",
        b"",
        b"\x00",
        zipped({"a": b"x"}),
        workbook({"S": [HEADER]}),
    ],
)
def test_what_is_no_answer_is_refused(data: bytes, tmp_path: Path) -> None:
    file = raw(tmp_path, "x.csv", data)
    assert FEED.recognise(file) is None
    with pytest.raises(ContentError):
        FEED.parse(file)


@settings(max_examples=80, suppress_health_check=list(HealthCheck), deadline=None)
@given(change=st.lists(mutations(), min_size=1, max_size=2))
def test_a_broken_answer_gives_its_own_values_or_a_named_fault(
    change: list[Mutation], tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = as_csv(answer("21001"))
    for one in change:
        data = mutated(data, *one) or b"x"
    try:
        got = FEED.parse(raw(tmp_path_factory.mktemp("fuzz"), "x.csv", data))
    except LedgerError as error:
        assert str(error)
        return
    cells = {}
    for told in csv.DictReader(io.StringIO(data.decode("utf-8-sig", "replace"), newline="")):
        clean = {str(k).strip(): str(v).strip() for k, v in told.items()}
        if clean.get("Sex") == "Persons" and not clean.get("Category Type"):
            cells[clean["Time period"].replace("/", "-")] = clean["Value"]
    for one in got.tables[CONTEXT].itertuples():
        year = int(str(one.period_start)[:4])
        said = cells[f"{year}-{(year + 1) % 100:02d}"]
        assert one.value == "" if not said else abs(float(str(one.value)) - float(said)) <= 0.0501


def serve(server: HTTPServer, pairs: list[dict[str, int]]) -> Callable[..., Any]:
    server.expect_request("/api/available_data").respond_with_data(
        json.dumps(pairs), content_type="application/json"
    )
    return lambda client: client({"fingertips.phe.org.uk": server.url_for("")})


def test_indicators_are_asked_for_with_an_area_that_they_have(
    server: HTTPServer, client: Callable[..., Any]
) -> None:
    pairs = [{"IndicatorId": 848, "AreaTypeId": k} for k in (7, 202)]
    pairs += [{"IndicatorId": 21001, "AreaTypeId": 501}, {"IndicatorId": 91096, "AreaTypeId": 15}]
    get = serve(server, pairs)(client)
    for number, kind in (("848", "202"), ("21001", "501"), ("91096", "15")):
        query = {"indicator_ids": number, "child_area_type_id": kind, "parent_area_type_id": "15"}
        server.expect_request(
            "/api/all_data/csv/by_indicator_id", query_string=query
        ).respond_with_data(as_csv(answer(number)))
    brought = []
    with pytest.raises(FetchError, match="Indicator 90813 .* no longer there"):
        for file in FEED.fetch(get, HELD):
            brought.append(FEED.parse(file).tables[CONTEXT]["measure"].iloc[0])
    assert brought == [INDICATORS[n].measure for n in ("848", "21001", "91096")]


def test_a_list_of_another_shape_and_a_page_for_data_are_refused(
    server: HTTPServer, client: Callable[..., Any]
) -> None:
    get = serve(server, [{"Indicator": 848}])(client)
    with pytest.raises(ContentError, match="another shape"):
        list(FEED.fetch(get, HELD))
    server.clear()
    pairs = [{"IndicatorId": int(n), "AreaTypeId": 202} for n in INDICATORS]
    get = serve(server, pairs)(client)
    server.expect_request("/api/all_data/csv/by_indicator_id").respond_with_data(
        "<!doctype html><html>Sorry</html>" * 20
    )
    with pytest.raises(FetchError, match="web page"):
        list(FEED.fetch(get, HELD))
