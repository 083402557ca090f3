"""What the report was made of, as Markdown for its colophon: python -m iapt_ledger.build.colophon --out FOLDER

Only what is the same on every machine that must give the same bytes: the Python that ran is not told, the versions
that the lock file holds are.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import yaml

from iapt_ledger import paths
from iapt_ledger.build.pandoc import version as pandoc_version
from iapt_ledger.build.reading import Reading, reading_of, running_text, with_paragraphs
from iapt_ledger.dates import day_in_words
from iapt_ledger.errors import LedgerError
from iapt_ledger.files import write_text
from iapt_ledger.tables import markdown_table

LOCK = paths.ROOT / "envs" / "lock.txt"
PROJECT = paths.ROOT / "pyproject.toml"
SUMMARY = paths.REPORT / "chapters" / "summary.qmd"
TOLD: Mapping[str, str] = {
    "numpy": "NumPy",
    "scipy": "SciPy",
    "pandas": "pandas",
    "statsmodels": "statsmodels",
    "linearmodels": "linearmodels",
    "pyarrow": "Arrow",
    "matplotlib": "Matplotlib",
    "papermill": "papermill",
    "snakemake": "Snakemake",
    "typst": "Typst",
}
"""Packages whose versions are told, in order, by their names in the lock file."""
_GROUP = 8


def digest(file: Path) -> str:
    """The SHA-256 of a file, in groups that may stand on two lines."""
    text = hashlib.sha256(file.read_bytes()).hexdigest()
    return " ".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))


def locked(name: str, lock: str) -> str:
    """The version of a package that the lock file holds; both where two Pythons have different ones.

    Raises:
        LedgerError: the lock file does not hold the package.
    """
    found = re.findall(rf"^{re.escape(name)}==([\w.+!-]+)", lock, re.MULTILINE)
    if not found:
        raise LedgerError(
            "The lock file has no such package",
            where=f"envs/{LOCK.name}",
            expected=f"a line {name}==…",
            fix="python envs/lock.py, or take the package out of TOLD in build/colophon.py",
        )
    return " or ".join(dict.fromkeys(found))


def pythons(requires: str) -> str:
    """The versions of Python that the project runs on, from ">=3.11,<3.14"."""
    bounds = re.fullmatch(r">=3\.(\d+),\s*<3\.(\d+)", requires)
    if bounds is None:
        raise LedgerError(
            "The versions of Python are not a range",
            where=f"{PROJECT.name}, requires-python",
            expected=">=3.x,<3.y",
            found=requires,
            fix="give both bounds, since the colophon names each version",
        )
    every = [f"3.{minor}" for minor in range(int(bounds[1]), int(bounds[2]))]
    return ", ".join(every[:-1]) + f" or {every[-1]}" if len(every) > 1 else every[0]


def facts(results: Path, edition: str) -> pd.DataFrame:
    """What the report was made of: a row a thing."""
    lock = LOCK.read_text(encoding="utf8")
    project = tomllib.loads(PROJECT.read_text(encoding="utf8"))["project"]
    programs = [
        f"Python {pythons(project['requires-python'])}",
        f"Pandoc {pandoc_version()}",
        *(f"{shown} {locked(name, lock)}" for name, shown in TOLD.items()),
    ]
    manifest = paths.EDITIONS / edition / "manifest.json"
    rows = {
        "Edition": day_in_words(edition),
        "List of its files, SHA-256": digest(manifest),
        "Results, SHA-256 of results.json": digest(results),
        "Code": f"{project['name']} {project['version']}",
        "Programs": ", ".join(programs),
        "All packages, SHA-256 of envs/lock.txt": digest(LOCK),
    }
    return pd.DataFrame({"What": rows.keys(), "Which": rows.values()})


def made_of(results: Path, edition: str) -> str:
    """The table of facts as Markdown, with its caption."""
    table = markdown_table(facts(results, edition), widths={"What": 16, "Which": 44})
    return f"{table}\n\n: What this report was made of. {{#tbl-colophon}}\n"


def again(edition: str) -> str:
    """The commands that make just this report again."""
    return (
        "```bash\n"
        f"envs/run snakemake --config edition={edition}\n"
        "sha256sum report/generated/results.json envs/lock.txt\n"
        "```\n"
    )


def reads_as(reading: Reading) -> str:
    """What the formulas say of the summary, in words."""
    return (
        f"The summary has {reading.words} words in {reading.sentences} sentences, {reading.words_a_sentence} a"
        f" sentence. By two formulas its reading age is {reading.ages} years: {reading.letters_age} by the Coleman-Liau"
        f" index, which looks most at the length of words, and {reading.length_age} by the automated readability"
        " index, which looks as much at the length of sentences.\n"
    )


def cited_as(edition: str) -> str:
    """How to cite this report."""
    return (
        f"> The iapt-ledger contributors ({edition[:4]}). *What the talking-therapies programme cost and what it"
        " delivered: a ledger of England's IAPT programme, rebuilt from public statistics.* Edition of"
        f" {day_in_words(edition)}.\n"
    )


def main(arguments: list[str] | None = None) -> int:
    """Write the colophon's parts into a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=paths.GENERATED / "results.json")
    parser.add_argument("--variables", type=Path, default=paths.REPORT / "_variables.yml")
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    try:
        edition = paths.edition_name()
        variables = yaml.safe_load(chosen.variables.read_text(encoding="utf8"))
        summary = with_paragraphs(SUMMARY.read_text(encoding="utf8"), paths.REPORT)
        text = running_text(summary, variables)
        parts = {
            "made_of": made_of(chosen.results, edition),
            "again": again(edition),
            "reads_as": reads_as(reading_of(text)),
            "cited_as": cited_as(edition),
        }
    except LedgerError as error:
        print(error, file=sys.stderr)
        return 1
    for name, markdown in parts.items():
        write_text(chosen.out / f"{name}.md", markdown)
    print(f"{len(parts)} parts of the colophon in {chosen.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
