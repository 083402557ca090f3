"""Stamp the claims: a hash of what decides each, so that a rule cannot change unseen.

    envs/run python -m iapt_ledger.ledger.stamp --date 2026-11-22
    envs/run python -m iapt_ledger.ledger.stamp --date 2026-12-01 --why "the interval was read wrongly"

A claim without a stamp gets one. Where a rule was changed after it was stamped, the earlier stamp goes into `history`
with the date and the reason, which must be given. Nothing else in the file is touched.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

from iapt_ledger import paths
from iapt_ledger.errors import Faults, LedgerError, closest
from iapt_ledger.files import write_text
from iapt_ledger.registry import plain

CLAIMS = paths.DATA / "claims.yaml"
COMMAND = 'envs/run python -m iapt_ledger.ledger.stamp --date YYYY-MM-DD --why "..."'
DECIDING = ("test", "headline", "rules", "any_of", "needs", "readings", "lacking", "evidence")
INSTEAD = "once_held"
WORDS = "reason"  # of a rule: what is printed when it holds decides nothing and may be put better

Edit = tuple[int, int, str]
"""First character, the one after the last, and what is to stand there instead."""


def stamp_of(entry: Mapping[str, Any]) -> str:
    """SHA-256 over what decides a claim, whatever its layout; 64 hexadecimal digits.

    Args:
        entry: the claim as it stands in data/claims.yaml.
    """
    deciding = _deciding(entry)
    if entry.get(INSTEAD):
        deciding[INSTEAD] = [_deciding(one) for one in entry[INSTEAD]]
    text = json.dumps(deciding, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _deciding(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What decides, of a claim or of what may stand in the place of its rules."""
    deciding = {key: _canonical(entry[key]) for key in DECIDING if entry.get(key)}
    if (
        "readings" in deciding
    ):  # which option comes first, and which dimension, says how they are read
        deciding["readings"] = [[d, list(o.items())] for d, o in deciding["readings"].items()]
    return deciding


def _canonical(value: Any) -> Any:
    """A value without the reasons of rules, every text on one line and every day as text."""
    if isinstance(value, Mapping):
        return {str(key): _canonical(part) for key, part in value.items() if key != WORDS}
    if isinstance(value, list | tuple):
        return [_canonical(part) for part in value]
    if isinstance(value, date):
        return value.isoformat()
    return " ".join(value.split()) if isinstance(value, str) else value


def stamped(
    text: str, today: str, why: str = "", only: Sequence[str] = ()
) -> tuple[str, dict[str, str]]:
    """The text of data/claims.yaml with the stamps that it needs.

    Args:
        text: the file.
        today: date of the change, YYYY-MM-DD.
        why: the reason of every change made since the last stamp.
        only: claims to stamp; none for all.

    Returns:
        The new text, and what was done by claim ("stamped" or "stamped anew").

    Raises:
        Faults: rules changed after they were stamped, and no reason is given.
        LedgerError: no such claim, or the file cannot be edited in place.
    """
    claims = yaml.safe_load(text)["claims"]
    if unknown := [name for name in only if name not in claims]:
        raise LedgerError("No such claim", found=unknown[0], nearest=closest(unknown[0], claims))
    chosen = {name: claims[name] for name in only or claims}
    changed = {n: str(e.get("stamp") or "") for n, e in chosen.items() if not is_stamped(e)}
    _explained([name for name, old in changed.items() if old], why)
    nodes = _claim_nodes(text)
    edits: list[Edit] = []
    for name, old in changed.items():
        edits.append(_stamp_edit(text, name, nodes[name], stamp_of(claims[name])))
        if old:
            edits.append(_history_edit(text, nodes[name], _change(today, old, why)))
    new = _edited(text, edits)
    _nothing_else_differs(claims, yaml.safe_load(new)["claims"], list(changed))
    return new, {name: "stamped anew" if old else "stamped" for name, old in changed.items()}


def is_stamped(entry: Mapping[str, Any]) -> bool:
    """Whether a claim bears the stamp of the rules that it has."""
    return entry.get("stamp") == stamp_of(entry)


def _explained(changed: Sequence[str], why: str) -> None:
    if changed and not plain(why).strip(". "):
        raise Faults(
            "Rules changed after they were stamped",
            [f"claim {name}: no reason is given for the change" for name in changed],
            fix=COMMAND,
        )


def _change(today: str, old: str, why: str) -> str:
    sentence = plain(why).rstrip(".") + "."
    return f"{{date: {today}, stamp: {old}, why: {json.dumps(sentence, ensure_ascii=False)}}}"


