"""The line under each figure: where its data came from, the edition, and what can be downloaded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from iapt_ledger.registry import Source
from iapt_ledger.tables import escape

MOST_TITLES = 3


def source_line(label: str, publications: Sequence[Source], edition: str) -> str:
    """Markdown of the source line of a figure or table, for inclusion below it.

    Titles are given for up to three publications; more are counted by publisher and listed in
    the chapter on data.
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
    by_publisher: dict[str, int] = defaultdict(int)
    for publication in publications:
        by_publisher[publication.publisher] += 1
    return (
        "; ".join(
            f"{escape(publisher)} ({count} publication{'s' if count > 1 else ''})"
            for publisher, count in sorted(
                by_publisher.items(), key=lambda pair: (-pair[1], pair[0])
            )
        )
        + ", listed in @sec-sources"
    )
