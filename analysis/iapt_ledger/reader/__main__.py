"""Command line: python -m iapt_ledger.reader RENDERED_PAGE --results RESULTS --out PAGE."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from iapt_ledger.errors import LedgerError
from iapt_ledger.files import write_text
from iapt_ledger.reader.finish import finished


def main(arguments: list[str] | None = None) -> int:
    """Write the reader's page; exit status 1 and what is wrong on standard error otherwise."""
    parser = argparse.ArgumentParser(prog="python -m iapt_ledger.reader", description=__doc__)
    parser.add_argument("rendered", type=Path)
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    try:
        text = finished(chosen.rendered, chosen.results)
    except LedgerError as error:
        print(error, file=sys.stderr)
        return 1
    write_text(chosen.out, text)
    print(f"{chosen.out}: {len(text.encode()) / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
