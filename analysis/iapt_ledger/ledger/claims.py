"""Read data/claims.yaml: form by its schema, then whether its parts fit, then the stamps. All faults at once.

What needs the results is checked when they are judged, see `iapt_ledger.ledger.evidence`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from iapt_ledger import paths
from iapt_ledger.dictionary.load import read_yaml
from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.ledger.checks import fault, faults
from iapt_ledger.ledger.model import (
    Change,
    Claim,
    Instead,
    Lacking,
    Ledger,
    Line,
    Rule,
    Standard,
    Study,
)
from iapt_ledger.ledger.stamp import COMMAND, is_stamped

CLAIMS = paths.DATA / "claims.yaml"
SCHEMA = paths.ANALYSIS / "claims.schema.json"


def read_ledger(path: Path = CLAIMS, schema: Path = SCHEMA) -> Ledger:
    """The claims, studies and interests.

    Raises:
        LedgerError: the file cannot be read.
        Faults: every place where it is not what its schema says; then everything that does not fit together, a
            rule that cannot be read, and every claim whose stamp is not that of its rules.
    """
    raw = read_yaml(path, schema)
    ledger = as_ledger(raw)
    found = [*faults(ledger), *_unstamped(raw["claims"])]
    if found:
        raise Faults("The claims do not hold together", found, fix=f"edit {path.name}")
    return ledger


def as_ledger(raw: Mapping[str, Any]) -> Ledger:
    """Records of a file that its schema allows, unchecked."""
    return Ledger(
        claims={name: _claim(name, entry) for name, entry in raw["claims"].items()},
        standards={name: Standard(name, **entry) for name, entry in raw["standards"].items()},
        studies={name: _study(name, entry) for name, entry in raw["studies"].items()},
        interests=raw["interests"],
    )


def _unstamped(claims: Mapping[str, Any]) -> list[LedgerError]:
    return [
        fault(name, "Its stamp is not that of its rules", fix=COMMAND)
        for name, entry in claims.items()
        if not is_stamped(entry)
    ]


def _claim(name: str, entry: Mapping[str, Any]) -> Claim:
    return Claim(
        id=name,
        **{key: entry[key] for key in _PLAIN if key in entry},
        standards=tuple(entry["standards"]),
        objections=tuple(entry["objections"]),
        **_decided_by(entry),
        needs=tuple(entry.get("needs", ())),
        history=tuple(Change(**one) for one in entry["history"]),
        once_held=tuple(_instead(one) for one in entry.get("once_held", ())),
    )


def _decided_by(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Rules, evidence and what is lacking: what a claim has, and what may stand in its place."""
    return {
        "rules": tuple(_rule(one) for one in entry.get("rules", ())),
        "evidence": tuple(Line(**{**one, "ids": tuple(one["ids"])}) for one in entry["evidence"]),
        "lacking": Lacking(**entry["lacking"]) if "lacking" in entry else None,
    }


def _instead(entry: Mapping[str, Any]) -> Instead:
    words = {key: entry[key] for key in ("headline", "readings", "would_change") if key in entry}
    lists: dict[str, Any] = {key: tuple(entry.get(key, ())) for key in ("standards", "objections")}
    return Instead(**words, **lists, **_decided_by(entry))


_PLAIN = (
    *("document", "place", "title", "claim", "kind", "topic", "test", "would_change", "decided"),
    *("stamp", "headline", "readings", "any_of", "short"),
)


def _rule(entry: Mapping[str, Any]) -> Rule:
    return Rule(entry["verdict"], entry["reason"], entry.get("when", ""))


def _study(slug: str, entry: Mapping[str, Any]) -> Study:
    return Study(slug, entry["obs"], **{key: entry[key] for key in _STUDY})


_STUDY = ("design", "effect", "findings", "words")
