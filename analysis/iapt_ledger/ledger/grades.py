"""How strong evidence is: a grade by its design, one level down for each stated weakness, never below very low.

The rules are those of GRADE in spirit, and are the same for evidence that either document would welcome.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

VERY_LOW: Final = "very low"
LOW: Final = "low"
MODERATE: Final = "moderate"
HIGH: Final = "high"
GRADES: Final = (VERY_LOW, LOW, MODERATE, HIGH)
"""The weakest first."""

DOCUMENT: Final = "document"  # a publication as evidence of what it contains

STARTS: Final[Mapping[str, str]] = {
    "complete count": HIGH,
    "randomised": HIGH,
    "published estimate": MODERATE,
    "controlled": MODERATE,
    DOCUMENT: MODERATE,
    "panel": LOW,
    "before-after": LOW,
    "uncontrolled": LOW,
    "correlation": LOW,
    "opinion": VERY_LOW,
}
"""Design to the grade that evidence of it starts at."""


@dataclass(frozen=True)
class Weakness:
    """A reason to go one level down, in words, and what shows it (sources, observations or a sentence)."""

    name: str
    why: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.why})" if self.why else self.name


@dataclass(frozen=True)
class Grade:
    """The grade of a result as evidence.

    Attributes:
        word: one of GRADES.
        design: what it started from.
        weaknesses: each costs one level, as far as there is one to lose.
        result: the result id that the grade is of.
    """

    word: str
    design: str
    weaknesses: tuple[Weakness, ...] = ()
    result: str = ""

    @property
    def steps(self) -> tuple[str, ...]:
        """How the grade came about, a sentence a step."""
        first = f"Starts at {STARTS[self.design]}: {self.design}."
        downs = (f"One level down: {weakness}." for weakness in self.weaknesses)
        floor = len(self.weaknesses) > GRADES.index(STARTS[self.design])
        return (first, *downs, *(("No grade is below very low.",) if floor else ()))


def grade(design: str, weaknesses: Iterable[Weakness] = (), result: str = "") -> Grade:
    """The grade of evidence of a design with these weaknesses; each kind counts once.

    Args:
        design: one of STARTS.
        weaknesses: reasons to go down a level; of two with one name the first is kept.
        result: the result id that is graded.
    """
    kept = tuple({weakness.name: weakness for weakness in reversed(list(weaknesses))}.values())
    kept = tuple(reversed(kept))
    level = max(0, GRADES.index(STARTS[design]) - len(kept))
    return Grade(GRADES[level], design, kept, result)


def weakest(grades: Sequence[Grade]) -> Grade:
    """The grade of what needs all of these: the lowest; of equals the one with more against it, then the first."""
    return min(grades, key=lambda one: (GRADES.index(one.word), -len(one.weaknesses)))


def strongest(grades: Sequence[Grade]) -> Grade:
    """The highest of grades each of which is enough by itself; of equals the first."""
    return max(grades, key=lambda one: GRADES.index(one.word))
