"""What may be evidence, and what stands behind it: publications, how they were read, whose interest they bear.

Evidence is never circular. A figure that a document under test states, a number that such a figure went into, and
whatever was read in such a document are refused, for and against the claim alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from iapt_ledger.errors import LedgerError, closest
from iapt_ledger.ledger.checks import fault, named
from iapt_ledger.ledger.grades import Weakness
from iapt_ledger.ledger.model import QUOTED, Claim, Ledger
from iapt_ledger.measures.evidence import Evidence
from iapt_ledger.registry import Source
from iapt_ledger.results import Result, expand_observations

UNDER_TEST = "claim_under_test"
STARTING = "starting document"
ABSTRACT = "abstract"
INTERESTED = "interested author"
SECOND_HAND = ("press", "third-party page")
Standing = Callable[[str], tuple[str, bool]]
"""Observation id to its status and whether it was read second hand (columns of the tidy tables)."""


@dataclass(frozen=True)
class Behind:
    """What stands behind a result.

    Attributes:
        sources: publications, in order of id.
        second_hand: of its observations, those read in the press or at second hand.
        interested: of its publications, those whose author has a part in what is judged.
    """

    sources: tuple[Source, ...]
    second_hand: tuple[str, ...]
    interested: tuple[str, ...]

    @property
    def weaknesses(self) -> Iterator[Weakness]:
        """Reasons to go down a level that the publications themselves give."""
        if self.sources and all(source.how_read == ABSTRACT for source in self.sources):
            yield Weakness("read as abstracts only", _listed(s.id for s in self.sources))
        pages = [source.id for source in self.sources if source.how_read in SECOND_HAND]
        if pages or self.second_hand:
            yield Weakness("press or second hand", _listed([*pages, *self.second_hand]))
        if self.interested:
            yield Weakness(INTERESTED, _listed(self.interested))


def behind(
    result: Result,
    registry: Mapping[str, Source],
    interests: Mapping[str, str],
    standing: Standing,
) -> Behind:
    """What stands behind a result.

    Raises:
        LedgerError: a source is not in the registry, or an observation is unknown.
    """
    sources = {registry[name].id: registry[name] for name in result.sources}
    interested = {registry[name].id for name in interests} & set(sources)
    poor = [one for one in expand_observations(result.observations) if _second_hand(standing(one))]
    return Behind(
        tuple(sources[name] for name in sorted(sources)), tuple(poor), tuple(sorted(interested))
    )


def standing_of(evidence: Evidence) -> Standing:
    """The look-up that the tidy tables give; each table is read once, when first asked for."""
    tables: dict[str, dict[str, tuple[str, bool]]] = {}

    def standing(observation: str) -> tuple[str, bool]:
        table = observation.split(":", 1)[0]
        if table not in tables:
            frame = evidence.table(table)
            pairs = zip(frame["status"], frame["second_hand"].astype(bool), strict=True)
            tables[table] = dict(zip(frame["obs_id"], pairs, strict=True))
        try:
            return tables[table][observation]
        except KeyError:
            raise LedgerError(
                "Unknown observation", found=observation, expected=f"an obs_id of {table}"
            ) from None

    return standing


def evidence_faults(
    ledger: Ledger,
    results: Mapping[str, Result],
    registry: Mapping[str, Source],
    standing: Standing,
) -> Iterator[LedgerError]:
    """Everything that makes the evidence unfit: what is not there, and what is circular."""
    documents = {claim.document for claim in ledger.claims.values()}

    @cache  # many results rest on the same observations, and some on many thousands
    def repeats(observations: tuple[str, ...]) -> tuple[str, ...]:
        every = expand_observations(observations)
        return tuple(one for one in every if standing(one)[0] == UNDER_TEST)

    for claim in ledger.claims.values():
        evidence = _evidence(claim)
        for one in sorted({*evidence, *claim.asked, *_read(claim), *_printed(claim)}):
            if one not in results:
                yield fault(
                    claim, "No chapter makes this result", found=one, nearest=_near(one, results)
                )
            elif one in evidence:
                yield from _circular(claim, results[one], registry, documents, repeats)
            elif one.startswith(QUOTED) and results[one].status != "quoted":
                yield fault(claim, f"{one} is named like a quoted figure and is none")
    for name in ledger.interests:
        if name not in registry:
            near = closest(name, registry)
            yield fault("interests", "An interest is of no known source", found=name, nearest=near)


def _near(result: str, results: Iterable[str]) -> list[str]:
    """Names that may have been meant, of the same chapter where it has any: comparing with all takes long."""
    chapter = result.partition(".")[0]
    same = [one for one in results if one.startswith(f"{chapter}.")]
    return closest(result, same or results)


def _read(claim: Claim) -> set[str]:
    """Results that readings put in the place of others."""
    return {
        new for options in claim.readings.values() for o in options.values() for new in o.values()
    }


def _evidence(claim: Claim) -> set[str]:
    """What is declared as evidence, and what rules or readings ask that no document states."""
    declared = {one for line in claim.evidence for one in line.ids}
    return declared | {one for one in {*claim.asked, *_read(claim)} if not one.startswith(QUOTED)}


def _printed(claim: Claim) -> set[str]:
    """Results whose numbers stand in the texts."""
    lacking = (claim.lacking.what, claim.lacking.held_by) if claim.lacking else ()
    texts = [*(rule.reason for rule in claim.rules), *claim.objections, *lacking]
    return {
        one for text in (claim.claim, claim.test, *texts, claim.would_change) for one in named(text)
    }


def _circular(
    claim: Claim,
    result: Result,
    registry: Mapping[str, Source],
    documents: set[str],
    repeats: Callable[[tuple[str, ...]], tuple[str, ...]],
) -> Iterator[LedgerError]:
    """Why a result cannot be evidence: what a document under test says cannot bear the document out."""
    circular = f"{result.id} cannot be evidence"
    if result.status != "computed":
        yield fault(claim, circular, expected="status computed", found=f"status {result.status}")
        return
    for name in result.sources:
        if name not in registry:
            yield fault(claim, circular, found=f"the unknown source {name}")
        elif name in documents or registry[name].how_read == STARTING:
            yield fault(claim, circular, found=f"the document under test {name} behind it")
    for one in repeats(result.observations):
        yield fault(claim, circular, found=f"observation {one}, which repeats a claim")


def _second_hand(standing: tuple[str, bool]) -> bool:
    status, second_hand = standing
    return second_hand or status == "press_report"


def _listed(names: Iterable[str], most: int = 4) -> str:
    every = list(dict.fromkeys(names))
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(every[:most]) + more
