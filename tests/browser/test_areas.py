"""Briefs and their index in a browser: the search, no fault that axe knows, nothing over the edge, no script needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from iapt_ledger import paths
from iapt_ledger.areas.brief import brief_of
from iapt_ledger.areas.build import share
from iapt_ledger.areas.held import Held, gather
from iapt_ledger.areas.model import Organisation
from iapt_ledger.areas.page import brief_page, index_page
from iapt_ledger.measures.evidence import Evidence
from iapt_ledger.registry import read_sources

pytestmark = [pytest.mark.built, pytest.mark.browser]

ROLES = ("board", "largest", "alone")
PAGES = ("index", *ROLES)
Opened = Callable[..., Page]


@dataclass(frozen=True)
class Site:
    """The index of all and three briefs, as `snakemake areas` writes them but for the PDFs.

    Which organisations the edition in use has is not known here: they are taken for what they are.

    Attributes:
        of: a board; the largest provider that others are compared with; and one that is not compared.
    """

    folder: Path
    held: Held
    of: Mapping[str, Organisation]

    def file(self, page: str) -> Path:
        return self.folder / f"{self.of[page].key if page in self.of else page}.html"


def chosen(held: Held) -> dict[str, Organisation]:
    compared = held.peers["provider"].compared.set_index("code")["base"]
    providers = {one.code: one for one in held.organisations if one.kind.key == "provider"}
    return {
        "board": next(one for one in held.organisations if one.kind.key == "icb"),
        "largest": providers[compared.idxmax()],
        "alone": next(one for code, one in providers.items() if code not in compared.index),
    }


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    if not (paths.TIDY / "iapt_organisations_annual.parquet").is_file():
        pytest.skip("the tidy tables are not made: envs/run snakemake tidy")
    out = tmp_path_factory.mktemp("areas")
    share(out)
    held = gather(Evidence(), paths.edition_name())
    every = index_page(held.organisations, held.peers["provider"].period, held.edition)
    (out / "index.html").write_text(every, encoding="utf8")
    made = Site(out, held, chosen(held))
    for name, one in made.of.items():
        made.file(name).write_text(brief_page(brief_of(held, one, read_sources())), "utf8")
    return made


@pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]
)
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(
    opened: Opened,
    site: Site,
    found_by_axe: Callable[..., list],
    name: str,
    width: int,
    scheme: str,
) -> None:
    page = opened(site.file(name), width=width, scheme=scheme)
    assert found_by_axe(page) == []


@pytest.mark.parametrize("width", [320, 390, 820, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_runs_over_the_edge(opened: Opened, site: Site, name: str, width: int) -> None:
    page = opened(site.file(name), width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    over = page.evaluate(
        """() => [...document.querySelectorAll("main *")].filter((one) => {
            const box = one.getBoundingClientRect();
            return (box.right > innerWidth + 1 || box.left < -1) && !one.closest(".table-scroll");
        }).map((one) => one.outerHTML.slice(0, 120))"""
    )
    assert over == []


@pytest.mark.parametrize("name", ROLES)
def test_words_in_drawings_are_inside_and_no_smaller_than_ten_pixels(
    opened: Opened, site: Site, name: str
) -> None:
    page = opened(site.file(name), width=390)
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


def test_style_and_fonts_come_from_the_folder_beside(opened: Opened, site: Site) -> None:
    page = opened(site.file("largest"))
    page.wait_for_function("document.fonts.status === 'loaded'")
    assert page.evaluate("[...document.fonts].filter((f) => f.status === 'loaded').length") >= 3
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.areas .way')).display") == "flex"
    )


def test_tables_fit_a_phone_and_their_rows_are_still_rows(opened: Opened, site: Site) -> None:
    page = opened(site.file("largest"), width=390)
    wide = page.evaluate(
        "[...document.querySelectorAll('.table-scroll')].map((b) => b.scrollWidth - b.clientWidth)"
    )
    assert max(wide) <= 40
    peers = site.held.peers["provider"]
    table = page.get_by_role("table", name=f"{peers.before} and {peers.period} compared")
    assert table.get_by_role("row").count() > 3
    row = table.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Recovery rate"))
    assert row.get_by_role("cell").count() == 4


def test_drawings_follow_the_theme(opened: Opened, site: Site) -> None:
    colours = {
        scheme: opened(site.file("largest"), scheme=scheme).evaluate(
            "getComputedStyle(document.querySelector('svg rect')).fill"
        )
        for scheme in ("light", "dark")
    }
    assert colours["light"] != colours["dark"]


def test_the_search_finds_by_name_code_and_place(opened: Opened, site: Site) -> None:
    page = opened(site.file("index"))
    rows = page.locator(".list tbody tr:visible")
    every = [text.lower() for text in rows.all_inner_texts()]
    assert len(every) == len(site.held.organisations)
    search = page.get_by_label("Find by name, code or place")
    search.fill(site.of["largest"].code.lower())
    expect(rows).to_have_count(1)
    expect(page.get_by_role("status")).to_have_text(f"1 of {len(every)} briefs")
    assert not page.get_by_role("heading", name="Integrated care boards").is_visible()
    search.fill(site.of["board"].code.lower())
    expect(rows).to_have_count(1)
    search.fill("manchester provider nothing such")
    expect(rows).to_have_count(0)
    first, *_, last = site.of["largest"].name.split()
    search.fill(f"{last.upper()} {first.lower()}")
    expect(rows.filter(has_text=site.of["largest"].name)).to_have_count(1)
    found = [text.lower() for text in rows.all_inner_texts()]
    assert found == [text for text in every if first.lower() in text and last.lower() in text]
    search.press("Escape")
    expect(rows).to_have_count(len(every))
    expect(page.get_by_role("status")).to_have_text("")


def test_by_key_alone_from_the_search_to_a_brief(opened: Opened, site: Site) -> None:
    wanted = site.of["largest"]
    page = opened(site.file("index"))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.get_by_label("Find by name, code or place").focus()
    page.keyboard.type(wanted.code)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{wanted.key}.html")
    expect(page.get_by_role("heading", level=1)).to_have_text(wanted.name)


def test_without_scripts_the_whole_list_stands_and_no_search(opened: Opened, site: Site) -> None:
    page = opened(site.file("index"), java_script_enabled=False)
    assert page.locator(".list tbody tr").count() == len(site.held.organisations)
    assert not page.get_by_label("Find by name, code or place").is_visible()
