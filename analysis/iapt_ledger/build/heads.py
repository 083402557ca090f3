"""The report's chapters: title and address on the page of each, read from their prose."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from iapt_ledger import paths
from iapt_ledger.errors import LedgerError

_HEAD = re.compile(r"^# (?P<title>.+?)\s*\{#(?P<anchor>sec-[\w-]+)\}\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Head:
    """A chapter's title and the id of its heading."""

    title: str
    anchor: str


def head_of(topic: str, report: Path = paths.REPORT) -> Head:
    """The head of the chapter with this name.

    Raises:
        LedgerError: there is no such chapter, or it begins with no heading of its own.
    """
    prose = report / "chapters" / f"{topic}.qmd"
    found = _HEAD.search(prose.read_text(encoding="utf8")) if prose.is_file() else None
    if found is None:
        raise LedgerError(
            "A chapter has no heading",
            where=f"report/chapters/{topic}.qmd",
            expected="a line such as: # Services {#sec-services}",
        )
    return Head(found["title"], found["anchor"])
