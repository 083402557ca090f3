"""Charts in a browser: the theme's colours, opened large by keys, saved, cited."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from matplotlib.image import imread
from playwright.sync_api import Locator, Page, expect

pytestmark = [pytest.mark.built, pytest.mark.browser]

FIGURE = "fig-recovery-rate"
PAINTS = """() => [...document.querySelectorAll("svg.picture")].map((svg) => {
    const paper = getComputedStyle(document.documentElement).getPropertyValue("--c-paper").trim();
    const found = new Set();
    for (const one of svg.querySelectorAll("path, use, text, rect")) {
        const style = getComputedStyle(one);
        found.add(style.fill);
        found.add(style.stroke);
    }
    return [paper, getComputedStyle(svg).backgroundColor, [...found]];
})"""
OUTSIDE = """() => [...document.querySelectorAll("svg.picture")].flatMap((svg) => {
    const frame = svg.getBoundingClientRect();
    return [...svg.querySelectorAll("text")].filter((text) => {
        const box = text.getBoundingClientRect();
        return box.left < frame.left - 3 || box.right > frame.right + 3
            || box.top < frame.top - 6 || box.bottom > frame.bottom + 6;
    }).map((text) => `${svg.closest("[id^=fig-]")?.id}: ${text.textContent}`);
})"""


def tools(page: Page, label: str = FIGURE) -> Locator:
    return page.locator(f".tools[data-of='{label}']")


def colours(text: str) -> tuple[int, ...]:
    if text.startswith("#"):
        return tuple(int(text[i : i + 2], 16) for i in (1, 3, 5))
    return tuple(int(n) for n in re.findall(r"\d+", text)[:3])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_charts_have_the_colours_of_the_theme_and_no_ground_of_their_own(
    opened: Callable[..., Page], scheme: str
) -> None:
    shown = opened(scheme=scheme).evaluate(PAINTS)
    black, white = (0, 0, 0), (255, 255, 255)
    assert len(shown) > 30
    for paper, ground, found in shown:
        assert ground == "rgba(0, 0, 0, 0)"
        paints = {colours(one) for one in found if one.startswith("rgb(")}
        assert black not in paints
        assert scheme == "light" or white not in paints
        assert colours(paper) == (white if scheme == "light" else (19, 24, 29))


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_words_of_charts_stay_inside_their_chart(opened: Callable[..., Page], width: int) -> None:
    assert opened(width=width).evaluate(OUTSIDE) == []


@pytest.mark.parametrize("width", [390, 1440])
def test_a_chart_opens_large_by_keys_and_gives_the_focus_back(
    opened: Callable[..., Page], width: int
) -> None:
    page = opened(width=width)
    button = tools(page).get_by_role("button", name="Open large")
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name=re.compile("large"))
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    box = dialog.bounding_box()
    here = page.locator(f"#{FIGURE} svg.picture").bounding_box()
    large = dialog.locator("svg.picture").bounding_box()
    assert box and here and large
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert large["width"] > here["width"]
    page.keyboard.press("Escape")
    expect(page.locator("dialog.large")).to_be_hidden()
    expect(button).to_be_focused()
    expect(page.locator("dialog svg.picture")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_chart_is_saved_as_png_on_white_with_its_words(
    opened: Callable[..., Page], scheme: str, tmp_path: Path
) -> None:
    page = opened(scheme=scheme, accept_downloads=True)
    with page.expect_download() as download:
        tools(page).get_by_role("button", name="Picture (PNG)").click()
    assert download.value.suggested_filename == f"{FIGURE}.png"
    saved = tmp_path / "chart.png"
    download.value.save_as(saved)
    dots = imread(saved)[..., :3]
    assert dots.shape[1] == 2400
    assert dots[0, 0].tolist() == [1, 1, 1]
    heading = dots[20:70, 60:700]  # "Recovered, by denominator", in the chart's ink
    assert 0.02 < (heading.mean(axis=2) < 0.4).mean() < 0.3


def test_a_citation_is_copied_with_the_address_of_the_chart(opened: Callable[..., Page]) -> None:
    page = opened(permissions=["clipboard-read", "clipboard-write"])
    tools(page).get_by_role("button", name="Copy citation").click()
    expect(page.get_by_text("The citation is copied.")).to_be_visible()
    said = page.evaluate("navigator.clipboard.readText()")
    assert re.match(
        r"Figure \d+: .*In: .*Edition \d{4}-\d\d-\d\d\. file:.*#fig-recovery-rate$", said
    )


def test_a_picture_that_cannot_be_made_is_told(opened: Callable[..., Page]) -> None:
    page = opened()
    page.evaluate(
        """() => {
            window.held = 0;
            const [make, drop] = [URL.createObjectURL, URL.revokeObjectURL];
            URL.createObjectURL = (file) => { window.held += 1; return make.call(URL, file); };
            URL.revokeObjectURL = (address) => { window.held -= 1; drop.call(URL, address); };
            HTMLImageElement.prototype.decode = () => Promise.reject(new Error("no picture"));
        }"""
    )
    tools(page).get_by_role("button", name="Picture (PNG)").click()
    expect(page.get_by_text("The picture could not be made.")).to_be_visible()
    assert page.evaluate("window.held") == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_a_large_chart(
    opened: Callable[..., Page], found_by_axe: Callable[..., list], scheme: str
) -> None:
    page = opened(scheme=scheme)
    tools(page).get_by_role("button", name="Open large").click()
    dialog = page.get_by_role("dialog", name=re.compile("large"))
    expect(dialog).to_be_visible()
    assert dialog.get_attribute("aria-modal") is None, "what lies behind it can be reached"
    assert found_by_axe(page, within="dialog.large") == []


def test_every_chart_has_its_tools_and_without_scripts_its_files(
    opened: Callable[..., Page],
) -> None:
    page = opened()
    charts = page.locator("svg.picture").count()
    for name in ("Picture (PNG)", "Open large", "Copy citation"):
        assert page.get_by_role("button", name=name).count() == charts
    bare = opened(java_script_enabled=False)
    assert bare.locator(".tools a[href$='.svg']").count() == charts
    assert bare.locator(".tools button, button.sort, .table-filter").count() == 0
