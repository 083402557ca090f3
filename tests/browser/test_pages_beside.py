"""Downloads, dictionary and notebooks in a browser: no fault that axe knows, nothing that runs over its edge."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

pytestmark = [pytest.mark.built, pytest.mark.browser]

PAGES = [
    "downloads/index.html",
    "downloads/dictionary.html",
    "notebooks/summary.html",
    "notebooks/method_checks.html",
    "numbers/index.html",
]
# Rows of a table are all alike, and so are numbers with their notes: axe looks at the first of each, since it takes
# minutes for thousands.
LOOKED_AT = 6
ALIKE = f":is(tbody tr, section.numbers > [id]):nth-child(n + {LOOKED_AT + 2})"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(
    opened: Callable[..., Page], found_by_axe: Callable[..., list], name: str, scheme: str
) -> None:
    page = opened(name, width=390 if scheme == "dark" else 1280, scheme=scheme)
    page.eval_on_selector_all(ALIKE, "all => all.forEach((one) => one.remove())")
    assert found_by_axe(page) == []


@pytest.mark.parametrize("width", [320, 820, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_runs_over_the_edge(opened: Callable[..., Page], name: str, width: int) -> None:
    page = opened(name, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    over = page.evaluate(
        """() => [...document.querySelectorAll("main *")].filter((one) => {
            const box = one.getBoundingClientRect();
            return box.right > innerWidth + 1 && !one.closest(".table-scroll");
        }).map((one) => one.outerHTML.slice(0, 120))"""
    )
    assert over == []


def test_fonts_come_with_the_page(opened: Callable[..., Page]) -> None:
    page = opened("downloads/index.html")
    page.wait_for_function("document.fonts.status === 'loaded'")
    assert page.evaluate("document.fonts.check('600 30px \"Ledger Serif Display\"')")
    loaded = page.evaluate("[...document.fonts].filter((f) => f.status === 'loaded').length")
    assert loaded >= 2


def test_by_key_alone_the_way_back_and_the_content_are_reached(opened: Callable[..., Page]) -> None:
    page = opened("notebooks/summary.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == (
        "../index.html#sec-summary"
    )
    page.keyboard.press("Enter")
    page.wait_for_url("**/index.html#sec-summary")
    assert page.locator("#sec-summary").is_visible()
