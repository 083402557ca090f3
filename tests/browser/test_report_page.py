"""The report's page whole in a browser: axe, overlap, edges, keys, links, print, and pictures for people to look at."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from iapt_ledger import paths

pytestmark = [pytest.mark.built, pytest.mark.browser]

SHOTS = paths.DATA / "derived" / "screenshots"
WIDTHS = {390: 844, 820: 1180, 1440: 900}
MOST_BYTES = 6_000_000
# Rows of a table are all alike, and a chart is one picture to axe: it takes minutes to walk through all of them.
LOOKED_AT = 4
SMALLER = """(most) => {
    for (const row of document.querySelectorAll(`tbody tr:nth-child(n + ${most + 1})`)) row.remove();
    for (const part of document.querySelectorAll("svg[role='img'] > :not(title, desc)")) part.remove();
}"""
# What is drawn only near the window is drawn at once.
DRAWN = """() => {
    for (const one of document.querySelectorAll("main *")) {
        if (getComputedStyle(one).contentVisibility === "auto") one.style.contentVisibility = "visible";
    }
}"""
# What comes near the window is laid out, which moves what follows, and is drawn in a later frame.
SHOWN = """async (id) => {
    const frame = () => new Promise(requestAnimationFrame);
    for (let i = 0; i < 3; i++) {
        document.getElementById(id).scrollIntoView();
        await frame();
        await frame();
    }
}"""


def lightened(page: Page) -> Page:
    """The page with a few rows of each table and empty charts, and all of it drawn."""
    page.evaluate(SMALLER, LOOKED_AT)
    page.evaluate(DRAWN)
    return page


@pytest.mark.slow
def test_axe_finds_nothing_in_the_light(
    opened: Callable[..., Page], found_by_axe: Callable[..., list]
) -> None:
    assert found_by_axe(lightened(opened())) == []


@pytest.mark.slow
def test_axe_finds_no_faint_colour_in_the_dark(
    opened: Callable[..., Page], found_by_axe: Callable[..., list]
) -> None:
    assert found_by_axe(lightened(opened(scheme="dark")), runOnly=["color-contrast"]) == []


@pytest.mark.slow
def test_axe_finds_nothing_on_a_phone(
    opened: Callable[..., Page], found_by_axe: Callable[..., list]
) -> None:
    rules = {"color-contrast": {"enabled": False}}  # the colours are those of the wide page
    assert found_by_axe(lightened(opened(width=390)), rules=rules) == []


@pytest.mark.parametrize("width", sorted(WIDTHS))
def test_nothing_runs_over_the_edge_or_over_its_neighbour(
    opened: Callable[..., Page], width: int
) -> None:
    page = opened(width=width, height=WIDTHS[width])
    page.evaluate(DRAWN)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    over = page.evaluate(
        """() => [...document.querySelectorAll("main :is(p, li, h2, h3, h4, figure, figcaption, table, section, form)")]
            .filter((one) => {
                const box = one.getBoundingClientRect();
                const scrolls = one.closest(".table-scroll, .picture-scroll, pre, math, details:not([open])");
                return box.width && (box.right > innerWidth + 1 || box.left < -1) && !scrolls;
            }).map((one) => one.outerHTML.slice(0, 120))"""
    )
    assert over == []
    on_another = page.evaluate(
        """() => {
            const blocks = [...document.getElementById("main").children].filter((one) => one.offsetHeight);
            const boxes = blocks.map((one) => one.getBoundingClientRect());
            return blocks.slice(1).filter((_, i) => boxes[i + 1].top < boxes[i].bottom - 1)
                .map((one) => one.outerHTML.slice(0, 120));
        }"""
    )
    assert on_another == []


def test_every_link_within_the_page_leads_to_something_to_be_seen(
    opened: Callable[..., Page],
) -> None:
    page = opened()
    lost = page.evaluate(
        """() => [...new Set([...document.querySelectorAll('a[href^="#"]')].map((a) => a.getAttribute("href")))]
            .filter((href) => {
                const target = document.getElementById(decodeURIComponent(href.slice(1)));
                return !target || !target.getClientRects().length;
            })"""
    )
    assert lost == []


def test_the_first_keys_skip_to_the_report_and_every_stop_shows_where_it_is(
    opened: Callable[..., Page],
) -> None:
    page = opened()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    stops = []
    for _ in range(60):
        page.keyboard.press("Tab")
        stops.append(
            page.evaluate(
                """() => {
                    const one = document.activeElement, box = one.getBoundingClientRect();
                    const seen = box.bottom > 0 && box.top < innerHeight && box.width > 0;
                    const style = getComputedStyle(one);
                    return [one.outerHTML.slice(0, 80), seen && style.outlineStyle !== "none"];
                }"""
            )
        )
    assert [stop for stop, shown in stops if not shown] == []
    assert len({stop for stop, _ in stops}) > 30


def test_the_contents_lead_to_their_chapters_by_key(opened: Callable[..., Page]) -> None:
    page = opened()
    link = page.locator(".contents a[href='#sec-recovery-cost']")
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#sec-recovery-cost")).to_be_in_viewport()
    expect(link).to_have_attribute("aria-current", "true")


def test_a_bar_says_how_far_down_the_page_the_reader_is(opened: Callable[..., Page]) -> None:
    page = opened()
    page.wait_for_timeout(100)
    read = (
        "Number(getComputedStyle(document.querySelector('.contents')).getPropertyValue('--read'))"
    )
    assert page.evaluate(read) == 0
    for _ in range(3):  # what comes near the window is laid out and lengthens the page
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        page.wait_for_timeout(200)
    assert page.evaluate(read) > 0.99


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_printing_gives_every_chapter_on_white_and_no_tool(
    opened: Callable[..., Page], tmp_path: Path, scheme: str
) -> None:
    page = opened(scheme=scheme)
    headings = page.eval_on_selector_all("main h2", "all => all.map((one) => one.id)")
    assert len(headings) > 10
    page.emulate_media(media="print", color_scheme=scheme)  # type: ignore[arg-type]
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    for tool in (".contents", ".explorer form", ".skip"):
        assert page.locator(tool).first.is_hidden(), tool
    if scheme == "light" and shutil.which("pdftotext"):
        file = tmp_path / "printed.pdf"
        page.pdf(path=file)
        done = subprocess.run(["pdftotext", file, "-"], capture_output=True, text=True, check=True)
        for words in ("The ledger of claims", "What a recovery cost", "Colophon"):
            assert words in done.stdout


def test_without_javascript_every_chapter_and_chart_stands(opened: Callable[..., Page]) -> None:
    page = opened(java_script_enabled=False)
    assert page.locator("main h2").count() > 10
    assert page.locator("main svg[role='img']").count() > 30
    expect(page.locator("#fig-summary svg").first).to_be_visible()


def test_the_page_is_small_enough() -> None:
    file = paths.OUTPUT / "index.html"
    if not file.is_file():
        pytest.skip("index.html is not built: envs/run snakemake")
    assert file.stat().st_size < MOST_BYTES


@pytest.mark.slow
@pytest.mark.parametrize("width", sorted(WIDTHS))
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures_of_each_chapter_are_kept_for_people_to_look_at(
    opened: Callable[..., Page], width: int, scheme: str
) -> None:
    """They are written into data/derived/screenshots on purpose: no test can say whether a page looks right."""
    page = opened(width=width, height=WIDTHS[width], scheme=scheme)
    SHOTS.mkdir(parents=True, exist_ok=True)
    for chapter in page.eval_on_selector_all("main h2[id]", "all => all.map((one) => one.id)"):
        page.evaluate(SHOWN, chapter)
        expect(page.locator(f"#{chapter}")).to_be_in_viewport()
        file = SHOTS / f"{chapter}-{width}-{scheme}.png"
        page.screenshot(path=file)
        assert file.stat().st_size > 5_000, "a picture of nothing"
