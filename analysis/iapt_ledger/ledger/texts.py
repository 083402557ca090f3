"""Texts of the claims as Markdown: escaped, but for our own shortcodes, citations, code and names of claims."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from iapt_ledger.dates import day_in_words
from iapt_ledger.ledger.checks import SHORTCODE
from iapt_ledger.results import Result

CITATION = r"\[@[A-Za-z][\w:-]*(?:, [^\[\]@]*)?(?:; @[A-Za-z][\w:-]*)*\]"
CODE = r"`[^`\n]+`"
CLAIM = r"\b[TH]\d{2}[ab]?\b"
KEPT = re.compile(f"({SHORTCODE.pattern.replace('(?P<id>', '(?:')}|{CITATION}|{CODE}|{CLAIM})")
SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~^$@&])")
COMPARED = ("randomised", "controlled", "uncontrolled", "before-after")
WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


def markdown(text: str, claims: Collection[str] = ()) -> str:
    """A text of data/claims.yaml, or of a result, as Markdown on one line.

    What could be read as markup prints as it stands. Kept are shortcodes of results, citations and code; claims that
    are named become links to their sections.

    Args:
        text: one or more sentences.
        claims: ids of the claims that have a section.
    """
    parts = KEPT.split(" ".join(text.split()))
    return "".join(
        _kept(part, claims) if place % 2 else _plain(part) for place, part in enumerate(parts)
    )


def _kept(part: str, claims: Collection[str]) -> str:
    if re.fullmatch(CLAIM, part):
        return f"[{part}](#{part})" if part in claims else part
    return part


def _plain(text: str) -> str:
    """Text without markup; quotes and apostrophes are left for the typesetter to curl."""
    return re.sub(r"(?<=[-.])(?=[-.])", r"\\", SPECIAL.sub(r"\\\1", text))


def resolved(text: str, results: Mapping[str, Result]) -> str:
    """The text with numbers in the place of shortcodes, for files and alternative texts."""

    def number(match: re.Match[str]) -> str:
        result = results[match["id"]]
        return result.range_text if match[0].split()[-2] == "range" else result.text

    return SHORTCODE.sub(number, " ".join(text.split()))


def listed(words: Sequence[str], last: str = "and") -> str:
    """ "one", "one and two", "one, two and three"."""
    *first, end = words
    return f"{', '.join(first)} {last} {end}" if first else end


def link(claim: str) -> str:
    """A link to the section of a claim."""
    return f"[{claim}](#{claim})"


def day(text: str) -> str:
    """A date as prose writes it."""
    return day_in_words(date.fromisoformat(text).isoformat())


def opened(text: str) -> str:
    """The text with a capital letter at its beginning."""
    return text[:1].upper() + text[1:]


def inside(text: str) -> str:
    """The text as it stands inside a sentence, without the capital letter at its beginning."""
    return text[:1].lower() + text[1:]


def counted(number: int) -> str:
    """A small number in words."""
    return WORDS[number] if number < len(WORDS) else f"{number:,}"


def article(design: str) -> str:
    """A design of evidence with its article, in words that stand alone."""
    if design in COMPARED:
        design = f"{design} comparison"
    return f"{'an' if design[0] in 'aeiou' else 'a'} {design}"
