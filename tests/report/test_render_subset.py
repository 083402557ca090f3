"""Constructs of the subset beyond those of Quarto's reference document."""

import re

import pypdf
import pytest
from lxml import html
from sample_report import cell, copy_theme, picture, write_document, write_notebook

from render import render

SVG = {"image/svg+xml": picture(1, points=3)}


@pytest.fixture
def project(tmp_path):
    copy_theme(tmp_path)
    return tmp_path


def main_of(project, body):
    write_document(project, body, references=False)
    (made,) = render(project, ["html"], "pandoc")
    (main,) = html.fromstring(made.read_text(encoding="utf8")).xpath("//main")
    return main


def words(element):
    return " ".join(element.text_content().split())


def test_variables_stand_in_headings_addresses_code_and_maths(project):
    main = main_of(
        project,
        "# Rate {{< var sample.rate >}} {#sec-a}\n\n"
        "[there](https://example.org/{{< var sample.cost >}}) `{{< var sample.cost >}}`"
        " $x = {{< var sample.rate >}}$ **{{< n sample.cost >}}**\n",
    )
    assert words(main.xpath("//h2")[0]) == "1 Rate 50.5%"
    assert main.xpath(".//p/a/@href") == ["https://example.org/£877"]
    assert words(main.xpath(".//p/code")[0]) == "£877"
    assert "50.5" in main.xpath(".//math")[0].text_content()
    assert words(main.xpath(".//strong")[0]) == "£877"


def test_paths_in_included_files_start_at_the_outer_document(project):
    (project / "chapters").mkdir()
    (project / "chapters" / "a.qmd").write_text("{{< include parts/b.md >}}\n")
    (project / "parts").mkdir()
    (project / "parts" / "b.md").write_text("From b.\n\n{{< embed nb.ipynb#fig-a >}}\n")
    cells = [cell("fig-a", SVG, fig_cap="Caption.", fig_alt="A line.")]
    write_notebook(project / "nb.ipynb", cells)
    main = main_of(project, "{{< include chapters/a.qmd >}}")
    assert words(main.xpath("p")[0]) == "From b."
    assert main.xpath(".//img/@alt") == ["A line."]


def test_a_cell_is_found_by_id_then_label_then_tag(project):
    def of(text, label):
        return cell(label, {"text/markdown": text})

    cells = [
        {**of("by tag", "x"), "id": "one", "metadata": {"tags": ["wanted", "second"]}},
        {**of("by label", "wanted"), "id": "two"},
        {**of("by id", "y"), "id": "wanted"},
    ]
    write_notebook(project / "nb.ipynb", cells)
    assert words(main_of(project, "{{< embed nb.ipynb#wanted >}}").xpath("div")[0]) == "by id"
    write_notebook(project / "nb.ipynb", cells[:2])
    assert words(main_of(project, "{{< embed nb.ipynb#wanted >}}").xpath("div")[0]) == "by label"
    write_notebook(project / "nb.ipynb", cells[:1])
    assert words(main_of(project, "{{< embed nb.ipynb#wanted >}}").xpath("div")[0]) == "by tag"


def test_a_vector_picture_is_taken_before_a_bitmap(project):
    both = {"image/png": "aGVsbG8=", **SVG}
    write_notebook(
        project / "nb.ipynb", [cell("fig-a", both, fig_cap="Caption.", fig_alt="A line.")]
    )
    (image,) = main_of(project, "{{< embed nb.ipynb#fig-a >}}").xpath(".//img/@src")
    assert image.startswith("data:image/svg+xml;base64,")


def test_captions_may_look_like_a_list_or_a_heading(project):
    cells = [cell("fig-a", SVG, fig_cap="1. Not a list, {{< n sample.rate >}}", fig_alt="A line.")]
    write_notebook(project / "nb.ipynb", cells)
    main = main_of(project, "{{< embed nb.ipynb#fig-a >}}")
    assert words(main.xpath(".//figcaption")[0]) == "Figure 1: 1. Not a list, 50.5%"
    assert main.xpath(".//figcaption//span/@data-result") == ["sample.rate"]


def test_a_div_with_a_tables_label_holds_content_and_caption(project):
    (project / "made.md").write_text("| a | b |\n|---|--:|\n| x | 1 |\n")
    main = main_of(
        project,
        "::: {#tbl-made}\n{{< include made.md >}}\n\nMade elsewhere.\n:::\n\nSee @tbl-made.\n",
    )
    assert words(main.xpath(".//figcaption")[0]) == "Table 1: Made elsewhere."
    assert words(main.xpath("p")[0]) == "See Table 1."


def test_comments_and_what_is_meant_for_print_leave_no_trace_on_the_page(project):
    main = main_of(
        project,
        "<!-- a note\nto the author -->\n\nKept [in print]{.content-visible when-format=typst}"
        "[on the web]{.content-visible when-format=html}.\n",
    )
    assert [words(p) for p in main.xpath("p")] == ["Kept on the web."]


def test_filters_named_before_the_word_quarto_run_first(project):
    (project / "filters" / "early.lua").write_text(
        "function Cite(c) return pandoc.Str('early') end"
    )
    settings = project / "_quarto.yml"
    settings.write_text(
        settings.read_text().replace("filters: [quarto,", "filters: [filters/early.lua, quarto,")
    )
    assert words(main_of(project, "See @fig-none.").xpath("p")[0]) == "See early."


def test_inline_maths_and_every_box_pass_the_pdfs_rules(project):
    names = ["question", "answer", "objection", "limits", "box", "edition", "fig-source"]
    boxes = "\n\n".join(f'::: {{.{name} title="A *title*"}}\nText.\n:::' for name in names)
    facts = "::: {.keyfacts}\n- **1** fact\n- **2** facts\n:::"
    write_document(
        project, f"With $n$ and [$m$]{{alt='the other number'}}.\n\n{boxes}\n\n{facts}\n"
    )
    (made,) = render(project, ["typst"], "pandoc")
    assert made.read_bytes().startswith(b"%PDF")


def test_the_edition_stands_on_the_title_page_however_far_down_the_text_gives_it(project):
    body = "::: {.edition}\nEdition of a day.\n:::\n\n# One {#sec-a}\n\nText.\n"
    write_document(project, body, references=False)
    (made,) = render(project, ["typst"], "pandoc")
    pages = [page.extract_text() for page in pypdf.PdfReader(made).pages]
    assert len(pages) == 2
    assert "Edition of a day." in pages[0] and "Edition" not in pages[1]


def test_scales_and_years_are_not_broken_at_their_hyphen(project):
    main = main_of(project, "The PHQ-9 in 2024-25 was well-known.\n")
    assert main.xpath("p/span[@class='unbroken']/text()") == ["PHQ-9", "2024-25"]


def test_a_table_is_given_the_room_that_its_longest_numbers_need(project):
    def least(number):
        main = main_of(project, f"| Name | Much |\n|---|---:|\n| {'word ' * 30} | {number} |\n")
        (box,) = main.xpath(".//div[contains(@class, 'table-scroll')]")
        return float(re.search(r"--least: ([\d.]+)rem", box.get("style"))[1])

    short, long = least("1"), least("−14% (−17 to −7)")
    # Words wrap and need no room for their whole length.
    assert 6 < short < 12 < long < 20
