"""The ledger in the built report: every claim has its row and its section, and all places say the same of it."""

import csv
import json
import re
from functools import cache

import pypdf
import pytest
from lxml import html

from iapt_ledger import paths
from iapt_ledger.ledger.claims import read_ledger
from iapt_ledger.ledger.grades import GRADES
from iapt_ledger.ledger.printed import COLUMNS

PAGE = paths.OUTPUT / "index.html"
PDF = paths.OUTPUT / "iapt-ledger.pdf"
RESULTS = paths.GENERATED / "results.json"
LEDGER = paths.GENERATED / "ledger" / "ledger.csv"

pytestmark = [
    pytest.mark.built,
    pytest.mark.skipif(
        not (PAGE.exists() and LEDGER.exists()),
        reason="the report is not built: run `envs/run snakemake` first",
    ),
]

CLAIMS = read_ledger().claims
TABLES = {"timimi2015": "tbl-ledger-editorial", "healthfoundation2014": "tbl-ledger-post"}
UNTESTABLE = "cannot be tested with public data"
HEADINGS = ("h2", "h3", "h4")


@cache
def tree():
    return html.parse(str(PAGE), parser=html.HTMLParser(encoding="utf8")).getroot()


def text_of(element):
    return " ".join(element.text_content().split())


def one(path):
    """The one element that a path finds."""
    (found,) = tree().xpath(path)
    return found


@cache
def row_of(claim):
    """The cells of a claim's row in the table of its document."""
    table = f"//*[@id='{TABLES[CLAIMS[claim].document]}']//tbody/tr"
    return one(f"{table}[td[1][normalize-space()='{claim}']]").findall("td")


@cache
def section_of(claim):
    """What stands between a claim's heading and the next."""
    found = []
    for element in one(f"//h4[@id='{claim}']").itersiblings():
        if element.tag in HEADINGS:
            break
        found.append(element)
    return found


def paragraph(claim, start):
    """The paragraph of a claim's section that starts with these words; empty where there is none."""
    found = [text_of(p) for part in section_of(claim) for p in part.iter("p")]
    return next((p for p in found if p.startswith(start)), "")


@cache
def in_file():
    with LEDGER.open(encoding="utf8", newline="") as file:
        return {row["claim"]: row for row in csv.DictReader(file)}


def chapter():
    """Every element of the chapter, its heading first."""
    heading = one("//h2[@id='sec-ledger']")
    found = [heading]
    for element in heading.itersiblings():
        if element.tag == "h2":
            break
        found.append(element)
    return found


def short(verdict):
    return verdict.removesuffix(" with public data").capitalize()


def test_all_claims_of_the_file_are_on_the_page_and_no_others():
    assert len(CLAIMS) == 39
    ids = [one.strip() for one in tree().xpath("//h4/@id") if re.fullmatch(r"[TH]\d\d[ab]?", one)]
    assert ids == list(CLAIMS) == list(in_file())
    for document, label in TABLES.items():
        shown = [text_of(cell) for cell in tree().xpath(f"//*[@id='{label}']//tbody/tr/td[1]")]
        assert shown == [name for name, claim in CLAIMS.items() if claim.document == document]


@pytest.mark.parametrize("claim", CLAIMS)
class TestClaim:
    def test_table_section_and_file_agree_on_the_verdict(self, claim):
        verdict = in_file()[claim]["verdict"]
        assert text_of(row_of(claim)[2]) == short(verdict) in COLUMNS.values()
        assert re.match(f"Verdict: {verdict}[.,]", paragraph(claim, "Verdict:"))

    def test_table_section_and_file_agree_on_the_grade(self, claim):
        grade, said = in_file()[claim]["grade"], paragraph(claim, "Verdict:")
        assert text_of(row_of(claim)[3]) == (grade or "–")
        if in_file()[claim]["verdict"] == UNTESTABLE:
            assert grade == ""
            assert "graded" not in said
        else:
            assert grade in GRADES
            assert f"on evidence graded {grade}. " in said

    def test_the_reason_of_the_table_stands_in_the_file_and_the_section(self, claim):
        reason = text_of(row_of(claim)[4])
        assert len(reason.split()) > 4
        assert reason.endswith(".")
        if not reason.startswith("What would decide it is missing: "):
            assert reason in paragraph(claim, "Verdict:")
            return
        missing = reason.split(": ", 1)[1]
        assert missing[1:] in paragraph(claim, "What is lacking.")

    def test_the_row_leads_to_the_section_of_its_claim(self, claim):
        assert row_of(claim)[0].xpath(".//a/@href") == [f"#{claim}"]
        assert text_of(one(f"//h4[@id='{claim}']")).startswith(f"{claim} · ")
        for link in row_of(claim)[4].xpath(".//a[not(@data-result)]"):
            assert link.get("href") == f"#{text_of(link)}"
            assert text_of(one(f"//*[@id='{text_of(link)}']")).startswith(text_of(link))

    def test_the_section_says_what_is_claimed_and_tested_and_what_would_change_it(self, claim):
        for start in ("The claim (", "Test.", "What would change it."):
            assert len(paragraph(claim, start)) > len(start) + 20, start
        assert paragraph(claim, "Objections.") == "Objections."
        (objections,) = [part for part in section_of(claim) if part.tag == "ul"][-1:]
        assert len(objections.findall("li")) >= 2
        stamp = CLAIMS[claim].stamp[:12]
        assert any(f"stamp {stamp}." in text_of(part) for part in section_of(claim))

    def test_its_evidence_is_shown_with_links_to_chapters(self, claim):
        (box,) = [part for part in section_of(claim) if "evidence" in part.get("class", "")]
        chapters = {element.get("id") for element in tree().iter("h2")}
        links = box.xpath(".//a[not(@data-result or @class='evidence-link')]/@href")
        assert links
        assert {link.removeprefix("#") for link in links} <= chapters | set(CLAIMS)
        assert any(link.startswith("#sec-") for link in links)
        shown = set(box.xpath(".//@data-result"))
        assert set(in_file()[claim]["decides"].split()) <= shown
        assert shown <= {*in_file()[claim]["decides"].split(), *in_file()[claim]["context"].split()}

    def test_it_is_read_in_other_ways_or_the_missing_data_have_a_name(self, claim):
        read = re.search(r"\d readings", paragraph(claim, "Other readings."))
        lacking = paragraph(claim, "What is lacking.")
        assert read or lacking
        assert bool(read) == (in_file()[claim]["readings"] != "")
        if lacking:
            what, held, fetch = re.split(r" Held by: | To fetch it: ", lacking)
            assert min(len(what), len(held), len(fetch)) > 5


