"""Writing files whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; it takes the name only if the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write text as UTF-8, whole or not at all."""
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf8")


def drop_changed(folders: Iterable[Path], stamp: str = ".snakemake_timestamp") -> list[Path]:
    """Remove made folders in which a file was deleted or added since their stamp was set; returns them.

    Snakemake looks at a folder's stamp alone: what is missing inside would stay missing. A folder without
    a stamp was never finished and is left to Snakemake.
    """
    dropped = []
    for folder in folders:
        finished = folder / stamp
        if finished.is_file() and folder.stat().st_mtime > finished.stat().st_mtime + 1:
            shutil.rmtree(folder)
            dropped.append(folder)
    return dropped
