"""The numbers of a brief as CSV: each with its interval, its making, and where it is from."""

from __future__ import annotations

import csv
import io

from iapt_ledger.areas.model import Brief
from iapt_ledger.build.offered.harmless import harmless

COLUMNS = (
    *("code", "name", "number", "label", "period", "value", "low", "high", "unit", "interval"),
    *("made", "table", "sources", "observations", "edition"),
)


def numbers_csv(brief: Brief) -> str:
    """The file's text; a text that a spreadsheet would take for a formula is written after an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    who = brief.organisation
    for one in brief.numbers:
        row = [
            who.code, who.name, one.name, one.label, one.period, _plain(one.value), _plain(one.low),
            _plain(one.high), one.unit, one.interval, one.made, one.table, " ".join(one.sources),
            " ".join(one.observations), brief.edition,
        ]  # fmt: skip
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue()


def _plain(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.10g}")
