"""How hard the summary is to read, by formulas that count letters, words and sentences.

Only formulas that need no dictionary of syllables: textstat would fetch that from the network.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iapt_ledger.build.pandoc import program
from iapt_ledger.errors import LedgerError

_SHORTCODE = re.compile(r"\{\{<\s*(?:n|var)\s+(?P<id>[\w.]+)(?P<range>\s+range)?\s*>\}\}")
_INCLUDED = re.compile(r"^\{\{<\s*include\s+(?P<file>\S+)\s*>\}\}$", re.MULTILINE)
_NO_PARAGRAPH = (":", "|", "")
"""How what is included begins where it is a source line, a table or nothing."""
_LEFT_OUT = (
    re.compile(r"^\{\{<.*>\}\}$", re.MULTILINE),  # pictures and tables
    re.compile(r"^: .*?\{#[\w-]+\}$", re.MULTILINE | re.DOTALL),  # captions
    re.compile(r"^#+ .*$", re.MULTILINE),
    re.compile(r"\s*[\[(][^()\[\]]*@[^()\[\]]*[\])]"),  # references
)
_INSIDE_A_NUMBER = re.compile(r"(?<=\d)[.,](?=\d)")
SCHOOL_BEGINS = 5
"""Years of age at the formulas' grade nought: American grades begin at six."""


@dataclass(frozen=True)
class Reading:
    """How hard a text is to read.

    Attributes:
        words, sentences: how many it has; a number is a word.
        letters_age: reading age in years by the Coleman-Liau index.
        length_age: reading age in years by the automated readability index.
    """

    words: int
    sentences: int
    letters_age: int
    length_age: int

    @property
    def words_a_sentence(self) -> int:
        """Mean length of a sentence."""
        return round(self.words / self.sentences)

    @property
    def ages(self) -> str:
        """Both reading ages in words, the lower first."""
        low, high = sorted((self.letters_age, self.length_age))
        return str(low) if low == high else f"{low} to {high}"


def with_paragraphs(markdown: str, report: Path) -> str:
    """A chapter's source with the paragraphs that another chapter wrote for it; tables and source lines stay out.

    Args:
        markdown: the chapter's source.
        report: folder from which it includes them.
    """

    def put_in(match: re.Match[str]) -> str:
        file = report / match["file"]
        text = file.read_text(encoding="utf8").strip() if file.is_file() else ""
        return match[0] if text[:1] in _NO_PARAGRAPH else text

    return _INCLUDED.sub(put_in, markdown)


def running_text(markdown: str, variables: Mapping[str, Any]) -> str:
    """The running text of a chapter as its readers see it, a paragraph a line.

    Args:
        markdown: the chapter's source.
        variables: _variables.yml.

    Raises:
        LedgerError: a variable is not there.
    """

    def printed(match: re.Match[str]) -> str:
        return _text_of(match["id"] + ("_range" if match["range"] else ""), variables)

    text = _SHORTCODE.sub(printed, markdown)
    for pattern in _LEFT_OUT:
        text = pattern.sub("", text)
    command: list[str | Path] = [
        program(),
        "--from=markdown-citations",
        "--to=plain",
        "--wrap=none",
    ]
    ran = subprocess.run(command, input=text.encode("utf8"), capture_output=True, check=True)
    return _INSIDE_A_NUMBER.sub("", ran.stdout.decode("utf8")).strip()


def reading_of(text: str) -> Reading:
    """How hard a running text is to read.

    Raises:
        LedgerError: there is no sentence in it.
    """
    import textstat  # slow to import

    words, sentences = textstat.lexicon_count(text), textstat.sentence_count(text)
    if not words or not sentences:
        raise LedgerError("There is no sentence to tell the reading age of", found=text[:80])
    return Reading(
        words,
        sentences,
        round(textstat.coleman_liau_index(text)) + SCHOOL_BEGINS,
        round(textstat.automated_readability_index(text)) + SCHOOL_BEGINS,
    )


def _text_of(name: str, variables: Mapping[str, Any]) -> str:
    found: Any = variables
    for part in name.split("."):
        if not isinstance(found, Mapping) or part not in found:
            raise LedgerError("A variable of the prose is not there", found=name)
        found = found[part]
    return str(found)
