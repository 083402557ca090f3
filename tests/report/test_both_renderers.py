"""Both renderers' finished pages say the same: texts, numbers, figures and tables.

Where Quarto is not installed its page is held construct by construct to the reference in test_render_quarto_reference.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from content import Content, content_of

from iapt_ledger import paths
from iapt_ledger.reader.finish import finished
from render import quarto, render

RESULTS = paths.GENERATED / "results.json"
PAGE = """<nav><p>Contents</p></nav><main><h2>One</h2>
<p>It was <span class="n" data-result="x.y">50.5%</span> of <b>all</b>.</p><p>Then less.</p>
<div id="fig-a" class="quarto-float"><figure><img alt="It rises." src="">
<figcaption>Figure 1: A.</figcaption></figure></div>
<div><table><tr><th>year</th></tr><tr><td>2014</td></tr></table></div></main><script>x</script>"""


def test_a_page_has_its_texts_numbers_figures_and_tables() -> None:
    texts = ["One", "It was 50.5% of all.", "Then less.", "Figure 1: A.", "year", "2014"]
    assert content_of(PAGE) == Content(
        texts, [("x.y", "50.5%")], [("fig-a", "It rises.", [])], [("year", 2, 2)]
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<b>all</b>", "<em>all</em>"),
        ("<h2>One", '<h2 data-number="1" class="anchored">One'),
        ("<div><table>", '<div class="cell"><table class="caption-top">'),
        ("It was ", "It\n was "),
        ("<script>x", "<script>y"),
    ],
)
def test_markup_that_a_reader_does_not_see_is_no_difference(old: str, new: str) -> None:
    assert content_of(PAGE).other_than(content_of(PAGE.replace(old, new))) == []


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("50.5%", "50.6%", "numbers"),
        ("x.y", "x.z", "numbers"),
        ("It rises", "It falls", "figures"),
        ('id="fig-a"', 'id="fig-b"', "figures"),
        ("Figure 1", "Figure 2", "texts"),
        ("<p>Then less.</p>", "", "texts"),
        ("<tr><td>2014</td></tr>", "", "tables"),
        ("<h2>One</h2>", "", "texts"),
    ],
)
def test_what_one_page_lacks_or_says_otherwise_is_told(old: str, new: str, part: str) -> None:
    told = content_of(PAGE).other_than(content_of(PAGE.replace(old, new)))
    assert any(line.startswith(f"{part}: ") for line in told)


@pytest.mark.built
@pytest.mark.slow
def test_quartos_page_and_pandocs_say_the_same(tmp_path: Path) -> None:
    if not quarto.find():
        pytest.skip("Quarto is not installed; its constructs are held to the reference")
    if not RESULTS.is_file():
        pytest.skip("the report is not built: envs/run snakemake")
    project = tmp_path / "report"
    shutil.copytree(paths.REPORT, project, ignore=shutil.ignore_patterns("_output", ".quarto"))
    pages = {}
    for renderer in ("pandoc", "quarto"):
        (rendered,) = render(project, ["html"], renderer, out=tmp_path / renderer)
        pages[renderer] = content_of(finished(rendered, RESULTS))
    assert len(pages["pandoc"].figures) > 30
    assert pages["pandoc"].other_than(pages["quarto"]) == []