@pytest.mark.parametrize("family", ["T06", "T07"])
def test_a_number_that_two_claims_share_leads_to_the_first(family):
    anchor = one(f"//*[@id='{family}']")
    assert anchor.xpath("ancestor::h4/@id") == [f"{family}a"]


def test_the_table_by_kind_holds_every_claim_once_under_its_verdict():
    seen = {}
    for row in tree().xpath("//*[@id='tbl-ledger-kinds']//tbody/tr"):
        kind, *cells = row.findall("td")
        for heading, cell in zip(COLUMNS.values(), cells, strict=True):
            seen |= {text_of(link): (text_of(kind).lower(), heading) for link in cell.iter("a")}
            assert not re.search(r"\d", re.sub(r"[TH]\d\d[ab]?", "", text_of(cell)))
    assert seen == {
        name: (claim.kind, short(in_file()[name]["verdict"])) for name, claim in CLAIMS.items()
    }


def test_nowhere_are_verdicts_summed():
    records = json.loads(RESULTS.read_text(encoding="utf8"))["results"]
    counts = {r["id"] for r in records if r["id"].startswith("ledger.count.")}
    of_changes = {"ledger.count.changed_after_results", "ledger.count.moved_verdicts"}
    assert counts == {"ledger.count.claims"} | of_changes
    number = r"\b(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|\w+teen|twenty[\w-]*)"
    verdict = r"(?:partly |not )?supported|contradicted|untestable|cannot be tested"
    summed = (
        rf"(?i){number} (?:of (?:the |its )?\w+ )?(?:claims? )?(?:are |is |were )?(?:{verdict})"
    )
    blocks = [one for element in chapter() for one in element.iter("p", "li", "figcaption", "td")]
    assert [text_of(one) for one in blocks if re.search(summed, text_of(one))] == []
    for label in (*TABLES.values(), "tbl-ledger-kinds"):
        firsts = tree().xpath(f"//*[@id='{label}']//tr/*[1]")
        assert not [one for one in firsts if re.match(r"(?i)total|sum\b|all", text_of(one))]


def test_no_id_of_a_result_stands_in_the_words_of_the_chapter():
    records = json.loads(RESULTS.read_text(encoding="utf8"))["results"]
    text = " ".join(text_of(element) for element in chapter())
    words = set(re.findall(r"[a-z_0-9]+(?:\.[a-z_0-9]+)+", text))
    assert words & {record["id"] for record in records} == set()
    assert "|" not in text


def test_the_ledger_lies_beside_the_page():
    links = [a.get("href") for element in chapter() for a in element.iter("a")]
    for name in ("ledger.csv", "ledger-readings.csv"):
        assert f"downloads/{name}" in links
        assert (paths.OUTPUT / "downloads" / name).read_bytes() == (
            LEDGER.parent / name
        ).read_bytes()


def pdf_text():
    """The chapter in the PDF, without spaces and the joiners that Typst puts between letters."""
    reader = pypdf.PdfReader(PDF)
    chapters = [entry for entry in reader.outline if not isinstance(entry, list)]
    begins = [reader.get_destination_page_number(entry) for entry in chapters]
    (place,) = [n for n, entry in enumerate(chapters) if "The ledger of claims" in entry.title]
    pages = reader.pages[begins[place] : begins[place + 1]]
    return re.sub(r"[\s\u2060]", "", "".join(page.extract_text() for page in pages))


@pytest.mark.skipif(not PDF.exists(), reason="the PDF is not built: run `envs/run snakemake` first")
def test_the_pdf_has_every_section_with_its_verdict():
    text = pdf_text()
    places = [text.find(f"{name}·") for name in CLAIMS]
    assert -1 not in places
    assert places == sorted(places)
    for name, start, end in zip(CLAIMS, places, [*places[1:], len(text)], strict=True):
        assert f"Verdict:{in_file()[name]['verdict']}".replace(" ", "") in text[start:end], name
