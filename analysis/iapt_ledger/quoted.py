"""Figures quoted from the documents under test: shown as claims, never used as evidence."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from iapt_ledger import paths
from iapt_ledger.errors import LedgerError
from iapt_ledger.results import Result, ResultBook

CLAIMS = paths.DATA / "claims.yaml"
# The file is long, and every chapter reads it.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
PREFIX = "claims"
DOCUMENTS = {"timimi2015": "the editorial", "healthfoundation2014": "the blog post"}
FIELDS = {"document", "place", "value", "unit", "says"}


@cache
def quoted_results(path: Path = CLAIMS) -> ResultBook:
    """Every quoted figure as a result with status "quoted" and the id `claims.<claim>.<figure>`.

    Raises:
        LedgerError: an entry lacks a field.
    """
    entries = yaml.load(path.read_text(encoding="utf8"), Loader=LOADER)["quoted"]
    return ResultBook(_result(name, entry) for name, entry in entries.items())


def _result(name: str, entry: dict) -> Result:
    if lacking := FIELDS - set(entry):
        raise LedgerError(
            "A quoted figure lacks fields", where=f"{CLAIMS.name}, {name}", expected=sorted(lacking)
        )
    return Result(
        id=f"{PREFIX}.{name}",
        value=entry["value"],
        unit=entry["unit"],
        digits=entry.get("digits"),
        made=f"Quoted from {DOCUMENTS.get(entry['document'], entry['document'])}, {entry['place']}: {entry['says']}",
        price_base="as the document states it" if entry["unit"].startswith("GBP") else "",
        sources=(entry["document"],),
        status="quoted",
    )
