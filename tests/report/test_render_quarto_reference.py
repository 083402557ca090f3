"""Our renderer makes of each construct what Quarto makes of it.

shared/quarto_reference holds a document with every construct the report may use, and what the real Quarto
made of it. Where ours may differ is listed in ALLOWED, with the reason.
"""

import os
import re
import shutil
import subprocess
from html.parser import HTMLParser

import pypdf
import pytest

from render import render

from ..beside import beside

# (pattern, replacement, why the two may differ)
ALLOWED = [
    (r' data-quarto-private-1="\{.*?\}\}"', "", "papermill's times, which Quarto carries along"),
    (r' data-tags="\[\]"', "", "a notebook's bookkeeping that no reader of the page needs"),
    (r' data-execution_count="\d+"', "", "the same"),
    (r"-caption-[0-9a-f]{8}-[0-9a-f-]{27}", "-caption", "an id that changes with every render"),
    (r'data-notebook="(DIR/)?', 'data-notebook="', "Quarto writes the machine's path"),
    (r'(<div id="fig[^>]*) alt="[^"]*"', r"\1", "HTML knows no alternative text of a div"),
    (r'<tr class="(header|odd|even)">', "<tr>", "Quarto numbers the rows for styling"),
    (r"toc-section-number", "header-section-number", "Pandoc's name for the same span"),
]
VOID = {"img", "hr", "meta", "link", "br", "input"}
LEFT_OUT = {"script", "style", "svg"}  # as in the expected outline, with the inside of equations


@pytest.fixture(scope="module")
def reference():
    return beside("quarto_reference")


@pytest.fixture(scope="module")
def rendered(reference, tmp_path_factory):
    import nbformat
    from nbclient import NotebookClient

    folder = tmp_path_factory.mktemp("reference") / "project"
    shutil.copytree(reference, folder)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    notebook = nbformat.read(folder / "nb.ipynb", as_version=4)
    # Another backend, which the environment may ask for, would show no picture.
    environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    NotebookClient(notebook, kernel_name="python3").execute(env=environment)
    nbformat.write(notebook, folder / "nb_done.ipynb")
    return render(folder, renderer="pandoc")


class Outline(HTMLParser):
    """The elements of a page's body, indented, with their attributes and texts."""

    def __init__(self):
        super().__init__()
        self.lines, self.depth, self.skipped, self.inside = [], 0, 0, False
        self.text = ""

    def flush(self):
        if self.inside and not self.skipped and (text := " ".join(self.text.split())):
            self.lines.append(f'{"  " * self.depth}"{text}"')
        self.text = ""

    def handle_starttag(self, tag, attributes):
        self.flush()
        if tag == "body":
            self.inside = True
            return
        if self.skipped or tag in LEFT_OUT:
            self.skipped += tag not in VOID
            return
        if self.inside:
            shown = "".join(f' {k}="{v}"' for k, v in attributes if k not in ("src", "style"))
            self.lines.append(f"{'  ' * self.depth}<{tag}{shown}>")
            self.depth += tag not in VOID
            if tag == "math":
                self.skipped = 1

    def handle_endtag(self, tag):
        self.flush()
        if self.skipped:
            self.skipped -= 1
            if tag == "math":
                self.depth -= 1
        elif self.inside and tag not in ("body", "html"):
            self.depth -= tag not in VOID

    def handle_data(self, data):
        self.text += data


def normal(lines):
    """Lines of an outline with allowed differences levelled, attributes and classes in order."""
    text = "\n".join(lines)
    for pattern, replacement, _ in ALLOWED:
        text = re.sub(pattern, replacement, text)
    return [re.sub(r"<(\w+)( [^>]*)>", _sorted_attributes, line) for line in text.split("\n")]


def _sorted_attributes(match):
    found = sorted(re.findall(r'([\w:-]+)="([^"]*)"', match[2]))
    shown = " ".join(f'{name}="{" ".join(sorted(value.split()))}"' for name, value in found)
    return f"<{match[1]} {shown}>"


def test_the_page_has_quartos_elements(rendered, reference):
    outline = Outline()
    outline.feed(rendered[0].read_text(encoding="utf8"))
    expected = (reference / "expected_html_outline.txt").read_text(encoding="utf8").rstrip()
    assert normal(outline.lines) == normal(expected.split("\n"))


def test_the_outline_would_show_a_difference():
    page = '<body><p class="a">Recovery was <b>50%</b>.</p><math display="block"><mi>r</mi></math><p>x</p></body>'
    outline = Outline()
    outline.feed(page)
    assert outline.lines == [
        '<p class="a">',
        '  "Recovery was"',
        "  <b>",
        '    "50%"',
        '  "."',
        '<math display="block">',
        "<p>",
        '  "x"',
    ]


def test_the_pdf_has_quartos_text(rendered, reference):
    pdf = rendered[1]
    if shutil.which("pdftotext"):
        made = subprocess.run(
            ["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True
        ).stdout
        words = list
    else:
        made = "\n".join(page.extract_text() for page in pypdf.PdfReader(pdf).pages)
        words = sorted  # the order of words in an equation is lost
    expected = (reference / "expected_print.txt").read_text(encoding="utf8")
    assert words(running_text(made)) == words(running_text(expected))


def running_text(text):
    """Words without page numbers; footnotes, which stand where the page ends, come last."""
    lines = [line.strip() for line in text.replace("\f", "\n").split("\n")]
    body = [line for line in lines if line and not line.isdigit()]
    notes = [line for line in body if re.match(r"^\d+\s?A footnote\.$", line)]
    kept = [line for line in body if line not in notes]
    return " ".join([*kept, *(re.sub(r"^(\d+)\s?", r"\1", n) for n in notes)]).split()


def test_the_pdf_is_tagged_and_tells_its_pictures(rendered):
    import pikepdf

    with pikepdf.open(rendered[1]) as pdf:
        assert pdf.open_metadata()["pdfuaid:part"] == "1"
        told = {
            str(tag.Alt)
            for tag in pdf.objects
            if isinstance(tag, pikepdf.Dictionary) and "/Alt" in tag
        }
    assert {
        "A line that rises.",
        "Recovery rose from 43 to 50 per cent.",
        "rate equals n over d",
    } <= told
