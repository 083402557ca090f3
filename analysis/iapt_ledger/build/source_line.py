"""The line under each figure: where its data came from, the edition, and what can be downloaded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from iapt_ledger.registry import Source
from iapt_ledger.tables import escape

MOST_TITLES = 3
MOST_PUBLISHERS = 3


def source_line(label: str, publications: Sequence[Source], edition: str) -> str:
    """Markdown of the source line of a figure or table, for inclusion below it.

    Titles are given for up to three publications; more are counted by publisher, the three with
    most of them named, and listed in the chapter on data.
    """
    return (
        "::::: {.fig-source}\n"
        f"Source: {_publications(publications)}. Edition {edition}.\n\n"
        '::: {.content-visible when-format="html"}\n'
        f"[Data (CSV)](downloads/{label}.csv)"
        + (f" · [Picture (SVG)](downloads/{label}.svg)" if label.startswith("fig-") else "")
        + "\n:::\n:::::\n"
    )


def _publications(publications: Sequence[Source]) -> str:
    if len(publications) <= MOST_TITLES:
        return "; ".join(f"{escape(p.publisher)}, *{escape(p.title)}*" for p in publications)
    count_of = Counter(publication.publisher for publication in publications)
    ranked = sorted(count_of.items(), key=lambda pair: (-pair[1], pair[0]))
    named = [f"{escape(name)} ({_count(count)})" for name, count in ranked[:MOST_PUBLISHERS]]
    if more := sum(count for _, count in ranked[MOST_PUBLISHERS:]):
        named.append(f"and {_count(more)} by others")
    return ", ".join(named) + "; each row's own is in the data, all are listed in @sec-sources"


def _count(number: int) -> str:
    return f"{number} publication{'s' if number > 1 else ''}"
