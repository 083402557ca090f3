"""Text from data comes out as text, whatever marks it holds."""

import pandas as pd
import pypdf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import html
from sample_report import cell, copy_theme, picture, write_document, write_notebook

from iapt_ledger.tables import escape, markdown_table
from render import render

HOSTILE = [
    "<script>alert(1)</script>",
    "{{< n sample.rate >}}",
    "{{<",
    ">}}",
    "@fig-",
    "@fig-none",
    "[@nobody]",
    "costs $5 and $6",
    "$x$",
    "a | b",
    "`code` and ```more",
    "*not* __bold__ ~~gone~~ ^up^ ~down~",
    "# no heading",
    "- no list",
    "[no](https://example.org/link)",
    "![no](picture.svg)",
    "::: {.callout-note}",
    "{=typst} #panic() #{ } \\u{41}",
    "<b>&amp;</b> & &lt;",
    "[^1]",
    '"straight" quotes -- and --- dashes...',
    "1. not a list",
    "https://example.org/bare_address",
    "someone@example.org",
    "\ue0000\ue001",
    "<!-- comment -->",
    "back\\slash \\",
]


def shown(text):
    """Text as a reader sees it: one space between words, none of the renderer's own marks."""
    return " ".join(text.replace("\ue000", "").replace("\ue001", "").split())


def set_type(text):
    """Text without spaces and as Typst sets it: three dots are one sign."""
    return "".join(text.split()).replace("...", "…")


def page(project):
    (made,) = render(project, ["html"], "pandoc")
    return html.fromstring(made.read_text(encoding="utf8"))


def rendered_cells(project, texts):
    table = markdown_table(pd.DataFrame({"Text": texts, "More": texts}))
    write_notebook(project / "nb.ipynb", [cell("tbl-a", {"text/markdown": table}, tbl_cap="A.")])
    write_document(project, "{{< embed nb.ipynb#tbl-a >}}", references=False)
    return [td.text_content() for td in page(project).xpath("//tbody/tr/td[1]")]


def test_cells_of_a_table_come_out_as_they_are(tmp_path):
    copy_theme(tmp_path)
    assert [shown(c) for c in rendered_cells(tmp_path, HOSTILE)] == [shown(t) for t in HOSTILE]


WORDS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn", "Zl", "Zp", "Cf"))
    | st.sampled_from("`*_{}[]()<>#+-.!|~^$@\"'&:=\\%/;,? "),
    min_size=1,
    max_size=40,
).filter(lambda text: shown(text) not in ("", "–"))


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(WORDS, min_size=1, max_size=60))
def test_any_text_in_a_cell_comes_out_as_it_is(tmp_path, texts):
    copy_theme(tmp_path)
    assert [shown(c) for c in rendered_cells(tmp_path, texts)] == [shown(t) for t in texts]


def test_captions_alternative_texts_and_included_text_come_out_as_they_are(tmp_path):
    copy_theme(tmp_path)
    cells = [
        cell(
            f"fig-{number}",
            {"image/svg+xml": picture(1, points=3)},
            fig_cap=f"Of {escape(text)}!",
            fig_alt=f"Of {text}!" if "{{<" not in text else "None.",
        )
        for number, text in enumerate(HOSTILE)
    ]
    write_notebook(tmp_path / "nb.ipynb", cells)
    (tmp_path / "part.md").write_text("\n\n".join(f"Of {escape(t)}!" for t in HOSTILE) + "\n")
    embeds = [f"{{{{< embed nb.ipynb#fig-{n} >}}}}\n" for n in range(len(HOSTILE))]
    write_document(tmp_path, "\n".join([*embeds, "{{< include part.md >}}"]), references=False)
    web, pdf = render(tmp_path, renderer="pandoc")
    tree = html.fromstring(web.read_text(encoding="utf8"))
    wanted = [shown(f"Of {t}!") for t in HOSTILE]
    captions = [shown(c.text_content()).split(": ", 1)[1] for c in tree.xpath("//figcaption")]
    assert captions == wanted
    assert [shown(p.text_content()) for p in tree.xpath("//main/p")] == wanted
    alts = [shown(image.get("alt")) for image in tree.xpath("//main//img")]
    assert alts == [w if "{{<" not in w else "None." for w in wanted]
    assert len(tree.xpath("//script")) == 1  # the page's own
    printed = set_type(" ".join(p.extract_text() for p in pypdf.PdfReader(pdf).pages))
    assert [text for text in wanted if set_type(text) not in printed] == []


def test_raw_markup_in_a_notebooks_output_stays_text_even_unescaped(tmp_path):
    copy_theme(tmp_path)
    raw = "<script>alert(1)</script> {{< n sample.rate >}} <div class='callout-note'>x</div>"
    write_notebook(tmp_path / "nb.ipynb", [cell("words", {"text/markdown": raw})])
    write_document(tmp_path, "{{< embed nb.ipynb#words >}}", references=False)
    tree = page(tmp_path)
    (output,) = tree.xpath("//*[contains(@class, 'cell-output-markdown')]")
    assert "<script>alert(1)</script> {{< n sample.rate >}}" in shown(output.text_content())
    assert not output.xpath(".//script | .//div")
