"""The PDF: Typst, tagged and accessible (PDF/UA-1), with only the project's own fonts."""

from __future__ import annotations

import os
import re
from pathlib import Path

import typst

from iapt_ledger.errors import Faults, LedgerError
from render.project import Project, listed

# A fixed date where the build gives none, so that the same sources make the same bytes.
EPOCH = 0


def compile_typst(text: str, project: Project, work: Path, made: Path) -> None:
    """Compile Typst source to a PDF at `made`.

    The date in the PDF is that of the environment variable SOURCE_DATE_EPOCH.

    Raises:
        LedgerError: Typst refuses the source.
        Faults: Typst warns of something, such as a font that is missing.
    """
    source = work / "report.typ"
    source.write_text(text, encoding="utf8")
    try:
        _, warnings = typst.compile_with_warnings(
            str(source),
            output=str(made),
            root=str(project.folder),
            font_paths=[str(p) for p in project.files("typst", "font-paths")],
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=listed(project.options["typst"].get("pdf-standard")),
            timestamp=int(os.environ.get("SOURCE_DATE_EPOCH", EPOCH)),
        )
    except typst.TypstError as error:
        raise LedgerError("The PDF cannot be made", found=_plain(error)) from None
    if warnings:
        raise Faults("The PDF is not as it should be", [_plain(w) for w in warnings])


def _plain(error: Exception) -> str:
    parts = [getattr(error, "message", str(error)), *getattr(error, "hints", [])]
    found = "; ".join(re.sub(r"\s+", " ", str(part)).strip() for part in parts)
    trace = getattr(error, "trace", [])
    return f"{found} ({trace[0]})" if trace else found
