"""Errors a reader can act on: what, where, expected, found, choices, and what mends it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


class LedgerError(Exception):
    """One fault, told in one sentence.

    Args:
        what: the fault in plain words, without a full stop.
        where: file, table, row or setting at fault.
        expected: what should have been there.
        found: what was there instead.
        choices: the valid values, where they can be listed.
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
        fix: str = "",
    ) -> None:
        self.what = what
        self.where = where
        self.expected = expected
        self.found = found
        self.choices = tuple(choices)
        self.fix = fix
        super().__init__(self.sentence())

    def sentence(self) -> str:
        """The fault as one sentence, with only the parts that are known."""
        parts = [f"{self.what} in {self.where}" if self.where else self.what]
        if self.expected is not None:
            parts.append(f"expected {self.expected}")
        if self.found is not None:
            parts.append(f"found {self.found}")
        if self.choices:
            parts.append("valid choices are " + ", ".join(str(c) for c in self.choices))
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
