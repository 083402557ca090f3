"""Names of places within the downloads, for pages that lead there."""

from __future__ import annotations

from pathlib import Path

LEDGER = Path("ledger") / "ledger.csv"
"""The ledger's rows, relative to the folder of the chapters' outputs."""
OFFERED = (".csv", ".svg")
"""Endings of the files of a chapter that are offered."""


def anchor_of(topic: str) -> str:
    """The id of the heading that a chapter's files stand under in the list of downloads."""
    return topic.replace("_", "-")


def offered_by(folder: Path) -> list[Path]:
    """The files that a chapter offers, by name; some chapters offer none and have no heading in the list."""
    return sorted(file for file in folder.iterdir() if file.suffix in OFFERED)
