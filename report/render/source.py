"""The report's source as one Markdown text in which every line knows the file and line it came from."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

from iapt_ledger.errors import LedgerError
from render.notebook import Cell, Notebooks

SHORTCODE = re.compile(r"\{\{<\s*(.*?)\s*>\}\}")
ALONE = re.compile(r"^\{\{<\s*(include|embed)\s+(.*?)\s*>\}\}\s*$")
FENCE = re.compile(r"^\s*(`{3,}|~{3,})\s*(.*)$")
EXECUTED = re.compile(r"^\{+\s*[A-Za-z]")
TOKEN = "\ue000{}\ue001"
NO_TOKENS = {0xE000: None, 0xE001: None}
BLOCKS = ("include", "embed")


@dataclass(frozen=True)
class Line:
    """One line of the whole, and where it came from."""

    text: str
    file: str
    number: int
    original: str

    @property
    def place(self) -> str:
        """File and line as a person would say it."""
        return f"{self.file}, line {self.number}"


@dataclass(frozen=True)
class Shortcode:
    """One use of a shortcode that Lua will expand."""

    name: str
    args: list[str]
    kwargs: dict[str, str]
    place: str


@dataclass
class Source:
    """The report's source with includes put in and shortcodes and embedded cells numbered."""

    folder: Path
    lines: list[Line] = field(default_factory=list)
    shortcodes: list[Shortcode] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    faults: list[LedgerError] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The Markdown for Pandoc."""
        return "\n".join(line.text for line in self.lines) + "\n"

    def places(self, pattern: str) -> list[str]:
        """Where a regular expression is found in the lines as they were written."""
        found = (line.place for line in self.lines if re.search(pattern, line.original))
        return list(dict.fromkeys(found))


def read_source(folder: Path, name: str) -> Source:
    """Read a document with everything it includes; faults are kept in the answer, not raised."""
    reader = _Reader(Source(folder), Notebooks(folder))
    reader.file(name, ())
    return reader.source


class _Reader:
    def __init__(self, source: Source, notebooks: Notebooks) -> None:
        self.source = source
        self.notebooks = notebooks
        self.fence = ""

    def file(self, name: str, within: tuple[str, ...]) -> None:
        """Add a file's lines; `within` names the files that include it, outermost first."""
        text = (self.source.folder / name).read_text(encoding="utf8")
        lines = text.split("\n")
        if within and lines and lines[0].rstrip() == "---":
            self.fault("An included file has front matter", f"{name}, line 1", fix="remove it")
        for number, original in enumerate(lines, start=1):
            self.line(original, name, number, within)

    def line(self, original: str, name: str, number: int, within: tuple[str, ...]) -> None:
        """Add one line, or what it includes or embeds."""
        place = f"{name}, line {number}"
        self.check_fence(original, place)
        alone = ALONE.match(original)
        if alone and not self.fence:
            if alone[1] == "include":
                self.include(alone[2], place, (*within, name))
            else:
                text = self.embed(alone[2], place)
                for part in text.split("\n"):
                    self.source.lines.append(Line(part, name, number, original))
            return
        text = self.tokens(original, place)
        self.source.lines.append(Line(text, name, number, original))

    def check_fence(self, text: str, place: str) -> None:
        """Keep track of fenced code, where nothing is included, and refuse code meant to be executed."""
        match = FENCE.match(text)
        if not match:
            return
        mark, info = match[1], match[2].strip()
        if self.fence:
            if mark.startswith(self.fence) and not info:
                self.fence = ""
        elif "`" not in info:
            self.fence = mark
            if EXECUTED.match(info):
                self.fault(
                    "Code to be executed is outside the subset",
                    place,
                    found=info,
                    fix="put it into a notebook and embed the cell",
                )

    def include(self, argument: str, place: str, within: tuple[str, ...]) -> None:
        """Put in an included file; its path is relative to the outer document."""
        path = (self.source.folder / argument.lstrip("/")).resolve()
        name = argument.lstrip("/")
        if name in within:
            self.fault("A file includes itself", place, found=" -> ".join([*within, name]))
        elif not path.is_file():
            self.fault("The included file is missing", place, found=argument, choices=_beside(path))
        else:
            self.file(name, within)

    def embed(self, argument: str, place: str) -> str:
        """A div that Lua replaces by the embedded cell."""
        try:
            cell = self.notebooks.cell(argument, place)
        except LedgerError as fault:
            self.source.faults.append(fault)
            return ""
        texts = {
            name: self.tokens(getattr(cell, name), f"{place}, {name} of the cell", strict=False)
            for name in ("caption", "alt")
            if getattr(cell, name)
        }
        self.source.cells.append(cell.with_texts(**texts))
        return f'::: {{iapt-embed="{len(self.source.cells) - 1}"}}\n:::'

    def tokens(self, text: str, place: str, *, strict: bool = True) -> str:
        """Each shortcode replaced by a token that passes through Pandoc's reader untouched."""
        text = SHORTCODE.sub(lambda match: self.token(match, place), text.translate(NO_TOKENS))
        if strict and "{{<" in text:
            self.fault(
                "A shortcode does not end on its line",
                place,
                expected=">}}",
                fix="write it on one line, or as \\{\\{< where it is meant as text",
            )
        return text

    def token(self, match: re.Match[str], place: str) -> str:
        """The token for one use of a shortcode."""
        if match.string[: match.start()].endswith("{"):
            self.fault("An escaped shortcode is outside the subset", place, found=match[0])
        try:
            words = shlex.split(match[1].replace("\\", "\\\\"))
        except ValueError:
            self.fault("A shortcode cannot be read", place, found=match[0])
            return ""
        name, *rest = words or [""]
        if name in BLOCKS:
            self.fault(
                f"The shortcode {name} must stand alone in its paragraph", place, found=match[0]
            )
            return ""
        kwargs = dict(word.split("=", 1) for word in rest if "=" in word)
        args = [word for word in rest if "=" not in word]
        self.source.shortcodes.append(Shortcode(name, args, kwargs, place))
        return TOKEN.format(len(self.source.shortcodes) - 1)

    def fault(self, what: str, place: str, **parts: object) -> None:
        """Keep a fault, to be told with all others."""
        self.source.faults.append(LedgerError(what, where=place, **parts))  # type: ignore[arg-type]


def _beside(path: Path) -> list[str]:
    if not path.parent.is_dir():
        return []
    return sorted(p.name for p in path.parent.iterdir() if p.suffix == path.suffix)[:12]
