"""The ledger's form: what it keeps is what the ledger's table says, by key alone, and no link to a claim fails."""

from __future__ import annotations

import csv
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from iapt_ledger import paths
from iapt_ledger.ledger.deciding import printed
from iapt_ledger.ledger.printed import COLUMNS
from iapt_ledger.quoted import DOCUMENTS

pytestmark = [pytest.mark.built, pytest.mark.browser]


def claims() -> list[dict[str, str]]:
    with (paths.OUTPUT / "downloads" / "ledger.csv").open(encoding="utf8", newline="") as text:
        return list(csv.DictReader(text))


def shown(page: Page) -> set[str]:
    """Claims whose row is to be seen."""
    found: list[str] = page.eval_on_selector_all(
        "tr[data-claim]",
        "all => all.filter((one) => one.offsetParent).map((one) => one.dataset.claim)",
    )
    return set(found)


def sections(page: Page) -> set[str]:
    """Claims whose section is to be seen."""
    found: list[str] = page.eval_on_selector_all(
        ".claims h4[data-claim]",
        "all => all.filter((one) => one.offsetParent).map((one) => one.dataset.claim)",
    )
    return set(found)


def test_all_claims_stand_at_first(opened: Callable[..., Page]) -> None:
    page = opened()
    every = {row["claim"] for row in claims()}
    assert shown(page) == sections(page) == every
    expect(page.locator("#ledger-filter output")).to_have_text(
        f"{len(every)} of {len(every)} claims."
    )


@pytest.mark.parametrize("field", ["document", "verdict", "grade", "topic"])
def test_each_field_keeps_the_claims_that_the_table_for_download_has(
    opened: Callable[..., Page], field: str
) -> None:
    page = opened()
    select = page.get_by_label(field.capitalize(), exact=True)
    for value in sorted({row[field] for row in claims()}):
        said = DOCUMENTS.get(value, value or "no grade")
        select.select_option(label=said[0].upper() + said[1:])
        wanted = {row["claim"] for row in claims() if row[field] == value}
        assert shown(page) == sections(page) == wanted
        said = page.locator("#ledger-filter output").inner_text()
        assert said.startswith(f"{len(wanted)} of {len(claims())} claims")


def test_fields_and_words_work_together_and_all_comes_back(opened: Callable[..., Page]) -> None:
    page = opened()
    page.get_by_label("Document", exact=True).select_option(label="The editorial")
    page.get_by_label("With the words").fill("antidepressant prescri")
    some = shown(page)
    assert some
    assert some < {row["claim"] for row in claims() if row["document"] == "timimi2015"}
    page.get_by_label("With the words").fill("no such words at all")
    assert shown(page) == set()
    page.get_by_role("button", name="All claims").click()
    assert len(shown(page)) == len(claims())


def test_the_form_is_reached_and_used_by_key_alone(opened: Callable[..., Page]) -> None:
    page = opened()
    page.get_by_label("Verdict", exact=True).focus()
    page.keyboard.press("ArrowDown")
    first = shown(page)
    given = {row["verdict"]: row["claim"] for row in claims()}
    verdict = next(said for said in map(printed, COLUMNS) if said in given)
    assert first == {row["claim"] for row in claims() if row["verdict"] == verdict}
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_label("Document", exact=True)).to_be_focused()


def test_a_link_to_a_claim_that_is_hidden_brings_it_back(opened: Callable[..., Page]) -> None:
    page = opened()
    page.get_by_label("Document", exact=True).select_option(label="The blog post")
    assert "T07a" not in shown(page)
    page.evaluate("location.hash = '#T07'")
    expect(page.locator("#T07a")).to_be_visible()
    expect(page.locator("#T07a")).to_be_in_viewport()
    assert len(shown(page)) == len(claims())


def test_an_address_that_is_none_is_let_be(opened: Callable[..., Page]) -> None:
    page = opened()
    page.evaluate("location.hash = '#%'")
    page.get_by_label("Document", exact=True).select_option(label="The blog post")
    page.evaluate("location.hash = '#%E0%A4%A'")
    assert 0 < len(shown(page)) < len(claims())


def test_axe_finds_nothing_in_the_form_and_what_it_keeps(
    opened: Callable[..., Page], found_by_axe: Callable[..., list]
) -> None:
    page = opened()
    page.get_by_label("Document", exact=True).select_option(label="The blog post")
    page.get_by_label("With the words").fill("young")
    assert 0 < len(shown(page)) < len(claims())
    assert found_by_axe(page, within="#ledger-filter") == []
    assert found_by_axe(page, within="#tbl-ledger-post") == []


def test_every_verdict_has_an_address_for_its_evidence(opened: Callable[..., Page]) -> None:
    page = opened()
    boxes = page.locator(".claims .evidence[id]")
    assert boxes.count() > 30
    ids = boxes.evaluate_all("all => all.map((one) => [one.id, one.dataset.claim])")
    assert all(box == f"{claim}-evidence" for box, claim in ids)
    page.evaluate("location.hash = '#H04-evidence'")
    expect(page.locator("#H04-evidence")).to_be_in_viewport()


def test_without_javascript_the_ledger_stands_whole(opened: Callable[..., Page]) -> None:
    page = opened(java_script_enabled=False)
    assert page.locator("#ledger-filter form").count() == 0
    assert page.locator("tr[data-claim]").count() == len(claims())
    expect(page.locator("#H04")).to_be_visible()
