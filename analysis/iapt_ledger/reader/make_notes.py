"""Write the notes of all numbers that the report prints: as data for the page, and as the appendix of the PDF."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from iapt_ledger import paths
from iapt_ledger.build.beside import STYLE_SHEET, style_sheet
from iapt_ledger.dictionary.load import load_dictionary
from iapt_ledger.errors import LedgerError
from iapt_ledger.files import write_text
from iapt_ledger.measures.evidence import Evidence
from iapt_ledger.reader.notes import document, notes_of
from iapt_ledger.reader.notes_page import notes_page
from iapt_ledger.reader.notes_print import appendix
from iapt_ledger.reader.observed import Observed
from iapt_ledger.registry import read_sources
from iapt_ledger.results import Result, result_of

PRINTED = re.compile(r"\{\{<\s*n\s+([a-z][\w.]*)")
INCLUDED = re.compile(r"chapters/(\w+)\.qmd")
HEADING = re.compile(r"^# (.+?)(?:\s*\{.*\})?$", re.M)
QUOTED_TITLE = "Figures of the two documents"


def printed_ids(texts: Iterable[str]) -> set[str]:
    """Ids of the results that these sources of the report print."""
    return {found for text in texts for found in PRINTED.findall(text)}


def chapter_titles(report: Path) -> dict[str, str]:
    """Each chapter's heading by its name, which is the first part of its results' ids, in the report's order."""
    order = INCLUDED.findall((report / "index.qmd").read_text("utf8"))
    texts = {name: (report / "chapters" / f"{name}.qmd").read_text("utf8") for name in order}
    headings = {name: HEADING.search(text) for name, text in texts.items()}
    return {name: heading[1] for name, heading in headings.items() if heading} | {
        "claims": QUOTED_TITLE
    }


def sources_of_report(report: Path) -> list[Path]:
    """Files in which the report's prose stands, written and generated."""
    return [report / "index.qmd", *report.glob("chapters/*.qmd"), *report.glob("generated/*/*.md")]


def main(arguments: list[str] | None = None) -> int:
    """Command line: python -m iapt_ledger.reader.make_notes RESULTS --report report --data F --print F --pages DIR."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("--report", type=Path, default=paths.REPORT)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--print", dest="printed", type=Path, required=True)
    parser.add_argument("--pages", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    try:
        _write(chosen)
    except LedgerError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _write(chosen: argparse.Namespace) -> None:
    told = json.loads(chosen.results.read_text("utf8"))
    printed = printed_ids(file.read_text("utf8") for file in sources_of_report(chosen.report))
    results: list[Result] = [result_of(one) for one in told["results"] if one["id"] in printed]
    registry = read_sources()
    titles = chapter_titles(chosen.report)
    results.sort(key=lambda one: (list(titles).index(one.id.split(".", 1)[0]), one.id))
    notes = list(notes_of(results, Observed(Evidence(), load_dictionary())))
    data = document(notes, registry, told["edition"])
    write_text(chosen.data, data)
    write_text(chosen.printed, appendix(notes, registry, titles))
    write_text(chosen.pages / "index.html", notes_page(json.loads(data), titles))
    write_text(chosen.pages / STYLE_SHEET, style_sheet())


if __name__ == "__main__":
    sys.exit(main())
