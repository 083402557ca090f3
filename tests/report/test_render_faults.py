"""What lies outside the subset, or does not resolve, is refused: file and line, all at once, with the choices."""

import pytest
from sample_report import cell, copy_theme, picture, write_document, write_notebook

from iapt_ledger.errors import Faults, LedgerError
from render import render
from render.__main__ import main

SVG = {"image/svg+xml": picture(1, points=3)}


@pytest.fixture
def project(tmp_path):
    copy_theme(tmp_path)
    return tmp_path


def faults(project, body):
    """Sentences of all faults of a document."""
    write_document(project, body)
    with pytest.raises(Faults) as caught:
        render(project, ["html"], "pandoc")
    return caught.value.faults


# The body of index.qmd starts at line 7.
ONE_AT_A_TIME = {
    "an unknown variable": (
        "Cost {{< n sample.rat >}}.",
        ["index.qmd, line 7", "sample.rat", "valid choices are sample.rate"],
    ),
    "an interval that is not there": (
        "{{< n sample.cost range >}}",
        ["index.qmd, line 7", "sample.cost_range"],
    ),
    "an unknown var": ("{{< var nothing.here >}}", ["index.qmd, line 7", "nothing.here"]),
    "an unknown shortcode": (
        "{{< meta title >}}",
        ["index.qmd, line 7", "meta", "embed, include, n, var"],
    ),
    "a shortcode without an end": ("Open {{< n sample.rate", ["index.qmd, line 7", ">}}"]),
    "an escaped shortcode": ("Open {{{< n sample.rate >}}}", ["index.qmd, line 7"]),
    "a missing include": (
        "{{< include chapters/no.qmd >}}",
        ["index.qmd, line 7", "chapters/no.qmd"],
    ),
    "an include within a sentence": (
        "See {{< include index.qmd >}} there",
        ["index.qmd, line 7", "alone in its paragraph"],
    ),
    "a file that includes itself": ("{{< include index.qmd >}}", ["index.qmd, line 7", "itself"]),
    "a missing notebook": ("{{< embed no.ipynb#fig-a >}}", ["index.qmd, line 7", "no.ipynb"]),
    "an embed without a cell": (
        "{{< embed no.ipynb >}}",
        ["index.qmd, line 7", "notebook.ipynb#label"],
    ),
    "an embed with options": (
        "{{< embed no.ipynb#a echo=true >}}",
        ["index.qmd, line 7", "echo=true"],
    ),
    "an unknown figure": ("See @fig-none.", ["index.qmd, line 7", "@fig-none"]),
    "an unknown section": ("See @sec-none.", ["index.qmd, line 7", "@sec-none"]),
    "a link to nothing": ("See [there](#sec-none).", ["index.qmd, line 7", "#sec-none"]),
    "an unnumbered section": (
        "# Aside {#sec-aside .unnumbered}\n\nSee @sec-aside.",
        ["index.qmd, line 9", "@sec-aside"],
    ),
    "an unknown work": ("As said [@abel2015].", ["index.qmd, line 7", "@abel2015", "able2015"]),
    "a work unlike any": ("As said [@zz].", ["index.qmd, line 7", "@zz; none is close"]),
    "a reference in brackets": (
        "# One {#sec-one}\n\nSee [@sec-one].",
        ["index.qmd, line 9", "[@sec-one]", "outside the subset"],
    ),
    "a callout": ("::: {.callout-note}\nNote.\n:::", ["index.qmd, line 7", ".callout-note"]),
    "a tabset": ("::: {.panel-tabset}\nText.\n:::", ["index.qmd, line 7", ".panel-tabset"]),
    "a page column": ("::: {.column-margin}\nText.\n:::", ["index.qmd, line 7", ".column-margin"]),
    "a layout": ("::: {layout-ncol=2}\nText.\n:::", ["index.qmd, line 7", "layout-ncol"]),
    "raw HTML": ("Before <b>this</b>.", ["index.qmd, line 7", "Raw html", "<b>"]),
    "a raw block": ("```{=typst}\n#v(1em)\n```", ["index.qmd, line 8", "Raw typst"]),
    "code to execute": ("```{python}\n1 + 1\n```", ["index.qmd, line 7", "{python}"]),
    "an unknown format": (
        '::: {.content-visible when-format="docx"}\nText.\n:::',
        ["index.qmd, line 7", "docx", "html, typst"],
    ),
    "hidden content": (
        '::: {.content-hidden when-format="html"}\nText.\n:::',
        ["index.qmd, line 7", ".content-hidden"],
    ),
    "a picture from elsewhere": (
        '![A.](https://example.org/a.svg){#fig-a fig-alt="A."}',
        ["index.qmd, line 7", "https://example.org/a.svg"],
    ),
    "a missing picture": ('![A.](a.svg){#fig-a fig-alt="A."}', ["index.qmd, line 7", "a.svg"]),
    "a picture without a text": (
        "![A.](theme/a.svg){#fig-a}",
        ["index.qmd, line 7", "alternative text"],
    ),
    "a picture without a label": (
        '![A.](theme/a.svg){fig-alt="A."}',
        ["index.qmd, line 7", "no label"],
    ),
    "an equation without a text": (
        "$$ r = n $$ {#eq-r}",
        ["index.qmd, line 7", "alternative text"],
    ),
    "an equation that is none": (
        '$$ \\frac{n $$ {#eq-r alt="r"}',
        ["Pandoc says", "Could not convert TeX math"],
    ),
    "a footnote twice": (
        "A.[^1] B.[^1]\n\n[^1]: One.\n\n[^1]: Two.\n",
        ["Pandoc says", "Duplicate note reference", "index.qmd, line 11"],
    ),
    "a div without an end": ("::: {.box}\nText.", ["Pandoc says", "index.qmd"]),
    "a label twice": (
        "# One {#sec-a}\n\n# Two {#sec-a}",
        ["index.qmd, line 7", "index.qmd, line 9", "sec-a"],
    ),
}


