"""OpenPrescribing: the real export comes to the edition's rows, answers are read, and pages for browsers refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer

from iapt_ledger.edition.store import find_edition
from iapt_ledger.edition.tables import TABLES
from iapt_ledger.errors import LedgerError
from iapt_ledger.refresh.bring import bring
from iapt_ledger.refresh.merge import merge
from iapt_ledger.registry import read_sources
from iapt_ledger.sources.base import Held, RawFile, failed
from iapt_ledger.sources.openprescribing import BY_REGION, ENGLAND, EXPORTED, FEED, REGIONAL
from iapt_ledger.sources.prescribing.sums import MONTHLY

from .made_files import raw, real
from .made_openprescribing import EXPORT, Row, national, regional

HELD = Held(find_edition("2026-11-22"))
Make = Callable[..., Any]


def changes(name: str, rows: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    old = HELD.table(name)
    owned = FEED.owned(name, old)
    merged = merge(TABLES[name], old, rows, owned, feed=FEED.name, whole=True)
    return merged.changes, merged.unchanged


def test_the_real_export_comes_to_the_rows_of_the_edition_value_by_value() -> None:
    path = real(EXPORT)
    file = RawFile(path=path, name=path.name)
    assert FEED.recognise(file) == EXPORTED
    parsed = FEED.parse(file)
    assert failed(parsed.checks) == []
    told, same = changes(BY_REGION, parsed.tables[BY_REGION])
    assert told.empty
    assert same == 840
    old = HELD.table(BY_REGION)
    old = old[FEED.owned(BY_REGION, old)].sort_values(["month", "region"]).reset_index(drop=True)
    rest = [c for c in old if c != "cost_gbp"]
    pd.testing.assert_frame_equal(parsed.tables[BY_REGION][rest], old[rest])


@pytest.mark.parametrize(
    "name", ["ssri_op.csv", "maoi_op.csv", "openprescribing_england_total.csv"]
)
def test_exports_of_code_lists_are_another_series(name: str) -> None:
    path = real(f"openprescribing-regional/{name}")
    file = RawFile(path=path, name=path.name)
    assert FEED.recognise(file) is None
    with pytest.raises(LedgerError, match="nearest layout"):
        FEED.parse(file)


def test_an_export_that_does_not_name_its_medicines_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="a name with the word antidepressant"):
        FEED.parse(raw(tmp_path, "items for statins.csv", real(EXPORT).read_bytes()))


def served(server: HTTPServer, england: Any, regions: Any) -> dict[str, str]:
    for path, query, body in (
        ("spending", {"code": "0403", "format": "json"}, england),
        (
            "spending_by_org",
            {"org_type": "regional_team", "code": "0403", "format": "json"},
            regions,
        ),
    ):
        handler = server.expect_request(f"/op/api/1.0/{path}/", query_string=query)
        if isinstance(body, tuple):
            handler.respond_with_data(body[1], status=body[0])
        else:
            handler.respond_with_data(json.dumps(body), content_type="application/json")
    return {"openprescribing.net": server.url_for("/op")}


def test_answers_come_to_the_same_rows_and_a_scope_of_their_own(
    server: HTTPServer, client: Make
) -> None:
    get = client(served(server, national(), regional()))
    brought = bring(FEED, get, HELD, read_sources(edition=HELD.edition), lambda _: ())
    assert brought.failures == []
    assert [t.layout for t in brought.files] == [ENGLAND, REGIONAL]
    told, same = changes(BY_REGION, brought.tables[BY_REGION])
    assert told.empty
    assert same == 840
    told, same = changes(MONTHLY, brought.tables[MONTHLY])
    assert set(told["change"]) == {"new"}  # the sums of code lists that the edition holds stay
    assert len(told) == 120
    assert set(brought.tables[MONTHLY]["bnf_scope"]) == {"BNF 4.3"}


REFUSALS = {
    "out of the five years": (404, "Date is outside the 5 years of data available"),
    "a date in another form": (400, "Dates must be in YYYY-MM-DD format"),
    "a challenge": (403, "<html><title>Just a moment...</title></html>"),
}


@pytest.mark.parametrize("fault", REFUSALS)
def test_what_the_site_says_is_told_and_the_other_answer_counts(
    fault: str, server: HTTPServer, client: Make
) -> None:
    status, text = REFUSALS[fault]
    get = client(served(server, national(), (status, text)))
    brought = bring(FEED, get, HELD, read_sources(edition=HELD.edition), lambda _: ())
    assert set(brought.tables) == {MONTHLY}
    said = " ".join(brought.failures)
    assert str(status) in said
    assert text.split("<title>")[-1].split(".")[0] in said


def test_a_page_for_browsers_in_place_of_an_answer_is_refused(
    server: HTTPServer, client: Make
) -> None:
    page = (200, "<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>")
    brought = bring(
        FEED,
        client(served(server, page, page)),
        HELD,
        read_sources(edition=HELD.edition),
        lambda _: (),
    )
    assert brought.tables == {}
    assert "a web page (HTML): the host put a page in the place of the file" in brought.failures[0]


def edit(row: int, **cells: Any) -> Callable[[list[Row]], list[Row]]:
    return lambda rows: [*rows[:row], {**rows[row], **cells}, *rows[row + 1 :]]


FAULTS: dict[str, tuple[Callable[[list[Row]], Any], str]] = {
    "a column renamed": (
        lambda rows: [{("Items" if k == "items" else k): v for k, v in r.items()} for r in rows],
        "column is not there; expected items",
    ),
    "a column gone": (
        lambda rows: [{k: v for k, v in r.items() if k != "actual_cost"} for r in rows],
        "expected actual_cost",
    ),
    "rows of two kinds": (edit(3, extra=1), "different columns"),
    "an unknown region": (edit(3, row_name="MIDLAND COMMISSIONING REGION"), "nearest.*MIDLANDS"),
    "a region gone": (lambda rows: rows[1:], "region is not there in 2016-01"),
    "a row twice": (lambda rows: [*rows, rows[0]], "row comes twice.*2016-01"),
    "a marker": (edit(3, items="*"), r"items cannot be that.*'\*'"),
    "nothing": (edit(3, actual_cost=None), "actual_cost cannot be that"),
    "half an item": (edit(3, items=1.5), "items cannot be that"),
    "the middle of a month": (edit(3, date="2016-01-15"), "no first of a month"),
    "no date": (edit(3, date="January"), "no first of a month"),
    "no rows": (lambda rows: [], "no rows"),
    "no list": (lambda rows: {"detail": "throttled"}, "no list of rows.*throttled"),
    "a cell in a cell": (edit(3, items=[1]), "no row of plain cells"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_content_faults_are_named(fault: str, tmp_path: Path) -> None:
    make, said = FAULTS[fault]
    with pytest.raises(LedgerError, match=f"(?si){said}"):
        FEED.parse(raw(tmp_path, "x.json", json.dumps(make(regional())).encode()))


def test_rules_are_told_by_name(tmp_path: Path) -> None:
    without = [r for r in regional() if r["date"] != "2017-05-01"]
    checks = FEED.parse(raw(tmp_path, "x.json", json.dumps(without).encode())).checks
    assert [c.sentence for c in checks if not c.passed] == [
        "It holds 59 months from 2016-01 to 2020-12; it lacks 2017-05."
    ]
    dear = edit(3, actual_cost=1e9)(regional())
    checks = FEED.parse(raw(tmp_path, "x.json", json.dumps(dear).encode())).checks
    assert [c.rule for c in checks if not c.passed] == ["bounds"]


@pytest.mark.parametrize(
    "data", [b"", b"<html></html>", b"a,b\n1,2\n", b"\0", b"[", b"[[]]", b"[1]"]
)
def test_other_files_are_not_known(data: bytes, tmp_path: Path) -> None:
    file = raw(tmp_path, "antidepressant.csv", data)
    assert FEED.recognise(file) is None
    with pytest.raises(LedgerError):
        FEED.parse(file)


@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(
    edits=st.lists(st.tuples(st.integers(0, 10**6), st.text(max_size=3)), min_size=1, max_size=3)
)
def test_a_changed_answer_gives_its_own_values_or_a_named_fault(
    edits: list[tuple[int, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = json.dumps(regional()[:14]).encode()
    for where, text in edits:
        at = where % len(data)
        data = data[:at] + text.encode() + data[at + 1 :]
    try:
        parsed = FEED.parse(raw(tmp_path_factory.mktemp("fuzz"), "x.json", data))
    except LedgerError as error:
        assert str(error)
        return
    found = parsed.tables[BY_REGION]["items"].astype(float).sum()
    assert found == sum(float(str(r["items"])) for r in json.loads(data))
