"""English Prescribing Dataset from a local portal that works out the SQL over real figures, and what it may send."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pytest_httpserver import HTTPServer

from iapt_ledger.edition.tables import TABLES
from iapt_ledger.errors import LedgerError
from iapt_ledger.fetch.raw import RawStore
from iapt_ledger.refresh.bring import bring
from iapt_ledger.refresh.merge import NEW, merge
from iapt_ledger.registry import read_sources
from iapt_ledger.sources.base import FetchError, Parsed, RawFile, failed
from iapt_ledger.sources.nhsbsa_epd import BY_REGION, DATASET, FEED, MONTH, SECTIONS, WHOLE
from iapt_ledger.sources.prescribing.sums import ANNUAL, MONTHLY, REGIONS

from ..made_files import raw, real, zipped
from ..made_up_portal import Portal, as_from_march_2025, epd_name
from .months import ALL, HELD, Make


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


def test_the_feed_owns_its_own_rows_only() -> None:
    assert FEED.owned(MONTHLY, HELD.table(MONTHLY)).sum() == 96
    assert FEED.owned(ANNUAL, HELD.table(ANNUAL)).sum() == 8
    assert FEED.owned(BY_REGION, HELD.table(BY_REGION)).sum() == 3024
    assert not FEED.owned("expenditure", HELD.table("expenditure")).any()
