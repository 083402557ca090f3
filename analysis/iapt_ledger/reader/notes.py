"""Where each number comes from: its making, and the published figures behind it, as one record a number.

The web page opens these records on a number, a page beside it lists them all, and the PDF prints them as an appendix.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from iapt_ledger.reader.observed import Observed, with_unit
from iapt_ledger.registry import Source
from iapt_ledger.results import Result, compact_observations, expand_observations

MOST_SHOWN = 6
"""Observations of one note that are written out; of more, rows are named and the rest is in the downloads."""

_STATUS = {
    "compared": "A figure of a document under test went into it, so it is no evidence.",
    "quoted": "A figure of a document under test, quoted and not checked.",
    "check": "A count of how the methods were checked.",
}


@dataclass(frozen=True)
class Behind:
    """What one publication gave.

    Attributes:
        source: id in the registry.
        rows: the observations, compact, as "table:3-4,7".
        count: how many they are.
        shown: some of them in words.
    """

    source: str
    rows: tuple[str, ...]
    count: int
    shown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Note:
    """Where one number comes from.

    Attributes:
        id: the result's.
        text, range: as the report prints them.
        exact: the value to six significant digits with its unit.
        interval, price_base, made, notebook, function: the result's own words.
        status: a warning where the number can be no evidence; else empty.
        behind: publications, in order of how many observations each gave.
    """

    id: str
    text: str
    range: str
    exact: str
    interval: str
    price_base: str
    made: str
    status: str
    notebook: str
    function: str
    behind: tuple[Behind, ...]


def notes_of(results: Iterable[Result], observed: Observed) -> Iterator[Note]:
    """A note for each result, in their order."""
    known: dict[tuple[str, ...], tuple[Behind, ...]] = {}
    for result in results:
        if result.observations not in known:
            known[result.observations] = behind(result.observations, observed)
        yield Note(
            id=result.id,
            text=result.text,
            range=result.range_text,
            exact=with_unit(result.value, result.unit),
            interval=result.interval,
            price_base=result.price_base,
            made=result.made,
            status=_STATUS.get(result.status, ""),
            notebook=result.notebook,
            function=result.function,
            behind=known[result.observations],
        )


def behind(observations: Sequence[str], observed: Observed) -> tuple[Behind, ...]:
    """The publications of these observations (compact ids), the first few of all written out."""
    by_source: dict[str, list[str]] = {}
    for one in expand_observations(observations):
        if source := observed.source(one):
            by_source.setdefault(source, []).append(one)
    left = MOST_SHOWN
    found = []
    for source, ids in sorted(by_source.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        shown = tuple(observed.words(one) for one in ids[:left])
        left -= len(shown)
        found.append(Behind(source, compact_observations(ids), len(ids), shown))
    return tuple(found)


def publications(notes: Iterable[Note], registry: Mapping[str, Source]) -> dict[str, Source]:
    """The publications that the notes name, by the id that they use.

    Raises:
        LedgerError: the registry has no such publication.
    """
    ids = sorted({part.source for note in notes for part in note.behind})
    return {one: registry[one] for one in ids}


def published(source: Source) -> str:
    """When a publication came out, in words."""
    return "date not seen" if source.published == "not seen" else source.published


def document(notes: Sequence[Note], registry: Mapping[str, Source], edition: str) -> str:
    """notes.json: the edition, the notes by id, and the publications that they name."""
    named = {
        one: {
            "publisher": source.publisher,
            "title": source.title,
            "published": published(source),
            "address": source.link,
        }
        for one, source in publications(notes, registry).items()
    }
    records = {note.id: asdict(note) for note in notes}
    whole = {"edition": edition, "notes": records, "publications": named}
    return json.dumps(whole, indent=1, ensure_ascii=False, sort_keys=False) + "\n"
