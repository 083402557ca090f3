"""English Prescribing Dataset from a local portal that works out the SQL over real figures, and what it may send."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from decimal import Decimal
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
from iapt_ledger.fetch.raw import RawStore
from iapt_ledger.refresh.bring import bring
from iapt_ledger.refresh.merge import NEW, merge
from iapt_ledger.registry import read_sources
from iapt_ledger.sources.base import ContentError, FetchError, Held, Parsed, RawFile, failed
from iapt_ledger.sources.nhsbsa_epd import BY_REGION, DATASET, FEED, MONTH, SECTIONS, WHOLE
from iapt_ledger.sources.prescribing import answers
from iapt_ledger.sources.prescribing.sums import ANNUAL, MONTHLY, REGIONS

from .made_files import raw, real, zipped
from .made_up_portal import Portal, as_from_march_2025, epd_months, epd_name, months_between

HELD = Held(find_edition("2026-11-22"))
ALL = ["2021-01", "2021-06", "2022-07", *months_between("2023-07", "2024-12")]
Make = Callable[..., Any]


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return epd_months(ALL)


@pytest.fixture
def portal(server: HTTPServer, tables: dict[str, pd.DataFrame]) -> Portal:
    """November and December 2024, December in the layout of March 2025."""
    running = Portal(server)
    running.put(DATASET.id, epd_name("2024-11"), tables["2024-11"])
    running.put(DATASET.id, epd_name("2024-12"), as_from_march_2025(tables["2024-12"]))
    return running


def together(parsed: list[Parsed]) -> dict[str, pd.DataFrame]:
    """The rows of several files."""
    names = {name for one in parsed for name in one.tables}
    return {
        name: pd.concat([one.tables[name] for one in parsed if name in one.tables])
        for name in names
    }


def changes(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """What a refresh would change in the edition."""
    parts = []
    for name, rows in tables.items():
        old = HELD.table(name)
        owned = FEED.owned(name, old)
        merged = merge(TABLES[name], old, rows, owned, feed=FEED.name, whole=True)
        parts.append(merged.changes)
    return pd.concat(parts)


def test_real_months_and_a_year_come_to_the_rows_of_the_edition_value_by_value(
    server: HTTPServer, tables: dict[str, pd.DataFrame], client: Make
) -> None:
    portal = Portal(server)
    for month in ALL:
        later = as_from_march_2025(tables[month]) if month >= "2024-07" else tables[month]
        portal.put(DATASET.id, epd_name(month), later)
    portal.put(DATASET.id, epd_name("2020-11"), tables["2021-01"])  # before the series begins
    get = client(portal.mirrors)
    parsed: list[Parsed] = []
    with pytest.raises(FetchError, match="no table of 2021-02"):
        parsed.extend(FEED.parse(file) for file in FEED.fetch(get, HELD))
    assert [failed(one.checks) for one in parsed] == [[]] * (len(ALL) + 1)
    rows = together(parsed)
    told = changes(rows)
    assert set(told["change"]) == {NEW}
    assert len(told) == 2 * len(ALL) + 2  # SSRIs, by month and by year
    assert len(rows[MONTHLY]) == 4 * len(ALL)
    assert len(rows[BY_REGION]) == 63 * len(ALL)
    asked = len(portal.asked)
    with pytest.raises(FetchError):
        list(FEED.fetch(get, HELD))
    assert len(portal.asked) == asked  # nothing of the same release is asked for twice


def test_columns_and_not_the_date_tell_the_layout(portal: Portal, client: Make) -> None:
    files = list(FEED.fetch(client(portal.mirrors), HELD))
    assert [FEED.recognise(f) for f in files] == [MONTH, MONTH]
    sums = [sql for sql in portal.asked if "GROUP BY" in sql]
    assert "SUBSTR(BNF_CODE" in sums[0]
    assert "SUBSTR(BNF_PRESENTATION_CODE" in sums[1]
    parsed = FEED.parse(files[1])
    assert failed(parsed.checks) == []
    assert set(parsed.tables[BY_REGION]["bnf_section"]) == set(SECTIONS)
    assert set(parsed.tables[BY_REGION]["month"]) == {"2024-12"}


def test_a_later_release_is_asked_for_anew_and_replaces(portal: Portal, client: Make) -> None:
    get = client(portal.mirrors)
    first = [FEED.parse(f) for f in FEED.fetch(get, HELD)]
    table = epd_name("2024-11")
    portal.change(
        f"UPDATE {table} SET ITEMS = ITEMS + 1 WHERE BNF_CODE LIKE '0403030Q0%' AND REGIONAL_OFFICE_NAME = 'LONDON'",
        released="2026-05-11T00:00:00.000000",
    )
    portal.asked.clear()
    second = [FEED.parse(f) for f in FEED.fetch(get, HELD)]
    assert all(table in sql for sql in portal.asked)
    assert len(portal.asked) == 2
    items = [int(one[0].tables[MONTHLY]["value"][0]) for one in (first, second)]
    assert items[1] == items[0] + 1
    assert second[1].tables[MONTHLY].equals(first[1].tables[MONTHLY])


def test_more_rows_than_the_portal_gives_come_from_the_file_that_it_names(
    portal: Portal, client: Make
) -> None:
    whole = [FEED.parse(f) for f in FEED.fetch(client(portal.mirrors), HELD)]
    portal.limit = 100
    other = client(portal.mirrors, store=RawStore(Path(client(None).store.folder) / "other"))
    files = list(FEED.fetch(other, HELD))
    assert [f.name.endswith(".csv.gz") for f in files] == [True, True]
    cut = [FEED.parse(f) for f in files]
    for one, two in zip(whole, cut, strict=True):
        assert one.tables[BY_REGION].equals(two.tables[BY_REGION])
    links = [f.request.url for f in files if f.request]
    again = [f.request.url for f in FEED.fetch(other, HELD) if f.request]
    assert not set(links) & set(again)  # a link of an hour ago is not followed


def test_what_cannot_be_placed_is_left_out_and_told(portal: Portal, client: Make) -> None:
    table = epd_name("2024-11")
    portal.change(
        f"INSERT INTO {table} SELECT * FROM {table} WHERE REGIONAL_OFFICE_NAME='LONDON' AND BNF_CODE LIKE '0403030Q0%'"
    )
    portal.change(
        f"UPDATE {table} SET REGIONAL_OFFICE_NAME='UNIDENTIFIED' WHERE rowid = (SELECT MAX(rowid) FROM {table})"
    )
    parsed = FEED.parse(next(iter(FEED.fetch(client(portal.mirrors), HELD))))
    assert failed(parsed.checks) == []
    assert sum(parsed.refused.values()) > 100_000
    held = HELD.table(MONTHLY)
    held = held[
        held["series"].eq("EPD")
        & held["period_start"].eq("2024-11-01")
        & held["measure"].eq("items")
    ]
    assert parsed.tables[MONTHLY]["value"][0] == held["value"].iloc[0]


def test_one_month_that_fails_does_not_lose_the_others(portal: Portal, client: Make) -> None:
    portal.broken[epd_name("2024-11")] = (
        500,
        '{"success": false, "error": {"message": "try later"}}',
    )
    got: list[Parsed] = []
    with pytest.raises(LedgerError, match=r"2024-11.*500.*try later"):
        got.extend(FEED.parse(f) for f in FEED.fetch(client(portal.mirrors), HELD))
    brought = bring(
        FEED, client(portal.mirrors), HELD, read_sources(edition=HELD.edition), lambda _: ()
    )
    assert set(brought.tables[BY_REGION]["month"]) == {"2024-12"}
    assert "2024-11" in brought.failures[0]


def test_a_month_that_is_not_listed_is_told(portal: Portal, client: Make, tables: Any) -> None:
    portal.put(DATASET.id, epd_name("2024-09"), tables["2024-09"])
    brought = bring(
        FEED, client(portal.mirrors), HELD, read_sources(edition=HELD.edition), lambda _: ()
    )
    assert "no table of 2024-10" in brought.failures[0]
    assert set(brought.tables[BY_REGION]["month"]) == {"2024-09", "2024-11", "2024-12"}


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


def test_the_published_file_of_a_month_is_read_by_hand(tmp_path: Path) -> None:
    """The sample is of four practices in 2017, in offices of before the seven regions: put into those, it adds up."""
    sample = real("openprescribing-epd-sample/epd_201709.csv")
    file = RawFile(path=sample, name=sample.name)
    assert FEED.recognise(file) == WHOLE
    with pytest.raises(LedgerError, match="(?s)unknown region.*SOUTH OF ENGLAND.*UNIDENTIFIED"):
        FEED.parse(file)
    frame = pd.read_csv(sample, dtype=str, keep_default_na=False, encoding="latin-1")
    frame["REGIONAL_OFFICE_NAME"] = [REGIONS[i % 7] for i in range(len(frame))]
    data = frame.to_csv(index=False).encode("latin-1")
    for name, content in (("epd_201709.csv", data), ("epd.zip", zipped({"epd_201709.csv": data}))):
        parsed = FEED.parse(raw(tmp_path, name, content))
        drugs = frame[frame["BNF_CODE"].str.startswith("0403")]
        rows = parsed.tables[MONTHLY].set_index(["measure", "bnf_scope"])["value"]
        assert int(rows["items", "BNF 4.3"]) == drugs["ITEMS"].astype(int).sum() > 100
        cost = sum((Decimal(c) for c in drugs["NIC"]), Decimal())
        assert Decimal(rows["net_ingredient_cost_gbp", "BNF 4.3"]) == cost
        assert set(parsed.tables[MONTHLY]["period_end"]) == {"2017-09-30"}


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


def test_the_feed_owns_its_own_rows_only() -> None:
    assert FEED.owned(MONTHLY, HELD.table(MONTHLY)).sum() == 96
    assert FEED.owned(ANNUAL, HELD.table(ANNUAL)).sum() == 8
    assert FEED.owned(BY_REGION, HELD.table(BY_REGION)).sum() == 3024
    assert not FEED.owned("expenditure", HELD.table("expenditure")).any()
