"""Robustness of a verdict: every combination of the other defensible readings of a claim, judged by the same rules.

What comes out counts choices that somebody thought to declare. It is no probability of anything.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from iapt_ledger.ledger.deciding import ORDER, holding, least, most, printed, weakest
from iapt_ledger.ledger.model import Claim
from iapt_ledger.methods import multiverse
from iapt_ledger.results import Result

if TYPE_CHECKING:
    from iapt_ledger.methods.synthesis.multiverses_result import Multiverse

Reading = Mapping[str, str]
Spread = Mapping[str, tuple[str, ...]]
"""Component to the verdicts that it may have, the one of its main reading first."""
NO_PROBABILITY = "These are shares of the readings declared, and no probabilities."


@dataclass(frozen=True)
class Option:
    """One way to read a dimension: the verdict with all else as written, and the range over all else."""

    label: str
    verdict: str
    least: str
    most: str


@dataclass(frozen=True)
class Dimension:
    """One judgement call, or a component of a synthesis.

    Attributes:
        name: as declared; of a component, its id.
        options: the first is the rule as written.
        least, most: the verdicts least and most favourable to the claim when this alone is read otherwise.
        share: of the spread of verdicts (as ranks) over all combinations that lies between the options, 0 to 1.
    """

    name: str
    options: tuple[Option, ...]
    least: str
    most: str
    share: float


@dataclass(frozen=True)
class Robustness:
    """What the verdict would have been under other readings.

    Attributes:
        verdict: of the rule as written.
        tried: combinations declared; excluded: of them, those for which no result is held.
        distinct: readings, each counted once however many combinations come to it.
        verdicts: how many distinct readings gave each verdict, the least favourable first.
        dimensions: in the order declared.
        moves_most: the dimension that moves the verdict most; empty where none does.
        multiverse: all readings, for tables and charts.
    """

    verdict: str
    tried: int
    excluded: int
    distinct: int
    verdicts: Mapping[str, int]
    dimensions: tuple[Dimension, ...]
    moves_most: str
    multiverse: Multiverse = field(compare=False, repr=False)

    @property
    def least(self) -> str:
        """The verdict least favourable to the claim, over all readings."""
        return least(self.verdicts)

    @property
    def most(self) -> str:
        """The verdict most favourable to the claim, over all readings."""
        return most(self.verdicts)

    @property
    def firm(self) -> bool:
        """Whether every reading gives the verdict."""
        return set(self.verdicts) == {self.verdict}

    @property
    def sentence(self) -> str:
        """The spread in words."""
        counts = [f"{printed(word)} in {n:,}" for word, n in reversed(list(self.verdicts.items()))]
        of = f"Of {self.distinct:,} readings: {', '.join(counts)}."
        moved = f" What moves it most: {self.moves_most}." if self.moves_most else ""
        return f"{of}{moved} {NO_PROBABILITY}"


def robustness(
    claim: Claim, results: Mapping[str, Result], components: Spread
) -> Robustness | None:
    """Judge a claim under every combination of its readings and of those of its components.

    Args:
        claim: with rules, components or both.
        results: by id.
        components: verdicts that each claim it needs may have under its own readings.

    Returns:
        None where nothing can be read otherwise.

    Raises:
        LedgerError: a reading cannot be worked out; it is named.
    """
    case = _Case(claim, results, components)
    if not any(len(options) > 1 for options in case.dimensions.values()):
        return None
    found = multiverse(
        case.judged,
        case.dimensions,
        verdict=lambda one: ORDER[round(one.value)],
        order=ORDER,
        constraint=lambda labels: case.reading(case.picked(labels)) is not None,
        key=case.amounts_to,
        name=claim.id,
    )
    return _robustness(found)


@dataclass(frozen=True)
class _Case:
    """A claim with what its readings choose between: results in place of others, and verdicts of components."""

    claim: Claim
    results: Mapping[str, Result]
    components: Spread

    @property
    def dimensions(self) -> dict[str, Mapping[str, Any]]:
        """Dimension to labels, and what each stands for."""
        words = {
            name: {printed(word): word for word in every} for name, every in self.components.items()
        }
        return {**self.claim.readings, **words}

    def picked(self, labels: Mapping[str, str]) -> dict[str, Any]:
        """Dimension to what its label stands for."""
        return {name: options[labels[name]] for name, options in self.dimensions.items()}

    def reading(self, picked: Mapping[str, Any]) -> Reading | None:
        """The results taken together; None where none is held for a combination."""
        return combined(self.claim.asked, [picked[name] for name in self.claim.readings])

    def judged(self, **picked: Any) -> float:
        """The place in ORDER of the verdict: what can be counted and compared."""
        words = [picked[name] for name in self.components]
        if self.claim.rules:
            place = holding(self.claim.rules, self.results, self.reading(picked))
            words.append(self.claim.rules[place].verdict)
        return float(ORDER.index(weakest(words)))

    def amounts_to(self, labels: Mapping[str, str]) -> Hashable:
        """What two combinations have to share to be one reading."""
        picked = self.picked(labels)
        words = tuple(picked[name] for name in self.components)
        return tuple(sorted((self.reading(picked) or {}).items())), words


def combined(asked: tuple[str, ...], options: list[Reading]) -> Reading | None:
    """Which result each id of the rules is read as, when options of several dimensions are taken together.

    Dimensions are applied in order: one that is read after another says what becomes of the result that the
    other put in the place.

    Returns:
        Ids that change, with what they become; None when two dimensions replace the same result and the later
        does not say what becomes of the earlier's, so that no result is held for the two together.
    """
    reading = {}
    for one in asked:
        name = one
        for option in options:
            if name in option:
                name = option[name]
            elif one in option:
                return None
        if name != one:
            reading[one] = name
    return reading


def _robustness(found: Multiverse) -> Robustness:
    shares = found.influence.set_index("dimension")["share"]
    along = found.along.set_index("dimension")
    dimensions = tuple(
        Dimension(
            name,
            tuple(_option(found, name, label) for label in labels),
            str(along.loc[name, "worst"]),
            str(along.loc[name, "best"]),
            float(shares[name]),
        )
        for name, labels in found.options.items()
    )
    mover = max(dimensions, key=lambda one: one.share)
    return Robustness(
        verdict=str(found.table["verdict"].iloc[0]),
        tried=found.tried,
        excluded=found.excluded,
        distinct=len(found.table),
        verdicts=found.verdicts,
        dimensions=dimensions,
        moves_most=mover.name if mover.share > 0 else "",
        multiverse=found,
    )


def _option(found: Multiverse, dimension: str, label: str) -> Option:
    every = found.members[dimension].eq(label)
    alone = every.copy()
    for name, labels in found.options.items():
        if name != dimension:
            alone &= found.members[name].eq(labels[0])
    verdicts = found.table["verdict"].iloc[found.members["row"]].reset_index(drop=True)
    here = [str(word) for word in verdicts[every]]
    return Option(label, str(verdicts[alone].iloc[0]), least(here), most(here))
