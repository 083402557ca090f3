"""Compile the first edition from the folder of compiled figures.

    python -m iapt_ledger.edition.first FIGURES_DIR [OUT]

The rows keep their order and their text. Core columns that the figures leave out are filled by the rules of
`iapt_ledger.edition.fill`. Running it again gives the same bytes.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pandas as pd

from iapt_ledger.edition.fill import (
    flow_start,
    geography_codes,
    geography_types,
    period_types,
    roundings,
)
from iapt_ledger.edition.manifest import write_manifest
from iapt_ledger.edition.spellings import harmonise
from iapt_ledger.edition.store import write_stored
from iapt_ledger.edition.tables import TABLES, Table
from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.paths import EDITIONS

NAME = "2026-11-22"
_CASH = (
    "actual_cost_gbp",
    "gross_ingredient_cost_gbp",
    "ingredient_cost_gbp",
    "net_ingredient_cost_gbp",
    "secondary_care_cost_gbp",
)


def compile_edition(figures: Path, out: Path) -> bool:
    """Make the edition in `out`; False when it is there already, the same to the byte.

    Raises:
        Faults: figures are missing or have columns that no table declares, or another edition stands in `out`.
    """
    with tempfile.TemporaryDirectory(dir=_existing(out.parent)) as folder:
        made = Path(folder) / out.name
        _compile(figures, made)
        if not out.exists():
            made.rename(out)
            return True
        new, old = _contents(made), _contents(out)
    changed = sorted(name for name in new.keys() | old.keys() if new.get(name) != old.get(name))
    if changed:
        raise Faults(
            f"edition {out.name} is there already and differs",
            changed,
            fix="an edition is never edited: remove it first",
        )
    return False


def _compile(figures: Path, out: Path) -> None:
    tables = [t for t in TABLES.values() if t.held_by(out.name)]
    sources = [t for t in tables if t.name != "category_spellings"]
    missing = [
        f"{t.name}.csv is not there" for t in sources if not (figures / f"{t.name}.csv").is_file()
    ]
    if missing:
        raise Faults(
            f"the figures folder {figures.name} is not whole",
            missing,
            fix="give the folder of the figures",
        )
    frames = {t.name: compile_table(t, read_figures(figures, t.name)) for t in sources}
    frames["category_spellings"] = spellings(frames["iapt_breakdowns"])
    for table in tables:
        write_stored(frames[table.name], out, table)
    write_manifest(out)


def _existing(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def read_figures(figures: Path, name: str) -> pd.DataFrame:
    """One table of figures as text, nothing read as missing."""
    return pd.read_csv(figures / f"{name}.csv", dtype=str, keep_default_na=False, encoding="utf-8")


def compile_table(table: Table, figures: pd.DataFrame) -> pd.DataFrame:
    """The stored form of one table: every column declared, in order, as text."""
    frame = _core(table.name, figures.copy()) if table.shape == "long" else figures
    lost = sorted(set(frame.columns) - set(table.columns))
    absent = sorted(set(table.columns) - set(frame.columns))
    if lost or absent:
        raise LedgerError(
            "columns of the figures differ from the declaration",
            where=f"{table.name}.csv",
            expected=list(table.columns),
            found=f"not declared {lost}, not there {absent}",
            fix="edit analysis/iapt_ledger/edition/tables.py",
        )
    return frame[list(table.columns)]


def spellings(breakdowns: pd.DataFrame) -> pd.DataFrame:
    """The code list of category spellings: one row for each published label of each breakdown."""
    pairs = (
        breakdowns[["breakdown", "category"]]
        .drop_duplicates()
        .sort_values(["breakdown", "category"])
    )
    pairs = pairs.rename(columns={"category": "category_as_published"})
    columns = (pairs["breakdown"], pairs["category_as_published"])
    pairs["category"] = [harmonise(b, c) for b, c in zip(*columns, strict=True)]
    same = pairs["category"].eq(pairs["category_as_published"])
    pairs["change"] = same.map({True: "none", False: "spelling"})
    return pairs.reset_index(drop=True)


def _core(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    if name == "benefits_annual":
        frame = _benefits(frame)
    if name == "iapt_breakdowns":
        frame["geography"] = "England"
        frame["second_hand"] = "no"
    for column, default in (
        ("unit_scale", "1"),
        ("qualifier", ""),
        ("low", ""),
        ("high", ""),
        ("geography_code", ""),
    ):
        if column not in frame:
            frame[column] = default
    frame["price_basis"] = _price_basis(frame)
    frame["period_type"] = period_types(frame)
    frame["geography_type"] = geography_types(frame["geography"])
    frame["geography_code"] = frame["geography_code"].where(
        frame["geography_code"].ne(""), geography_codes(frame["geography"])
    )
    frame["rounding"] = roundings(name, frame)
    return frame


def _benefits(frame: pd.DataFrame) -> pd.DataFrame:
    """Flows get the first day that their own words state; the date of a row is the end of its period."""
    flows = frame["period_type"].str.startswith("flow")
    words = frame["note"].where(frame["note"].ne(""), frame["unit"])
    words = words.mask(frame["unit"].str.contains(r"\d{4}-|to date", regex=True), frame["unit"])
    starts = [flow_start(d, w) for d, w in zip(frame.loc[flows, "date"], words[flows], strict=True)]
    frame.loc[flows, "period_start"] = starts
    return frame.rename(columns={"date": "period_end"})


def _price_basis(frame: pd.DataFrame) -> pd.Series:
    """Prices as the table says; the cost of medicines is in the money of its day."""
    given = (
        frame["price_basis"]
        if "price_basis" in frame
        else pd.Series("", index=frame.index, dtype=str)
    )
    return given.mask(given.eq("") & frame["measure"].isin(_CASH), "cash")


def main(arguments: list[str]) -> int:
    """Command line: FIGURES_DIR [OUT]."""
    if not 1 <= len(arguments) <= 2:
        print("usage: python -m iapt_ledger.edition.first FIGURES_DIR [OUT]", file=sys.stderr)
        return 2
    out = Path(arguments[1]) if len(arguments) == 2 else EDITIONS / NAME
    try:
        new = compile_edition(Path(arguments[0]), out)
    except LedgerError as error:
        print(error, file=sys.stderr)
        return 1
    size = sum(len(data) for data in _contents(out).values())
    print(
        f"edition {out.name}: {len(TABLES)} tables, {size / 1e6:.1f} MB{'' if new else ', nothing to do'}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
