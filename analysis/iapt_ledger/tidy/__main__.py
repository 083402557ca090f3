"""python -m iapt_ledger.tidy [--edition latest] [--out data/tidy]"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from iapt_ledger.edition.store import find_edition
from iapt_ledger.errors import LedgerError
from iapt_ledger.paths import TIDY
from iapt_ledger.registry import read_sources
from iapt_ledger.tidy.build import tidy_edition, write_tidy


def main(arguments: list[str] | None = None) -> int:
    """Write the tidy tables of an edition; the exit status is 0 when all are written."""
    parser = argparse.ArgumentParser(
        prog="python -m iapt_ledger.tidy", description="Make the tidy tables of an edition."
    )
    parser.add_argument("--edition", default="latest", help="latest, or a date written YYYY-MM-DD")
    parser.add_argument("--out", type=Path, default=TIDY, help="folder of the tidy tables")
    options = parser.parse_args(arguments)
    try:
        edition = find_edition(options.edition)
        tables = rows = 0
        for name, frame in tidy_edition(edition, read_sources(edition=edition)):
            write_tidy(frame, options.out / f"{name}.parquet")
            print(f"{name}: {len(frame):,} rows")
            tables, rows = tables + 1, rows + len(frame)
    except LedgerError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Tidied edition {edition.name}: {tables} tables, {rows:,} rows.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
