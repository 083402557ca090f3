"""The summary is one screen, and agrees with the ledger."""

import csv
import json
import re
from types import SimpleNamespace

import pypdf
import pytest
from lxml import html

from iapt_ledger import paths
from iapt_ledger.ledger import printed
from iapt_ledger.ledger.claims import read_ledger
from iapt_ledger.ledger.deciding import CONTRADICTED, SUPPORTED

SOURCE = paths.REPORT / "chapters" / "summary.qmd"
PAGE = paths.OUTPUT / "index.html"
PDF = paths.OUTPUT / "iapt-ledger.pdf"
LEDGER = paths.GENERATED / "ledger" / "ledger.csv"
RESULTS = paths.GENERATED / "results.json"

# A screen of 1280 by 800 holds about this much beside the picture; a source line and short words of all claims in it.
MOST_WORDS = 550
MOST_WORDS_OF_ANSWER = 155
MOST_WORDS_OF_UNCERTAIN = 60
LONGEST_SENTENCE = 25  # words
LONGEST_SHORT = 34  # letters; longer ones break the table's lines

built = pytest.mark.skipif(
    not (PAGE.exists() and PDF.exists()),
    reason="the report is not built: run `envs/run snakemake` first",
)
COLUMN_OF = {"timimi2015": "The editorial", "healthfoundation2014": "The blog post"}
SAID = {
    heading: printed.SAYS[word].removeprefix("is ") for word, heading in printed.COLUMNS.items()
}


def words(element):
    return " ".join(element.text_content().split())


@pytest.fixture(scope="module")
def page():
    return html.parse(str(PAGE), parser=html.HTMLParser(encoding="utf8")).getroot()


@pytest.fixture(scope="module")
def summary(page):
    """The elements from the summary's heading to the next chapter's."""
    (heading,) = page.xpath("//*[@id='sec-summary']")
    found = [heading]
    while found[-1].getnext() is not None and found[-1].getnext().tag != "h2":
        found.append(found[-1].getnext())
    return found


@pytest.fixture(scope="module")
def shown(page):
    """Claim to the heading of its row and of its column, as the table of the summary prints them."""
    (table,) = page.xpath("//*[@id='tbl-summary']//table")
    columns = [words(cell) for cell in table.xpath(".//thead//th")]
    found = [
        (link.get("href").removeprefix("#"), words(row.xpath("./td")[0]), column)
        for row in table.xpath(".//tbody/tr")
        for column, cell in zip(columns, row.xpath("./td"), strict=True)
        for link in cell.xpath(".//a")
    ]
    assert len({claim for claim, *_ in found}) == len(found), "a claim stands twice"
    return {claim: place for claim, *place in found}


def rows():
    with LEDGER.open(encoding="utf8", newline="") as file:
        return {row["claim"]: row for row in csv.DictReader(file)}


@pytest.mark.built
@built
def test_every_claim_stands_once_under_its_document_and_the_ledgers_verdict(shown):
    expected = {name: (row["verdict"], COLUMN_OF[row["document"]]) for name, row in rows().items()}
    assert {n: (SAID[verdict], column) for n, (verdict, column) in shown.items()} == expected
    assert set(shown) == set(read_ledger().claims)


@pytest.mark.built
@built
def test_every_claim_leads_to_a_section_that_gives_the_same_verdict(page, shown):
    for name, (verdict, _) in shown.items():
        (heading,) = page.xpath(f"//*[@id='{name}']")
        assert words(heading).startswith(f"{name} · ")
        element = heading.getnext()
        while not words(element).startswith("Verdict: "):
            element = element.getnext()
            assert element.tag != heading.tag, f"{name} has no verdict in its section"
        said = re.match(r"Verdict: ([a-z ]+)", words(element))[1]
        assert said.split(" on evidence")[0].strip() == SAID[verdict], name


@pytest.mark.built
@built
def test_rows_stand_in_the_ledgers_order_and_none_is_left_out(page):
    heads = page.xpath("//*[@id='tbl-summary']//tbody/tr/td[1]")
    assert [words(head) for head in heads] == list(printed.COLUMNS.values())


