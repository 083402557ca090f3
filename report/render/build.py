"""From a project to its web page and PDF."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from iapt_ledger.errors import LedgerError
from render import faults, page, pandoc, pdf, quarto
from render.project import Project, load_project
from render.source import Source, read_source

FORMATS = ("html", "typst")
RENDERERS = ("auto", "pandoc", "quarto")
# Quarto's own folder for what is made on the way; whatever a killed run leaves there is in nobody's way.
SCRATCH = ".quarto"


def render(
    project: Path | str = "report",
    formats: Sequence[str] = FORMATS,
    renderer: str = "auto",
    out: Path | None = None,
) -> list[Path]:
    """Render the report and return the files made, in the order of `formats`.

    Args:
        project: the folder with `_quarto.yml`, which says what is rendered, how, and where it goes.
        formats: "html", "typst" (the PDF) or both.
        renderer: "pandoc", "quarto", or "auto": Quarto where it is installed.
        out: where the files go instead, as the build asks for the page that it goes on to finish.

    Raises:
        LedgerError: Quarto is asked for and not installed, or a tool failed.
        Faults: everything in the sources that is outside the subset or does not resolve.
    """
    for chosen, choices in ((renderer, RENDERERS), *((form, FORMATS) for form in formats)):
        if chosen not in choices:
            raise LedgerError("Unknown choice for rendering", found=chosen, choices=choices)
    loaded = load_project(Path(project))
    source = read_source(loaded.folder, loaded.source)
    program = quarto.find() if renderer in ("auto", "quarto") else None
    if renderer == "quarto" and not program:
        raise LedgerError(
            "Quarto is not installed",
            expected="quarto on the PATH, or its path in QUARTO_PATH",
            fix="install Quarto, or choose the renderer pandoc",
        )
    if program:
        made = _rendered(loaded, source, formats, program)
        return [_moved(file, out) for file in made] if out else made
    # What stands where the settings say is what readers have: a page made for elsewhere never takes its place.
    return _rendered(replace(loaded, output=out) if out else loaded, source, formats, None)


def _rendered(
    loaded: Project, source: Source, formats: Sequence[str], program: str | None
) -> list[Path]:
    loaded.output.mkdir(parents=True, exist_ok=True)
    scratch = loaded.folder / SCRATCH
    scratch.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="render-", dir=scratch) as work:
        if program:
            faults.check(source, [pandoc.convert(loaded, source, "html", Path(work))], loaded)
            return [quarto.render(program, loaded, form) for form in formats]
        return _with_pandoc(loaded, source, formats, Path(work))


def _with_pandoc(
    project: Project, source: Source, formats: Sequence[str], work: Path
) -> list[Path]:
    with ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda form: pandoc.convert(project, source, form, work), formats))
        faults.check(source, done, project)
        made = pool.map(lambda result: _finish(project, result, work), done)
        return list(made)


def _moved(file: Path, folder: Path) -> Path:
    """What Quarto made, which writes where the settings say and nowhere else, in another folder."""
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.move(file, folder / file.name))


def _finish(project: Project, converted: pandoc.Converted, work: Path) -> Path:
    made = work / f"made-{converted.form}"
    if converted.form == "html":
        made.write_text(page.self_contained(converted.text, project), encoding="utf8")
    else:
        pdf.compile_typst(converted.text, project, work, made)
    target = project.target(converted.form)
    made.chmod(0o644)
    shutil.move(made, target)
    return target
