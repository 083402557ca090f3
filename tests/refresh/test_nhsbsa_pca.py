"""Prescription Cost Analysis from a local portal over real figures: only England is taken, never its regions."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from itertools import product
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
from iapt_ledger.refresh.merge import NEW, REVISED, WITHDRAWN, merge
from iapt_ledger.registry import read_sources
from iapt_ledger.sources import nhsbsa_epd
from iapt_ledger.sources.base import Held, failed
from iapt_ledger.sources.nhsbsa_pca import FEED, MONTH, YEAR
from iapt_ledger.sources.prescribing.sums import ANNUAL, MONTHLY, REGIONS

from .made_files import raw
from .made_up_portal import pca_name, with_pca
from .mutations import as_text

HELD = Held(find_edition("2026-11-22"))
Make = Callable[..., Any]


@pytest.fixture(scope="module")
def month() -> bytes:
    """An answer for October 2024."""
    told = [
        {
            "resource": pca_name("2024-10"),
            "released": "2026-01-02T03:04:05",
            "month": "202410",
            "region": region,
            "paragraph": paragraph,
            "items": 1_000_000 + i,
            "nic": 2_500_000.25,
            "unread": 0,
        }
        for i, (region, paragraph) in enumerate(product(REGIONS, ("040301", "040303", "040304")))
    ]
    return json.dumps({"success": True, "result": {"result": {"records": told}}}).encode()


def changes(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    old = HELD.table(name)
    owned = FEED.owned(name, old)
    return merge(TABLES[name], old, rows, owned, feed=FEED.name, whole=True).changes


def test_real_months_and_a_year_come_to_the_rows_of_the_edition_value_by_value(
    server: HTTPServer, client: Make
) -> None:
    portal = with_pca(server, "2023-01", "2024-10")
    files = list(FEED.fetch(client(portal.mirrors), HELD))
    assert [FEED.recognise(f) for f in files] == [MONTH] * 22 + [YEAR]
    parsed = [FEED.parse(f) for f in files]
    assert all(failed(p.checks) == [] for p in parsed)
    for name, several in ((MONTHLY, 22 * 2), (ANNUAL, 2)):
        told = changes(name, pd.concat(p.tables[name] for p in parsed if name in p.tables))
        assert REVISED not in set(told["change"])
        assert WITHDRAWN not in set(told["change"])
        assert (told["change"] == NEW).sum() == several  # SSRIs, whose share the test made up
        assert told["what"].str.contains("SSRI").all()


def test_no_region_is_taken_as_it_is_that_of_the_dispenser(
    server: HTTPServer, client: Make
) -> None:
    portal = with_pca(server, "2024-10", "2024-10")
    parsed = FEED.parse(next(iter(FEED.fetch(client(portal.mirrors), HELD))))
    assert set(parsed.tables) == {MONTHLY}
    assert "LIKE '0403%'" in portal.asked[-1]


def test_the_edition_takes_what_is_brought(server: HTTPServer, client: Make) -> None:
    portal = with_pca(server, "2024-09", "2024-10")
    get = client(portal.mirrors)
    brought = bring(FEED, get, HELD, read_sources(edition=HELD.edition), lambda _: ())
    assert brought.failures == []
    assert len(brought.tables[MONTHLY]) == 8


def test_the_two_series_do_not_know_each_others_answers(server: HTTPServer, client: Make) -> None:
    portal = with_pca(server, "2024-10", "2024-10")
    file = next(iter(FEED.fetch(client(portal.mirrors), HELD)))
    assert nhsbsa_epd.FEED.recognise(file) is None
    old = HELD.table(MONTHLY)
    assert not (FEED.owned(MONTHLY, old) & nhsbsa_epd.FEED.owned(MONTHLY, old)).any()
    assert set(FEED.parse(file).tables[MONTHLY]["series"]) == {"PCA"}


def test_a_year_that_lacks_rows_of_a_month_is_no_year(server: HTTPServer, client: Make) -> None:
    portal = with_pca(server, "2023-01", "2023-12")
    portal.change(f"DELETE FROM {pca_name('2023-05')} WHERE BNF_PRESENTATION_CODE LIKE '040303%'")
    brought = bring(
        FEED, client(portal.mirrors), HELD, read_sources(edition=HELD.edition), lambda _: ()
    )
    assert "no whole year" in " ".join(brought.failures)
    assert ANNUAL not in brought.tables


FIGURES = {
    "a column renamed": ("ALTER TABLE {t} RENAME COLUMN NIC TO COST", "'COST'.*"),
    "a column gone": ("ALTER TABLE {t} DROP COLUMN ITEMS", "without 'ITEMS'"),
    "a region gone": ("DELETE FROM {t} WHERE REGION_NAME='MIDLANDS'", "region is not there"),
    "a marker": ("UPDATE {t} SET NIC='*'", "no number"),
    "a paragraph": (
        "UPDATE {t} SET BNF_PRESENTATION_CODE='0403070A' WHERE BNF_PRESENTATION_CODE LIKE '0403%'",
        "row comes twice|unknown paragraph",
    ),
    "no antidepressants": (
        "UPDATE {t} SET BNF_PRESENTATION_CODE='0201010A0AAAAAA'",
        "no rows",
    ),
}


@pytest.mark.parametrize("fault", FIGURES)
def test_what_cannot_be_is_refused(fault: str, server: HTTPServer, client: Make) -> None:
    change, said = FIGURES[fault]
    portal = with_pca(server, "2024-10", "2024-10")
    portal.change(change.format(t=pca_name("2024-10")))
    with pytest.raises(LedgerError, match=f"(?s){said}"):
        for file in FEED.fetch(client(portal.mirrors), HELD):
            FEED.parse(file)


def test_a_cost_out_of_bounds_fails_the_rule(server: HTTPServer, client: Make) -> None:
    portal = with_pca(server, "2024-10", "2024-10")
    portal.change(f"UPDATE {pca_name('2024-10')} SET NIC=NIC*1000")
    (file,) = FEED.fetch(client(portal.mirrors), HELD)
    assert {c.rule for c in FEED.parse(file).checks if not c.passed} == {"bounds"}


@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(
    change=st.lists(st.tuples(st.integers(0, 10**9), st.text(max_size=3)), min_size=1, max_size=3)
)
def test_a_broken_answer_gives_its_own_values_or_a_named_fault(
    change: list[tuple[int, str]], month: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = month
    for where, text in change:
        at = where % len(data)
        data = data[:at] + text.encode("utf-8", "replace") + data[at + 1 :]
    try:
        got = FEED.parse(raw(tmp_path_factory.mktemp("fuzz"), "x.json", data))
    except LedgerError as error:
        assert str(error)
        return
    rows = json.loads(as_text(data))["result"]["result"]["records"]
    taken = [r for r in rows if str(r["region"]).strip().upper() in REGIONS]
    drugs = [r for r in taken if str(r["paragraph"]).strip().startswith("0403")]
    value = got.tables[MONTHLY].set_index(["measure", "bnf_scope"])["value"]
    assert Decimal(value["items", "BNF 4.3"]) == sum(Decimal(str(r["items"])) for r in drugs)


@pytest.mark.parametrize("data", [b"", b"<html>x</html>", b"a,b\n1,2\n", b'{"result": 1}', b"\0"])
def test_other_files_are_not_known(data: bytes, tmp_path: Path) -> None:
    file = raw(tmp_path, "x", data)
    assert FEED.recognise(file) is None
    with pytest.raises(LedgerError):
        FEED.parse(file)


def test_a_page_in_place_of_the_list_is_refused(server: HTTPServer, client: Make) -> None:
    server.expect_request("/portal/api/3/action/package_show").respond_with_data(
        "<html>Checking your browser</html>", content_type="text/html"
    )
    mirrors = {"opendata.nhsbsa.net": server.url_for("/portal")}
    with pytest.raises(LedgerError, match="a web page.*put a page in the place of the file"):
        list(FEED.fetch(client(mirrors), HELD))
