"""A real browser on the built pages: Debian's Chromium through Playwright, or a skip that says why there is none."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    sync_playwright,
)

from iapt_ledger import paths


@pytest.fixture(scope="module", autouse=True)
def report(request: pytest.FixtureRequest) -> None:
    """What needs a built report is skipped where there is none, before anything of it is read."""
    if request.node.get_closest_marker("built") and not (paths.OUTPUT / "index.html").is_file():
        pytest.skip("the report is not built: envs/run snakemake")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the tests of a file: while it runs, so does an event loop, in which no notebook could run."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("there is no Chromium here: apt-get install chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a built page; at the end it must have asked for nothing and complained of nothing.

    `opened("index.html", width=390, scheme="dark")` gives Playwright's page; other options go to the browser.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def said(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    def asked(request: Request) -> None:
        if not request.url.startswith(("file:", "data:", "blob:")):
            complaints.append(f"request: {request.url}")

    def open_page(
        name: str | Path = "index.html", width: int = 1280, height: int = 900, **options: Any
    ) -> Page:
        path = name if isinstance(name, Path) else paths.OUTPUT / name
        if not path.is_file():
            pytest.skip(f"{path.name} is not built: envs/run snakemake")
        scheme = options.pop("scheme", "light")
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", said)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", asked)
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def found_by_axe() -> Callable[..., list[tuple[str, str]]]:
    """What axe says against a page, or against the part that a selector names: the rule and the element.

    Options are axe's own.
    """

    def found(page: Page, within: str | None = None, **options: object) -> list[tuple[str, str]]:
        # Without preloading: axe would ask for the style sheets once more, which the pages forbid.
        asked = {"preload": False, **options}
        said = Axe().run(page, context=within, options=asked).response
        assert len(said["passes"]) > 0
        return sorted(
            {(one["id"], node["html"][:200]) for one in said["violations"] for node in one["nodes"]}
        )

    return found
