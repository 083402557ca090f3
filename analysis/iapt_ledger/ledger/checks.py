"""What must be true of the claims before any result is known, beyond their schema; every fault as a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from iapt_ledger.build.prose import allowed_names, typed_digits
from iapt_ledger.errors import LedgerError, closest
from iapt_ledger.ledger import rules
from iapt_ledger.ledger.held import variants
from iapt_ledger.ledger.model import DECIDES, QUOTED, Claim, Ledger, Rule

SHORTCODE = re.compile(r"\{\{<\s*n\s+(?P<id>[\w.]+)(?:\s+range)?\s*>\}\}")
SYNTHESIS = "synthesis"


def faults(ledger: Ledger) -> Iterator[LedgerError]:
    """Everything that is wrong with the claims as they are written."""
    for claim in ledger.claims.values():
        yield from _names(claim, ledger)
        yield from _decided(claim, ledger)
        for one in variants(claim):
            yield from _decided(one, ledger)
            yield from _asks_more(one, claim)
    yield from _studies(ledger)
    yield from _circles(ledger)


def _decided(claim: Claim, ledger: Ledger) -> Iterator[LedgerError]:
    """Rules, evidence and readings of a claim, or of what may stand in their place."""
    yield from _rules(claim)
    yield from _evidence(claim, ledger)
    yield from _readings(claim)
    yield from _words(claim)
    yield from _testable(claim)


def _asks_more(variant: Claim, claim: Claim) -> Iterator[LedgerError]:
    """What stands in the place of a claim's rules asks a result that not every edition has."""
    asked = set(_asked(variant.rules))
    if asked <= {*_asked(claim.rules), *claim.line_of}:
        yield fault(
            claim,
            "What stands in the place of its rules asks nothing of its own",
            found=sorted(asked),
            expected="a result that only some editions give",
        )


def fault(claim: Claim | str, what: str, **parts: object) -> LedgerError:
    """A fault of one claim."""
    name = claim if isinstance(claim, str) else claim.id
    return LedgerError(what, where=f"data/claims.yaml, {name}", **parts)  # type: ignore[arg-type]


def named(text: str) -> tuple[str, ...]:
    """The result ids whose numbers a sentence prints."""
    return tuple(match["id"] for match in SHORTCODE.finditer(text))


def _rules(claim: Claim) -> Iterator[LedgerError]:
    """Each rule can be read and asks evidence; the last holds otherwise, no other does; the verdict is open."""
    for rule in claim.rules:
        yield from _expression(claim, rule)
    if claim.rules and (claim.rules[-1].when or not all(rule.when for rule in claim.rules[:-1])):
        yield fault(claim, "The last rule, and only that, holds `otherwise: true`")
    if len({rule.verdict for rule in claim.rules}) == 1:
        yield fault(
            claim,
            "Its rules can give one verdict alone",
            found=claim.rules[0].verdict,
            expected="a test that can come out in two ways",
        )


def _expression(claim: Claim, rule: Rule) -> Iterator[LedgerError]:
    """The expression can be read, and whatever would make it true by itself asks evidence."""
    try:
        parts = rules.alternatives(rule.when) if rule.when else ()
    except LedgerError as error:
        yield fault(claim, f"A rule cannot be read: {str(error).rstrip('.')}")
        return
    for part in parts:
        if all(one.startswith(QUOTED) for one in rules.ids(part)):
            yield fault(
                claim, "A rule asks no evidence", found=part, expected="a result of a chapter"
            )


def _evidence(claim: Claim, ledger: Ledger) -> Iterator[LedgerError]:
    every = [one for line in claim.evidence for one in line.ids]
    for one in sorted({one for one in every if every.count(one) > 1}):
        yield fault(claim, "A result stands in two lines of evidence", found=one)
    for line in claim.evidence:
        for one in line.ids:
            yield from _study(claim, one, line.design, ledger)
    yield from _rules_against_evidence(claim)


def _study(claim: Claim, result: str, design: str, ledger: Ledger) -> Iterator[LedgerError]:
    chapter, _, slug = result.partition(".")
    study = ledger.studies.get(slug) if chapter == "literature" else None
    if study is not None and study.design != design:
        yield fault(
            claim,
            f"The design of {result} is not that of the study",
            expected=study.design,
            found=design,
        )