@pytest.mark.parametrize("name", ONE_AT_A_TIME)
def test_a_fault_is_refused_with_its_place(name, project):
    (project / "theme" / "a.svg").write_text(SVG["image/svg+xml"])
    body, said = ONE_AT_A_TIME[name]
    told = "\n".join(faults(project, body))
    for part in said:
        assert part in told


def test_all_faults_come_at_once_sorted_and_with_files_and_lines(project):
    (project / "chapters").mkdir()
    (project / "chapters" / "a.qmd").write_text("# A {#sec-a}\n\n{{< include chapters/b.qmd >}}\n")
    (project / "chapters" / "b.qmd").write_text(
        "See @fig-lost, {{< n sample.lost >}}.\n\n[@lost]\n"
    )
    told = faults(
        project, "{{< include chapters/a.qmd >}}\n\n::: {.callout-tip}\nTip.\n:::\n\n<p>Raw</p>\n"
    )
    assert told == sorted(told)
    places = [("chapters/b.qmd, line 1", "@fig-lost"), ("chapters/b.qmd, line 1", "sample.lost")]
    places += [("chapters/b.qmd, line 3", "@lost"), ("index.qmd, line 9", ".callout-tip")]
    places += [("index.qmd, line 13", "<p>")]
    for place, found in places:
        assert any(place in fault and found in fault for fault in told), (place, found)


def test_an_unknown_work_is_told_once(project):
    told = faults(project, "As said [@abel2015], and once more [see @abel2015, p. 3].")
    assert len(told) == 1
    assert "nearest is able2015" in told[0]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("fig-rates", "nearest is fig-rate."),
        ("fig-zzz", "none is close."),
        ("tbl-rate", "none is close."),
    ],
)
def test_among_many_labels_only_what_is_near_is_told(project, asked, said):
    (project / "theme" / "a.svg").write_text(SVG["image/svg+xml"])
    names = ["rate", *(f"{one}{two}" for one in "hijk" for two in "mnop")]
    pictures = [f'![A.](theme/a.svg){{#fig-{name} fig-alt="A."}}' for name in names]
    (told,) = faults(project, "\n\n".join([f"See @{asked}.", *pictures]))
    assert told.endswith(f"found @{asked}; {said}")


CELLS = {
    "no such cell": (cell("fig-other", SVG), ["fig-a", "valid choices are fig-other"]),
    "no output": ({**cell("fig-a", SVG), "outputs": []}, ["no output"]),
    "words beside the picture": (
        {
            **cell("fig-a", SVG),
            "outputs": [
                {"output_type": "stream", "name": "stdout", "text": "a warning"},
                *cell("fig-a", SVG)["outputs"],
            ],
        },
        ["prints more than it displays", "stdout"],
    ),
    "two pictures": (
        {**cell("fig-a", SVG), "outputs": cell("fig-a", SVG)["outputs"] * 2},
        ["one thing", "2 outputs"],
    ),
    "no picture": (cell("fig-a", {"text/html": "<table>"}), ["no picture", "text/html"]),
    "an unknown option": (cell("fig-a", SVG, fig_capp="A."), ["fig-capp", "fig-cap"]),
    "no caption": (cell("fig-a", SVG, fig_alt="A."), ["no caption", "fig-a"]),
    "no alternative text": (cell("fig-a", SVG, fig_cap="A."), ["alternative text", "fig-a"]),
}


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_that_cannot_be_shown_is_refused_with_the_line_that_embeds_it(name, project):
    made, said = CELLS[name]
    write_notebook(project / "nb.ipynb", [made])
    told = "\n".join(faults(project, "Text.\n\n{{< embed nb.ipynb#fig-a >}}\n"))
    for part in [*said, "index.qmd, line 9"]:
        assert part in told


SETTINGS = {
    "an option that is not known": ("toc: true", "toc: true\nsidebar: true", ["sidebar"]),
    "a theme of Quarto's": ("theme: none", "theme: cosmo", ["theme", "cosmo", "none"]),
    "execution": ("enabled: false", "enabled: true", ["execute", "False"]),
    "a missing filter": ("filters/alt.lua", "filters/lost.lua", ["filters/lost.lua"]),
    "another format": ("  typst:", "  docx:\n    toc: true\n  typst:", ["docx", "html, typst"]),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_that_cannot_be_honoured_are_refused(name, project):
    before, after, said = SETTINGS[name]
    settings = project / "_quarto.yml"
    assert before in settings.read_text()
    settings.write_text(settings.read_text().replace(before, after, 1))
    told = "\n".join(faults(project, "Text."))
    for part in said:
        assert part in told


def test_the_command_tells_its_faults_and_leaves_no_page(project, capsys):
    write_document(project, "See @fig-none.")
    assert main(["--project", str(project), "--renderer", "pandoc"]) == 1
    assert "@fig-none" in capsys.readouterr().err
    assert not any((project / "_output").iterdir())


def test_a_missing_project_is_told_in_a_sentence(tmp_path):
    with pytest.raises(LedgerError, match=r"_quarto\.yml"):
        render(tmp_path, ["html"], "pandoc")
