"""Long tables in a browser: sorted by their headings, filtered by words, by mouse and by keys."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = [pytest.mark.built, pytest.mark.browser]


def column(table: Locator, index: int) -> list[str]:
    return table.locator("tbody tr").evaluate_all(
        f"rows => rows.filter((r) => !r.hidden).map((r) => r.cells[{index}].innerText)"
    )


def number(text: str) -> float:
    return float(re.sub(r"[^\d.-]", "", text.replace("−", "-")))


@pytest.fixture
def table(opened: Callable[..., Page]) -> Locator:
    """The data behind the pathway: names, counts and shares, opened."""
    heading = opened().locator("details.data-behind th", has_text="per hundred")
    details = heading.locator("xpath=ancestor::details")
    details.locator("summary").click()
    return details


def test_a_heading_sorts_up_down_and_back(table: Locator) -> None:
    before = column(table, 1)
    heads = table.locator("thead th")
    button = heads.nth(1).get_by_role("button")
    button.focus()
    button.press("Enter")
    assert heads.nth(1).get_attribute("aria-sort") == "ascending"
    assert column(table, 1) == sorted(before, key=number)
    button.press("Enter")
    assert heads.nth(1).get_attribute("aria-sort") == "descending"
    assert column(table, 1) == sorted(before, key=number, reverse=True)
    heads.nth(0).get_by_role("button").click()
    assert heads.nth(1).get_attribute("aria-sort") is None
    assert column(table, 0) == sorted(column(table, 0))
    for _ in range(2):
        heads.nth(0).get_by_role("button").click()
    assert column(table, 1) == before


def test_the_field_shows_the_rows_with_its_words_alone(table: Locator) -> None:
    every = column(table, 0)
    field = table.get_by_role("searchbox", name="Filter rows")
    field.fill("RELIABLE report")
    shown = column(table, 0)
    assert shown == [name for name in every if "reliable" in name]
    assert 0 < len(shown) < len(every)
    expect(table.get_by_role("status")).to_have_text(f"{len(shown)} of {len(every)} rows")
    field.fill("")
    assert column(table, 0) == every


def test_long_tables_can_be_sorted_and_short_ones_are_left_alone(
    opened: Callable[..., Page],
) -> None:
    wrong = opened().evaluate(
        """() => [...document.querySelectorAll("main table")].filter((table) =>
            !table.closest("[id^='tbl-ledger']")
            && (table.querySelectorAll("tbody tr").length >= 12) !== !!table.querySelector(".sort"))
            .map((table) => table.closest("[id]").id)"""
    )
    assert wrong == []
