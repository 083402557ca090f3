"""The built ledger for tests: what it was judged from, judged anew, and inputs drawn from elsewhere."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

import pytest

from iapt_ledger import paths
from iapt_ledger.ledger.claims import read_ledger
from iapt_ledger.ledger.evidence import Behind, Standing, behind, standing_of
from iapt_ledger.ledger.held import as_held
from iapt_ledger.ledger.model import Claim, Ledger
from iapt_ledger.ledger.verdicts import Verdict, judge, verdict_on
from iapt_ledger.measures.evidence import Evidence
from iapt_ledger.quoted import quoted_results
from iapt_ledger.registry import Registry, read_sources
from iapt_ledger.results import Result, read_results

PRINTED = paths.GENERATED / "ledger" / "ledger.csv"
NEEDS_A_BUILD = [
    pytest.mark.built,
    pytest.mark.skipif(
        not PRINTED.exists(), reason="the report is not built: run `envs/run snakemake` first"
    ),
]
Results = dict[str, Result]
CHAPTERS = [
    one for one in sorted(paths.GENERATED.glob("*/results.json")) if one.parent.name != "ledger"
]


@dataclass(frozen=True)
class World:
    """Everything that the built ledger was judged from, and what came out."""

    ledger: Ledger
    results: Results
    registry: Registry
    verdicts: Mapping[str, Verdict]

    def judged(
        self,
        results: Results | None = None,
        registry: Registry | None = None,
        ledger: Ledger | None = None,
    ) -> dict[str, Verdict]:
        return judge(
            ledger or self.ledger,
            results or self.results,
            registry=registry or self.registry,
            standing=standing(),
        )

    def verdict(
        self, name: str, results: Results, found: Mapping[str, Verdict] | None = None
    ) -> Verdict:
        """The verdict on one claim alone, by the function that judges all."""

        def known(one: str) -> Behind:
            return behind(results[one], self.registry, self.ledger.interests, standing())

        return verdict_on(self.ledger.claims[name], results, found or self.verdicts, known)


@cache
def standing() -> Standing:
    return standing_of(Evidence())


@cache
def world() -> World:
    every = [one for file in CHAPTERS for one in read_results(file)]
    results = {one.id: one for one in [*every, *quoted_results()]}
    ledger, registry = as_held(read_ledger(), results), read_sources()
    found = judge(ledger, results, registry=registry, standing=standing())
    return World(ledger, results, registry, found)


def deciding(claim: Claim) -> list[str]:
    return [one for one in claim.asked if not one.startswith("claims.")]


def as_given(results: Results) -> dict[str, dict[str, float | None]]:
    return {
        name: {"value": one.value, "low": one.low, "high": one.high}
        for name, one in results.items()
    }


def moved(result: Result, value: float, half: float) -> Result:
    """The result at another value, with an interval if it had one."""
    if result.low is None:
        return replace(result, value=value)
    return replace(result, value=value, low=value - half, high=value + half)


def drawn(claim: Claim, chance: random.Random) -> Results:
    """The results of the rules, each perhaps somewhere else: near another of them, near nought, or far."""
    results = world().results
    anchors = [results[one].value for one in claim.asked] + [0.0, 0.2, 1.0, 5.0, 50.0, -50.0]
    found = {one: results[one] for one in claim.asked}
    for one in deciding(claim):
        if chance.random() < 0.7:
            anchor = chance.choice(anchors)
            size = max(1.0, abs(anchor))
            value = anchor + size * chance.choice([0, 0.001, 0.1, 1]) * chance.uniform(-1, 1)
            found[one] = moved(found[one], value, chance.choice([0, 0.01, 1, 10]) * chance.random())
    return found
