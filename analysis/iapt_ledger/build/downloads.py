"""Lay the downloads beside the page: results.json, and each figure's data and picture."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from iapt_ledger.errors import Faults

OFFERED = (".csv", ".svg")


def lay_out(target: Path, results: Path, chapters: list[Path]) -> list[Path]:
    """Copy results and the chapters' data and pictures into one folder, made anew.

    Raises:
        Faults: two chapters offer a file of one name.
    """
    files = [
        file for folder in chapters for file in sorted(folder.iterdir()) if file.suffix in OFFERED
    ]
    names = [file.name for file in files]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Faults("Two chapters use one label", [f"{name} stands twice" for name in twice])
    if target.exists():
        shutil.rmtree(target)
    target.mkdir(parents=True)
    return [Path(shutil.copyfile(file, target / file.name)) for file in [results, *files]]


def main(arguments: list[str] | None = None) -> int:
    """Command line: python -m iapt_ledger.build.downloads TARGET RESULTS CHAPTER_DIR..."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path)
    parser.add_argument("results", type=Path)
    parser.add_argument("chapters", nargs="+", type=Path)
    chosen = parser.parse_args(arguments)
    try:
        laid = lay_out(chosen.target, chosen.results, chosen.chapters)
    except Faults as faults:
        print(faults, file=sys.stderr)
        return 1
    print(f"{len(laid)} files in {chosen.target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
