"""A published number beside ours: what each method is checked against."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One published number that a method must reproduce within the rounding it was printed with.

    Attributes:
        method: public name in `iapt_ledger.methods`.
        case: the example in a few words, such as "Sicilian smoking ban".
        quantity: what the number is, such as "rate ratio of the level".
        published: the number as printed; decimals: how many decimals it was printed with.
        ours: what our method gives from the same data.
        citation: key in report/references.bib; where: table, figure or page there.
        slack: allowed beyond the rounding, in units of the last printed decimal; 0 unless `why` says
            what parts the two, such as a different optimiser.
    """

    method: str
    case: str
    quantity: str
    published: float
    decimals: int
    ours: float
    citation: str
    where: str
    slack: float = 0.0
    why: str = ""

    @property
    def difference(self) -> float:
        """Ours less the published number."""
        return self.ours - self.published

    @property
    def tolerance(self) -> float:
        """Half of the last printed decimal, and the slack that `why` explains."""
        return (0.5 + self.slack) * 10.0**-self.decimals

    @property
    def agrees(self) -> bool:
        """Whether ours rounds to the published number."""
        return abs(self.difference) <= self.tolerance * (1 + 1e-9)


@dataclass(frozen=True)
class Case:
    """One published example: `work` runs the method on its data and returns the checks."""

    name: str
    method: str
    work: Callable[[], Sequence[Check]]
