"""Verdicts by code: the rules of every claim put to the results, graded, and read in other ways.

Nothing here knows a verdict beforehand: change a result, and the verdict is worked out anew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.ledger import grades, rules
from iapt_ledger.ledger.checks import fault
from iapt_ledger.ledger.deciding import UNTESTABLE, holding, printed, weakest
from iapt_ledger.ledger.evidence import INTERESTED, Behind, Standing, behind, evidence_faults
from iapt_ledger.ledger.grades import DOCUMENT, Grade, Weakness
from iapt_ledger.ledger.model import QUOTED, Claim, Lacking, Ledger, Line
from iapt_ledger.ledger.readings import Robustness, robustness
from iapt_ledger.ledger.texts import inside
from iapt_ledger.registry import Source
from iapt_ledger.results import Result

Known = Callable[[str], Behind]
"""Result id to what stands behind it."""


@dataclass(frozen=True)
class Graded:
    """A line of evidence with what stands behind it.

    Attributes:
        line: ids, design, role, and why it is indirect.
        grade: of its weakest result.
        sources: publications behind it, in order of id.
        interested: of these, the ids of those whose author has a part in what is judged.
    """

    line: Line
    grade: Grade
    sources: tuple[Source, ...]
    interested: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """What the evidence held says of a claim.

    Attributes:
        claim: its id.
        verdict: one of `iapt_ledger.ledger.deciding.ORDER`; `printed` is what the report prints.
        reason: one sentence, numbers as shortcodes.
        rule: place of the claim's own rule that held, from 1; None where it has no rules.
        when: that rule, empty for the last.
        grade: of the weakest evidence that decided; None where the claim cannot be tested.
        lines: of evidence, as declared.
        components: verdicts on the claims that it needs, in their order.
        lacking: data that would settle it, where declared.
        robustness: None where nothing can be read otherwise.
    """

    claim: str
    verdict: str
    reason: str
    rule: int | None
    when: str
    grade: Grade | None
    lines: tuple[Graded, ...]
    components: tuple[Verdict, ...]
    lacking: Lacking | None
    robustness: Robustness | None

    @property
    def printed(self) -> str:
        """The verdict as the report prints it."""
        return printed(self.verdict)


def judge(
    ledger: Ledger,
    results: Mapping[str, Result],
    *,
    registry: Mapping[str, Source],
    standing: Standing,
) -> dict[str, Verdict]:
    """The verdict on every claim, in the order of the ledger.

    Args:
        ledger: from `read_ledger`.
        results: every result by id, those quoted among them.
        registry: sources by id or alias.
        standing: observation id to its status and whether it is second hand, see `standing_of`.

    Raises:
        Faults: evidence that does not exist or is circular; a rule that asks for an interval that is not there.
    """
    wrong = list(evidence_faults(ledger, results, registry, standing))
    if wrong:
        raise Faults("The evidence for the claims is not fit", wrong, fix="edit data/claims.yaml")

    @cache
    def known(result: str) -> Behind:
        return behind(results[result], registry, ledger.interests, standing)

    found: dict[str, Verdict] = {}
    for name in in_order(ledger):
        claim = ledger.claims[name]
        if any(one not in found for one in claim.needs):
            continue  # why is told of the component
        try:
            found[name] = verdict_on(claim, results, found, known)
        except LedgerError as error:
            wrong.append(fault(claim, f"It cannot be judged: {str(error).rstrip('.')}"))
    if wrong:
        raise Faults("Claims cannot be judged", wrong, fix="edit data/claims.yaml")
    return {name: found[name] for name in ledger.claims}


def in_order(ledger: Ledger) -> tuple[str, ...]:
    """The claims, each after those that it needs; the needs run in no circle."""
    done: dict[str, None] = {}

    def settle(name: str) -> None:
        for one in ledger.claims[name].needs:
            if one not in done:
                settle(one)
        done.setdefault(name)

    for name in ledger.claims:
        settle(name)
    return tuple(done)


def verdict_on(
    claim: Claim, results: Mapping[str, Result], found: Mapping[str, Verdict], known: Known
) -> Verdict:
    """The verdict on one claim, when those it needs are judged.

    Args:
        claim: the claim.
        results: by id.
        found: verdicts by claim, those that it needs among them.
        known: result id to what stands behind it.

    Raises:
        LedgerError: a rule, or a reading of it, cannot be worked out.
    """
    place = holding(claim.rules, results) if claim.rules else None
    imprecise = () if place is None else tuple(moving(claim, place, results))
    needed = [found[one] for one in claim.needs]
    words = [one.verdict for one in needed]
    if place is not None:
        words.append(claim.rules[place].verdict)
    verdict = weakest(words) if words else UNTESTABLE
    own = None if place is None else _grade(claim, place, results, imprecise, known)
    held = place is not None and claim.rules[place].verdict == verdict
    return Verdict(
        claim=claim.id,
        verdict=verdict,
        reason=_reason(claim, place if held else None, verdict, needed),
        rule=None if place is None else place + 1,
        when="" if place is None else claim.rules[place].when,
        grade=None if verdict == UNTESTABLE else _lowest([own, *(one.grade for one in needed)]),
        lines=tuple(_graded(line, imprecise, known) for line in claim.evidence),
        components=tuple(needed),
        lacking=claim.lacking,
        robustness=robustness(claim, results, {one.claim: _spread(one) for one in needed}),
    )


def moving(claim: Claim, place: int, results: Mapping[str, Result]) -> Iterator[str]:
    """The deciding results that are imprecise: known to lie at its low or its high end, one gives another verdict.

    The end takes the place of the whole interval, so that rules which ask for ends are weighed like those which do not.

    Args:
        claim: with rules.
        place: of the rule that holds, from 0.
        results: by id.
    """
    verdict = claim.rules[place].verdict
    for one in _deciding(claim, place):
        ends = (results[one].low, results[one].high)
        for end in (end for end in ends if end is not None):
            moved = {**results, one: replace(results[one], value=end, low=end, high=end)}
            if claim.rules[holding(claim.rules, moved)].verdict != verdict:
                yield one
                break


def _deciding(claim: Claim, place: int) -> tuple[str, ...]:
    """The results that the rules asked, down to the one that held; figures under test are no evidence."""
    asked = {one for rule in claim.rules[: place + 1] for one in rule.ids}
    return tuple(sorted(one for one in asked if not one.startswith(QUOTED)))


def _grade(
    claim: Claim,
    place: int,
    results: Mapping[str, Result],
    imprecise: Collection[str],
    known: Known,
) -> Grade:
    """Of the weakest deciding evidence; with `any_of`, of the strongest alternative that holds by itself."""

    def weakest_of(names: Collection[str]) -> Grade:
        return grades.weakest(
            [_grade_of(one, claim.line_of[one], imprecise, known) for one in names]
        )

    when = claim.rules[place].when
    if not (claim.any_of and when):
        return weakest_of(_deciding(claim, place))
    enough = [part for part in rules.alternatives(when) if rules.holds(part, results)]
    named = ([one for one in rules.ids(part) if not one.startswith(QUOTED)] for part in enough)
    return grades.strongest([weakest_of(names) for names in named])


def _grade_of(result: str, line: Line, imprecise: Collection[str], known: Known) -> Grade:
    weaknesses = [one for one in known(result).weaknesses if _counts(one, line)]
    if line.indirect:
        weaknesses.append(Weakness("indirect", line.indirect.rstrip(".")))
    if line.one_study:
        weaknesses.append(Weakness("one study only", line.one_study.rstrip(".")))
    if line.imprecise:
        weaknesses.append(Weakness("imprecise", line.imprecise.rstrip(".")))
    if result in imprecise:
        weaknesses.append(Weakness("imprecise", "within its interval the verdict would be another"))
    return grades.grade(line.design, weaknesses, result)


def _counts(weakness: Weakness, line: Line) -> bool:
    """What a document contains it contains, whoever wrote it; an interest bears on what is said of anything else."""
    return not (weakness.name == INTERESTED and line.design == DOCUMENT)


def _graded(line: Line, imprecise: Collection[str], known: Known) -> Graded:
    grade = grades.weakest([_grade_of(one, line, imprecise, known) for one in line.ids])
    every = [known(one) for one in line.ids]
    sources = {source.id: source for one in every for source in one.sources}
    return Graded(
        line,
        grade,
        tuple(sources[name] for name in sorted(sources)),
        tuple(sorted({name for one in every for name in one.interested})),
    )


def _spread(verdict: Verdict) -> tuple[str, ...]:
    """The verdicts that a component may have under its own readings, the main one first."""
    others = verdict.robustness.verdicts if verdict.robustness else {}
    return tuple(dict.fromkeys([verdict.verdict, *others]))


def _lowest(every: Sequence[Grade | None]) -> Grade:
    return grades.weakest([grade for grade in every if grade is not None])


def _reason(claim: Claim, place: int | None, verdict: str, needed: Sequence[Verdict]) -> str:
    """The sentence of the rule that held, what the weakest component says, or what is missing."""
    if place is not None:
        return claim.rules[place].reason
    weak = [one for one in needed if one.verdict == verdict]
    if not weak:
        return (
            f"What would decide it is missing: {inside(claim.lacking.what)}"
            if claim.lacking
            else ""
        )
    *first, last = [one.claim for one in weak]
    names = f"{', '.join(first)} and {last}" if first else last
    verb = "are" if len(weak) > 1 else "is"
    says = printed(verdict) if verdict == UNTESTABLE else f"{verb} {printed(verdict)}"
    return f"It needs {names}, which {says}."
