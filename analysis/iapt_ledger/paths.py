"""Where things are, from the place of this package: nothing else in the project builds a path from its own location."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
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
# The tables that the build knows such a notebook to read, parted by blanks; all where it is not set.
TABLES_VARIABLE = "IAPT_LEDGER_TABLES"
# The edition of one build, where `--config edition=...` names another than the setting.
EDITION_VARIABLE = "IAPT_LEDGER_EDITION"
# What a chapter says in words that depend on results, beside its results.json.
TEXTS_FILE = "texts.json"
# In a chapter's folder: a hash of all that it was made from.
MADE_FROM_FILE = "made_from.txt"


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def edition_name() -> str:
    """Name of the edition that this build uses: the one it was asked for, the setting's, or the newest by name.

    Raises:
        LedgerError: there is no such edition.
    """
    from iapt_ledger.settings import load_settings

    return edition_among(EDITIONS, os.environ.get(EDITION_VARIABLE) or load_settings().edition)


def edition_among(editions: Path, wanted: str) -> str:
    """The edition wanted, or the newest for "latest"; folders that no date names are passed over."""
    from iapt_ledger.errors import LedgerError

    held = sorted(p.name for p in editions.glob("*") if p.is_dir() and _DATE.fullmatch(p.name))
    if wanted == "latest" and held:
        return held[-1]
    if wanted not in held:
        raise LedgerError(
            "No such edition",
            where="data/editions",
            found=wanted,
            choices=["latest", *held] if held else (),
            fix="set `edition` in analysis/config.yaml"
            if held
            else "git checkout -- data/editions",
        )
    return wanted


def edition_files(name: str) -> list[str]:
    """Every pinned file of an edition and its manifest, relative to the project's root."""
    from iapt_ledger.edition.manifest import ACCEPTED

    files = (
        file for file in (EDITIONS / name).rglob("*") if file.is_file() and file.name != ACCEPTED
    )
    return sorted(str(file.relative_to(ROOT)) for file in files)


def settle_edition(wanted: object = None) -> str:
    """Settle which edition this build uses, for every step of it, and that its date is the one time they know of.

    Args:
        wanted: the edition that the command line names, if any.

    Raises:
        LedgerError: there is no such edition.
    """
    if wanted is not None:
        os.environ[EDITION_VARIABLE] = str(wanted)
    name = edition_name()
    day = datetime.fromisoformat(name).replace(tzinfo=UTC)
    os.environ["SOURCE_DATE_EPOCH"] = str(int(day.timestamp()))
    return name
