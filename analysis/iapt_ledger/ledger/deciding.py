"""From rules to a verdict: the first rule that holds, and the weakest of what a synthesis needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from iapt_ledger.errors import LedgerError
from iapt_ledger.ledger import rules
from iapt_ledger.ledger.model import Rule
from iapt_ledger.results import Result

SUPPORTED: Final = "supported"
PARTLY: Final = "partly supported"
NOT: Final = "not supported"
CONTRADICTED: Final = "contradicted"
UNTESTABLE: Final = "untestable"
PRINTED: Final[Mapping[str, str]] = {UNTESTABLE: "cannot be tested with public data"}
"""What is printed for a verdict, where that is not the word itself."""

ORDER: Final = (CONTRADICTED, NOT, UNTESTABLE, PARTLY, SUPPORTED)
"""From the least to the most favourable to the claim. What cannot be tested speaks neither for nor against it."""


def printed(verdict: str) -> str:
    """A verdict as the report prints it."""
    return PRINTED.get(verdict, verdict)


def holding(
    ordered: Sequence[Rule],
    results: Mapping[str, Result],
    reading: Mapping[str, str] | None = None,
) -> int:
    """The place, from 0, of the first rule that holds.

    Args:
        ordered: rules, of which the last holds otherwise.
        results: by id.
        reading: result ids to take in place of others.

    Raises:
        LedgerError: a rule cannot be worked out, or none holds.
    """
    for place, rule in enumerate(ordered):
        if not rule.when or rules.holds(rule.when, results, reading=reading):
            return place
    raise LedgerError(
        "No rule holds", where="data/claims.yaml", expected="a last rule with `otherwise: true`"
    )


def weakest(verdicts: Iterable[str]) -> str:
    """The verdict of a claim that needs all of these: that of the first to fail, in ORDER.

    What cannot be tested makes the whole untestable, unless a part fails whatever the untested one would say.
    """
    return least(verdicts)


def least(verdicts: Iterable[str]) -> str:
    """The verdict least favourable to the claim."""
    return min(verdicts, key=ORDER.index)


def most(verdicts: Iterable[str]) -> str:
    """The verdict most favourable to the claim."""
    return max(verdicts, key=ORDER.index)
