"""Briefs and their index in a browser: the search, no fault that axe knows, nothing over the edge, no script needed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from iapt_ledger import paths
from iapt_ledger.areas.brief import brief_of
from iapt_ledger.areas.build import share
from iapt_ledger.areas.held import gather
from iapt_ledger.areas.page import brief_page, index_page
from iapt_ledger.measures.evidence import Evidence
from iapt_ledger.registry import read_sources

pytestmark = [pytest.mark.built, pytest.mark.browser]

BRIEFS = ("icb-QOX", "provider-RV5CJ", "provider-AP60")
PAGES = [f"{name}.html" for name in ("index", *BRIEFS)]
Opened = Callable[..., Page]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of all and some briefs, as `snakemake areas` writes them but for the PDFs."""
    if not (paths.TIDY / "iapt_organisations_annual.parquet").is_file():
        pytest.skip("the tidy tables are not made: envs/run snakemake tidy")
    out = tmp_path_factory.mktemp("areas")
    share(out)
    held = gather(Evidence(), paths.edition_name())
    every = index_page(held.organisations, held.peers["provider"].period, held.edition)
    (out / "index.html").write_text(every, encoding="utf8")
    for one in held.organisations:
        if one.key in BRIEFS:
            page = brief_page(brief_of(held, one, read_sources()))
            (out / f"{one.key}.html").write_text(page, encoding="utf8")
    return out


@pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]
)
@pytest.mark.parametrize("name", PAGES[:3])
def test_axe_finds_nothing(
    opened: Opened,
    folder: Path,
    found_by_axe: Callable[..., list],
    name: str,
    width: int,
    scheme: str,
) -> None:
    page = opened(folder / name, width=width, scheme=scheme)
    assert found_by_axe(page) == []


@pytest.mark.parametrize("width", [320, 390, 820, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_runs_over_the_edge(opened: Opened, folder: Path, name: str, width: int) -> None:
    page = opened(folder / name, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    over = page.evaluate(
        """() => [...document.querySelectorAll("main *")].filter((one) => {
            const box = one.getBoundingClientRect();
            return (box.right > innerWidth + 1 || box.left < -1) && !one.closest(".table-scroll");
        }).map((one) => one.outerHTML.slice(0, 120))"""
    )
    assert over == []


@pytest.mark.parametrize("name", PAGES[1:])
def test_words_in_drawings_are_inside_and_no_smaller_than_ten_pixels(
    opened: Opened, folder: Path, name: str
) -> None:
    page = opened(folder / name, width=390)
    small = page.evaluate(
        """() => [...document.querySelectorAll("main svg")].flatMap((svg) => {
            const all = svg.getBoundingClientRect(), scale = all.width / svg.viewBox.baseVal.width;
            return [...svg.querySelectorAll("text")].filter((text) => {
                const box = text.getBoundingClientRect();
                return 11.5 * scale < 10 || box.left < all.left - 2 || box.right > all.right + 2
                    || box.bottom > all.bottom + 2;
            }).map((text) => text.textContent);
        })"""
    )
    assert small == []


def test_style_and_fonts_come_from_the_folder_beside(opened: Opened, folder: Path) -> None:
    page = opened(folder / "provider-RV5CJ.html")
    page.wait_for_function("document.fonts.status === 'loaded'")
    assert page.evaluate("[...document.fonts].filter((f) => f.status === 'loaded').length") >= 3
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.areas .way')).display") == "flex"
    )


def test_tables_fit_a_phone_and_their_rows_are_still_rows(opened: Opened, folder: Path) -> None:
    page = opened(folder / "provider-RV5CJ.html", width=390)
    wide = page.evaluate(
        "[...document.querySelectorAll('.table-scroll')].map((b) => b.scrollWidth - b.clientWidth)"
    )
    assert max(wide) <= 40
    table = page.get_by_role("table", name="2023-24 and 2024-25 compared")
    assert table.get_by_role("row").count() == 6
    row = table.get_by_role("row").nth(3)
    assert row.get_by_role("rowheader").inner_text() == "Recovery rate"
    assert row.get_by_role("cell").count() == 4


def test_drawings_follow_the_theme(opened: Opened, folder: Path) -> None:
    colours = {
        scheme: opened(folder / "provider-RV5CJ.html", scheme=scheme).evaluate(
            "getComputedStyle(document.querySelector('svg rect')).fill"
        )
        for scheme in ("light", "dark")
    }
    assert colours["light"] != colours["dark"]


def test_the_search_finds_by_name_code_and_place(opened: Opened, folder: Path) -> None:
    page = opened(folder / "index.html")
    rows = page.locator(".list tbody tr:visible")
    every = rows.count()
    assert every > 180
    search = page.get_by_label("Find by name, code or place")
    search.fill("croydon")
    expect(rows).to_have_count(1)
    expect(page.get_by_role("status")).to_have_text(f"1 of {every} briefs")
    assert not page.get_by_role("heading", name="Integrated care boards").is_visible()
    search.fill("qwo")
    expect(rows).to_have_count(1)
    search.fill("manchester provider nothing such")
    expect(rows).to_have_count(0)
    search.fill("MIND hertfordshire")
    for row in rows.all_inner_texts():
        assert "mind" in row.lower()
    search.press("Escape")
    expect(rows).to_have_count(every)
    expect(page.get_by_role("status")).to_have_text("")


def test_by_key_alone_from_the_search_to_a_brief(opened: Opened, folder: Path) -> None:
    page = opened(folder / "index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.get_by_label("Find by name, code or place").focus()
    page.keyboard.type("croydon")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/provider-RV5CJ.html")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Croydon")


def test_without_scripts_the_whole_list_stands_and_no_search(opened: Opened, folder: Path) -> None:
    page = opened(folder / "index.html", java_script_enabled=False)
    assert page.locator(".list tbody tr").count() > 180
    assert not page.get_by_label("Find by name, code or place").is_visible()
