"""The page and the PDF as readers get them: complete, told, numbered, the same bytes each time."""

import itertools
import json
import re
import shutil
import subprocess

import pikepdf
import pypdf
import pytest
from lxml import html
from sample_report import write_sample

from iapt_ledger.build.check_page import page_faults
from render import render

ROWS = 60


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = write_sample(tmp_path_factory.mktemp("sample"), chapters=2, rows=ROWS)
    return render(folder, renderer="pandoc")


@pytest.fixture(scope="module")
def text(made):
    return made[0].read_text(encoding="utf8")


@pytest.fixture(scope="module")
def page(text):
    return html.fromstring(text)


@pytest.fixture(scope="module")
def pages(made):
    texts = [p.extract_text().replace("\u2060", "") for p in pypdf.PdfReader(made[1]).pages]
    return [" ".join(text.split()) for text in texts]


def words(element):
    return " ".join(element.text_content().split())


def test_outputs_are_named_by_the_settings(made):
    assert [path.name for path in made] == ["index.html", "iapt-ledger.pdf"]
    assert {path.name for path in made[0].parent.iterdir()} == {"index.html", "iapt-ledger.pdf"}


def test_two_renders_give_the_same_bytes(made, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795305600")
    project = made[0].parent.parent
    first = [path.read_bytes() for path in render(project, renderer="pandoc")]
    assert [path.read_bytes() for path in render(project, renderer="pandoc")] == first
    with pikepdf.open(made[1]) as pdf:
        assert str(pdf.docinfo["/CreationDate"]).startswith("D:20261122")


def test_the_page_asks_the_network_for_nothing(text, page):
    for attribute in ("src", "srcset", "data", "poster"):
        assert all(value.startswith("data:") for value in page.xpath(f"//@{attribute}"))
    assert page.xpath("//link") == []
    styles = "".join(page.xpath("//style/text()"))
    assert styles.count("@font-face") == 7
    assert all(
        found.startswith("data:font/woff2;base64,") for found in re.findall(r"url\((.{30})", styles)
    )
    assert "@import" not in styles


def test_the_page_passes_the_builds_own_checks(made, tmp_path):
    results = tmp_path / "results.json"
    texts = {"sample.rate": ("50.5%", "50.4% to 50.6%"), "sample.cost": ("£877", "")}
    records = [{"id": i, "text": t, "range_text": r} for i, (t, r) in texts.items()]
    results.write_text(json.dumps({"results": records}))
    assert [str(fault) for fault in page_faults(made[0], results)] == []


def test_the_page_has_language_one_first_heading_landmarks_and_a_skip_link(page):
    assert page.get("lang") == "en-GB"
    assert [words(h) for h in page.xpath("//h1")] == ["A sample"]
    assert len(page.xpath("//main")) == 1
    (contents,) = page.xpath("//nav[@aria-label='Contents']")
    (skip,) = page.xpath("//body/a[1]")
    assert skip.get("href") == "#main"
    assert page.xpath("//*[@id='main']")[0].tag == "main"
    chapters = page.xpath("//main/h2/@id")
    assert chapters == ["sec-summary", "sec-topic1", "sec-topic2", "sec-sources", "references"]
    assert [a.get("href")[1:] for a in contents.xpath(".//details/ul/li/a")] == chapters


def test_numbers_of_sections_figures_tables_and_equations_follow_the_document(page):
    assert [words(n) for n in page.xpath("//h2/span[@class='header-section-number']")] == list(
        "1234"
    )
    assert words(page.xpath("//h3[@id='the-strongest-objection']")[0]).startswith("2.2 ")
    labels = page.xpath("//figcaption//span[@class='caption-label']")
    assert [words(one) for one in labels][:2] == ["Figure 1:", "Table 1:"]
    captions = {c.get("id"): words(c) for c in page.xpath("//figcaption")}
    assert captions["fig-topic2-b-caption"].startswith("Figure 4: ")
    assert captions["tbl-sources-caption"] == "Table 3: Publications used."
    references = {a.get("href"): words(a) for a in page.xpath("//a[@class='quarto-xref']")}
    assert references["#fig-topic2-a"] == "Figure 3"
    assert references["#eq-rate"] == "Equation 1"


def test_wide_tables_scroll_in_a_box_that_the_keyboard_reaches(page):
    boxes = page.xpath("//div[contains(@class, 'table-scroll')]")
    assert len(boxes) == len(page.xpath("//table")) == 3
    for box in boxes:
        assert (box.get("tabindex"), box.get("role")) == ("0", "group")
        assert box.get("aria-label")
    least = [float(re.search(r"--least: ([\d.]+)rem", b.get("style"))[1]) for b in boxes]
    assert least[0] < least[1] < 70


def test_results_keep_their_ids_for_the_notes(page):
    shown = {(s.get("data-result"), words(s)) for s in page.xpath("//main//span[@class='n']")}
    assert shown == {
        ("sample.rate", "50.5%"),
        ("sample.rate", "50.4% to 50.6%"),
        ("sample.cost", "£877"),
    }


def test_the_pdf_numbers_its_parts_as_the_page_does(pages):
    whole = " ".join(pages)
    assert "Figure 4: " in whole
    assert "Table 3: Publications used." in whole
    assert "See Figure 3 and Table 2." in whole
    assert "The rate is Equation 1" in whole


def test_a_long_table_breaks_over_pages_and_repeats_its_heading(pages):
    holding = [p for p in pages if "Publication Publisher Address" in p]
    assert len(holding) >= 3
    rows = " ".join(holding).replace(" ", "")
    for row in range(1, ROWS + 1):
        assert rows.count(f"/table-{row}?format=csv&edition={row}") >= 1


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext (poppler-utils) is not here")
def test_no_word_in_the_pdf_leaves_the_page_or_lies_on_another(made):
    boxes = subprocess.run(
        ["pdftotext", "-bbox", made[1], "-"], capture_output=True, text=True, check=True
    ).stdout
    for number, sheet in enumerate(re.findall(r"<page.*?</page>", boxes, re.DOTALL), start=1):
        found = re.findall(
            r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)"', sheet
        )
        words_at = sorted(tuple(map(float, box)) for box in found)
        assert all(left > 50 and right < 595 - 50 for left, _, right, _ in words_at), number
        for one, other in itertools.combinations(words_at, 2):
            wide = min(one[2], other[2]) - max(one[0], other[0])
            high = min(one[3], other[3]) - max(one[1], other[1])
            least = min(one[3] - one[1], other[3] - other[1])
            assert wide < 1 or high < 0.4 * least, (number, one, other)


