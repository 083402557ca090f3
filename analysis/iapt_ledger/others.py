"""Chapters that rest on other chapters: those that judge, and sum up, what the chapters of evidence found."""

from __future__ import annotations

from collections.abc import Sequence

from iapt_ledger import paths

SUM_UP = ("ledger", "robustness", "summary", "changes")
"""In the order in which they are worked out: each reads the chapters of evidence, and those before it."""
ON_METHODS = ("methods", "method_checks")
"""Chapters about the work itself: they hold no evidence for any claim."""


def topics() -> tuple[str, ...]:
    """Every chapter that has a notebook, in the order of the notebooks' numbers."""
    found = sorted(paths.NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
    return tuple(path.stem.split("_", 1)[1] for path in found)


def read_by(topic: str, every: Sequence[str]) -> tuple[str, ...]:
    """The chapters whose results a chapter reads; a chapter of evidence reads none.

    Args:
        topic: name of the chapter.
        every: all chapters.
    """
    if topic not in SUM_UP:
        return ()
    evidence = (one for one in every if one not in (*SUM_UP, *ON_METHODS))
    before = (one for one in SUM_UP[: SUM_UP.index(topic)] if one in every)
    return (*evidence, *before)
