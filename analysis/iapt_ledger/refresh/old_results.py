"""Results of an edition that is not the one built here: by today's code, in a copy of the checkout.

Results kept from an earlier build would set yesterday's code beside today's. So an older edition is built anew, which
takes minutes the first time; the copy stays, and only what depends on what changed is made again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from iapt_ledger import paths
from iapt_ledger.errors import LedgerError
from iapt_ledger.files import write_text
from iapt_ledger.refresh.changes import Results, read_results

COPIES = paths.DATA / "derived" / "editions"
KEPT = ("results.json", "ledger/ledger.csv")
_STAMP = "made_from.txt"
_TREES = ("analysis", "data/validation", "envs", "report")
_FILES = ("Snakefile", "pyproject.toml")
_NOT = (
    "__pycache__",
    "report/generated",
    "report/_output",
    "report/_variables.yml",
    ".ipynb_checkpoints",
)


def results_of(edition: Path, root: Path = paths.ROOT) -> Results:
    """What a build of an edition by today's code comes to.

    Raises:
        LedgerError: its build failed; the message says where the account of it is.
    """
    generated = root / "report" / "generated"
    if built_in(generated) == edition.name:
        return read_results(generated)
    return read_results(in_a_copy(edition, root))


def built_in(generated: Path) -> str:
    """Name of the edition that the results in report/generated are of; empty where there are none."""
    try:
        text = (generated / "results.json").read_text(encoding="utf-8")
        return str(json.loads(text)["edition"])
    except (OSError, ValueError, KeyError):
        return ""


def in_a_copy(edition: Path, root: Path = paths.ROOT) -> Path:
    """Folder with the results of an edition, built in a copy of the checkout unless that was done before."""
    copy = root / COPIES.relative_to(paths.ROOT) / edition.name
    made = copy / "report" / "generated"
    wanted = lay_out(edition, copy, root)
    stamp = copy / _STAMP
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted and _whole(made):
        return made
    stamp.unlink(missing_ok=True)
    where = copy.relative_to(root)
    print(
        f"Building the edition of {edition.name} in {where}; this takes some minutes.",
        file=sys.stderr,
        flush=True,
    )
    _build(copy, edition.name)
    write_text(stamp, wanted)
    return made


def _whole(made: Path) -> bool:
    return all((made / name).is_file() for name in KEPT)


def lay_out(edition: Path, copy: Path, root: Path) -> str:
    """Bring the copy to what the checkout is, with this one edition; returns a hash of all that it holds.

    A file that is the same already is not touched, so that what was made from it stays fresh.
    """
    wanted = {name: root / name for name in _sources(root)}
    own = f"data/editions/{edition.name}"
    wanted |= {
        f"{own}/{file.relative_to(edition).as_posix()}": file
        for file in edition.rglob("*")
        if file.is_file()
    }
    digest = hashlib.sha256()
    for name, source in sorted(wanted.items()):
        data = source.read_bytes()
        digest.update(f"{name} {hashlib.sha256(data).hexdigest()}\n".encode())
        target = copy / name
        if not target.is_file() or target.read_bytes() != data:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
            target.touch()
    for name in _laid(copy):
        if name not in wanted:
            (copy / name).unlink()
    return digest.hexdigest()


def _sources(root: Path) -> Iterator[str]:
    """Everything in a checkout that its results are made from, but the editions."""
    yield from (name for name in _FILES if (root / name).is_file())
    yield from (f"data/{p.name}" for p in (root / "data").glob("*") if p.is_file())
    for tree in _TREES:
        yield from _within(root, tree)


def _laid(copy: Path) -> list[str]:
    """What an earlier run laid out."""
    laid = list(_sources(copy))
    return laid + list(_within(copy, "data/editions"))


def _within(root: Path, tree: str) -> Iterator[str]:
    for file in (root / tree).rglob("*"):
        name = file.relative_to(root).as_posix()
        if file.is_file() and not any(part in name for part in _NOT):
            yield name


def _build(copy: Path, edition: str) -> None:
    """Run the build of the results in the copy.

    Raises:
        LedgerError: it failed.
    """
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(str(copy / part) for part in ("analysis", "report")),
        "SNAKEMAKE_PROFILE": str(copy / "envs" / "profiles" / "default"),
        paths.EDITION_VARIABLE: edition,
    }
    for name in (paths.CHAPTER_DIR_VARIABLE, paths.TABLES_VARIABLE):
        environment.pop(name, None)
    log = copy / "build.log"
    command = [sys.executable, "-m", "snakemake", "results", "--config", f"edition={edition}"]
    with log.open("w", encoding="utf-8") as said:
        run = subprocess.run(
            command, cwd=copy, env=environment, stdout=said, stderr=subprocess.STDOUT, check=False
        )
    if run.returncode:
        tail = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-5:]
        raise LedgerError(
            f"the edition of {edition} cannot be built by today's code",
            where=str(log.relative_to(copy.parents[2])),
            found=" / ".join(tail),
            fix="read that file; iapt-ledger changes --data-only compares the figures alone",
        )
