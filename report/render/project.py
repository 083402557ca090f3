"""The Quarto project: what to render, with which options. Options that this renderer cannot honour are refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from iapt_ledger.errors import Faults, LedgerError

SETTINGS = "_quarto.yml"
VARIABLES = "_variables.yml"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# Options honoured, and where only some values can be, those values.
DOCUMENT = ["title", "subtitle", "author", "date", "lang", "description", "keywords", "abstract"]
SOURCES = ["bibliography", "csl", "link-citations", "shortcodes", "filters", "number-sections"]
LAYOUT = ["template", "template-partials", "css", "toc", "toc-depth", "toc-title"]
OUTPUT = ["output-file", "font-paths", "pdf-standard"]
FREE: dict[str, tuple[object, ...]] = dict.fromkeys([*DOCUMENT, *SOURCES, *LAYOUT, *OUTPUT], ())
FIXED: dict[str, tuple[object, ...]] = {
    "theme": ("none",),
    "minimal": (True,),
    "html-math-method": ("mathml",),
    "embed-resources": (True,),
    "notebook-links": (False,),
    "citeproc": (True,),
    "code-copy": (False,),
    "papersize": ("a4",),
}
KNOWN = FREE | FIXED
PROJECT = {"type": ("default",), "output-dir": (), "render": ()}
FORMATS = ("html", "typst")


@dataclass(frozen=True)
class Project:
    """A Quarto project of one document.

    Attributes:
        folder: where `_quarto.yml` stands.
        source: the document, relative to `folder`.
        output: folder for what is rendered.
        options: format -> options, with the document's own front matter taking precedence.
        variables: dotted name -> text, from `_variables.yml`.
    """

    folder: Path
    source: str
    output: Path
    options: Mapping[str, Mapping[str, Any]]
    variables: Mapping[str, str]

    def files(self, form: str, option: str) -> list[Path]:
        """The files that an option of a format names, as absolute paths."""
        return [self.folder / name for name in listed(self.options[form].get(option))]

    def target(self, form: str) -> Path:
        """Where a format's output goes: `output-file`, else the source's name with the format's suffix."""
        suffix = ".html" if form == "html" else ".pdf"
        name = str(self.options[form].get("output-file") or Path(self.source).stem)
        return self.output / f"{name.removesuffix(suffix)}{suffix}"


def listed(value: object) -> list[Any]:
    """A YAML value that may be one or several, as a list."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def load_project(folder: Path) -> Project:
    """Read and check `_quarto.yml`, the document's front matter and `_variables.yml`.

    Raises:
        LedgerError: a file is missing or is not YAML.
        Faults: options outside the subset, or files named that are not there.
    """
    folder = folder.resolve()
    settings = read_yaml(folder / SETTINGS)
    project = settings.get("project") or {}
    sources = listed(project.get("render"))
    if len(sources) != 1:
        raise LedgerError(
            "The project must render one document",
            where=SETTINGS,
            expected="render: [index.qmd]",
            found=sources,
        )
    front = front_matter(folder / sources[0])
    shared = {k: v for k, v in settings.items() if k not in ("project", "format", "execute")}
    formats = settings.get("format") or {}
    options = {form: {**shared, **(formats.get(form) or {}), **front} for form in FORMATS}
    loaded = Project(
        folder=folder,
        source=sources[0],
        output=folder / str(project.get("output-dir") or "."),
        options=options,
        variables=_variables(folder),
    )
    faults = [*_option_faults(settings, front), *_missing_files(loaded)]
    if faults:
        raise Faults("The report's settings cannot be honoured", faults)
    return loaded


def read_yaml(path: Path) -> dict[str, Any]:
    """A YAML file that holds a mapping."""
    try:
        found = yaml.load(path.read_text(encoding="utf8"), Loader=LOADER)
    except FileNotFoundError:
        raise LedgerError("A file is missing", where=str(path.parent), expected=path.name) from None
    except yaml.YAMLError as error:
        raise LedgerError(
            "A file is not YAML", where=path.name, found=" ".join(str(error).split())
        ) from None
    if not isinstance(found, dict):
        raise LedgerError("A YAML file must hold names and values", where=path.name, found=found)
    return found


def front_matter(path: Path) -> dict[str, Any]:
    """The YAML between the first two `---` lines of a document; empty where there is none."""
    if not path.is_file():
        raise LedgerError("The document is missing", where=SETTINGS, found=path.name)
    match = re.match(r"---\n(.*?)\n(?:---|\.\.\.)\n", path.read_text(encoding="utf8"), re.DOTALL)
    if not match:
        return {}
    try:
        return yaml.load(match[1], Loader=LOADER) or {}
    except yaml.YAMLError as error:
        raise LedgerError(
            "Front matter is not YAML", where=path.name, found=" ".join(str(error).split())
        ) from None


def _variables(folder: Path) -> dict[str, str]:
    path = folder / VARIABLES
    return dict(_flat(read_yaml(path))) if path.exists() else {}


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(value)


def _option_faults(settings: dict[str, Any], front: dict[str, Any]) -> Iterator[LedgerError]:
    formats = settings.get("format") or {}
    yield from _outside(settings.get("project") or {}, PROJECT, "project")
    yield from _outside(settings.get("execute") or {}, {"enabled": (False,)}, "execute")
    yield from _outside(formats, dict.fromkeys(FORMATS, ()), "format")
    for form in FORMATS:
        yield from _outside(formats.get(form) or {}, KNOWN, f"format: {form}")
    tops = {k: v for k, v in settings.items() if k not in ("project", "format", "execute")}
    yield from _outside(tops, KNOWN, "the settings for all formats")
    yield from _outside(front, KNOWN, "the document's front matter")


def _outside(
    given: Mapping[str, Any], known: Mapping[str, tuple[object, ...]], where: str
) -> Iterator[LedgerError]:
    for name, value in given.items():
        if name not in known:
            yield LedgerError(
                "An option is outside the subset",
                where=f"{SETTINGS}, {where}",
                found=name,
                choices=sorted(known),
            )
        elif known[name] and value not in known[name]:
            yield LedgerError(
                f"The option {name} cannot have this value",
                where=f"{SETTINGS}, {where}",
                found=value,
                choices=known[name],
            )


def _missing_files(project: Project) -> Iterator[LedgerError]:
    options = (
        "template",
        "template-partials",
        "css",
        "bibliography",
        "csl",
        "shortcodes",
        "filters",
    )
    for form in FORMATS:
        for option in options:
            for path in project.files(form, option):
                if path.name not in ("quarto", "citeproc") and not path.exists():
                    yield LedgerError(
                        "A file named in the settings is missing",
                        where=f"{SETTINGS}, {option}",
                        found=path.relative_to(project.folder),
                    )
