"""All that is offered for download, made and laid into one folder."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from iapt_ledger import paths
from iapt_ledger.build.beside import STYLE_SHEET, style_sheet
from iapt_ledger.build.heads import head_of
from iapt_ledger.build.offered.captions import captions, description
from iapt_ledger.build.offered.dictionary import dictionary_csv, dictionary_page
from iapt_ledger.build.offered.harmless import harmless_csv
from iapt_ledger.build.offered.listing import MANIFEST, Offered, index_page, manifest
from iapt_ledger.build.offered.names import LEDGER, anchor_of, offered_by
from iapt_ledger.build.offered.references import bibtex, cited, cited_ris, ris
from iapt_ledger.build.offered.sheets import (
    ledger_sheet,
    results_sheet,
    sources_sheet,
    years_sheet,
)
from iapt_ledger.build.offered.tables import read_records, results_csv, table_files
from iapt_ledger.build.offered.workbook import workbook
from iapt_ledger.dates import day_in_words
from iapt_ledger.dictionary import published_tables, read_tidy
from iapt_ledger.errors import Faults
from iapt_ledger.registry import read_sources

INDEX = "index.html"
WHOLE, DATA, SOURCES = "Results and ledger", "Tidy tables", "Sources"


@dataclass(frozen=True)
class Made:
    """A file before it is written: its path within the folder, its content, and what the list says of it."""

    path: str
    content: bytes
    group: str
    what: str
    rows: int | None = None


def lay_out(target: Path, results: Path, chapters: list[Path], tidy: Path) -> list[Offered]:
    """Write everything into one folder, made anew, with its list.

    Raises:
        Faults: two chapters offer a file of one name.
    """
    edition = json.loads(results.read_text(encoding="utf8"))["edition"]
    made = [
        *_whole(results, chapters, tidy, edition),
        *_tables(tidy, edition),
        *_sources(),
        *_chapters(chapters),
    ]
    names = [one.path for one in made]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Faults("Two chapters use one label", [f"{name} stands twice" for name in twice])
    offered = [Offered.of(one.path, one.content, one.group, one.what, one.rows) for one in made]
    page = index_page(offered, day_in_words(edition), _anchors(chapters))
    _write(
        target,
        {one.path: one.content for one in made}
        | {
            MANIFEST: manifest(offered, edition).encode("utf8"),
            INDEX: page.encode("utf8"),
            STYLE_SHEET: style_sheet().encode("utf8"),
        },
    )
    return offered


def _anchors(chapters: list[Path]) -> dict[str, str]:
    whole = {group: group.lower().replace(" ", "-") for group in (WHOLE, DATA, SOURCES)}
    return whole | {_group_of(folder): anchor_of(folder.name) for folder in chapters}


def _group_of(folder: Path) -> str:
    return f"Chapter: {head_of(folder.name).title}"


def _write(target: Path, files: Mapping[str, bytes]) -> None:
    if target.exists():
        shutil.rmtree(target)
    for name, content in files.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _whole(results: Path, chapters: list[Path], tidy: Path, edition: str) -> Iterator[Made]:
    records = read_records(results)
    sheets = [results_sheet(records), sources_sheet(read_sources())]
    annual = tidy / "iapt_national_annual.parquet"
    if annual.is_file():
        sheets.insert(1, years_sheet(pd.read_parquet(annual)))
    for folder in chapters:
        if (file := folder.parent / LEDGER).is_file() and folder.name == LEDGER.parent.name:
            sheets.insert(0, ledger_sheet(pd.read_csv(file, dtype=str, keep_default_na=False)))
    yield Made(
        "iapt-ledger.xlsx",
        workbook(sheets, edition),
        WHOLE,
        "Spreadsheet: ledger, results, England by year and sources, each on a sheet with notes.",
        sum(len(sheet.table) for sheet in sheets),
    )
    words = "Every number of the report: value, interval, unit, making, sources and rows behind it."
    yield Made("results.json", results.read_bytes(), WHOLE, words, len(records))
    yield Made("results.csv", results_csv(records), WHOLE, words, len(records))


def _tables(tidy: Path, edition: str) -> Iterator[Made]:
    published = published_tables(read_tidy(tidy))
    entries = dictionary_csv(published)
    page = dictionary_page(published, day_in_words(edition))
    says = "Data dictionary: every table, column, listed value, measure, unit and rule"
    yield Made("dictionary.html", page.encode("utf8"), DATA, f"{says}, to read.")
    yield Made("dictionary.csv", entries, DATA, f"{says}.", _rows(entries))
    titles = dict(zip(published.tables["Table"], published.tables["Title"], strict=True))
    counts = dict(zip(published.tables["Table"], published.tables["Rows"], strict=True))
    for parquet in sorted(tidy.glob("*.parquet")):
        rows = int(str(counts[parquet.stem]).replace(",", ""))
        for name, content in table_files(parquet).items():
            what = titles[parquet.stem].rstrip(".") + "."
            yield Made(f"tables/{name}", content, DATA, what, rows)


def _sources() -> Iterator[Made]:
    registry = read_sources()
    sources = [registry[one] for one in registry]
    words = "Publications that figures or definitions were read from"
    yield Made("sources.bib", bibtex(sources).encode(), SOURCES, f"{words}, BibTeX.", len(sources))
    yield Made("sources.ris", ris(sources).encode(), SOURCES, f"{words}, RIS.", len(sources))
    bibliography = paths.REPORT / "references.bib"
    works = cited(bibliography)
    words = "Works that the report cites"
    yield Made(
        "references.bib", bibliography.read_bytes(), SOURCES, f"{words}, BibTeX.", len(works)
    )
    ris_of_works = cited_ris(works).encode()
    yield Made("references.ris", ris_of_works, SOURCES, f"{words}, RIS.", len(works))


def _chapters(chapters: list[Path]) -> Iterator[Made]:
    for folder in chapters:
        notebook = folder / "notebook.ipynb"
        known = captions(notebook) if notebook.is_file() else {}
        group = _group_of(folder)
        for file in offered_by(folder):
            content = file.read_bytes()
            what, rows = description(file.stem, known), None
            if file.suffix == ".csv":
                content = harmless_csv(content)
                rows = _rows(content)
            else:
                what = f"Picture: {what}"
            yield Made(file.name, content, group, what, rows)


def _rows(content: bytes) -> int:
    return sum(1 for _ in csv.reader(io.StringIO(content.decode("utf8"), newline=""))) - 1