def test_the_pdf_is_tagged_titled_and_has_bookmarks_and_its_own_fonts(made):
    reader = pypdf.PdfReader(made[1])
    assert reader.metadata.title == "A sample"
    titles = [item.title for item in reader.outline if not isinstance(item, list)]
    assert titles[0].endswith("Summary")
    assert titles[-1] == "References"
    fonts = {
        str(font.get_object()["/BaseFont"]).split("+")[-1]
        for sheet in reader.pages
        for font in sheet["/Resources"]["/Font"].values()
    }
    assert any(name.startswith("LedgerSerif-") for name in fonts)
    assert all(name.startswith(("Ledger", "NewCMMath")) for name in fonts), fonts
    with pikepdf.open(made[1]) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang).startswith("en")
        assert pdf.open_metadata()["pdfuaid:part"] == "1"
        kinds = [
            str(t.S)
            for t in pdf.objects
            if isinstance(t, pikepdf.Dictionary) and "/S" in t and "/P" in t
        ]
    assert kinds.count("/Table") == 3
    assert kinds.count("/Figure") >= 4


def colours(styles, dark):
    block = re.search(r"prefers-color-scheme: dark\)\s*\{\s*:root \{(.*?)\}", styles, re.DOTALL)
    light = re.search(r":root \{(.*?)\}", styles, re.DOTALL)
    pairs = re.findall(r"--(\w+): (#[0-9a-f]+)", (block if dark else light)[1])
    return {
        name: value if len(value) == 7 else "#" + "".join(c * 2 for c in value[1:])
        for name, value in pairs
    }


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "panel"])
@pytest.mark.parametrize("ink", ["ink", "muted", "accent", "warm"])
def test_every_colour_of_text_has_the_contrast_of_wcag_aa(page, dark, ground, ink):
    found = colours("".join(page.xpath("//style/text()")), dark)
    lighter, darker = sorted((luminance(found[ink]), luminance(found[ground])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5
