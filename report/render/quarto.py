"""Quarto itself, where it is installed; what it only warns of fails here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from iapt_ledger.errors import Faults, LedgerError
from render.project import Project

# Left in the page or said in the log, with exit status 0, where something does not resolve.
UNRESOLVED = re.compile(r"\?var:[\w.-]*|\?@[\w-]+|\?n:[\w.-]*|\?meta:[\w.-]*|\{\{<.*?>\}\}")
WARNINGS = re.compile(
    r"^.*(?:WARN(?:ING)?\b.*(?:shortcode|not found|unable to resolve|crossref|citation|variable)"
    r"|(?:Citeproc: citation|Unable to resolve|Unknown shortcode|\?var:)).*$",
    re.MULTILINE | re.IGNORECASE,
)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def find() -> str | None:
    """Quarto's path: from QUARTO_PATH, else from the PATH; None where it is not installed."""
    asked = os.environ.get("QUARTO_PATH")
    if not asked:
        return shutil.which("quarto")
    path = Path(asked)
    program = path / "quarto" if path.is_dir() else path
    if not program.exists():
        raise LedgerError(
            "QUARTO_PATH leads nowhere", found=asked, fix="correct or unset QUARTO_PATH"
        )
    return str(program)


def render(program: str, project: Project, form: str) -> Path:
    """Render one format with Quarto and return the file made.

    Raises:
        LedgerError: Quarto failed or left no output.
        Faults: its log or the page shows something that did not resolve.
    """
    target = project.target(form)
    before = {p: p.stat().st_mtime_ns for p in project.output.glob(f"*{target.suffix}")}
    ran = subprocess.run(
        [program, "render", project.source, "--to", form],
        cwd=project.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf8",
        check=False,
    )
    log = COLOUR.sub("", ran.stdout)
    print(log)
    if ran.returncode:
        raise LedgerError(
            "Quarto failed", where=form, found=" / ".join(log.strip().splitlines()[-3:])
        )
    made = _made(project, target, before)
    found = [*log_faults(log), *(page_faults(made) if form == "html" else ())]
    if found:
        made.unlink()
        raise Faults("Quarto left something unresolved", found)
    if made != target:
        made.replace(target)
    return target


def log_faults(log: str) -> Iterator[str]:
    """Lines of Quarto's log that speak of something unresolved."""
    for match in WARNINGS.finditer(log):
        yield f"in Quarto's log: {match[0].strip()}"
    for found in sorted(set(UNRESOLVED.findall(log))):
        yield f"in Quarto's log: {found}"


def page_faults(page: Path) -> Iterator[str]:
    """What Quarto left unresolved in the page, scripts and styles apart."""
    text = re.sub(
        r"<(script|style)\b.*?</\1>", "", page.read_text(encoding="utf8"), flags=re.DOTALL
    )
    for found in sorted(set(UNRESOLVED.findall(text))):
        yield f"in {page.name}: {found}"


def _made(project: Project, target: Path, before: dict[Path, int]) -> Path:
    """The output of this run: under the name asked for, else the source's name, if newly written."""
    others = (Path(project.source).with_suffix(target.suffix).name, target.stem)
    for path in (target, *(project.output / name for name in others)):
        if path.exists() and before.get(path) != path.stat().st_mtime_ns:
            return path
    raise LedgerError("Quarto left no output", expected=target.name)
