"""The notes as an appendix of the PDF: an entry a number, by chapter, each with the pages that print it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from iapt_ledger.reader.notes import Behind, Note, published
from iapt_ledger.registry import Source
from iapt_ledger.tables import escape

MOST_NAMED = 3
"""Publications of one entry that are named; of more, how many."""
LONGEST_ROWS = 90
"""Characters of row numbers that an entry prints; the whole list is in results.json."""


def appendix(
    notes: Iterable[Note], registry: Mapping[str, Source], titles: Mapping[str, str]
) -> str:
    """Markdown of the appendix.

    Args:
        notes: of the numbers that the report prints, sorted by id, so that a chapter's stand together.
        registry: the publications that they name.
        titles: a chapter's heading by the first part of its results' ids.
    """
    parts = [
        f"## {escape(titles.get(chapter, chapter))} {{.unnumbered .unlisted}}\n\n"
        + "\n\n".join(_entry(note, registry) for note in group)
        for chapter, group in groupby(notes, key=lambda note: note.id.split(".", 1)[0])
    ]
    return "\n\n".join(parts) + "\n"


def _entry(note: Note, registry: Mapping[str, Source]) -> str:
    said = " ".join(part for part in _sentences(note, registry) if part)
    return f'::: {{.note-entry result="{note.id}"}}\n**{escape(note.text)}**{said}\n:::'


def _sentences(note: Note, registry: Mapping[str, Source]) -> Iterator[str]:
    yield _interval(note) + "."
    yield escape(note.made)
    yield f"{escape(_capital(note.price_base))}." if note.price_base else ""
    yield escape(note.status)
    yield _publications(note.behind, registry)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _interval(note: Note) -> str:
    if not note.range:
        return ""
    named = f", {escape(note.interval)}" if note.interval else ""
    return f" ({escape(note.range)}{named})"


def _publications(behind: Sequence[Behind], registry: Mapping[str, Source]) -> str:
    if not behind:
        return ""
    named = [_publication(part, registry[part.source]) for part in behind[:MOST_NAMED]]
    more = len(behind) - MOST_NAMED
    if more > 0:
        named.append(f"{more} more publication{'s' if more > 1 else ''}")
    return f"*From* {'; '.join(named)}."


def _publication(part: Behind, source: Source) -> str:
    rows = shortened(part.rows)
    return f"{escape(source.publisher)}, *{escape(source.title)}* ({escape(published(source))}): {escape(rows)}"


def shortened(rows: Sequence[str], most: int = LONGEST_ROWS) -> str:
    """Rows of tables in words, cut after a whole number where they are many: "iapt_national_annual 126, 151"."""
    said = "; ".join(one.replace(":", " ", 1).replace(",", ", ") for one in rows)
    if len(said) <= most:
        return said
    ends = [found.start() for found in re.finditer("[,;] ", said)]
    cut = max((end for end in ends if end <= most), default=ends[0] if ends else len(said))
    return said[:cut] + " and others"
