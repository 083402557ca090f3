"""Scotland's portal on a local server that works out the SQL: made-up months in the published layout."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
from iapt_ledger.sources.base import Held, failed
from iapt_ledger.sources.prescribing.sums import ANNUAL
from iapt_ledger.sources.scotland_prescribing import FEED, YEAR

from .made_files import raw
from .made_scotland_prescribing import CODES, MONTHS, Scotland, uuid
from .mutations import as_text

HELD = Held(find_edition("2026-11-22"))
Make = Callable[..., Any]


@pytest.fixture
def portal(server: HTTPServer) -> Scotland:
    return Scotland(server)


def brought(portal: Scotland, client: Make) -> Any:
    registry = read_sources(edition=HELD.edition)
    return bring(FEED, client(portal.mirrors), HELD, registry, lambda _: ())


def test_whole_years_are_added_up_beside_what_the_edition_holds(
    portal: Scotland, client: Make
) -> None:
    got = brought(portal, client)
    assert got.failures == []
    assert [t.layout for t in got.files] == [YEAR]
    rows = got.tables[ANNUAL]
    values = rows.set_index(["measure", "bnf_scope"])["value"]
    months = MONTHS[6:18]
    assert (months[0], months[-1]) == ("2016-04", "2017-03")
    each = [n + i for i, m in enumerate(MONTHS) if m in months for n in CODES.values()]
    items = sum(n // 2 * 2 for n in each)
    assert int(values["items", "BNF 4.3"]) == items
    assert float(values["gross_ingredient_cost_gbp", "BNF 4.3"]) == items * 2.5
    ssris = [300_000 + i for i, m in enumerate(MONTHS) if m in months]
    assert int(values["items", "BNF 4.3.3 (SSRIs)"]) == sum(n // 2 * 2 for n in ssris)
    old = HELD.table(ANNUAL)
    merged = merge(TABLES[ANNUAL], old, rows, FEED.owned(ANNUAL, old), feed=FEED.name, whole=True)
    assert merged.changes["change"].tolist() == ["new"] * 4
    assert len(merged.frame) == len(old) + 4
    assert set(rows["geography"]) == {"Scotland"}


def test_only_what_is_released_anew_is_asked_for_again(portal: Scotland, client: Make) -> None:
    get = client(portal.mirrors)
    list(FEED.fetch(get, HELD))
    asked = len(portal.asked)
    assert asked == 13
    list(FEED.fetch(get, HELD))
    assert len(portal.asked) == asked
    portal.released["2016-07"] = "2025-01-01T00:00:00.000000"
    list(FEED.fetch(get, HELD))
    assert len(portal.asked) == asked + 2


CHANGES = {
    "a column renamed": (
        'RENAME COLUMN "BNFItemCode" TO "ItemCode"',
        "'ItemCode' where 'BNFItemCode'",
    ),
    "a column gone": ('DROP COLUMN "GrossIngredientCost"', "without 'GrossIngredientCost'"),
    "a product told twice": ('ADD COLUMN "PrescribedType" TEXT', "with 'PrescribedType' besides"),
}


@pytest.mark.parametrize("fault", CHANGES)
def test_other_columns_are_refused(fault: str, portal: Scotland, client: Make) -> None:
    change, said = CHANGES[fault]
    portal.db.execute(f'ALTER TABLE "{uuid("2016-07")}" {change}')
    got = brought(portal, client)
    assert got.tables == {}
    assert said in " ".join(got.failures)


FIGURES = {
    "half a month": ("DELETE FROM {t} WHERE \"BNFItemCode\" LIKE '040303%'", "totals"),
    "a dear year": ('UPDATE {t} SET "GrossIngredientCost"=1e12', "bounds"),
    "a new paragraph": (
        "UPDATE {t} SET \"BNFItemCode\"='0403070A0AA' WHERE \"BNFItemCode\" LIKE '0403%'",
        "unknown paragraph",
    ),
    "no month": ("DELETE FROM {t}", "no rows"),
    "no antidepressants": ("DELETE FROM {t} WHERE \"BNFItemCode\" LIKE '0403%'", "no whole year"),
    "half an item": ('UPDATE {t} SET "NumberOfPaidItems"=0.25', "cannot be that"),
    "below nothing": ('UPDATE {t} SET "NumberOfPaidItems"=-5', "cannot be that"),
}


@pytest.mark.parametrize("fault", FIGURES)
def test_figures_that_cannot_be_are_refused(fault: str, portal: Scotland, client: Make) -> None:
    change, said = FIGURES[fault]
    portal.db.execute(change.format(t=f'"{uuid("2016-07")}"'))
    got = brought(portal, client)
    assert got.tables == {}
    assert said in " ".join(got.failures).lower()


def test_a_cut_answer_and_a_refusal_are_told(portal: Scotland, client: Make) -> None:
    portal.limit = 5
    assert "leaves rows out" in " ".join(brought(portal, client).failures)
    portal.db.execute(f'DROP TABLE "{uuid("2016-07")}"')
    said = " ".join(brought(portal, client).failures)
    assert "409" in said
    assert "no such table" in said


def test_a_portal_without_months_or_with_a_page_is_told(server: HTTPServer, client: Make) -> None:
    mirrors = {"www.opendata.nhs.scot": server.url_for("/scot")}
    place = server.expect_ordered_request("/scot/api/3/action/package_show")
    place.respond_with_json({"success": True, "result": {"resources": []}})
    with pytest.raises(LedgerError, match="no table of a month"):
        list(FEED.fetch(client(mirrors), HELD))
    server.clear()
    server.expect_request("/scot/api/3/action/package_show").respond_with_data("<html>x</html>")
    with pytest.raises(LedgerError, match="a web page"):
        list(FEED.fetch(client(mirrors), HELD))


@pytest.mark.parametrize(
    "data", [b"", b"<html></html>", b"a\n1\n", b"\0", b'{"result": {}}', b"[]"]
)
def test_other_files_are_not_known(data: bytes, tmp_path: Path) -> None:
    file = raw(tmp_path, "x", data)
    assert FEED.recognise(file) is None
    with pytest.raises(LedgerError):
        FEED.parse(file)


def made_answer() -> bytes:
    rows = [
        {
            "year": "Scotland 2016-17",
            "released": "r",
            "month": m,
            "code": c,
            "items": n,
            "cost": n * 2.5,
        }
        for m in MONTHS[6:18]
        for c, n in CODES.items()
    ]
    return json.dumps({"success": True, "result": {"records": rows}}).encode()


@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(
    edits=st.lists(st.tuples(st.integers(0, 10**6), st.text(max_size=3)), min_size=1, max_size=3)
)
def test_a_changed_answer_gives_its_own_values_or_a_named_fault(
    edits: list[tuple[int, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = made_answer()
    for where, text in edits:
        at = where % len(data)
        data = data[:at] + text.encode() + data[at + 1 :]
    try:
        parsed = FEED.parse(raw(tmp_path_factory.mktemp("fuzz"), "x.json", data))
    except LedgerError as error:
        assert str(error)
        return
    rows = json.loads(as_text(data))["result"]["records"]
    assert int(parsed.tables[ANNUAL]["value"][0]) == sum(float(str(r["items"])) for r in rows)
    assert failed(parsed.checks) is not None