@pytest.mark.built
@built
def test_every_digit_of_the_answer_is_a_result_or_a_year(summary):
    texts = {
        text
        for r in json.loads(RESULTS.read_text(encoding="utf8"))["results"]
        for text in (r["text"], r["range_text"])
    }
    (answer,) = [e for part in summary for e in part.xpath(".//div[@class='words']")]
    spans = answer.xpath(".//*[@data-result]")
    assert len(spans) >= 8
    assert [words(span) for span in spans if span.text_content() not in texts] == []
    for part in answer.xpath(".//*[@data-result] | .//a[@class='quarto-xref']"):
        part.drop_tree()
    plain = re.sub(r"\b(19|20)\d\d(-\d\d)?\b", "", words(answer))
    assert not re.search(r"\d", plain), plain


@pytest.mark.built
@built
def test_it_is_short_and_holds_the_answer_in_three_paragraphs_of_short_sentences(summary):
    (text,) = [e for part in summary for e in part.xpath(".//div[@class='words']")]
    answer = [words(p) for p in text.xpath("./p")]
    assert len(answer) == 3
    for sentence in re.split(r"(?<=[.!?])\s+", " ".join(answer)):
        assert 0 < len(sentence.split()) <= LONGEST_SENTENCE, sentence
    assert len(" ".join(answer).split()) <= MOST_WORDS_OF_ANSWER
    (uncertain,) = text.xpath("./div[@title='What is uncertain']")
    assert 0 < len(words(uncertain).split()) <= MOST_WORDS_OF_UNCERTAIN
    # What a chart and a chapter can be taken further with is no part of what is read.
    aside = [p for part in summary for p in part.xpath("descendant-or-self::p[@class]")]
    left_out = sum(len(words(p).split()) for p in aside if p.get("class") in ("tools", "ways"))
    assert len(" ".join(map(words, summary)).split()) - left_out <= MOST_WORDS
    pictures = [p for part in summary for p in part.xpath(".//figure[contains(@class, 'fig')]")]
    assert len(pictures) == 1


def test_it_says_what_the_programme_is_and_leaves_verdicts_to_the_table():
    """A verdict can move with an edition, or with a rule; a word for it in fixed prose would not."""
    text = SOURCE.read_text(encoding="utf8")
    question = text.split("::: {.question}")[1].split(":::")[0]
    for name in ("IAPT", "Improving Access to Psychological Therapies", "NHS Talking Therapies"):
        assert name in " ".join(question.split()), name
    before_table = " ".join(text.split("{.at-a-glance}")[0].casefold().split())
    said = [*printed.COLUMNS.values(), *printed.SAYS.values()]
    assert [word for word in said if word.casefold() in before_table] == []


@pytest.mark.built
@built
def test_it_gives_no_score_and_no_total(summary):
    (table,) = [t for part in summary for t in part.xpath(".//table")]
    for row in table.xpath(".//tr"):
        for cell in row.xpath("./th | ./td"):
            for link in cell.xpath(".//a"):
                link.drop_tree()
            assert re.fullmatch(r"[^\d]*", words(cell)), words(cell)


@pytest.mark.built
@built
def test_the_pdf_has_it_on_one_page():
    reader = pypdf.PdfReader(PDF)
    chapters = [entry for entry in reader.outline if not isinstance(entry, list)]
    first, second = (reader.get_destination_page_number(entry) for entry in chapters[:2])
    assert "Summary" in str(chapters[0].title)
    assert second == first + 1


def test_a_claim_moves_with_its_verdict():
    ledger = read_ledger()
    verdicts = {name: SimpleNamespace(verdict=SUPPORTED) for name in ledger.claims}
    verdicts["H01"] = SimpleNamespace(verdict=CONTRADICTED)
    lines = printed.small_table(ledger, verdicts).splitlines()[2:]
    supported, contradicted = (
        next(line for line in lines if line.startswith(f"| {printed.COLUMNS[word]} "))
        for word in (SUPPORTED, CONTRADICTED)
    )
    assert "](#H01 " in contradicted
    assert "](#H01 " not in supported
    assert supported.count("](#") == len(ledger.claims) - 1


def test_every_claim_has_short_words_of_its_own():
    short = [claim.short for claim in read_ledger().claims.values()]
    assert all(short) and len(set(short)) == len(short)
    assert [one for one in short if len(one) > LONGEST_SHORT] == []
