"""Command line: python -m render --to html|typst|both [--project report] [--renderer auto|pandoc|quarto] [--out DIR]"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from iapt_ledger.errors import LedgerError
from render.build import FORMATS, RENDERERS, render


def main(arguments: list[str] | None = None) -> int:
    """Render and name the files made; exit status 1 and the faults on standard error otherwise."""
    parser = argparse.ArgumentParser(prog="python -m render", description=render.__doc__)
    parser.add_argument("--project", type=Path, default=Path("report"))
    parser.add_argument("--to", choices=[*FORMATS, "both"], default="both")
    parser.add_argument("--renderer", choices=RENDERERS, default="auto")
    parser.add_argument("--out", type=Path, help="where the files go instead")
    chosen = parser.parse_args(arguments)
    formats = FORMATS if chosen.to == "both" else (chosen.to,)
    try:
        for made in render(chosen.project, formats, chosen.renderer, chosen.out):
            print(made)
    except LedgerError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
