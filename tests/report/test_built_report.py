"""The built report: web page and PDF hold every chapter, told pictures and checked numbers."""

import json
import re
import zipfile
from pathlib import Path

import printed
import pytest
from lxml import html

from iapt_ledger import paths
from iapt_ledger.build.check_page import page_faults
from iapt_ledger.registry import read_sources

PAGE = paths.OUTPUT / "index.html"
PDF = paths.OUTPUT / "iapt-ledger.pdf"
RESULTS = paths.GENERATED / "results.json"

pytestmark = [
    pytest.mark.built,
    pytest.mark.skipif(
        not (PAGE.exists() and PDF.exists()),
        reason="the report is not built: run `envs/run snakemake` first",
    ),
]

TOPICS = [p.stem.split("_", 1)[1] for p in sorted(paths.NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))]


@pytest.fixture(scope="module")
def page():
    return html.parse(str(PAGE), parser=html.HTMLParser(encoding="utf8")).getroot()


@pytest.fixture(scope="module")
def pdf_text():
    return printed.text(PDF)


def labels(topic, kind):
    cells = json.loads(next(paths.NOTEBOOKS.glob(f"[0-9][0-9]_{topic}.ipynb")).read_text())["cells"]
    sources = "\n".join("".join(cell["source"]) for cell in cells)
    return re.findall(rf"^#\| label: ({kind}-[\w-]+)", sources, re.MULTILINE)


def test_the_page_has_no_fault():
    assert [str(fault) for fault in page_faults(PAGE, RESULTS)] == []


@pytest.mark.parametrize("topic", TOPICS)
def test_a_chapter_stands_in_page_and_pdf_with_its_question_and_pictures(topic, page, pdf_text):
    chapter = (paths.REPORT / "chapters" / f"{topic}.qmd").read_text()
    identity = re.search(r"^# .*\{#(sec-[\w-]+)", chapter, re.MULTILINE)[1]
    heading = page.xpath(f"//*[@id='{identity}']")
    assert heading, identity
    title = re.search(r"^# (.*?)\s*\{", chapter, re.MULTILINE)[1]
    assert title.lower() in " ".join(pdf_text.split()).lower()
    for label in labels(topic, "fig"):
        (figure,) = page.xpath(f"//*[@id='{label}']")
        (image,) = figure.xpath(".//img | .//*[local-name()='svg' and @role='img']")
        assert len(image.get("alt") or image.get("aria-label")) > 40, f"{label}: too short to tell"


@pytest.mark.parametrize("topic", TOPICS)
def test_the_data_behind_every_figure_lie_beside_the_page(topic):
    for label in labels(topic, "fig"):
        data = paths.OUTPUT / "downloads" / f"{label}.csv"
        rows = data.read_text(encoding="utf8").splitlines()
        assert len(rows) > 1, label
        assert rows[0].split(",")[-1] == "observations"
        assert (data.with_suffix(".svg")).exists()


def test_every_embedded_figure_has_its_source_line():
    for source in sorted(paths.REPORT.glob("chapters/*.qmd")):
        text = source.read_text(encoding="utf8")
        for folder, label in re.findall(
            r"embed generated/([\w]+)/notebook\.ipynb#(fig-[\w-]+)", text
        ):
            assert f"include generated/{folder}/{label}.md" in text, f"{source.name}: {label}"


def test_every_label_of_a_notebook_is_shown():
    text = "".join(
        p.read_text(encoding="utf8") for p in sorted(paths.REPORT.glob("chapters/*.qmd"))
    )
    made = [label for topic in TOPICS for kind in ("fig", "tbl") for label in labels(topic, kind)]
    assert [label for label in made if f"notebook.ipynb#{label} " not in text] == []


def test_every_number_in_prose_is_a_result_and_is_shown_as_one(page):
    records = {r["id"]: r for r in json.loads(RESULTS.read_text(encoding="utf8"))["results"]}
    spans = page.xpath("//*[@data-result]")
    assert len(spans) > 50
    for span in spans:
        record = records[span.get("data-result")]
        assert span.text_content() in (record["text"], record["range_text"])


def test_every_computed_result_names_observations_and_registered_sources():
    registry = read_sources()
    for record in json.loads(RESULTS.read_text(encoding="utf8"))["results"]:
        if record["status"] == "computed":
            assert record["observations"], record["id"]
            for source in record["sources"]:
                assert registry[source].title, record["id"]


def test_nothing_unresolved_stands_in_the_pdf(pdf_text):
    assert not re.search(r"\?var:|\?@|\{\{<|\?meta:", pdf_text)


def published():
    """Every file that is given out, those in archives too, by name; of the PDF the bytes as they stand."""
    for path in sorted(p for p in paths.OUTPUT.rglob("*") if p.is_file()):
        yield str(path.relative_to(paths.OUTPUT)), path.read_bytes()
        if zipfile.is_zipfile(path):  # a workbook is one too
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    yield f"{path.name}: {name}", archive.read(name)


def test_nothing_that_is_given_out_names_a_machine(pdf_text):
    machine = {f"{paths.ROOT}/", f"{Path.home()}/"} - {"//"}
    texts = [*published(), ("text of the PDF", pdf_text.encode())]
    assert {"index.html", "downloads/results.json", "numbers/index.html"} <= {n for n, _ in texts}
    found = [(name, one) for name, data in texts for one in machine if one.encode() in data]
    assert found == []
