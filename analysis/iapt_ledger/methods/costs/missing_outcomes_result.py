"""What missing-outcome bounds found: a share under every assumption, and its difference from others'."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from iapt_ledger.methods.base import Estimate, printed


@dataclass(frozen=True)
class Scenario:
    """One assumption about those missing: the events it gives, out of how many, and the share.

    Attributes:
        name: the assumption; events, n: counts, the missing filled in; share: with its Wilson interval.
    """

    name: str
    events: float
    n: float
    share: Estimate


@dataclass(frozen=True)
class Gap:
    """First share less second, with nothing assumed about the missing of either.

    Attributes:
        name: whose difference.
        low, high: the first at its worst and the second at its best, and the other way round.
        at_random: the difference of those observed, Newcombe's interval.
        interval: low and high widened by sampling error (see `identified_interval`).
        sign: "above", "below" or "not known": where the whole interval lies against nought.
    """

    name: str
    low: float
    high: float
    at_random: Estimate
    interval: tuple[float, float]

    @property
    def sign(self) -> str:
        """On which side of nought the whole interval lies, if on one."""
        if self.interval[0] > 0:
            return "above"
        return "below" if self.interval[1] < 0 else "not known"


@dataclass(frozen=True)
class MissingOutcomes:
    """A share under every assumption about those whose outcome is not known.

    Attributes:
        name: whose share; events, observed, total: counts.
        worst, at_random, best: none of the missing, as many as among the observed, all of them.
        benchmark: one scenario for each benchmark rate given.
        interval: Imbens and Manski's interval for the share, over the whole range of assumptions.
        gaps: by comparator; comparators: their own results.
        level: of all intervals.
    """

    name: str
    events: float
    observed: float
    total: float
    worst: Scenario
    at_random: Scenario
    best: Scenario
    benchmark: tuple[Scenario, ...]
    interval: tuple[float, float]
    gaps: Mapping[str, Gap]
    comparators: Mapping[str, MissingOutcomes]
    level: float

    @property
    def value(self) -> float:
        """The share of those observed: right only if the missing are like them."""
        return self.at_random.share.value

    @property
    def low(self) -> float:
        """Lower end of the interval for the share."""
        return self.interval[0]

    @property
    def high(self) -> float:
        """Upper end of the interval for the share."""
        return self.interval[1]

    @property
    def p_value(self) -> None:
        """None: nothing is tested."""
        return None

    @property
    def missing(self) -> float:
        """Share whose outcome is not known: the width of the range that no assumption narrows."""
        return 1 - self.observed / self.total

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """All assumptions, from the worst to the best."""
        every = (self.worst, *self.benchmark, self.at_random, self.best)
        return tuple(sorted(every, key=lambda s: s.share.value))

    def needed(self, share: float) -> float:
        """The rate that the missing would need for the whole to reach a share; NaN if none would do."""
        if self.total == self.observed:
            return float("nan")
        rate = (share * self.total - self.events) / (self.total - self.observed)
        return rate if 0 <= rate <= 1 else float("nan")

    def summary(self) -> str:
        """The range, its interval, each assumption, and what is known of each difference."""
        lines = [
            f"{self.name}: {self.missing:.1%} of outcomes not known; between "
            f"{self.worst.share.value:.1%} and {self.best.share.value:.1%} "
            f"({self.level:.0%} interval {self.low:.1%} to {self.high:.1%})"
        ]
        lines += [f"  {s.name}: {s.share.value:.1%}" for s in self.scenarios]
        for gap in self.gaps.values():
            ends = f"{printed(100 * gap.low)} to {printed(100 * gap.high)} points"
            lines.append(f"  {gap.name}: {ends}; the sign is {gap.sign}")
        return "\n".join(lines)
