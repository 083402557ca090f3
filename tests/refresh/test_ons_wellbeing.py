"""ONS personal well-being: the dataset's file as public code reads it; the edition's figures, others made up."""

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
from iapt_ledger.sources.ons_wellbeing import DATASET, FEED, LAYOUT, SERIES

from .made_files import as_csv, put, raw
from .made_ons_wellbeing import CONTEXT, HELD, VERSION, YEARS, answer, held
from .mutations import Mutation, as_text, mutated, mutations


def test_the_figures_of_the_edition_come_back_and_whole_years_beside_them(tmp_path: Path) -> None:
    file = raw(tmp_path, "4.csv", as_csv(answer()))
    assert FEED.recognise(file) == LAYOUT
    got = FEED.parse(file)
    assert failed(got.checks) == []
    rows = got.tables[CONTEXT]
    assert len(rows) == 2 * len(YEARS) * len(SERIES)
    assert got.refused == {
        "rows of other areas than the United Kingdom and England": 240,
        "shares by answer that the edition has no place for": 360,
    }
    old = HELD.table(CONTEXT)
    owned = FEED.owned(CONTEXT, old)
    merged = merge(table(CONTEXT), old, rows, owned, feed=FEED.name, whole=True)
    assert set(merged.changes["change"]) == {"new"}, "nothing of the edition revised or withdrawn"
    assert merged.unchanged == len(held()) == 5
    ids = {*read_sources(edition=HELD.edition).canonical, *(p["id"] for p in got.publications)}
    check = bounds_check(table(CONTEXT), rows, {str(i) for i in ids})
    assert check.passed, check.sentence


FAULTS: dict[str, tuple[Callable[[list[list[str]]], list[list[str]]], str]] = {
    "a header renamed": (put("v4_3", "v4_2", 0), "unknown column; found 'v4_2'; nearest is v4_3"),
    "a column gone": (lambda x: [r[:4] + r[5:] for r in x], "not there; expected yyyy-yy"),
    "an unknown question": (put("measure-of-wellbeing", "hope"), "unknown question; found 'hope'; valid"),
    "an unknown estimate": (put("wellbeing-estimate", "best"), "unknown kind of estimate; found 'best'"),
    "no year": (put("yyyy-yy", "2011"), "no financial year.*'2011'"),
    "a year that is none": (put("yyyy-yy", "2011-13"), "no financial year.*'2011-13'"),
    "a figure twice": (lambda x: [*x, x[1]], "stands twice; found K02000001, 2011-12, anxiety"),
    "an unknown marker": (put("v4_3", "[x]"), "no number in K02000001, 2011-12, anxiety; found '\\[x\\]'"),
    "a marking": (put("Data marking", "x"), "unknown marking.*'x' at K02000001, 2011-12"),
    "no country": (lambda x: [x[0], *(r for r in x if r[6].startswith("E09"))], "nothing of the United"),
    "a row cut short": (lambda x: [*x[:-1], x[-1][:5]], "more or fewer cells"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_of_content_are_named(fault: str, tmp_path: Path) -> None:
    change, said = FAULTS[fault]
    with pytest.raises(LedgerError, match=f"(?is){said}"):
        FEED.parse(raw(tmp_path, "4.csv", as_csv(change(answer()))))


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (put("v4_3", "31.4"), "bounds"),
        (lambda rows: [r for r in rows if r[4] != "2014-15" or r[8] != "anxiety"], "periods"),
    ],
)
def test_a_value_out_of_bounds_and_a_missing_year_fail_their_rules(
    change: Callable[[list[list[str]]], list[list[str]]], rule: str, tmp_path: Path
) -> None:
    checks = FEED.parse(raw(tmp_path, "4.csv", as_csv(change(answer())))).checks
    assert {c.rule for c in checks if not c.passed} == {rule}


@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(change=st.lists(mutations(), min_size=1, max_size=2))
def test_a_broken_file_gives_its_own_values_or_a_named_fault(
    change: list[Mutation], tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = as_csv([r for r in answer() if not r[6].startswith("E09")])
    for one in change:
        data = mutated(data, *one) or b"x"
    try:
        got = FEED.parse(raw(tmp_path_factory.mktemp("fuzz"), "4.csv", data))
    except LedgerError as error:
        assert str(error)
        return
    cells = {}
    for told in csv.DictReader(io.StringIO(as_text(data), newline="")):
        clean = {str(k).strip(): str(v).strip() for k, v in told.items()}
        names = ("administrative-geography", "yyyy-yy", "measure-of-wellbeing")
        place = ", ".join([*(clean[n] for n in names), clean["wellbeing-estimate"]])
        cells[place] = clean["v4_3"]
    for one in got.tables[CONTEXT].itertuples():
        assert float(str(one.value)) == pytest.approx(float(cells[str(one.locator)]), abs=0.0501)


def serve(server: HTTPServer, client: Callable[..., Any], href: object) -> Any:
    described = json.dumps({"id": DATASET, "links": {"latest_version": {"href": href, "id": "4"}}})
    server.expect_request(f"/api/v1/datasets/{DATASET}").respond_with_data(
        described, content_type="application/json"
    )
    hosts = {
        "api.beta.ons.gov.uk": server.url_for("/api"),
        "download.ons.gov.uk": server.url_for(""),
    }
    return client(hosts)


FILE = f"/downloads/datasets/{DATASET}/editions/time-series/versions/4.csv"


def test_the_newest_version_is_asked_for_and_a_version_that_is_held_is_not_asked_again(
    server: HTTPServer, client: Callable[..., Any]
) -> None:
    get = serve(server, client, VERSION)
    server.expect_oneshot_request(FILE).respond_with_data(as_csv(answer()))
    for _ in range(2):
        (file,) = FEED.fetch(get, HELD)
        assert len(FEED.parse(file).tables[CONTEXT]) == 120


@pytest.mark.parametrize("href", [f"{VERSION}/../5", "https://example.org/x", 4, None])
def test_another_description_and_a_page_for_data_are_refused(
    href: object, server: HTTPServer, client: Callable[..., Any]
) -> None:
    with pytest.raises(ContentError, match="another shape"):
        list(FEED.fetch(serve(server, client, href), HELD))


def test_a_page_or_no_answer_in_place_of_the_file_is_told(
    server: HTTPServer, client: Callable[..., Any]
) -> None:
    get = serve(server, client, VERSION)
    server.expect_oneshot_request(FILE).respond_with_data("<!doctype html><html>x</html>" * 20)
    with pytest.raises(ContentError, match="web page"):
        list(FEED.fetch(get, HELD))
    server.expect_request(FILE).respond_with_data(status=404)
    with pytest.raises(FetchError, match="404"):
        list(FEED.fetch(get, HELD))