def _claim_nodes(text: str) -> dict[str, yaml.MappingNode]:
    """Where each claim stands in the text."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    claims = _values(root)["claims"]
    return _values(claims)


def _values(node: Any) -> dict[str, Any]:
    return {key.value: value for key, value in node.value}


def _stamp_edit(text: str, name: str, claim: yaml.MappingNode, stamp: str) -> Edit:
    """Put the stamp in the place of the old one, or on a line of its own after the date of the decision."""
    if claim.flow_style:
        raise LedgerError(
            "A claim cannot be stamped in place",
            where=f"data/claims.yaml, claim {name}",
            expected="a claim written as a block, a key a line",
        )
    values = _values(claim)
    if "stamp" in values:
        return _in_place(text, values["stamp"], f" {stamp}")
    after = values.get("decided", next(iter(values.values())))
    at = _line_end(text, _end(text, _last(after)))
    return at, at, f"\n{_indent(claim)}stamp: {stamp}"


def _history_edit(text: str, claim: yaml.MappingNode, change: str) -> Edit:
    """Add a change at the end of the history, however that is written."""
    values = _values(claim)
    indent = _indent(claim)
    if "history" not in values:
        at = _line_end(text, _end(text, values["stamp"]))
        return at, at, f"\n{indent}history:\n{indent}  - {change}"
    history = values["history"]
    if not history.value:
        return _in_place(text, history, f"\n{indent}  - {change}")
    if history.flow_style:
        at = history.end_mark.index - 1
        return at, at, f", {change}"
    at = _line_end(text, _end(text, _last(history)))
    return at, at, f"\n{' ' * history.start_mark.column}- {change}"


def _in_place(text: str, node: yaml.Node, new: str) -> Edit:
    """Replace a value on the line of its key, with the blanks before it."""
    start = node.start_mark.index
    while text[start - 1] == " ":
        start -= 1
    return start, _end(text, node), new


def _end(text: str, node: yaml.Node) -> int:
    """Where a value ends: the marks of text over several lines lie beyond the empty lines that follow."""
    return max(node.start_mark.index, len(text[: node.end_mark.index].rstrip()))


def _last(node: Any) -> Any:
    """The last thing written of a value: marks of blocks lie beyond the lines that follow them."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return node


def _indent(claim: yaml.MappingNode) -> str:
    return " " * claim.start_mark.column


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _edited(text: str, edits: Sequence[Edit]) -> str:
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _nothing_else_differs(old: dict, new: dict, changed: Sequence[str]) -> None:
    """The file as edited says what it said, but for stamps and history."""

    def rest(claims: dict) -> dict:
        return {
            name: {k: v for k, v in entry.items() if k not in ("stamp", "history")}
            for name, entry in claims.items()
        }

    if rest(old) != rest(new) or not all(is_stamped(new[name]) for name in changed):
        raise LedgerError("Stamping would change more than stamps", where="data/claims.yaml")


def today_from(given: str | None, environment: Mapping[str, str]) -> str:
    """The date to write: the one given, or that of SOURCE_DATE_EPOCH; the clock is never asked.

    Raises:
        LedgerError: neither is given, or it is no date.
    """
    if not given and (epoch := environment.get("SOURCE_DATE_EPOCH")):
        given = datetime.fromtimestamp(int(epoch), UTC).date().isoformat()
    try:
        return date.fromisoformat(given or "").isoformat()
    except ValueError:
        raise LedgerError(
            "No date to stamp with", expected="YYYY-MM-DD", found=given or "nothing", fix=COMMAND
        ) from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line: see the head of this module."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("claims", nargs="*", help="claims to stamp; none for all")
    parser.add_argument("--file", type=Path, default=CLAIMS)
    parser.add_argument("--date", help="of the change; SOURCE_DATE_EPOCH where it is not given")
    parser.add_argument("--why", default="", help="why rules were changed after they were stamped")
    chosen = parser.parse_args(arguments)
    try:
        today = today_from(chosen.date, os.environ)
        old = chosen.file.read_text(encoding="utf8")
        new, done = stamped(old, today, chosen.why, chosen.claims)
    except LedgerError as error:
        print(error, file=sys.stderr)
        return 1
    if new != old:
        write_text(chosen.file, new)
    for name, what in done.items():
        print(f"{name}: {what}")
    print(f"{len(done)} stamps written" if done else "Every stamp stands")
    return 0


if __name__ == "__main__":
    sys.exit(main())
