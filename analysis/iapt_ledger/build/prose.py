"""No figure is typed in prose: find every digit that no result made, with its file and line.

Looked at: the .qmd sources, and the captions and alternative texts of the notebooks. Left out:
shortcodes, code, citations, references, links' addresses, attributes, comments, years, links to the
sections of claims, and the reviewed names of report/names_with_digits.txt. What chapters generate is
not looked at: its numbers come from results, and its words from files that have checks of their own.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from iapt_ledger import paths
from iapt_ledger.errors import Faults, LedgerError
from iapt_ledger.files import write_text

NAMES = paths.REPORT / "names_with_digits.txt"

# Blanked before digits are looked for, in this order; newlines stay, so that lines are counted.
LEFT_OUT = (
    re.compile(r"\A---\n.*?\n---\n", re.DOTALL),  # front matter
    re.compile(r"<!--.*?-->", re.DOTALL),
    re.compile(r"^(`{3,}|~{3,}).*?^\1", re.DOTALL | re.MULTILINE),
    re.compile(r"`[^`\n]*`"),
    re.compile(r"\{\{<.*?>\}\}", re.DOTALL),
    re.compile(r"\{[^{}\n]*\}"),  # attributes
    re.compile(r"\[([TH]\d{2}[ab]?)\]\(#\1\)"),  # a claim by its id, which leads to its section
    re.compile(r"\]\([^)\n]*\)"),  # a link's address
    re.compile(r"\[\^[\w-]+\]"),  # footnote marks
    re.compile(
        r"-?@[\w:.#$%&+?<>~/-]*\w(,? (p|pp|page|pages|para|section)\.? [\d–-]+)?"
    ),  # references, citations
)
YEARS = re.compile(
    r"(?<![\d.,£])(1[89]\d\d|20[0-4]\d)(?:[-–/](?:1[89]\d\d|20[0-4]\d|\d\d))?(?:s)?(?![\d%]|,\d|\.\d)"
)
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
DAY = re.compile(rf"(?<!\d)([12]?\d|3[01]) (?:{MONTHS})\b")
WORD_WITH_DIGIT = re.compile(r"[^\s|]*\d[^\s|]*")
CAPTION = re.compile(r"^#\|\s*(?:fig-cap|fig-alt|tbl-cap)\s*:\s*(.*)$")


def allowed_names(path: Path = NAMES) -> list[str]:
    """The reviewed names with digits, longest first; a line beginning with # is a comment."""
    lines = (line.split("#")[0].strip() for line in path.read_text(encoding="utf8").splitlines())
    return sorted({line for line in lines if line}, key=lambda name: (-len(name), name))


def typed_digits(text: str, names: Sequence[str]) -> Iterator[tuple[int, str]]:
    """(line, word) for every word with a digit that is neither made by a result nor allowed."""
    for pattern in LEFT_OUT:
        text = pattern.sub(_blank, text)
    for name in names:
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", _blank, text)
    text = DAY.sub(_blank, YEARS.sub(_blank, text))
    for number, line in enumerate(text.split("\n"), start=1):
        line = re.sub(r"^\s*\d+\.\s", "", line)  # a numbered list
        for match in WORD_WITH_DIGIT.finditer(line):
            yield number, match.group()


def prose_faults(
    report: Path = paths.REPORT, notebooks: Path = paths.NOTEBOOKS
) -> list[LedgerError]:
    """Every typed digit in the report's sources and in the notebooks' captions, as sentences."""
    names = allowed_names(report / NAMES.name)
    faults = []
    for source in sorted([report / "index.qmd", *report.glob("chapters/*.qmd")]):
        for line, word in typed_digits(source.read_text(encoding="utf8"), names):
            faults.append(_fault(f"{source.relative_to(report.parent)}, line {line}", word))
    for notebook in sorted(notebooks.glob("*.ipynb")):
        for label, caption in _captions(notebook):
            for _, word in typed_digits(caption, names):
                faults.append(_fault(f"{notebook.name}, {label}", word))
    return faults


def _captions(notebook: Path) -> Iterator[tuple[str, str]]:
    for cell in json.loads(notebook.read_text(encoding="utf8"))["cells"]:
        lines = "".join(cell["source"]).split("\n")
        label = next(
            (line.split(":", 1)[1].strip() for line in lines if line.startswith("#| label:")),
            "a cell",
        )
        for line in lines:
            if caption := CAPTION.match(line):
                yield label, caption.group(1)


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match.group())


def _fault(where: str, word: str) -> LedgerError:
    return LedgerError(
        "A figure is typed in prose",
        where=where,
        found=word,
        fix="take it from a result with {{< n id >}}, or, if it is a name, review it into"
        " report/names_with_digits.txt",
    )


def main(arguments: list[str] | None = None) -> int:
    """Command line: python -m iapt_ledger.build.prose --out REPORT_OF_CHECKS."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--report", type=Path, default=paths.REPORT, help="folder of the prose")
    parser.add_argument(
        "--notebooks", type=Path, default=paths.NOTEBOOKS, help="folder of the notebooks"
    )
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    faults = prose_faults(chosen.report, chosen.notebooks)
    if faults:
        print(Faults("The prose is not fit to publish", faults), file=sys.stderr)
        return 1
    write_text(chosen.out, json.dumps({"faults": []}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
