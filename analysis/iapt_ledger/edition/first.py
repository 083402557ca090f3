"""Compile the first edition from the folder of compiled figures.

    python -m iapt_ledger.edition.first FIGURES_DIR [OUT]

The rows keep their order and their text. Core columns that the figures leave out are filled by the rules of
`iapt_ledger.edition.fill`. Running it again gives the same bytes.
"""

from __future__ import annotations

import sys
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


def compile_edition(figures: Path, out: Path) -> Path:
    """Write the edition into `out` and return it.

    Raises:
        Faults: figures are missing, or have columns that no table declares.
    """
    sources = [t for t in TABLES.values() if t.name != "category_spellings"]
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
    for table in TABLES.values():
        write_stored(frames[table.name], out, table)
    write_manifest(out)
    return out


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
    try:
        out = compile_edition(
            Path(arguments[0]), Path(arguments[1]) if len(arguments) == 2 else EDITIONS / NAME
        )
    except LedgerError as error:
        print(error, file=sys.stderr)
        return 1
    size = sum(f.stat().st_size for f in out.rglob("*") if f.is_file())
    print(f"edition {NAME}: {len(TABLES)} tables, {size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
