"""What is offered for download, listed: a page for people and a manifest for programs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from html import escape
from itertools import groupby

from iapt_ledger.build.beside import page
from iapt_ledger.build.offered.dictionary import breakable

MANIFEST = "downloads.json"
LEAD = (
    '<p class="subtitle">Results, data, figures and sources of the edition of {edition}.</p>\n'
    "<p>The figures belong to their publishers, under the licences that the list of sources names; most are under"
    " the Open Government Licence. In CSV files text that a spreadsheet would take for a formula has an apostrophe in"
    " front. Large CSV files are packed as zip. The last column has the start of each file's SHA-256 checksum; the"
    f' whole of it stands in <a href="{MANIFEST}">{MANIFEST}</a>, with sizes and rows.</p>\n'
)
_SHOWN_OF_DIGEST = 12


@dataclass(frozen=True)
class Offered:
    """One file for download.

    Attributes:
        path: within the folder of downloads.
        group: heading that it stands under.
        what: one sentence.
        rows: rows of data in it, None where it has none.
        size: bytes.
        sha256: of its bytes.
    """

    path: str
    group: str
    what: str
    rows: int | None
    size: int
    sha256: str

    @classmethod
    def of(cls, path: str, content: bytes, group: str, what: str, rows: int | None) -> Offered:
        """The record of a file with this content."""
        return cls(path, group, what, rows, len(content), hashlib.sha256(content).hexdigest())


def manifest(offered: Sequence[Offered], edition: str) -> str:
    """The list as JSON."""
    document = {"edition": edition, "files": [asdict(one) for one in offered]}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def index_page(offered: Sequence[Offered], edition: str, anchors: dict[str, str]) -> str:
    """The list as a page: a table a group.

    Args:
        anchors: id of each group's heading, by group.
    """
    groups = [(name, list(files)) for name, files in groupby(offered, key=lambda one: one.group)]
    contents = "".join(
        f'<li><a href="#{anchors[name]}">{escape(name)}</a></li>' for name, _ in groups
    )
    body = (
        f'<nav class="parts" aria-label="Groups of files"><ul>{contents}</ul></nav>\n'
        + "\n".join(_group(name, anchors[name], files) for name, files in groups)
    )
    lead = LEAD.format(edition=escape(edition))
    return page("Downloads", body, back="../index.html", lead=lead)


def _group(name: str, anchor: str, files: Iterable[Offered]) -> str:
    rows = "\n".join(_row(one) for one in files)
    return (
        f'<section aria-labelledby="{anchor}">\n<h2 id="{anchor}">{escape(name)}</h2>\n'
        '<div class="table-scroll" role="group" tabindex="0"'
        f' aria-label="{escape(name)}, a table which scrolls sideways in a narrow window">\n<table>\n'
        '<thead><tr><th scope="col">File</th><th scope="col">What it is</th>'
        '<th scope="col" class="number">Rows</th><th scope="col" class="number">Size</th>'
        '<th scope="col">SHA-256</th></tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody>\n</table>\n</div>\n</section>"
    )


def _row(one: Offered) -> str:
    rows = "–" if one.rows is None else f"{one.rows:,}"
    return (
        f'<tr><td><a href="{escape(one.path)}">{breakable(one.path)}</a></td><td>{escape(one.what)}</td>'
        f'<td class="number">{rows}</td><td class="number">{file_size_in_words(one.size)}</td>'
        f"<td><code>{one.sha256[:_SHOWN_OF_DIGEST]}</code></td></tr>"
    )


def file_size_in_words(size: int) -> str:
    """A size as people read it, "1.2 MB"; never nought."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000)):,} kB"
    return f"{size / 1_000_000:.1f} MB"
