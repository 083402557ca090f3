"""A brief as PDF, tagged and accessible (PDF/UA-1): a Typst template is given the brief as data, never as markup."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any

import typst

from iapt_ledger import paths
from iapt_ledger.areas.closing import CHAPTER, LICENCE, MEANING
from iapt_ledger.areas.model import Brief, Section
from iapt_ledger.areas.svg import fixed
from iapt_ledger.errors import Faults, LedgerError

TEMPLATE = paths.REPORT / "theme" / "areas" / "brief.typ"
FONTS = paths.REPORT / "theme" / "fonts"


def document(brief: Brief) -> dict[str, Any]:
    """What the template reads: texts, tables and drawings."""
    who = brief.organisation
    return {
        "title": f"{who.name}: talking therapies in {brief.period}",
        "kind": who.kind.title,
        "name": who.name,
        "period": brief.period,
        "lead": brief.lead,
        "edition": brief.edition,
        "file": f"{who.key}.csv",
        "closing": f"{MEANING.format(chapter=CHAPTER)} {LICENCE}",
        "facts": [[one.value, one.words] for one in brief.facts],
        "pages": [[_section(s) for s in page] for page in (brief.first, brief.second)],
    }


def _section(section: Section) -> dict[str, Any]:
    picture, table = section.picture, section.table
    return {
        "name": section.name,
        "title": section.title,
        "paragraphs": [text for text in section.paragraphs if text],
        "points": list(section.points),
        "source": section.source,
        "picture": picture
        and {"svg": fixed(picture.svg), "alt": picture.alt, "caption": picture.caption},
        "table": table
        and {
            "caption": table.caption,
            "head": list(table.head),
            "rows": [list(row) for row in table.rows],
            "words": table.words,
        },
    }


class Press:
    """Makes PDFs one after the other; fonts are read once."""

    def __init__(self) -> None:
        fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(FONTS)]
        )
        self._compiler = typst.Compiler(
            str(TEMPLATE),
            root=str(paths.REPORT / "theme"),
            font_paths=fonts,
            ignore_system_fonts=True,
        )

    def pdf(self, brief: Brief) -> bytes:
        """The PDF of a brief; its date is that of the environment variable SOURCE_DATE_EPOCH.

        Raises:
            LedgerError: Typst refuses the brief.
            Faults: Typst warns of something.
        """
        given = {"brief": json.dumps(document(brief), ensure_ascii=False)}
        where = brief.organisation.key
        try:
            made, warnings = self._compiler.compile_with_warnings(
                format="pdf",
                sys_inputs=given,
                pdf_standards=["ua-1"],
                timestamp=int(os.environ.get("SOURCE_DATE_EPOCH", 0)),
            )
        except typst.TypstError as error:
            raise LedgerError(
                "The PDF of a brief cannot be made", where=where, found=_plain(error)
            ) from None
        if warnings:
            raise Faults(
                f"The PDF of {where} is not as it should be", [_plain(w) for w in warnings]
            )
        return bytes(made) if isinstance(made, bytes) else b"".join(made or [])


def _plain(error: Exception) -> str:
    parts: Sequence[object] = [getattr(error, "message", str(error)), *getattr(error, "hints", [])]
    return "; ".join(" ".join(str(part).split()) for part in parts)
