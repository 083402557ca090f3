"""What parts two editions: observations new, revised and withdrawn, results that move, and verdicts that flip."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from iapt_ledger import paths
from iapt_ledger.edition.store import find_edition, read_stored
from iapt_ledger.edition.tables import TABLES
from iapt_ledger.errors import LedgerError
from iapt_ledger.files import write_text
from iapt_ledger.refresh.edition import is_accepted
from iapt_ledger.refresh.merge import NEW, REVISED, WITHDRAWN, compare
from iapt_ledger.refresh.records import read_json

PAGE = paths.DATA / "derived" / "changes.html"
RECORD = paths.DATA / "derived" / "changes.json"
MOST = 300
"""Changes of one kind that are listed; all are counted."""


@dataclass(frozen=True)
class Results:
    """What a build of one edition came to.

    Attributes:
        results: records of results.json by id.
        claims: rows of the ledger by claim.
    """

    results: Mapping[str, Mapping[str, Any]]
    claims: Mapping[str, Mapping[str, str]]


def read_results(folder: Path) -> Results:
    """Results and ledger of a build.

    Args:
        folder: report/generated of a checkout, or a folder with the same two files.

    Raises:
        LedgerError: they are not there.
    """
    try:
        document = json.loads((folder / "results.json").read_text(encoding="utf-8"))
        with (folder / "ledger" / "ledger.csv").open(encoding="utf-8", newline="") as file:
            claims = {row["claim"]: row for row in csv.DictReader(file)}
    except FileNotFoundError as missing:
        raise LedgerError(
            "the results of a build are not there",
            where=str(Path(missing.filename or folder).name),
            fix="envs/run snakemake results",
        ) from None
    return Results({result["id"]: result for result in document["results"]}, claims)


def edition_before(edition: Path) -> Path | None:
    """The edition that one follows: the one it was made from, else the one before it by name."""
    named = read_json("refresh.json", edition).get("from")
    if named and (edition.parent / named).is_dir():
        return edition.parent / named
    older = sorted(
        p for p in edition.parent.glob("????-??-??") if p.is_dir() and p.name < edition.name
    )
    return older[-1] if older else None


def data_changes(old: Path, new: Path) -> dict[str, Any]:
    """Observations that part two editions: counts a table, and each change, the largest revision first."""
    tables, parts = [], []
    for table in TABLES.values():
        before, after = read_stored(table.name, old), read_stored(table.name, new)
        if before.equals(after):
            continue
        merged = compare(table, before, after)
        counts = merged.changes["change"].value_counts()
        kinds = {kind: int(counts.get(kind, 0)) for kind in (NEW, REVISED, WITHDRAWN)}
        if any(kinds.values()):
            tables.append({"table": table.name, **kinds, "unchanged": merged.unchanged})
            parts.append(merged.changes)
    every = pd.concat(parts, ignore_index=True) if parts else compare_nothing()
    revised = sorted(
        ({**row, "size": revision(row["old"], row["new"])} for row in _of(every, REVISED)),
        key=lambda row: -abs(row["size"]) if row["size"] is not None else float("-inf"),
    )
    groups = every[every["change"].eq(NEW)].groupby(["table", "measure", "period"], sort=True)
    sizes = groups.size().reset_index(name="values")
    added = [{**row, "values": int(row["values"])} for row in sizes.to_dict("records")]
    return {"tables": tables, NEW: added, REVISED: revised, WITHDRAWN: _of(every, WITHDRAWN)}


def compare_nothing() -> pd.DataFrame:
    """No changes, in the columns of changes."""
    table = next(iter(TABLES.values()))
    nothing = pd.DataFrame(columns=list(table.columns), dtype=str)
    return compare(table, nothing, nothing).changes


def _of(changes: pd.DataFrame, kind: str) -> list[dict[str, Any]]:
    wanted = ["table", "period", "measure", "what", "old", "new"]
    return changes.loc[changes["change"].eq(kind), wanted].to_dict("records")  # type: ignore[return-value]


def revision(old: str, new: str) -> float | None:
    """Size of a revision as a share of the old value; None where either is no number, or the old one is nought.

    >>> revision("200", "210")
    0.05
    """
    before, after = _number(old), _number(new)
    if before is None or after is None or before == 0:
        return None
    return (after - before) / abs(before)


def _number(shown: str) -> float | None:
    """The number at the head of a value as changes show it ("1.5 x 1000000 (1 to 2)")."""
    parts = shown.split(" (")[0].split(" x ")
    try:
        product = 1.0
        for part in parts:
            product *= float(part)
    except ValueError:
        return None
    return product


def flipped(old: Results, new: Results) -> list[dict[str, str]]:
    """Claims whose verdict changed, then those whose grade alone did; each with the reason given now."""
    rows = []
    for claim in sorted({*old.claims, *new.claims}):
        before, after = old.claims.get(claim, {}), new.claims.get(claim, {})
        what = next((c for c in ("verdict", "grade") if before.get(c, "") != after.get(c, "")), "")
        if what:
            row = {name: after.get(name) or before.get(name, "") for name in ("title", "document")}
            ends = {"old": before.get(what, ""), "new": after.get(what, "")}
            rows.append(
                {"claim": claim, "what": what, **row, **ends, "reason": after.get("reason", "")}
            )
    return sorted(rows, key=lambda row: (row["what"] != "verdict", row["claim"]))


def moved(old: Results, new: Results) -> list[dict[str, Any]]:
    """Results that print otherwise now, those that most of their value moved first; then new ones and those gone."""
    rows: list[dict[str, Any]] = []
    for name in sorted({*old.results, *new.results}):
        before, after = old.results.get(name), new.results.get(name)
        shown = [_printed(one) for one in (before, after)]
        if shown[0] == shown[1]:
            continue
        kind = "new" if before is None else "gone" if after is None else "moved"
        size = revision(str(before["value"]), str(after["value"])) if before and after else None
        made = (after or before or {}).get("made", "")
        rows.append(
            {"id": name, "kind": kind, "old": shown[0], "new": shown[1], "size": size, "made": made}
        )
    order = ("moved", "new", "gone")
    return sorted(
        rows, key=lambda row: (order.index(row["kind"]), -abs(row["size"] or 0), row["id"])
    )


def _printed(result: Mapping[str, Any] | None) -> str:
    if result is None:
        return ""
    return (
        f"{result['text']} ({result['range_text']})"
        if result["range_text"]
        else str(result["text"])
    )


def document(
    old: Path, new: Path, results: tuple[Results, Results] | None, most: int = MOST
) -> dict[str, Any]:
    """Everything that parts two editions: verdicts first, each list capped with its full count beside it.

    Args:
        old, new: folders of the editions.
        results: what the builds of both came to, by the same code; None leaves them out.
        most: rows of each list.
    """
    data = data_changes(old, new)
    lists: dict[str, Sequence[Any]] = {kind: data[kind] for kind in (NEW, REVISED, WITHDRAWN)}
    if results:
        lists = {"verdicts": flipped(*results), "results": moved(*results), **lists}
    return {
        "edition": new.name,
        "accepted": is_accepted(new),
        "against": old.name,
        "sources": read_json("refresh.json", new).get("sources", []),
        "tables": data["tables"],
        "counts": {name: len(rows) for name, rows in lists.items()},
        **{name: list(rows)[:most] for name, rows in lists.items()},
    }


def tell(edition: str = "", against: str = "", *, data_only: bool = False) -> str:
    """Compare two editions and write page and record; returns the closing lines.

    Args:
        edition: the newer one, the one in use where empty.
        against: the older one, the one before it where empty.
        data_only: leave out results and verdicts, which take a build of the older edition.

    Raises:
        LedgerError: there is no such edition, or its build failed.
    """
    from iapt_ledger.refresh.changes_page import page
    from iapt_ledger.refresh.old_results import results_of

    new = find_edition(edition or paths.edition_name())
    old = find_edition(against) if against else edition_before(new)
    if old is None:
        write_text(PAGE, page({"edition": new.name, "against": ""}))
        write_text(RECORD, json.dumps({"edition": new.name, "against": None}, indent=1) + "\n")
        return f"There is no edition before that of {new.name}: nothing to compare it with."
    both = None if data_only else (results_of(old), results_of(new))
    told = document(old, new, both)
    write_text(RECORD, json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    write_text(PAGE, page(told))
    return in_short(told)


def in_short(told: Mapping[str, Any]) -> str:
    """What changed, in a few lines."""
    counts = told["counts"]
    values = [
        f"{sum(t[kind] for t in told['tables']):,} {kind}" for kind in (NEW, REVISED, WITHDRAWN)
    ]
    lines = [
        f"Edition of {told['edition']} against that of {told['against']}:",
        f"  values    {', '.join(values)}, in {len(told['tables'])} tables",
    ]
    if "results" in counts:
        turned = sum(row["what"] == "verdict" for row in told["verdicts"])
        lines += [
            f"  results   {counts['results']:,} print otherwise",
            f"  verdicts  {turned} flipped, {counts['verdicts'] - turned} with another grade",
        ]
    here = [file.relative_to(paths.ROOT) for file in (PAGE, RECORD)]
    return "\n".join([*lines, f"  see       {here[0]} and {here[1]}"])
