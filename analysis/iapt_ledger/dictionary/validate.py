"""Check tidy tables against the dictionary: one pass, all faults, sorted."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pandas as pd

from iapt_ledger.dictionary.checks import row_faults
from iapt_ledger.dictionary.corrections import Correction, apply_corrections
from iapt_ledger.dictionary.faults import Fault
from iapt_ledger.dictionary.identities import Places, identity_faults, total_faults
from iapt_ledger.dictionary.load import load_dictionary
from iapt_ledger.dictionary.model import Dictionary
from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.files import write_text


def validate(
    frames: Mapping[str, pd.DataFrame],
    *,
    sources: Collection[str],
    dictionary: Dictionary | None = None,
    corrections: tuple[Correction, ...] | None = None,
) -> list[Fault]:
    """Everything in the tidy tables that the dictionary does not allow.

    Columns and rows are checked as given; identities and totals once the declared errors of publishers are dealt
    with, so that their tolerances need not allow for them.

    Args:
        frames: tidy table by name.
        sources: ids of the registry.
        dictionary: data/dictionary.yaml unless given.
        corrections: data/corrections.yaml unless given.

    Returns:
        All faults, sorted by file and row; empty when there is none.
    """
    dictionary = dictionary or load_dictionary()
    numbered = {name: frame.reset_index(drop=True) for name, frame in frames.items()}
    faults = set(_definition_faults(dictionary, sources))
    sound = {}
    for name in {*dictionary.tables, *numbered}:
        found = set(_table_faults(dictionary, name, numbered, sources))
        faults |= found
        if not any(fault.row == 0 and fault.column != "measure" for fault in found):
            sound[name] = numbered[name]
    return sorted(faults | set(_relation_faults(dictionary, sound, corrections)))


def _definition_faults(dictionary: Dictionary, sources: Collection[str]) -> Iterator[Fault]:
    for measure in dictionary.measures.values():
        for source in measure.source:
            if source not in sources:
                rule = f"measures / {measure.id} / source"
                yield Fault(
                    "data/dictionary.yaml", 0, "", "an id of data/sources.yaml", repr(source), rule
                )


def _table_faults(
    dictionary: Dictionary, name: str, frames: Mapping[str, pd.DataFrame], sources: Collection[str]
) -> Iterator[Fault]:
    """Faults of one table; its rows are looked at only when its columns are all there and of their types."""
    if name not in frames:
        yield Fault(
            dictionary.tables[name].file, 0, "", "the table", "an entry that no data uses", "tables"
        )
        return
    if name not in dictionary.tables:
        yield Fault(
            f"data/tidy/{name}.parquet",
            0,
            "",
            "no such table",
            "a table without an entry",
            "tables",
        )
        return
    from iapt_ledger.dictionary.schemas import schema_faults  # pandera is slow to import

    table, frame = dictionary.tables[name], frames[name]
    found = list(schema_faults(table, frame))
    yield from found
    if all(fault.row for fault in found):
        yield from row_faults(dictionary, table, frame, sources)


def _relation_faults(
    dictionary: Dictionary,
    frames: Mapping[str, pd.DataFrame],
    corrections: tuple[Correction, ...] | None,
) -> Iterator[Fault]:
    """Guards that no longer hold, and identities and totals that break, in tables whose columns are sound."""
    try:
        frames = apply_corrections(frames, corrections)
    except Faults as mended:
        for fault in mended.faults:
            yield Fault(
                "data/corrections.yaml",
                0,
                "",
                "the error that is declared",
                fault,
                "corrections / guard",
            )
    scopes = [(i, s) for i in dictionary.identities for s in i.scopes if s.table in frames]
    places = {name: Places(frames[name]) for name in {s.table for _, s in scopes}}
    for identity, scope in scopes:
        table = dictionary.tables[scope.table]
        yield from identity_faults(table, places[scope.table], identity, scope)
    for total in dictionary.totals:
        if {total.table, total.whole_table} <= set(frames):
            yield from total_faults(dictionary.tables, frames, total)


def read_tidy(folder: Path) -> dict[str, pd.DataFrame]:
    """Every tidy table of a folder, by name.

    Raises:
        LedgerError: there is none.
    """
    files = sorted(folder.glob("*.parquet"))
    if not files:
        raise LedgerError("No tidy tables", where=str(folder), fix="python -m iapt_ledger.tidy")
    return {f.stem: pd.read_parquet(f) for f in files}


def write_report(path: Path, frames: Mapping[str, pd.DataFrame], faults: list[Fault]) -> None:
    """Write the validation report: rows of each table and all faults, as sorted JSON."""
    report = {
        "tables": {name: len(frame) for name, frame in sorted(frames.items())},
        "rows": sum(len(frame) for frame in frames.values()),
        "faults": [fault.record() for fault in faults],
    }
    write_text(path, json.dumps(report, indent=1, ensure_ascii=False) + "\n")
