"""Every fault found in the sources, with file and line, told at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from iapt_ledger.errors import Faults, LedgerError, closest
from render.pandoc import Converted
from render.project import Project
from render.source import Source

AT_LINE = re.compile(r"\bline (\d+)\b")
UNCITED = re.compile(r"Citeproc: citation (\S+) not found")
MOST_CHOICES = 12


def check(source: Source, runs: Sequence[Converted], project: Project) -> None:
    """Raise all faults of the sources and of the Pandoc runs.

    Raises:
        Faults: when there is at least one.
    """
    found = list(source.faults)
    for run in runs:
        found += _told(source, run, project)
        found += [_warning(source, text) for text in run.warnings if not _told_already(text, run)]
    found += _repeated(source, runs[0].facts.get("labels", []))
    if found:
        raise Faults("The report cannot be rendered", found)


def _told(source: Source, run: Converted, project: Project) -> Iterator[LedgerError]:
    for fault in run.facts.get("faults", []):
        for place in _places(source, fault):
            yield SENTENCES[fault["kind"]](fault, place, run, project)
    known = sorted(_keys(project))
    for key in sorted(set(run.facts.get("citations", []))):
        if key not in known:
            for place in source.places(_at(key)) or [project.source]:
                yield LedgerError(
                    "A citation has no entry in the bibliography",
                    where=place,
                    found=f"@{key}",
                    nearest=closest(key, known, 6, 0.5),
                    fix="correct the key, or add the entry to the bibliography",
                )
    for image in sorted(set(run.facts.get("images", []))):
        if not (project.folder / image).is_file():
            for place in source.places(re.escape(image)) or [project.source]:
                yield LedgerError("A picture is missing", where=place, found=image)


def _places(source: Source, fault: dict[str, Any]) -> list[str]:
    """Where a fault is: the shortcode's line, or every line with the text at fault."""
    if "shortcode" in fault:
        return [source.shortcodes[fault["shortcode"]].place]
    text = str(fault["text"])
    if text.startswith("@"):
        pattern = _at(text[1:])
    elif text.startswith("#"):
        pattern = rf"{re.escape(text)}(?![\w-])"
    else:
        pattern = rf"(?<![\w-]){re.escape(text)}"
    return source.places(pattern) or ["the report (a text made by a notebook)"]


def _at(key: str) -> str:
    return rf"@\{{?{re.escape(key)}(?![\w-])"


def _keys(project: Project) -> set[str]:
    """Keys of the bibliography's entries."""
    keys: set[str] = set()
    for path in project.files("html", "bibliography"):
        keys |= set(
            re.findall(r"^\s*@\w+\s*\{\s*([^,\s]+)\s*,", path.read_text("utf8"), re.MULTILINE)
        )
    return keys


def _repeated(source: Source, labels: Sequence[str]) -> Iterator[LedgerError]:
    for label in sorted({one for one in labels if labels.count(one) > 1}):
        places = source.places(rf"#{re.escape(label)}(?![\w-])")
        yield LedgerError("A label stands more than once", where=" and ".join(places), found=label)


def _told_already(text: str, run: Converted) -> bool:
    """Whether Pandoc warns of a citation that is told with its place and the nearest keys."""
    match = UNCITED.search(text)
    return match is not None and match[1] in run.facts.get("citations", [])


def _warning(source: Source, text: str) -> LedgerError:
    """A warning of Pandoc's, with its line in the joined text as file and line."""
    match = AT_LINE.search(text)
    where = ""
    if match and 0 < int(match[1]) <= len(source.lines):
        where = source.lines[int(match[1]) - 1].place
    return LedgerError(f"Pandoc says: {text.removeprefix('[WARNING] ').rstrip('.')}", where=where)


def _variable(fault: dict[str, Any], place: str, _: Converted, project: Project) -> LedgerError:
    name = fault["found"]
    return LedgerError(
        "A shortcode asks for a variable that is not there",
        where=place,
        found=name,
        expected=f"one of the {len(project.variables)} names in _variables.yml",
        choices=closest(name, project.variables, 5, 0.5),
        fix="check the name, or let the chapter's notebook make that result",
    )


def _reference(fault: dict[str, Any], place: str, run: Converted, __: Project) -> LedgerError:
    labels = run.facts.get("labels", [])
    kind, _, name = fault["found"].removeprefix("@").partition("-")
    same = [label for label in labels if label.startswith(f"{kind}-")]
    # The kind is alike in all of them, so only what comes after it tells which are near.
    near = [f"{kind}-{n}" for n in closest(name, [s.partition("-")[2] for s in same], 6, 0.5)]
    few = 0 < len(same) <= MOST_CHOICES
    return LedgerError(
        "A reference leads to no label",
        where=place,
        found=fault["found"],
        choices=same if few else (),
        nearest=None if few else near,
    )


def _plain(what: str, fix: str = "") -> Callable[..., LedgerError]:
    def sentence(fault: dict[str, Any], place: str, _: Converted, __: Project) -> LedgerError:
        return LedgerError(
            fault.get("what", what) + (" is outside the subset" if "what" in fault else ""),
            where=place,
            found=fault["found"],
            choices=fault.get("choices", ()),
            fix=fix,
        )

    return sentence


SENTENCES: dict[str, Callable[..., LedgerError]] = {
    "variable": _variable,
    "reference": _reference,
    "shortcode": _plain("There is no such shortcode"),
    "outside": _plain(""),
    "format": _plain("Content is visible for an unknown format"),
    "alt": _plain(
        "A picture or equation has no alternative text", 'fig-alt="..." (alt="..." for an equation)'
    ),
    "caption": _plain("A figure or table has no caption"),
    "unlabelled": _plain("A picture with a caption has no label", '{#fig-... fig-alt="..."}'),
    "remote": _plain("A picture is not a file of the project"),
    "link": _plain("A link leads nowhere in the report"),
    "unnumbered": _plain("A reference leads to a section without a number"),
}
