"""Command line: python -m iapt_ledger.areas --out report/_output/areas [--only icb-QWO ...] [--cores 2]."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from iapt_ledger.areas.build import build
from iapt_ledger.errors import LedgerError


def main(arguments: list[str] | None = None) -> int:
    """Write briefs; returns 1 after saying what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", nargs="*", default=(), metavar="NAME")
    parser.add_argument("--cores", type=int, default=1)
    chosen = parser.parse_args(arguments)
    started = time.monotonic()
    try:
        made = build(chosen.out, chosen.only, chosen.cores)
    except LedgerError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{made} briefs in {chosen.out}, {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
