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

# Where a notebook run by the build writes its results, figures and tables.
CHAPTER_DIR_VARIABLE = "IAPT_LEDGER_CHAPTER_DIR"


def edition_name() -> str:
    """Name of the edition that this build uses: the setting's, or the newest by name."""
    from iapt_ledger.settings import load_settings

    wanted = load_settings().edition
    if wanted != "latest":
        return wanted
    return max(folder.name for folder in EDITIONS.iterdir() if folder.is_dir())


def edition_files(name: str) -> list[str]:
    """Every file of an edition, relative to the project's root.

    Raises:
        LedgerError: there is no such edition.
    """
    from iapt_ledger.errors import LedgerError

    if not (EDITIONS / name).is_dir():
        held = sorted(folder.name for folder in EDITIONS.iterdir() if folder.is_dir())
        raise LedgerError(
            "No such edition",
            where="data/editions",
            found=name,
            choices=["latest", *held],
            fix="set `edition` in analysis/config.yaml",
        )
    files = (file for file in (EDITIONS / name).rglob("*") if file.is_file())
    return sorted(str(file.relative_to(ROOT)) for file in files)
