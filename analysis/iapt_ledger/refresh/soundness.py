"""Whether rows of a source, and a whole edition, are what the data dictionary allows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pandas as pd

from iapt_ledger.acceptance.contents import FEW
from iapt_ledger.dictionary.checks import row_faults
from iapt_ledger.dictionary.corrections import corrected_part
from iapt_ledger.dictionary.faults import Fault
from iapt_ledger.dictionary.identities import Places, identity_faults
from iapt_ledger.dictionary.load import load_dictionary
from iapt_ledger.dictionary.validate import validate
from iapt_ledger.edition.spellings import harmonise
from iapt_ledger.edition.tables import Table
from iapt_ledger.errors import LedgerError
from iapt_ledger.registry import read_sources
from iapt_ledger.sources.base import Check
from iapt_ledger.tidy.build import tidy_edition, tidy_table

SPELLINGS = "category_spellings"


def sound_checks(table: Table, rows: pd.DataFrame, sources: Collection[str]) -> Iterator[Check]:
    """Rule "bounds", and where it holds rule "relations".

    Args:
        table: its declaration.
        rows: of one file, in the stored columns.
        sources: ids that a row may name.
    """
    try:
        tidy = _tidy(table, rows)
    except LedgerError as error:
        yield _bounds(table, rows, [str(error).rstrip(".")])
        return
    bounds = _bounds(table, rows, list(_faults(table, tidy, sources)))
    yield bounds
    if bounds.passed and len(tidy):
        yield from _relations(table, tidy)


def bounds_check(table: Table, rows: pd.DataFrame, sources: Collection[str]) -> Check:
    """Rule "bounds": a table's rows are what the dictionary allows, in measure, unit, size, dates and source."""
    return next(sound_checks(table, rows, sources))


def _bounds(table: Table, rows: pd.DataFrame, faults: list[str]) -> Check:
    what = f"{table.name}: {len(rows):,} rows"
    if not faults:
        return Check("bounds", True, f"{what}, all as the dictionary allows.")
    told = "; ".join(faults[:FEW])
    more = f"; and {len(faults) - FEW} more" if len(faults) > FEW else ""
    return Check("bounds", False, f"{what}, of which some are not as allowed: {told}{more}.")


def _relations(table: Table, tidy: pd.DataFrame) -> Iterator[Check]:
    """Rule "relations": the measures of one place fit each other as the dictionary says, such as a rate its counts.

    Shares in place of per cents, or two columns changed about, are within all bounds and break these.
    """
    dictionary = load_dictionary()
    scopes = [(i, s) for i in dictionary.identities for s in i.scopes if s.table == table.name]
    if not scopes:
        return
    places = Places(corrected_part(table.name, tidy))
    declared = dictionary.tables[table.name]
    found = [f for i, s in scopes for f in identity_faults(declared, places, i, s) if f.row]
    if found:
        told = "; ".join(f"{f.expected}, but {f.found}" for f in found[:FEW])
        more = f"; and {len(found) - FEW} more" if len(found) > FEW else ""
        yield Check(
            "relations", False, f"{table.name}: figures contradict each other: {told}{more}."
        )
    else:
        said = f"{table.name}: figures fit each other by {len(scopes)} rules of the dictionary."
        yield Check("relations", True, said)


def _tidy(table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    return tidy_table(table, rows.reset_index(drop=True), spellings_of(rows))


def _faults(table: Table, tidy: pd.DataFrame, sources: Collection[str]) -> Iterator[str]:
    from iapt_ledger.dictionary.schemas import schema_faults  # pandera is slow to import

    declared = load_dictionary().tables[table.name]
    found = list(schema_faults(declared, tidy)) if len(tidy) else []
    if not found:
        found = list(row_faults(load_dictionary(), declared, tidy, sources))
    seen = set()
    for fault in found:
        # An entry of the dictionary that these rows do not use is no fault of a single file.
        if fault.row and (told := _told(fault)) not in seen:
            seen.add(told)
            yield told


def _told(fault: Fault) -> str:
    return f"row {fault.row}, {fault.column}: expected {fault.expected}, found {fault.found}"


def spellings_of(rows: pd.DataFrame) -> dict[tuple[str, str], str]:
    """The harmonised category of each label of a breakdown in these rows; empty for tables without categories."""
    if not {"breakdown", "category"} <= set(rows.columns):
        return {}
    pairs = rows[["breakdown", "category"]].drop_duplicates().itertuples(index=False, name=None)
    return {(b, c): harmonise(b, c) for b, c in pairs}


def with_new_spellings(codes: pd.DataFrame, breakdowns: pd.DataFrame) -> pd.DataFrame:
    """The code list of spellings with an entry for every label of the breakdowns; entries that stand stay."""
    known = set(zip(codes["breakdown"], codes["category_as_published"], strict=True))
    added = [
        (b, c, name, "none" if name == c else "spelling")
        for (b, c), name in sorted(spellings_of(breakdowns).items())
        if (b, c) not in known
    ]
    more = pd.DataFrame(added, columns=list(codes.columns), dtype=str)
    return pd.concat([codes, more], ignore_index=True) if added else codes


def faults_of_edition(edition: Path) -> list[str]:
    """Everything in an edition that its manifest, the tidy step or the dictionary does not allow; mostly nothing."""
    registry = read_sources(edition=edition)
    try:
        frames: Mapping[str, pd.DataFrame] = dict(tidy_edition(edition, registry))
    except LedgerError as error:
        return [str(error)]
    return [str(fault) for fault in validate(frames, sources=registry.canonical)]
