"""Errors a reader can act on: what, where, expected, found, choices, and what mends it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

# A word of plain language, not the name of a file, a table or a result.
_PLAIN_WORD = re.compile(r"[a-z]+(?=[\s,;:]|$)")


class LedgerError(Exception):
    """One fault, told in one sentence.

    Args:
        what: the fault in plain words, without a full stop.
        where: file, table, row or setting at fault.
        expected: what should have been there.
        found: what was there instead.
        choices: the valid values, where they can be listed.
        nearest: the valid values that may have been meant, where all are too many to list.
        fix: the command or edit that mends it.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        expected: object = None,
        found: object = None,
        choices: Sequence[object] = (),
        nearest: Sequence[object] | None = None,
        fix: str = "",
    ) -> None:
        self.what = what
        self.where = where
        self.expected = expected
        self.found = found
        self.choices = tuple(choices)
        self.nearest = None if nearest is None else tuple(nearest)
        self.fix = fix
        super().__init__(self.sentence())

    def sentence(self) -> str:
        """The fault as one sentence, with only the parts that are known."""
        plain = _PLAIN_WORD.match(self.what)
        what = self.what[:1].upper() + self.what[1:] if plain else self.what
        parts = [f"{what} in {self.where}" if self.where else what]
        if self.expected is not None:
            parts.append(f"expected {self.expected}")
        if self.found is not None:
            parts.append(f"found {self.found}")
        if self.choices:
            parts.append("valid choices are " + ", ".join(str(c) for c in self.choices))
        if self.nearest is not None:
            near = ", ".join(str(c) for c in self.nearest)
            verb = "is" if len(self.nearest) == 1 else "are"
            parts.append(f"nearest {verb} {near}" if near else "none is close")
        if self.fix:
            parts.append(f"to mend it: {self.fix}")
        return "; ".join(parts) + "."


class Faults(LedgerError):
    """Several faults found in one pass, sorted, so that one run shows all there is to mend."""

    def __init__(self, what: str, faults: Iterable[LedgerError | str], *, fix: str = "") -> None:
        self.faults = sorted({str(f) for f in faults})
        self._count = len(self.faults)
        super().__init__(
            what, found=f"{self._count} fault{'s' if self._count != 1 else ''}", fix=fix
        )

    def sentence(self) -> str:
        """A headline, then one line for each fault."""
        return "\n".join([super().sentence(), *(f"  - {f}" for f in self.faults)])


def closest(
    word: object, known: Iterable[object], most: int = 3, likeness: float = 0.6
) -> list[str]:
    """The known names that a slip of the pen may have meant, the likest first; empty when none is near."""
    return get_close_matches(str(word), [str(name) for name in known], most, likeness)
