"""What of the edition and of the claims a chapter reads, so that it is made anew when that changes, and only then.

Read from the text of the notebook and of the modules behind it; nothing is imported and nothing is run. A chapter that
reads a table which is not found here is stopped when it asks for it (see `iapt_ledger.chapter`).
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import yaml

from iapt_ledger import paths
from iapt_ledger.build.imports import cells_of, files_used, nodes_of
from iapt_ledger.edition.manifest import Pin, read_manifest
from iapt_ledger.edition.tables import TABLES
from iapt_ledger.others import read_by, topics

QUOTED = "quoted"
CLAIMS = "claims.yaml"
QUOTING = (
    "analysis/iapt_ledger/quoted.py"  # behind every chapter: it takes the quoted figures alone
)
NAMES_OF_TABLES = "TABLES"  # whoever imports it may read every table
LOOKED_AT = ("analysis/iapt_ledger/measures/", "analysis/iapt_ledger/figures/")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def tables_of(notebook: Path) -> tuple[str, ...]:
    """Tables of the edition that a notebook may read, sorted; rather one too many than one too few.

    A chapter that rests on others looks up what stands behind their results, so their tables are its own.
    """
    every = topics()
    topic = notebook.stem.partition("_")[2]
    behind = [_notebook(one) for one in read_by(topic, every)]
    return tuple(sorted({name for one in (notebook, *behind) for name in _tables(one)}))


@cache
def read_claims(notebook: Path) -> bool:
    """Whether a notebook reads the claims; all others see only the figures that the documents state."""
    behind = (one for one in files_used(notebook) if one != QUOTING)
    return any(CLAIMS in _texts(_code(one)) for one in behind)


def digest(notebook: Path, files: Iterable[str | Path], edition: Path, claims: Path) -> str:
    """A hash of all that a chapter is made from, but for the chapters that it rests on.

    Args:
        notebook: of the chapter.
        files: that it depends on as a whole, the notebook and the code behind it among them.
        edition: folder of the edition.
        claims: data/claims.yaml, of which most chapters see the quoted figures alone.
    """
    parts = sorted(f"{file} {_content(Path(file))}" for file in files)
    return _digest(
        [digest_of_tables(tables_of(notebook), edition), digest_of_quoted(claims), *parts]
    )


def is_fresh(folder: Path, made_from: str) -> bool:
    """Whether what lies in a chapter's folder was made from just this; the folder says what it was made from."""
    record = folder / paths.MADE_FROM_FILE
    return record.is_file() and record.read_text(encoding="utf8").strip() == made_from


def reads_every_table(notebook: Path) -> bool:
    """Whether a chapter is about the edition as a whole."""
    return set(tables_of(notebook)) == set(TABLES)


def digest_of_tables(tables: Iterable[str], edition: Path) -> str:
    """A hash that changes when one of these tables of an edition does, or a list of codes that all are read with.

    Args:
        tables: names.
        edition: its folder; the name is part of what the report prints.
    """
    pins = read_manifest(edition)
    codes = [table.name for table in TABLES.values() if table.kind == "codelists"]
    wanted = sorted({*tables, *codes})
    return _digest([edition.name, *(_pinned(name, pins) for name in wanted)])


def digest_of_quoted(claims: Path) -> str:
    """A hash of the figures that the documents under test state."""
    return _digest_of_quoted(claims.read_text(encoding="utf8"))


@cache
def _digest_of_quoted(text: str) -> str:
    held = yaml.load(text, Loader=LOADER)
    return _digest([json.dumps(held[QUOTED], sort_keys=True, default=str)])


@cache
def _content(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else "missing"


def _pinned(name: str, pins: Mapping[str, Pin]) -> str:
    pin = pins.get(TABLES[name].file)
    return f"{name} {pin.sha256 if pin else 'not held'}"


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _notebook(topic: str) -> Path:
    return next(paths.NOTEBOOKS.glob(f"[0-9][0-9]_{topic}.ipynb"))


@cache
def _tables(notebook: Path) -> set[str]:
    """Names of tables that stand as texts in the code of a notebook and of the measures and figures behind it."""
    cells = list(cells_of(notebook))
    if any(NAMES_OF_TABLES in _imported(cell) for cell in cells):
        return set(TABLES)
    behind = (_code(one) for one in files_used(notebook) if one.startswith(LOOKED_AT))
    return {text for code in (*cells, *behind) for text in _texts(code)} & set(TABLES)


@cache
def _code(file: str) -> str:
    return (paths.ROOT / file).read_text(encoding="utf8")


@cache
def _texts(code: str) -> frozenset[str]:
    nodes = (node for node in nodes_of(code) if isinstance(node, ast.Constant))
    return frozenset(node.value for node in nodes if isinstance(node.value, str))


def _imported(code: str) -> set[str]:
    nodes = (node for node in nodes_of(code) if isinstance(node, ast.ImportFrom))
    return {alias.name for node in nodes for alias in node.names}
