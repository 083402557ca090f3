"""One Pandoc process a format: sources in, HTML or Typst and the facts found on the way out."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from iapt_ledger.build.pandoc import program, version
from render.project import Project, listed
from render.source import Source

HERE = Path(__file__).resolve().parent
# Filters named before the word "quarto" in `filters` run before the renderer's own, the others after it.
OWN = "quarto"
# Quarto writes alternative texts into Typst by itself; here this filter does, whether the project names it or not.
ALTERNATIVES = HERE.parent / "filters" / "alt.lua"
# Options that Pandoc takes as metadata of the document.
METADATA = ("lang", "link-citations", "toc-title")


@dataclass(frozen=True)
class Converted:
    """What one Pandoc run gave.

    Attributes:
        form: "html" or "typst".
        text: the document, empty where Pandoc failed.
        facts: labels, citations, pictures and faults found by the filter.
        warnings: Pandoc's own warnings and errors, one an entry.
    """

    form: str
    text: str
    facts: dict[str, Any]
    warnings: list[str]


def convert(project: Project, source: Source, form: str, work: Path) -> Converted:
    """Run Pandoc for one format; nothing is raised for faults in the sources."""
    work = work / form
    work.mkdir()
    job, facts = work / "job.json", work / "facts.json"
    job.write_text(json.dumps(_job(project, source, work, facts)), encoding="utf8")
    ran = subprocess.run(
        [program(), *_arguments(project, form, work)],
        input=source.text,
        capture_output=True,
        text=True,
        encoding="utf8",
        cwd=project.folder,
        env={**os.environ, "IAPT_LEDGER_RENDER_JOB": str(job)},
        check=False,
    )
    found = json.loads(facts.read_text(encoding="utf8")) if facts.exists() else {}
    warnings = list(_messages(ran.stderr))
    if ran.returncode and not warnings:
        warnings = [f"Pandoc ended with exit status {ran.returncode}"]
    return Converted(form, ran.stdout if ran.returncode == 0 else "", found, warnings)


def _job(project: Project, source: Source, work: Path, facts: Path) -> dict[str, Any]:
    cells = []
    for number, cell in enumerate(source.cells):
        record = asdict(cell)
        if picture := record.pop("picture"):
            path = work / f"cell-{number}{picture[0]}"
            path.write_bytes(picture[1])
            record["image"] = path.relative_to(project.folder).as_posix()
        cells.append(record)
    return {
        "facts": str(facts),
        "image_root": "/",
        "variables": project.variables,
        "shortcodes": [asdict(use) for use in source.shortcodes],
        "shortcode_files": [str(p) for p in project.files("html", "shortcodes")],
        "cells": cells,
    }


def _arguments(project: Project, form: str, work: Path) -> Iterator[str]:
    options = project.options[form]
    yield from ("--from=markdown", "--to=html5" if form == "html" else "--to=typst")
    yield from ("--standalone", "--wrap=none", f"--template={_template(project, form, work)}")
    if form == "html":
        yield "--mathml"
        yield from (f"--css={name}" for name in listed(options.get("css")))
    yield from (f"--bibliography={name}" for name in listed(options.get("bibliography")))
    yield from (f"--csl={name}" for name in listed(options.get("csl")))
    if options.get("toc"):
        yield from ("--toc", f"--toc-depth={options.get('toc-depth', 3)}")
    if options.get("number-sections"):
        yield "--number-sections"
    for name in METADATA:
        if name in options:
            yield f"--metadata={name}:{_yaml(options[name])}"
    yield f"--variable=renderer:Pandoc {version()}"
    yield from _filters(project, form)


def _yaml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _filters(project: Project, form: str) -> Iterator[str]:
    named = [path.name for path in project.files(form, "filters")]
    paths = project.files(form, "filters")
    cut = named.index(OWN) if OWN in named else len(named)
    yield from (f"--lua-filter={path}" for path in paths[:cut])
    yield f"--lua-filter={HERE / 'main.lua'}"
    yield "--citeproc"
    yield from (f"--lua-filter={path}" for path in paths[cut + 1 :])
    if form == "typst" and ALTERNATIVES not in paths:
        yield f"--lua-filter={ALTERNATIVES}"


def _template(project: Project, form: str, work: Path) -> Path:
    """The page's own template, or the frame for Typst with the project's partials beside it."""
    if form == "html":
        (template,) = project.files(form, "template")
        return template
    for partial in project.files(form, "template-partials"):
        (work / partial.name).write_bytes(partial.read_bytes())
    frame = work / "frame.typst"
    frame.write_bytes((HERE / "frame.typst").read_bytes())
    return frame


def _messages(text: str) -> Iterator[str]:
    """Pandoc's messages, one an entry; a message goes on in indented lines."""
    entry = ""
    for line in text.splitlines():
        if entry and not re.match(r"\[(WARNING|INFO|ERROR)\]", line):
            entry += " " + line.strip()
            continue
        if entry:
            yield entry
        entry = line
    if entry:
        yield entry
