"""Where things are, from the place of this package: nothing else in the project builds a path from its own location."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ANALYSIS = ROOT / "analysis"
NOTEBOOKS = ANALYSIS / "notebooks"
DATA = ROOT / "data"
EDITIONS = DATA / "editions"
TIDY = DATA / "tidy"
REPORT = ROOT / "report"
GENERATED = REPORT / "generated"
OUTPUT = REPORT / "_output"
