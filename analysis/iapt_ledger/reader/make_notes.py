"""Write the notes of all numbers that the report prints: as data for the page, and as the appendix of the PDF."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from iapt_ledger import paths
from iapt_ledger.build.beside import STYLE_SHEET, style_sheet
from iapt_ledger.build.heads import head_of
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
QUOTED_TITLE = "Figures of the two documents"


def printed_ids(texts: Iterable[str]) -> set[str]:
    """Ids of the results that these sources of the report print."""
    return {found for text in texts for found in PRINTED.findall(text)}


def chapter_titles(report: Path) -> dict[str, str]:
    """Each chapter's heading by its name, which is the first part of its results' ids, in the report's order.

    Raises:
        LedgerError: a chapter begins with no heading.
    """
    order = INCLUDED.findall((report / "index.qmd").read_text("utf8"))
    return {name: head_of(name, report).title for name in order} | {"claims": QUOTED_TITLE}


def sources_of_report(report: Path, chapters: Iterable[Path]) -> list[Path]:
    """Files in which the report's prose stands: written, and what these folders of worked-out chapters hold.

    No other folder is looked into: another step may just be writing there, or it is of a chapter that is gone.
    """
    made = (file for folder in chapters for file in sorted(folder.glob("*.md")))
    return [report / "index.qmd", *sorted(report.glob("chapters/*.qmd")), *made]


def in_order(results: Iterable[Result], titles: Mapping[str, str]) -> list[Result]:
    """The results in the order of their chapters, and by id within each.

    Raises:
        LedgerError: a result is of a chapter that the report does not include.
    """
    places = {name: place for place, name in enumerate(titles)}
    by_chapter = [(one.id.partition(".")[0], one) for one in results]
    for chapter, one in by_chapter:
        if chapter not in places:
            raise LedgerError(
                "The report prints a number of a chapter that it does not include",
                where="report/index.qmd",
                found=one.id,
                choices=[*places],
                fix=f"include chapters/{chapter}.qmd there, or print the number no more",
            )
    return [one for _, one in sorted(by_chapter, key=lambda x: (places[x[0]], x[1].id))]


def main(arguments: list[str] | None = None) -> int:
    """Command line: python -m iapt_ledger.reader.make_notes RESULTS CHAPTER_DIR... --data F --print F --pages DIR."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("chapters", nargs="+", type=Path)
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
    prose = sources_of_report(chosen.report, chosen.chapters)
    printed = printed_ids(file.read_text("utf8") for file in prose)
    registry, titles = read_sources(), chapter_titles(chosen.report)
    results = in_order(map(result_of, (r for r in told["results"] if r["id"] in printed)), titles)
    notes = list(notes_of(results, Observed(Evidence(), load_dictionary())))
    data = document(notes, registry, told["edition"])
    write_text(chosen.data, data)
    write_text(chosen.printed, appendix(notes, registry, titles))
    write_text(chosen.pages / "index.html", notes_page(json.loads(data), titles))
    write_text(chosen.pages / STYLE_SHEET, style_sheet())


if __name__ == "__main__":
    sys.exit(main())
