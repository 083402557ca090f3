"""Lay the downloads beside the page: python -m iapt_ledger.build.offered TARGET RESULTS CHAPTER_DIR..."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from iapt_ledger import paths
from iapt_ledger.build.offered.laid_out import lay_out
from iapt_ledger.errors import LedgerError


def main(arguments: list[str] | None = None) -> int:
    """Write all that is offered into one folder, made anew."""
    parser = argparse.ArgumentParser(
        prog="python -m iapt_ledger.build.offered", description="Lay the downloads beside the page."
    )
    parser.add_argument("target", type=Path)
    parser.add_argument("results", type=Path)
    parser.add_argument("chapters", nargs="+", type=Path)
    parser.add_argument("--tidy", type=Path, default=paths.TIDY, help="folder of the tidy tables")
    chosen = parser.parse_args(arguments)
    try:
        laid = lay_out(chosen.target, chosen.results, chosen.chapters, chosen.tidy)
    except LedgerError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{len(laid)} files, {sum(one.size for one in laid):,} bytes, in {chosen.target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
