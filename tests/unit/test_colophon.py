"""The colophon tells what the lock and the edition hold, and the summary's reading age without the network."""

import hashlib
import socket

import pytest

from iapt_ledger.build.colophon import (
    LOCK,
    TOLD,
    again,
    cited_as,
    digest,
    facts,
    locked,
    made_of,
    pythons,
    reads_as,
)
from iapt_ledger.build.reading import reading_of, running_text, with_paragraphs
from iapt_ledger.errors import LedgerError

SOURCE = """# Summary {#sec-summary}

::: {.question}
Did it *work*?
:::

The cat sat on the mat ({{< n x.rate >}}, from {{< n x.rate range >}}) [@cat2015] and {{< var x.says >}} (@sec-cats).

{{< embed generated/x/notebook.ipynb#fig-x >}}

: A caption with
two lines. {#tbl-x}
"""
VARIABLES = {"x": {"rate": "50.5%", "rate_range": "1,000.4 to 2,000", "says": "stayed there"}}


def test_running_text_is_what_readers_read():
    text = running_text(SOURCE, VARIABLES)
    assert text == (
        "Did it work?\n\nThe cat sat on the mat (505%, from 10004 to 2000) and stayed there."
    )
    assert "@" not in text
    assert "caption" not in text
    assert "Summary" not in text


def test_a_paragraph_that_another_chapter_wrote_is_read_and_a_table_is_not(tmp_path):
    (tmp_path / "told.md").write_text("**It spent {{< n x.share >}}.**\n")
    (tmp_path / "table.md").write_text("| A |\n|---|\n| b |\n")
    (tmp_path / "source.md").write_text(":::: {.fig-source}\nSource: c.\n::::\n")
    names = ("told", "table", "source", "gone")
    markdown = "\n\n".join(f"{{{{< include {name}.md >}}}}" for name in names)
    assert with_paragraphs(markdown, tmp_path).splitlines()[0] == "**It spent {{< n x.share >}}.**"
    variables = {"x": {"share": "3"}}
    assert running_text(with_paragraphs(markdown, tmp_path), variables) == "It spent 3."


def test_an_unknown_variable_is_told():
    with pytest.raises(LedgerError, match=r"x\.gone"):
        running_text("{{< n x.gone >}}", VARIABLES)


def test_reading_ages_need_no_network(monkeypatch):
    def refused(*_args, **_kwargs):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    easy = reading_of("The cat sat on the mat. The dog ran to the cat. They had a good day out.")
    hard = reading_of(
        "Notwithstanding considerable methodological heterogeneity, probabilistic sensitivity analyses"
        " demonstrated robustness of incremental cost-effectiveness estimates under alternative assumptions."
    )
    assert (easy.sentences, hard.sentences) == (3, 1)
    assert easy.words_a_sentence == 6
    assert hard.letters_age > easy.letters_age
    assert hard.length_age > easy.length_age + 10


def test_the_index_is_the_formula_that_it_is_said_to_be():
    text = "The cat sat on the mat. The dog ran to the cat."
    characters, words, sentences = len(text.replace(" ", "")), 12, 2
    grade = 4.71 * characters / words + 0.5 * words / sentences - 21.43
    assert reading_of(text).length_age == round(grade) + 5


def test_text_without_a_sentence_is_told():
    with pytest.raises(LedgerError, match="no sentence"):
        reading_of("")


def test_every_package_told_is_in_the_lock():
    lock = LOCK.read_text(encoding="utf8")
    for name in TOLD:
        assert locked(name, lock)[0].isdigit(), name
    assert locked("a-b", "a-b==1.2 ; x\na-b==1.3 ; y\na-b==1.2 ; z\n") == "1.2 or 1.3"
    with pytest.raises(LedgerError, match="lock.txt.*no-such.*to mend it"):
        locked("no-such", lock)


def test_the_range_of_pythons_is_told_in_words():
    assert pythons(">=3.11,<3.14") == "3.11, 3.12 or 3.13"
    with pytest.raises(
        LedgerError, match="pyproject.toml, requires-python.*found ==3.11.*to mend it"
    ):
        pythons("==3.11")


def test_hashes_are_those_of_the_files(tmp_path):
    file = tmp_path / "results.json"
    file.write_bytes(b"{}")
    told = digest(file)
    assert told.replace(" ", "") == hashlib.sha256(b"{}").hexdigest()
    assert len(told.split()) == 8
    frame = facts(file, "2026-11-22").set_index("What")["Which"]
    assert told in set(frame)
    assert frame["Edition"] == "22 November 2026"
    assert "Pandoc 3" in frame["Programs"]


def test_commands_and_citation_name_the_edition():
    assert "--config edition=2027-01-31" in again("2027-01-31")
    # A longer line would be broken in print, and its second half copied as a command of its own.
    assert max(len(line) for line in again("2027-01-31").splitlines()) <= 72
    assert "(2027)" in cited_as("2027-01-31")
    assert "31 January 2027" in cited_as("2027-01-31")


def test_the_reading_ages_are_told_with_their_measures():
    words = reads_as(reading_of("The cat sat on the mat. The dog ran to the cat."))
    assert "12 words in 2 sentences" in words
    assert "Coleman-Liau" in words
    assert "automated readability" in words


def test_the_table_can_be_referred_to(tmp_path):
    file = tmp_path / "results.json"
    file.write_bytes(b"{}")
    text = made_of(file, "2026-11-22")
    assert text.endswith(": What this report was made of. {#tbl-colophon}\n")
    assert text.startswith("| What | Which |")