def _rules_against_evidence(claim: Claim) -> Iterator[LedgerError]:
    """What the rules name stands in the evidence as deciding, and what decides stands in a rule."""
    deciding = {one for line in claim.evidence if line.role == DECIDES for one in line.ids}
    asked = {one for one in _asked(claim.rules) if not one.startswith(QUOTED)}
    for one in sorted(asked - deciding):
        yield fault(
            claim,
            "A rule names a result that is not among the evidence that decides",
            found=one,
            nearest=closest(one, deciding),
        )
    for one in sorted(deciding - asked):
        yield fault(
            claim,
            "Evidence is said to decide and stands in no rule",
            found=one,
            fix="name it in a rule, or give it the role context",
        )
    if claim.headline and claim.headline not in asked:
        yield fault(
            claim, "The headline stands in no rule", found=claim.headline, choices=sorted(asked)
        )


def _asked(ordered: Iterable[Rule]) -> Iterator[str]:
    for rule in ordered:
        try:
            yield from rule.ids
        except LedgerError:  # told by _rules
            continue


def _readings(claim: Claim) -> Iterator[LedgerError]:
    """Each option takes other results for those of the rules; the first of each dimension is the rule as written."""
    asked = set(_asked(claim.rules))
    reachable = asked | {
        new
        for options in claim.readings.values()
        for option in options.values()
        for new in option.values()
    }
    for name, options in claim.readings.items():
        where = f"dimension '{name}'"
        if len(options) < 2 or next(iter(options.values()), None) != {}:
            yield fault(
                claim, f"A reading has two options or more, the first as written, {{}}: {where}"
            )
        for old, new in ((o, n) for option in options.values() for o, n in option.items()):
            if old not in reachable:
                yield fault(
                    claim,
                    f"A reading replaces what no rule names: {where}",
                    found=old,
                    nearest=closest(old, asked),
                )
            if new.startswith(QUOTED) and not old.startswith(QUOTED):
                yield fault(
                    claim, f"A reading takes a quoted figure for evidence: {where}", found=new
                )
            elif not new.startswith(QUOTED) and new not in claim.line_of:
                near = closest(new, claim.line_of)
                yield fault(
                    claim,
                    f"A reading takes what no evidence holds: {where}",
                    found=new,
                    nearest=near,
                )


def _words(claim: Claim) -> Iterator[LedgerError]:
    names = allowed_names()
    for rule in claim.rules:
        for _, word in typed_digits(rule.reason, names):
            yield fault(claim, "A figure is typed in a reason", found=word, fix="{{< n id >}}")


def _testable(claim: Claim) -> Iterator[LedgerError]:
    """A claim is decided by rules or by what it needs, or lacks data that it names."""
    if not claim.rules and not claim.needs and claim.lacking is None:
        yield fault(claim, "A claim without rules names the data it lacks (`lacking`)")
    if not claim.readings and not claim.needs and claim.lacking is None:
        yield fault(
            claim,
            "Neither says how else it could be read (`readings`), nor what would settle it (`lacking`)",
        )
    if (claim.kind == SYNTHESIS) != bool(claim.needs):
        yield fault(
            claim, "A synthesis, and nothing else, names what it needs (`needs`)", found=claim.kind
        )


def _names(claim: Claim, ledger: Ledger) -> Iterator[LedgerError]:
    """The claims that it needs and the standards that it names stand in the file."""
    for one in claim.standards:
        if one not in ledger.standards:
            near = closest(one, ledger.standards)
            yield fault(claim, "No such standard", found=one, nearest=near)
    for one in claim.needs:
        if one not in ledger.claims:
            yield fault(
                claim,
                "It needs a claim that does not exist",
                found=one,
                nearest=closest(one, ledger.claims),
            )


def _studies(ledger: Ledger) -> Iterator[LedgerError]:
    for study in ledger.studies.values():
        for one in study.findings:
            if one not in ledger.claims:
                near = closest(one, ledger.claims)
                yield fault(
                    study.slug, "A study is coded for no claim of these", found=one, nearest=near
                )


def _circles(ledger: Ledger) -> Iterator[LedgerError]:
    """Claims that need themselves, through whatever others."""
    told: set[str] = set()
    for name in ledger.claims:
        if (circle := _circle(name, ledger, (name,))) and not told & set(circle):
            told.update(circle)
            yield fault(name, "A claim cannot rest on itself", found=" needs ".join(circle))


def _circle(name: str, ledger: Ledger, path: Sequence[str]) -> tuple[str, ...]:
    for one in ledger.claims[name].needs:
        if one == path[0]:
            return (*path, one)
        if one in path or one not in ledger.claims:
            continue
        if found := _circle(one, ledger, (*path, one)):
            return found
    return ()
