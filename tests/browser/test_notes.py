"""Notes of numbers in a browser: by mouse and by key, the same facts as results.json, on every width."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from iapt_ledger import paths

pytestmark = [pytest.mark.built, pytest.mark.browser]

NOTE = "dialog.note"
FORBIDDEN = """() => {
    Object.defineProperty(navigator, "clipboard", { value: undefined });
    document.execCommand = () => false;
}"""
# How often the open note's number is measured while so many events of scrolling come in one frame.
PLACED = """async (many) => {
    const number = document.querySelector("a.n"), measure = number.getBoundingClientRect.bind(number);
    let measured = 0;
    number.getBoundingClientRect = () => { measured += 1; return measure(); };
    await new Promise(requestAnimationFrame);
    for (let i = 0; i < many; i++) dispatchEvent(new Event("scroll"));
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    return measured;
}"""


@pytest.fixture(scope="module")
def results() -> dict[str, dict]:
    told = json.loads((paths.OUTPUT / "downloads" / "results.json").read_text("utf8"))
    return {result["id"]: result for result in told["results"]}


def test_a_click_opens_a_note_with_what_results_json_says(
    opened: Callable[..., Page], results: dict[str, dict]
) -> None:
    page = opened()
    ids = page.eval_on_selector_all("a.n[id]", "all => all.map((a) => a.dataset.result)")
    for name in random.Random(5).sample(sorted(set(ids)), 40):
        page.locator(f'[id="n-{name}"]').click()
        said = page.locator(NOTE).inner_text()
        result = results[name]
        assert result["text"] in said
        assert result["made"] in said
        if result["range_text"]:
            assert result["range_text"] in said
            assert result["interval"] in said
        counted = page.eval_on_selector_all(
            f"{NOTE} .rows", "all => all.map((one) => parseInt(one.textContent.replace(/,/g, '')))"
        )
        assert len(counted) == len(result["sources"]), name


def test_every_number_of_the_page_opens_its_own_note(opened: Callable[..., Page]) -> None:
    wrong = opened().evaluate(
        """() => [...document.querySelectorAll("a.n")].filter((number) => {
            number.click();
            const note = document.querySelector("dialog.note");
            return !note.open || !note.querySelector(`.foot a[href="#n-${number.dataset.result}"]`);
        }).length"""
    )
    assert wrong == 0


def test_by_key_alone_a_note_opens_closes_and_gives_the_number_back(
    opened: Callable[..., Page],
) -> None:
    page = opened()
    number = page.locator("a.n").first
    number.focus()
    page.keyboard.press("Enter")
    expect(page.locator(NOTE)).to_be_visible()
    expect(page.locator(f"{NOTE} .close")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('dialog.note').contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(page.locator(NOTE)).to_be_hidden()
    expect(number).to_be_focused()


@pytest.mark.parametrize(("width", "beside"), [(1920, True), (1440, False)])
def test_a_note_stands_in_the_margin_where_there_is_room(
    opened: Callable[..., Page], width: int, beside: bool
) -> None:
    page = opened(width=width, height=1000)
    number = page.locator("#sec-recovery-cost ~ p a.n").first
    number.click()
    note = page.locator(NOTE).bounding_box()
    text = page.locator("#sec-recovery-cost ~ p").first.bounding_box()
    assert note is not None
    assert text is not None
    assert (note["x"] >= text["x"] + text["width"]) == beside
    at = number.bounding_box()
    assert at is not None
    parted = (
        note["x"] >= at["x"] + at["width"]
        or note["y"] >= at["y"] + at["height"]
        or note["y"] + note["height"] <= at["y"]
    )
    assert parted, "the note hides its number"


@pytest.mark.parametrize(("width", "height"), [(390, 844), (820, 1180), (1440, 900), (1920, 1080)])
def test_a_note_lies_inside_the_window(
    opened: Callable[..., Page], width: int, height: int
) -> None:
    page = opened(width=width, height=height)
    numbers = page.locator("main a.n:visible")
    for at in range(0, numbers.count(), max(1, numbers.count() // 12)):
        numbers.nth(at).click()
        box = page.locator(NOTE).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["y"] >= 0
        assert box["x"] + box["width"] <= width + 0.5
        assert box["y"] + box["height"] <= height + 0.5
        page.keyboard.press("Escape")


def test_without_javascript_a_number_leads_to_the_page_of_all_notes(
    opened: Callable[..., Page],
) -> None:
    page = opened(java_script_enabled=False)
    name = page.locator("a.n").first.get_attribute("data-result")
    page.locator("a.n").first.click()
    assert page.url.endswith(f"/numbers/index.html#{name}")
    expect(page.locator(f'[id="{name}"]')).to_be_visible()
    page.locator(f'[id="{name}"] h3 a').click()
    assert page.url.endswith(f"/index.html#n-{name}")


def test_a_quotation_names_number_interval_edition_and_place(opened: Callable[..., Page]) -> None:
    page = opened(permissions=["clipboard-read", "clipboard-write"])
    number = page.locator("a.n").first
    number.click()
    page.locator(f"{NOTE} button", has_text="Copy").click()
    expect(page.get_by_text("The quotation is copied.")).to_be_visible()
    said = page.evaluate("navigator.clipboard.readText()")
    assert said.startswith(number.inner_text())
    assert "edition 20" in said
    assert said.endswith(f"#n-{number.get_attribute('data-result')}")


def test_where_copying_is_forbidden_the_quotation_is_given_to_be_copied_by_hand(
    opened: Callable[..., Page],
) -> None:
    page = opened()
    page.evaluate(FORBIDDEN)
    number = page.locator("a.n").first
    number.click()
    button = page.locator(f"{NOTE} button", has_text="Copy")
    button.click()
    field = page.locator(f"{NOTE} textarea")
    expect(field).to_have_value(re.compile(f"^{re.escape(number.inner_text())}"))
    expect(field).to_be_focused()
    expect(field).to_be_in_viewport(ratio=1)
    expect(page.get_by_text("to be copied by hand")).to_be_visible()
    button.click()
    expect(field).to_have_count(1)


def test_a_note_is_placed_once_a_frame_however_often_the_page_scrolls(
    opened: Callable[..., Page],
) -> None:
    page = opened()
    page.locator("a.n").first.click()
    assert page.evaluate(PLACED, 30) in (1, 2)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_axe_finds_nothing_in_an_open_note(
    opened: Callable[..., Page], found_by_axe: Callable[..., list], width: int, scheme: str
) -> None:
    page = opened(width=width, scheme=scheme)
    page.locator("a.n").first.click()
    expect(page.locator(NOTE)).to_be_visible()
    assert found_by_axe(page, within=NOTE) == []
