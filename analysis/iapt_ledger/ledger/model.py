"""The records of the ledger: claims, the rules that decide them, and what they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from iapt_ledger import paths
from iapt_ledger.ledger import rules

CLAIMS = paths.DATA / "claims.yaml"
SCHEMA = paths.ANALYSIS / "claims.schema.json"
QUOTED = "claims."  # ids of figures that a document under test states: thresholds, never evidence
DECIDES = "decides"


@dataclass(frozen=True)
class Rule:
    """A verdict and when it holds; `when` is empty for the last rule, which holds otherwise."""

    verdict: str
    reason: str
    when: str = ""

    @property
    def ids(self) -> tuple[str, ...]:
        """The result ids that the rule names."""
        return rules.ids(self.when) if self.when else ()


@dataclass(frozen=True)
class Line:
    """A line of evidence: results that share a design and a role.

    Attributes:
        ids: result ids.
        design: one of `iapt_ledger.ledger.grades.STARTS`.
        role: "decides", or "context" for what is shown beside or takes its place in a reading.
        indirect: why the evidence is of another place, time or outcome; empty where it is direct.
        one_study: why a single study is weak ground for what the claim says; empty where it is not.
        imprecise: which end of an estimate's interval would give another verdict, where a rule asks its p-value, which
            has no interval; what rules ask of intervals themselves is found without it.
    """

    ids: tuple[str, ...]
    design: str
    role: str
    indirect: str = ""
    one_study: str = ""
    imprecise: str = ""


@dataclass(frozen=True)
class Lacking:
    """Data that would settle a claim: what they are, who holds them, and the command or request that fetches them."""

    what: str
    held_by: str
    fetch: str


@dataclass(frozen=True)
class Change:
    """A change of a rule after it was first stamped: when, the stamp of the earlier rule, and why."""

    date: str
    stamp: str
    why: str


@dataclass(frozen=True)
class Instead:
    """What decides a claim in the place of its own rules, in an edition that holds all that these rules ask.

    Fields as those of the claim; standards, objections and what would change it are its own where none are given.
    """

    headline: str
    rules: tuple[Rule, ...]
    evidence: tuple[Line, ...]
    readings: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    lacking: Lacking | None = None
    standards: tuple[str, ...] = ()
    objections: tuple[str, ...] = ()
    would_change: str = ""


@dataclass(frozen=True)
class Claim:
    """One claim of a document. data/claims.yaml says in its head what each field holds."""

    id: str
    document: str
    place: str
    title: str
    claim: str
    kind: str
    topic: str
    standards: tuple[str, ...]
    test: str
    objections: tuple[str, ...]
    would_change: str
    decided: str
    stamp: str = ""
    headline: str = ""
    rules: tuple[Rule, ...] = ()
    evidence: tuple[Line, ...] = ()
    readings: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    lacking: Lacking | None = None
    history: tuple[Change, ...] = ()
    any_of: bool = False
    short: str = ""
    once_held: tuple[Instead, ...] = ()

    @property
    def asked(self) -> tuple[str, ...]:
        """The result ids that the rules name, quoted figures among them, sorted."""
        return tuple(sorted({one for rule in self.rules for one in rule.ids}))

    @cached_property
    def line_of(self) -> dict[str, Line]:
        """Result id to the line of evidence that it stands in."""
        return {one: line for line in self.evidence for one in line.ids}


@dataclass(frozen=True)
class Study:
    """A study of the literature, and our coding of it.

    Attributes:
        slug: name in result ids, `literature.<slug>`.
        observation: the record of the edition.
        design: as for a line of evidence.
        effect: what kind of number the record holds.
        findings: claim id to finding.
        words: what the coding rests on.
    """

    slug: str
    observation: str
    design: str
    effect: str
    findings: Mapping[str, str]
    words: str


@dataclass(frozen=True)
class Standard:
    """How verdicts are decided, for both documents alike."""

    name: str
    title: str
    text: str


@dataclass(frozen=True)
class Ledger:
    """Claims by id, standards by name, studies by slug, and by source the part that its author has in the matter."""

    claims: Mapping[str, Claim]
    standards: Mapping[str, Standard]
    studies: Mapping[str, Study]
    interests: Mapping[str, str]
