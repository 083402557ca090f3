"""What an edition keeps of the refresh that made it: publications, acceptance of files, how sources fared, changes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from iapt_ledger.edition.manifest import read_record
from iapt_ledger.edition.tables import TABLES
from iapt_ledger.errors import LedgerError
from iapt_ledger.refresh.bring import Brought
from iapt_ledger.refresh.merge import NEW, REVISED, WITHDRAWN
from iapt_ledger.registry import edition_entries, read_sources, written

if TYPE_CHECKING:
    from iapt_ledger.refresh.run import Outcome


def of_refresh(
    base: Path,
    name: str,
    brought: Sequence[Brought],
    outcomes: Sequence[Outcome],
    changes: pd.DataFrame,
    changed: Mapping[str, pd.DataFrame],
) -> dict[str, bytes]:
    """The records of a new edition, by file name.

    Args:
        base: folder of the edition that it is made from.
        name: of the new one.
        brought: what came of each feed.
        outcomes: how each fared.
        changes: every value that is new, revised or withdrawn.
        changed: the tables that changed.
    """
    head = {"edition": name, "from": base.name}
    records = {
        "acceptance.json": _json(head | {"files": [f for one in brought for f in _accepted(one)]}),
        "refresh.json": _json(head | {"sources": [outcome_record(o) for o in outcomes]}),
        "changes.json": _json(head | changes_record(changes, changed)),
    }
    if entries := _entries(base, brought):
        records["sources.yaml"] = written(entries)
    return records


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


def _accepted(brought: Brought) -> list[dict[str, Any]]:
    """What each file of a feed was held to."""
    return [
        {
            "source": brought.feed.name,
            "file": taken.file.name,
            "address": taken.file.url,
            "sha256": taken.file.sha256,
            "fetched": taken.file.fetched,
            "layout": taken.layout,
            "accepted": not taken.why_not,
            "why_not": taken.why_not,
            "checks": [
                {"rule": c.rule, "passed": c.passed, "sentence": c.sentence} for c in taken.checks
            ],
            "suppressed": dict(taken.parsed.suppressed) if taken.parsed else {},
            "refused": dict(taken.parsed.refused) if taken.parsed else {},
        }
        for taken in brought.files
    ]


def outcome_record(outcome: Outcome) -> dict[str, Any]:
    """How one source fared, for JSON."""
    return {
        "source": outcome.feed,
        "title": outcome.title,
        "publisher": outcome.publisher,
        "cadence": outcome.cadence,
        "state": outcome.state,
        "as_of": outcome.as_of,
        "new_periods": {table: list(periods) for table, periods in outcome.periods.items()},
        "new": outcome.new,
        "revised": outcome.revised,
        "withdrawn": outcome.withdrawn,
        "unchanged": outcome.unchanged,
        "failures": outcome.failures,
    }


def changes_record(changes: pd.DataFrame, changed: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Changes for JSON: counts a table, new values counted by measure and period, all others one by one."""
    tables = []
    for name in (name for name in TABLES if name in changed):
        counts = changes["change"][changes["table"].eq(name)].value_counts()
        kinds = {kind: int(counts.get(kind, 0)) for kind in (NEW, REVISED, WITHDRAWN)}
        tables.append({"table": name, "rows": len(changed[name]), **kinds})
    new = changes[changes["change"].eq(NEW)]
    by = ["table", "feed", "measure", "period"]
    sizes = new.groupby(by, sort=True).size().reset_index(name="values")
    listed = ["table", "feed", "period", "measure", "what", "old", "new"]
    return {
        "tables": tables,
        NEW: [{**row, "values": int(row["values"])} for row in sizes.to_dict("records")],
        REVISED: changes.loc[changes["change"].eq(REVISED), listed].to_dict("records"),
        WITHDRAWN: changes.loc[changes["change"].eq(WITHDRAWN), listed[:-1]].to_dict("records"),
    }


def _entries(base: Path, brought: Sequence[Brought]) -> list[Mapping[str, object]]:
    """Publications that the new edition adds to the registry: the base's own, and new ones, each once."""
    known = read_sources(edition=base)
    entries: dict[str, Mapping[str, object]] = {str(e["id"]): e for e in edition_entries(base)}
    for one in brought:
        for entry in one.publications:
            if entry["id"] not in known:
                entries.setdefault(str(entry["id"]), entry)
    return list(entries.values())


def printed(edition: str, generated: Path) -> bytes:
    """What the report prints from an edition: each result, and each claim's verdict and grade.

    Args:
        edition: name of the edition.
        generated: report/generated of a checkout.

    Returns:
        The record; nothing where that folder holds no results, or those of another edition.
    """
    from iapt_ledger.refresh.changes import read_results
    from iapt_ledger.refresh.old_results import built_in

    if built_in(generated) != edition:
        return b""
    try:
        found = read_results(generated)
    except LedgerError:
        return b""
    results = [{name: one[name] for name in _PRINTED} for one in found.results.values()]
    claims = [{name: row.get(name, "") for name in _JUDGED} for row in found.claims.values()]
    return _json({"edition": edition, "results": results, "claims": claims})


_PRINTED = ("id", "value", "text", "range_text", "made")
_JUDGED = ("claim", "document", "title", "verdict", "grade")


def last_successes(edition: Path) -> dict[str, str]:
    """Date of each feed's last success, by feed, as the edition notes it; empty where no refresh made it.

    Raises:
        LedgerError: the record cannot be read, or is not what the manifest pins.
    """
    return {
        source["source"]: source["as_of"]
        for source in read_json("refresh.json", edition).get("sources", ())
    }


def read_json(name: str, edition: Path) -> dict[str, Any]:
    """One of an edition's records; empty where it has none.

    Raises:
        LedgerError: it cannot be read, or is not what the manifest pins.
    """
    data = read_record(name, edition)
    try:
        return dict(json.loads(data)) if data else {}
    except ValueError as error:
        where = f"data/editions/{edition.name}/{name}"
        raise LedgerError("a record cannot be read", where=where, found=error) from None
