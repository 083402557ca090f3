"""Answers and files of the English Prescribing Dataset that are broken: each is refused by name."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer

from iapt_ledger.errors import LedgerError
from iapt_ledger.sources.base import ContentError
from iapt_ledger.sources.nhsbsa_epd import FEED, SECTIONS
from iapt_ledger.sources.prescribing import answers
from iapt_ledger.sources.prescribing.sums import MONTHLY, REGIONS

from ..made_files import raw, zipped
from ..made_up_portal import Portal, epd_name
from .months import HELD, Make

COLUMNS = {
    "a column renamed": ("RENAME COLUMN BNF_CODE TO BNF_KODE", "'BNF_KODE' where 'BNF_CODE' stood"),
    "a column gone": ("DROP COLUMN NIC", "without 'NIC'"),
    "a column more": ("ADD COLUMN PRESCRIBED_TYPE TEXT", "with 'PRESCRIBED_TYPE' besides"),
}


@pytest.mark.parametrize("fault", COLUMNS)
def test_other_columns_are_refused_with_the_difference(
    fault: str, portal: Portal, client: Make
) -> None:
    change, said = COLUMNS[fault]
    portal.change(f"ALTER TABLE {epd_name('2024-11')} {change}")
    with pytest.raises(LedgerError, match=f"(?s)no layout that is known.*nearest.*{said}"):
        list(FEED.fetch(client(portal.mirrors), HELD))


FIGURES = {
    "a number that is none": (
        "UPDATE {t} SET ITEMS='n/a' WHERE rowid=1",
        "rows whose items or cost are no number",
    ),
    "a new region": (
        "UPDATE {t} SET REGIONAL_OFFICE_NAME='LONDON AND SOUTH' WHERE rowid=1",
        "unknown region.*LONDON AND SOUTH.*choices are EAST OF ENGLAND",
    ),
    "a region gone": (
        "DELETE FROM {t} WHERE REGIONAL_OFFICE_NAME='LONDON'",
        "a region is not there.*LONDON",
    ),
    "a new paragraph": (
        "UPDATE {t} SET BNF_CODE='0403050A0AAAAAA' WHERE BNF_CODE LIKE '040303%'",
        "unknown paragraph.*'040305'",
    ),
    "less than nothing": ("UPDATE {t} SET NIC=-1e12 WHERE rowid=1", "no number from 0 on"),
    "half an item": ("UPDATE {t} SET ITEMS=0.5 WHERE rowid=1", "no whole number"),
    "two months": (
        "UPDATE {t} SET YEAR_MONTH=202410 WHERE rowid=1",
        "several things",
    ),
    "no month": ("UPDATE {t} SET YEAR_MONTH='Nov 24'", "month cannot be read"),
}


@pytest.mark.parametrize("fault", FIGURES)
def test_figures_that_cannot_be_are_refused(fault: str, portal: Portal, client: Make) -> None:
    change, said = FIGURES[fault]
    portal.change(change.format(t=epd_name("2024-11")))
    file = next(iter(FEED.fetch(client(portal.mirrors), HELD)))
    with pytest.raises(LedgerError, match=f"(?si){said}"):
        FEED.parse(file)


RULES = {
    "another month than asked for": ("UPDATE {t} SET YEAR_MONTH=202410", "periods"),
    "cost a thousand times": (
        "UPDATE {t} SET NIC=NIC*1000 WHERE BNF_CODE LIKE '0403%'",
        "bounds",
    ),
    "half the country without a region": (
        "UPDATE {t} SET REGIONAL_OFFICE_NAME='UNIDENTIFIED' WHERE rowid % 2",
        "totals",
    ),
}


@pytest.mark.parametrize("fault", RULES)
def test_rules_of_acceptance_are_told_by_name(fault: str, portal: Portal, client: Make) -> None:
    change, rule = RULES[fault]
    portal.change(change.format(t=epd_name("2024-11")))
    checks = FEED.parse(next(iter(FEED.fetch(client(portal.mirrors), HELD)))).checks
    assert [c.rule for c in checks if not c.passed] == [rule]


ANSWERS = {
    "a page": ("<!doctype html><html>Just a moment...</html>", "web page"),
    "nothing": ("", "holds 0 bytes"),
    "half an answer": ('{"success": true, "result": {"result": {"records": [', "no.*JSON"),
    "a failure": ('{"success": false, "error": {"message": "bad SQL"}}', "bad SQL"),
    "no records": ('{"success": true, "result": {"result": {}}}', "no list of records"),
    "no rows": ('{"success": true, "result": {"result": {"records": []}}}', "no rows"),
    "a name twice": ('{"success": true, "success": true, "result": {}}', "stands twice"),
    "not a number": (
        '{"success": true, "result": {"result": {"records": [{"A": NaN}]}}}',
        "NaN is no number",
    ),
    "cut without a file": (
        '{"success": true, "result": {"records_truncated": "true", "gc_urls": [{"url": "file:///etc/passwd"}]}}',
        "leaves rows out",
    ),
}


@pytest.mark.parametrize("fault", ANSWERS)
def test_answers_that_are_none_are_named(fault: str, portal: Portal, client: Make) -> None:
    body, said = ANSWERS[fault]
    portal.broken[epd_name("2024-11")] = (200, body)
    with pytest.raises(LedgerError, match=f"(?si)2024-11.*{said}"):
        list(FEED.fetch(client(portal.mirrors), HELD))


def test_a_portal_without_months_is_told(server: HTTPServer, client: Make) -> None:
    with pytest.raises(ContentError, match="no table of a month"):
        list(FEED.fetch(client(Portal(server).mirrors), HELD))


@pytest.mark.parametrize(
    "data",
    [b"", b"<html></html>", b"a,b\n1,2\n", b"\0\1", b'{"a": 1}', zipped({"../x.csv": b"a"})],
)
def test_other_files_are_not_known(data: bytes, tmp_path: Path) -> None:
    file = raw(tmp_path, "x", data)
    assert FEED.recognise(file) is None
    with pytest.raises(LedgerError):
        FEED.parse(file)


def test_a_compressed_file_that_fills_the_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "MOST_UNPACKED", 100_000)
    bomb = gzip.compress(b"resource,released\n" * 100_000)
    with pytest.raises(ContentError, match="unpacks to too much.*100,000 bytes"):
        answers.records(raw(tmp_path, "x.csv.gz", bomb))


@pytest.fixture(scope="module")
def month(tables: dict[str, pd.DataFrame]) -> bytes:
    """An answer for November 2024 with eight sections."""
    rows = tables["2024-11"]
    code = rows["BNF_CODE"].str
    rows = rows[code[:4].isin(SECTIONS.values())].assign(p=code[:6])
    summed = rows.groupby(["REGIONAL_OFFICE_NAME", "p"])[["ITEMS", "NIC"]].sum().reset_index()
    told = [
        {
            "resource": epd_name("2024-11"),
            "released": "2026-01-02T03:04:05",
            "month": "202411",
            "region": region,
            "paragraph": p,
            "items": items,
            "nic": round(nic, 2),
            "unread": 0,
        }
        for region, p, items, nic in summed.itertuples(index=False)
    ]
    return json.dumps({"success": True, "result": {"result": {"records": told}}}).encode()


@settings(max_examples=80, suppress_health_check=list(HealthCheck))
@given(
    edits=st.lists(
        st.tuples(
            st.integers(0, 10**9),
            st.sampled_from(["cut", "byte", "drop", "swap"]),
            st.text(max_size=4),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_a_broken_answer_gives_its_own_values_or_a_named_fault(
    edits: list[tuple[int, str, str]], month: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = month
    for where, how, text in edits:
        at = where % max(1, len(data))
        if how == "cut":
            data = data[:at]
        elif how == "drop":
            data = data[:at] + data[at + 1 :]
        elif how == "byte":
            data = data[:at] + text.encode() + data[at + 1 :]
        else:
            data = data.replace(b"LONDON", text.encode(), 1)
    file = raw(tmp_path_factory.mktemp("fuzz"), "x.json", data)
    try:
        parsed = FEED.parse(file)
    except LedgerError as error:
        assert str(error)
        return
    rows = json.loads(data)["result"]["result"]["records"]
    england = [r for r in rows if str(r["region"]).strip().upper() in REGIONS]
    drugs = [r for r in england if str(r["paragraph"]).strip().startswith("0403")]
    value = parsed.tables[MONTHLY].set_index(["measure", "bnf_scope"])["value"]
    assert Decimal(value["items", "BNF 4.3"]) == sum(Decimal(str(r["items"])) for r in drugs)
