"""Stat-Xplore: its tree is walked, and its answers come to rows value by value."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from iapt_ledger.edition.tables import table
from iapt_ledger.measures import benefit_amounts as amounts
from iapt_ledger.measures import benefits
from iapt_ledger.refresh.merge import Merged, merge
from iapt_ledger.refresh.soundness import bounds_check
from iapt_ledger.registry import entry_faults
from iapt_ledger.sources.base import (
    FetchError,
    Held,
    failed,
)
from iapt_ledger.sources.benefits import conditions
from iapt_ledger.sources.benefits.ages import BANDS
from iapt_ledger.sources.stat_xplore import FEED, SOURCES, TABLE
from iapt_ledger.tidy.build import tidy_table

from ..made_files import raw
from ..real_benefits import real_dla
from ..statxplore_server import standard
from .asking import HELD, brought, quietly


def one_answer(get: Any, **wanted: str) -> dict[str, Any]:
    """An answer that the server gave, by benefit and month."""
    for file in FEED.fetch(get, HELD):
        rows = FEED.parse(file).tables[TABLE].iloc[0]
        if rows["benefit"] == wanted["benefit"] and rows["period_end"].startswith(wanted["month"]):
            return json.loads(file.read())
    raise AssertionError(wanted)


def test_every_quarter_of_every_benefit_comes_those_of_the_claim_first(get, xplore):
    made = [FEED.parse(file) for file in FEED.fetch(get, HELD)]
    rows = [parsed.tables[TABLE] for parsed in made]
    order = [(r["benefit"].iloc[0], r["period_end"].iloc[0][:7]) for r in rows]
    claim = {"2013-02", "2013-05", "2013-08", "2013-11", "2000-05", "2000-08"}
    assert {m for _, m in order[:14]} == claim
    assert [m for _, m in order[14:]] == ["2025-05", "2025-04", "2018-05", "2011-05", "2002-11"]
    assert sorted({b for b, _ in order}) == ["DLA", "ESA", "IB/SDA", "PIP"]
    assert all(len(q["recodes"]) == 4 for q in xplore.queries)
    for parsed in made:
        assert failed(parsed.checks) == []
        assert entry_faults(parsed.publications) == []
    assert FEED.owned(TABLE, pd.concat(rows)).all()
    assert bounds_check(table(TABLE), pd.concat(rows), SOURCES).passed


def test_the_real_table_of_may_2011_comes_to_the_rows_of_the_edition(get, xplore):
    people = real_dla()

    def number(month: str, nation: str, condition: str) -> int:
        if month != "201105":
            return 5000
        return people[condition] if nation == "E92000001" else 0

    xplore.databases["DLA_In_Payment"].number = number
    file = next(
        f
        for f in FEED.fetch(get, HELD)
        if b"DLA_In_Payment" in f.request.body and b"201105" in f.request.body
    )
    found = FEED.parse(file).tables[TABLE]
    found = found[found["geography"].eq("GB") & found["age_group"].eq("all")]
    old = HELD.table(TABLE)
    old = old[old["source_id"].eq("dla_condition_c2011") & old["measure"].eq("caseload")]
    same = old.merge(found, on=["period_end", "geography_code", "benefit", "condition_group"])
    assert len(same) == len(old) == 9
    assert same["value_x"].tolist() == same["value_y"].tolist()
    assert set(found["unit"]) == {"claims in payment"}
    assert (
        len(found) == len(people) + 1
    )  # every condition, and all together as the publisher has it
    by_age = FEED.parse(file).tables[TABLE]
    held = set(by_age.loc[by_age["age_group"].ne("all"), "condition_group"])
    assert held == {"all", *conditions.DLA.values()}


def test_bands_of_single_years_and_pages_of_a_long_list(get, xplore):
    xplore.page = 40  # the single years of age need three pages
    answer = one_answer(get, benefit="ESA", month="2013-05")
    ages = next(f for f in answer["fields"] if f["label"].startswith("Age"))
    assert [len(i["labels"]) for i in ages["items"]] == [13, 9, 10, 10, 10, 10, 26, 1, 1]
    rows = FEED.parse(raw(get.store.folder, "x.json", json.dumps(answer).encode())).tables[TABLE]
    assert set(rows["age_group"]) == {"all", *BANDS}
    assert len(rows) == 4 * (24 + 7 * 2)


def merged(old: pd.DataFrame, rows: pd.DataFrame) -> Merged:
    return merge(table(TABLE), old, rows, FEED.owned(TABLE, old), feed=FEED.name, whole=True)


def test_a_second_refresh_asks_only_for_the_newest_and_changes_nothing(get, small):
    quarters = ["201305", "201308", "201311", "201402", "201405"]
    small.databases["ESA_Caseload"].months = quarters
    small.databases["DLA_In_Payment"] = replace(standard()["DLA_In_Payment"], months=["201305"])
    old = HELD.table(TABLE)
    first = brought(get)
    assert first.failures == []
    once = merged(old, first.tables[TABLE])
    assert set(once.changes["change"]) == {"new"}
    assert once.frame.iloc[: len(old)].equals(old)

    class Later(Held):
        def table(self, name: str) -> pd.DataFrame:
            return once.frame if name == TABLE else super().table(name)

    small.queries.clear()
    again = brought(get, Later(HELD.edition))
    assert again.failures == []
    months = [json.dumps(query)[-900:] for query in small.queries]
    assert len(months) == 4 + 1 + 1 + 1  # four of ESA, and none of the older DLA database
    assert not any("DLA_In_Payment:" in month for month in months)
    both = merged(once.frame, again.tables[TABLE])
    assert len(both.changes) == 0
    assert both.unchanged == len(again.tables[TABLE]) > 700


def test_the_chapter_on_benefits_reads_the_same_figures_after_a_refresh(get, small):
    old = HELD.table(TABLE)
    old = old[old["status"].ne("claim_under_test")].reset_index(drop=True)
    new = merged(old, brought(get).tables[TABLE]).frame
    before, after = (tidy_table(table(TABLE), frame, {}) for frame in (old, new))
    assert len(after) > len(before) + 500
    for measure in (benefits.shares, amounts.counts, amounts.pip_spending):
        pd.testing.assert_frame_equal(measure(before), measure(after))


def test_too_large_an_answer_is_asked_for_by_age_and_comes_to_the_same(get, xplore):
    xplore.databases = {"ESA_Caseload": replace(standard()["ESA_Caseload"], months=["201302"])}
    whole = [FEED.parse(f).tables[TABLE] for f in quietly(get)]
    xplore.most_cells = 300
    parts = [FEED.parse(f).tables[TABLE] for f in quietly(get)]
    assert len(whole) == 1
    assert len(parts) == 4  # all ages, then two, two and three of seven bands
    keys = ["geography", "condition_group", "age_group"]
    a = whole[0].sort_values(keys)[[*keys, "status"]].reset_index(drop=True)
    b = pd.concat(parts).sort_values(keys)[[*keys, "status"]].reset_index(drop=True)
    pd.testing.assert_frame_equal(a, b)
    assert not any("cells" in said for said in brought(get).failures)  # overcome, so no failure
    xplore.most_cells = 50
    with pytest.raises(FetchError, match="more cells than the limit of 50"):
        list(FEED.fetch(get, HELD))


def test_the_feed_owns_its_own_rows_only() -> None:
    assert not FEED.owned(TABLE, HELD.table(TABLE)).any()
