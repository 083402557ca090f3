"""python -m iapt_ledger.dictionary [--tidy data/tidy] [--out data/derived/validation.json]"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from iapt_ledger import paths
from iapt_ledger.dictionary.validate import read_tidy, validate, write_report
from iapt_ledger.errors import LedgerError
from iapt_ledger.registry import read_sources

REPORT = paths.DATA / "derived" / "validation.json"


def main(arguments: list[str] | None = None) -> int:
    """Validate the tidy tables and try the guards of the corrections; 1 when anything is at fault."""
    parser = argparse.ArgumentParser(
        prog="python -m iapt_ledger.dictionary",
        description="Check the tidy tables against the data dictionary.",
    )
    parser.add_argument("--tidy", type=Path, default=paths.TIDY, help="folder of the tidy tables")
    parser.add_argument("--out", type=Path, default=REPORT, help="where to write the report")
    options = parser.parse_args(arguments)
    try:
        frames = read_tidy(options.tidy)
        faults = validate(frames, sources=read_sources().canonical)
        write_report(options.out, frames, faults)
        for fault in faults:
            print(fault, file=sys.stderr)
    except LedgerError as error:
        print(error, file=sys.stderr)
        return 1
    rows = sum(len(frame) for frame in frames.values())
    print(f"Validated {len(frames)} tables, {rows:,} rows: {len(faults)} faults.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
