"""Claims in an edition: what stands in the place of a claim's own rules as soon as the edition holds what it asks.

Some data that would settle a claim can be fetched. What they would decide is fixed beforehand (`once_held` of a claim),
so that the ledger goes from the gap to the reading by itself, by rules written before anybody had seen the data.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from iapt_ledger.ledger.model import DECIDES, QUOTED, Claim, Instead, Ledger, Line

Readings = Mapping[str, Mapping[str, Mapping[str, str]]]


def as_held(ledger: Ledger, results: Collection[str]) -> Ledger:
    """The claims as these results decide them.

    The first of a claim's `once_held` takes the place of its rules, evidence and readings if every result that its
    rules name is there. Of it, readings and context that the edition does not give are left out. A claim without one,
    or without the results, stays as it is.

    Args:
        ledger: from `read_ledger`.
        results: ids of all results.
    """
    return replace(
        ledger, claims={name: _as_held(claim, results) for name, claim in ledger.claims.items()}
    )


def variants(claim: Claim) -> Iterator[Claim]:
    """The claim with each of its `once_held` in the place of its rules, in their order."""
    return (_with(claim, one) for one in claim.once_held)


def _as_held(claim: Claim, results: Collection[str]) -> Claim:
    for one in variants(claim):
        if all(name in results for name in one.asked):
            evidence = tuple(_given(line, results) for line in one.evidence)
            return replace(
                one,
                evidence=tuple(line for line in evidence if line.ids),
                readings=_readable(one.readings, results),
            )
    return claim


def _with(claim: Claim, one: Instead) -> Claim:
    return replace(
        claim,
        headline=one.headline,
        rules=one.rules,
        evidence=one.evidence,
        readings=one.readings,
        lacking=one.lacking,
        standards=one.standards or claim.standards,
        objections=one.objections or claim.objections,
        would_change=one.would_change or claim.would_change,
        once_held=(),
    )


def _given(line: Line, results: Collection[str]) -> Line:
    """A line of context without what the edition does not give; what decides stays as it is."""
    if line.role == DECIDES:
        return line
    return replace(line, ids=tuple(one for one in line.ids if one in results))


def _readable(readings: Readings, results: Collection[str]) -> Readings:
    """The dimensions that leave a choice, with the options for which every result is there."""
    held = {
        name: {
            label: option
            for label, option in options.items()
            if all(new in results or new.startswith(QUOTED) for new in option.values())
        }
        for name, options in readings.items()
    }
    return {name: options for name, options in held.items() if len(options) > 1}
